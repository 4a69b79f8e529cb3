import { Param, type SQL, sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { type Args, parseGlobalId, type Test } from './model.ts'

/** What a statement's parameters are read from when it is sent. */
export interface Binding {
  /** The arguments of each field, by the field's number. */
  args: readonly Record<string, unknown>[]
  /** Languages to try, best first (see `candidates`). */
  languages: readonly string[]
}

/** Beside the texts stands which of them is the source: that key is no language. */
const language = (tag: string): string => (tag === 'source' ? '' : tag)

/** A language and what it is a variety of, ever wider: `zh-Hant-TW`, `zh-Hant`, `zh` (lookup, RFC 4647 section 3.4). */
export function varieties(tag: string): readonly string[] {
  // A single letter only opens what follows it (`nl-x-local`).
  const wider = tag.replace(/(-[^-])?-[^-]*$/, '')
  return [language(tag), ...(wider === tag ? [] : varieties(wider))]
}

/** How many languages a statement tries at most: five and the source language, each with a region. */
export const mostCandidates = 12

/** The languages to try for those wanted, best first: each with all that it is a variety of before the next. */
export const candidates = (wanted: readonly string[]): readonly string[] => [...new Set(wanted.flatMap(varieties))].slice(0, mostCandidates)

/** A parameter whose value is found at each sending. */
class Reference {
  readonly read: (binding: Binding) => string | null
  constructor(read: (binding: Binding) => string | null) {
    this.read = read
  }
}

export const parameter = (read: (binding: Binding) => string | null, type: string): SQL =>
  sql`${new Param(new Reference(read))}::${sql.raw(type)}`

export interface PlannedStatement {
  text: string
  params: readonly ((binding: Binding) => string | null)[]
}

/** A drizzle expression → text and parameters; a value that is no reference is a constant. What stands in several places is sent once. */
export function render(query: SQL): PlannedStatement {
  const values: unknown[] = []
  const dialect = new PgDialect()
  const place = (_index: number, value: unknown): string => {
    const known = value instanceof Reference ? values.indexOf(value) + 1 : 0
    return `$${known || values.push(value)}`
  }
  // drizzle hands over the value as well, though its type does not say so.
  dialect.escapeParam = place as unknown as PgDialect['escapeParam']
  const { sql: text } = dialect.sqlToQuery(query)
  return { text, params: values.map((value) => (value instanceof Reference ? value.read : () => (value === null ? null : String(value)))) }
}

/** Reads a dotted path out of a field's arguments. */
function reader(path: string): (values: unknown) => unknown {
  const steps = path.split('.')
  return (values) => {
    let value = values
    for (const step of steps) {
      if (value === null || typeof value !== 'object') return undefined
      value = (value as Record<string, unknown>)[step]
    }
    return value
  }
}

/** A value in PostgreSQL's text format; a list as an array literal. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (!Array.isArray(value)) return String(value)
  const items = value.map((item) => (item === null ? 'NULL' : `"${String(item).replace(/[\\"]/g, '\\$&')}"`))
  return `{${items.join(',')}}`
}

/** A fact about the arguments that a plan was made under; the plan serves every request of which it holds. */
export interface Probe {
  field: number
  read: (values: Record<string, unknown>) => unknown
  found: unknown
}

/** The arguments of one field of an operation, by number. Remembers what the plan's shape was made to depend on. */
export class FieldArgs implements Args {
  readonly field: number
  readonly #values: Record<string, unknown>
  readonly #probes: Probe[]
  /** Parameters already made, so that what is asked for twice is sent once. */
  readonly #parameters = new Map<string, SQL>()

  constructor(field: number, values: Record<string, unknown>, probes: Probe[]) {
    this.field = field
    this.#values = values
    this.#probes = probes
  }

  probe<T>(read: (values: Record<string, unknown>) => T): T {
    const found = read(this.#values)
    this.#probes.push({ field: this.field, read, found })
    return found
  }

  has(path: string): boolean {
    const at = reader(path)
    return this.probe((values) => (at(values) ?? null) !== null)
  }

  choice<T>(path: string): T | undefined {
    const at = reader(path)
    this.probe((values) => JSON.stringify(at(values)))
    return (at(this.#values) ?? undefined) as T | undefined
  }

  value(path: string, type: string): SQL {
    const at = reader(path)
    return this.#parameter(path, type, (values) => textOf(at(values)))
  }

  id(path: string, ...types: string[]): SQL {
    const at = reader(path)
    return this.#parameter(`${path} ${types}`, 'uuid', (values) => {
      const parsed = parseGlobalId(String(at(values) ?? ''))
      return parsed !== undefined && (types.length === 0 || types.includes(parsed.type)) ? parsed.uuid : null
    })
  }

  #parameter(what: string, type: string, read: (values: Record<string, unknown> | undefined) => string | null): SQL {
    const key = `${what} ${type}`
    const known = this.#parameters.get(key)
    if (known !== undefined) return known
    const { field } = this
    const made = parameter(({ args }) => read(args[field]), type)
    this.#parameters.set(key, made)
    return made
  }

  /** The condition for the operators given at a path: `{ eq }`, `{ in }`, `{ contains }`, `{ gte }`, `{ lte }`, alone or together; `{ matches }` apart. */
  test(path: string): Test {
    const test: Test = (expression, type) => {
      const conditions: SQL[] = []
      if (this.has(`${path}.eq`)) conditions.push(sql`${expression} = ${this.value(`${path}.eq`, type)}`)
      if (this.has(`${path}.in`)) conditions.push(sql`${expression} = any(${this.value(`${path}.in`, `${type}[]`)})`)
      if (this.has(`${path}.gte`)) conditions.push(sql`${expression} >= ${this.value(`${path}.gte`, type)}`)
      if (this.has(`${path}.lte`)) conditions.push(sql`${expression} <= ${this.value(`${path}.lte`, type)}`)
      if (this.has(`${path}.contains`))
        conditions.push(sql`strpos(lower(${expression}), lower(${this.value(`${path}.contains`, 'text')})) > 0`)
      return conditions.length === 0 ? sql`true` : sql`(${sql.join(conditions, sql` and `)})`
    }
    if (this.has(`${path}.matches`)) test.matches = { words: this.value(`${path}.matches`, 'text'), alone: !this.has(`${path}.contains`) }
    return test
  }
}
