import { type Config, readConfig } from '../config.ts'
import { Call, type Command, UsageError } from './command.ts'
import { commands } from './commands.ts'
import { explain } from './failure.ts'
import { showProgress } from './progress.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const warn = (line: string): void => void process.stderr.write(`${line}\n`)

/** Runs the command that the words name, and says how it went; resolves to the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const wantsHelp = args.length === 0 || args.includes('--help') || args.includes('-h') || args[0] === 'help'
  const command = commandOf(args)
  if (wantsHelp && args.length > 0) {
    say(command ? helpOf(command) : help())
    return 0
  }
  const { progress, end } = showProgress(process.stderr)
  let config: Config | undefined
  try {
    if (command === undefined) throw new UsageError(unknown(args))
    config = readConfig()
    const call = new Call(command, args.slice(command.name.split(' ').length), config, progress)
    const { json, lines, exitCode = 0 } = await command.run(call)
    end()
    if (call.json) say(JSON.stringify(json))
    else for (const line of lines) say(line)
    return exitCode
  } catch (error) {
    end()
    const debug = config?.LOG_LEVEL === 'debug' || config?.LOG_LEVEL === 'trace'
    return refuse(error, { command, config, json: args.includes('--json'), debug })
  }
}

interface Refused {
  command: Command | undefined
  config: Config | undefined
  json: boolean
  debug: boolean
}

function refuse(error: unknown, { command, config, json, debug }: Refused): number {
  const { exitCode, ...failure } = explain(error, config)
  warn(`samenspel: ${failure.code}: ${failure.message}`)
  if (error instanceof UsageError) warn(command ? helpOf(command) : help())
  if (debug && error instanceof Error) warn(error.stack ?? '')
  if (json) say(JSON.stringify({ error: failure }))
  return exitCode
}

const commandOf = (args: readonly string[]): Command | undefined =>
  commands.find(({ name }) => name === args.slice(0, name.split(' ').length).join(' '))

function unknown(args: readonly string[]): string {
  const [word = ''] = args
  const family = commands.filter(({ name }) => name.startsWith(`${word} `)).map(({ name }) => name.slice(word.length + 1))
  if (word === '') return 'a command is needed'
  return family.length > 0 ? `${word} needs one of: ${family.join(', ')}` : `there is no command "${word}"`
}

const indent = (text: string): string => text.replace(/^/gm, '  ')

const helpOf = ({ name, usage, summary }: Command): string => `usage: samenspel ${`${name} ${usage}`.trim()}\n${indent(summary)}`

function help(): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary.split('\n')[0]}`)
  return `usage: samenspel <command> [options]

${lines.join('\n')}

samenspel <command> --help tells more; --json prints one JSON result on standard output.
It works on DATABASE_URL (and DATABASE_OWNER_URL), or on the embedded database of DATA_DIR, running or not.
Exit codes: 0 done, 64 wrong call, 65 wrong input, 69 not available, 77 not allowed, 78 wrong configuration, 1 anything else.`
}
