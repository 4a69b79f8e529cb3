import { addressOf, type Config, ConfigError } from '../config.ts'
import { DataDirError, StartupError } from '../db/embedded/process.ts'
import { isUnreachable, type Path, Problem, sourceOf, toProblem } from '../errors.ts'
import { UsageError } from './command.ts'

/** An error as the command line tells it. Its codes are those of every door, and two that only a command line has. */
export interface Failure {
  code: string
  message: string
  path?: Path
  errors?: readonly { code: string; message: string; path: Path }[]
  /** As in sysexits.h. */
  exitCode: number
}

export function explain(error: unknown, config?: Config): Failure {
  if (error instanceof UsageError) return { code: 'USAGE', message: error.message, exitCode: 64 }
  if (error instanceof ConfigError) return { code: 'CONFIGURATION', message: error.message, exitCode: 78 }
  if (error instanceof DataDirError) return { code: 'CONFIGURATION', message: error.message, exitCode: 78 }
  if (error instanceof StartupError) return { code: 'UNAVAILABLE', message: error.message, exitCode: 69 }
  const failure =
    ofSetting(error) ??
    ofProblem(isUnreachable(sourceOf(error)) ? new Problem('UNAVAILABLE', 'The database cannot be reached') : toProblem(error))
  const where = ofDatabase.has(failure.code) && placesOf(config)
  return where ? { ...failure, message: `${failure.message} (${where})` } : failure
}

const ofDatabase: ReadonlySet<string> = new Set(['UNAVAILABLE', 'CONFIGURATION'])

/** The databases that the environment names. */
function placesOf({ DATABASE_OWNER_URL, DATABASE_URL }: Partial<Config> = {}): string {
  const urls = [DATABASE_OWNER_URL, DATABASE_URL].filter((url) => url !== undefined)
  return [...new Set(urls.map(addressOf))].join(', ')
}

function ofProblem(problem: Problem): Failure {
  const { code, path, errors } = problem
  const told = errors.map(({ code: each, message, path: at }) => ({ code: each, message, path: at }))
  return {
    code,
    message: lineOf(problem),
    ...(path.length > 0 && { path }),
    ...(told.length > 0 && { errors: told }),
    exitCode: exitOf(problem),
  }
}

/** All that is wrong, in one line. */
function lineOf({ message, path, errors }: Problem): string {
  if (errors.length > 0) return errors.map(lineOf).join('; ')
  return (path.length > 0 && !message.startsWith(String(path[0])) ? `${path.join('.')}: ${message}` : message).replaceAll('\n', ' ')
}

function exitOf({ code, status }: Problem): number {
  if (code === 'UNAVAILABLE') return 69
  if (status === 401 || status === 403) return 77
  return status < 500 && status !== 409 ? 65 : 1
}

/** What the database says when the address itself is wrong. */
function ofSetting(error: unknown): Failure | undefined {
  const { code = '' } = sourceOf(error)
  const message = settings.find(([state]) => state.test(code))?.[1]
  return message === undefined ? undefined : { code: 'CONFIGURATION', message, exitCode: 78 }
}

const settings: readonly (readonly [RegExp, string])[] = [
  [/^28/, 'The database does not know this role or its password'],
  [/^3D000$/, 'There is no such database on this server'],
  [/^(42P01|42883|3F000)$/, 'The database is not migrated: run `samenspel migrate` first'],
]
