import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { Config } from '../config.ts'

/** The call itself is wrong: answered with how to call. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** What a command has to say: one JSON value, or lines for a person. */
export interface Result {
  json: unknown
  lines: readonly string[]
  /** For a command whose result may itself be a failure. */
  exitCode?: number
}

export interface Command {
  /** The words that call it: `key create`. */
  name: string
  /** What follows them. */
  usage: string
  summary: string
  options?: ParseArgsConfig['options']
  /** How many words follow its name. */
  operands?: number
  run(call: Call): Promise<Result>
}

/** Done so far, of how many where that is known. */
export type Progress = (done: number, total: number | undefined, what: string) => void

type Given = string | boolean | (string | boolean)[] | undefined

/** One call of a command: its options and operands, and where it works. */
export class Call {
  readonly config: Config
  readonly progress: Progress
  readonly json: boolean
  readonly operands: readonly string[]
  readonly #values: Record<string, Given>

  constructor(command: Command, args: readonly string[], config: Config, progress: Progress) {
    const { values, positionals } = parse(command, args)
    this.config = config
    this.progress = progress
    this.operands = positionals
    this.#values = values
    this.json = values.json === true
  }

  optional(option: string): string | undefined {
    const value = this.#values[option]
    return typeof value === 'string' ? value : undefined
  }

  required(option: string): string {
    const value = this.optional(option)
    if (value === undefined) throw new UsageError(`--${option} is needed`)
    return value
  }

  list(option: string): string[] {
    const value = this.#values[option]
    return Array.isArray(value) ? value.map(String) : []
  }
}

const common = { json: { type: 'boolean' } } as const

function parse({ options, operands = 0 }: Command, args: readonly string[]): { values: Record<string, Given>; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: { ...common, ...options }, allowPositionals: operands > 0 })
    if (positionals.length !== operands) throw new UsageError(`${positionals.length} operands are given, ${operands} needed`)
    return { values: values as Record<string, Given>, positionals }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError((error as Error).message.split('. ')[0])
  }
}
