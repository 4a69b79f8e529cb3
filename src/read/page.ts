import { createHash } from 'node:crypto'
import { type SQL, sql } from 'drizzle-orm'
import { Problem } from '../errors.ts'
import { type Binding, type FieldArgs, parameter } from './arguments.ts'
import type { Order } from './model.ts'

export const defaultPageSize = 20
export const maxPageSize = 100

/** An order as a statement knows it: an expression over aliased tables. */
export interface Ordering {
  expression: SQL
  type: string
  /** Of an enum. */
  values?: readonly string[]
  descending: boolean
}

/** A cursor is where a row stands in one order of one list: the values it is ordered by. Of another order it is not a cursor. */
export interface Cursors {
  tag: string
  orderings: readonly Ordering[]
}

export function cursorsOf(coordinate: string, orderings: readonly Ordering[], names: readonly string[]): Cursors {
  const order = orderings.map((ordering, index) => `${names[index]} ${ordering.descending}`).join()
  return { tag: createHash('sha256').update(`${coordinate} ${order}`).digest('base64url').slice(0, 8), orderings }
}

export const writeCursor = (cursors: Cursors, values: readonly (string | null)[]): string =>
  Buffer.from(JSON.stringify([cursors.tag, ...values])).toString('base64url')

function readCursor(cursors: Cursors, cursor: string): string[] | undefined {
  try {
    const [tag, ...values] = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    const whole =
      tag === cursors.tag &&
      values.length === cursors.orderings.length &&
      cursors.orderings.every((ordering, index) => readable(ordering, values[index]))
    return whole ? values : undefined
  } catch {
    return undefined
  }
}

/** Whether PostgreSQL would read this as a value of the type, in the form it writes it in: of a cursor that somebody made up it would fail the whole request. */
function readable({ type, values }: Ordering, text: unknown): boolean {
  if (typeof text !== 'string') return false
  return values ? values.includes(text) : (forms[type] ?? plain)(text)
}

const isDay = (text: string): boolean => {
  const day = new Date(`${text}T00:00:00Z`)
  return !text.startsWith('0000') && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

const plain = (text: string): boolean => !text.includes('\0')

const forms: Record<string, (text: string) => boolean> = {
  uuid: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text),
  int: (text) => /^-?\d{1,10}$/.test(text) && Math.abs(Number(text)) < 2 ** 31,
  'double precision': (text) => /^-?(\d{1,20}(\.\d{1,20})?(e[+-]?\d{2})?|Infinity)$/.test(text),
  date: (text) => /^-?infinity$/.test(text) || (/^\d{4}-\d\d-\d\d$/.test(text) && isDay(text)),
  timestamptz: (text) =>
    /^-?infinity$/.test(text) ||
    (/^\d{4}-\d\d-\d\d ([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?\+00$/.test(text) && isDay(text.slice(0, 10))),
}

interface PageArgs {
  first?: number | null
  last?: number | null
  after?: string | null
  before?: string | null
}

/** What is wrong with the paging arguments of a field, if anything. */
export function pageProblem(cursors: Cursors, args: PageArgs): Problem | undefined {
  if (args.first != null && args.last != null) return new Problem('BAD_USER_INPUT', 'Give first or last, not both', ['last'])
  for (const name of ['first', 'last'] as const) {
    const size = args[name]
    if (size != null && (size < 1 || size > maxPageSize)) return new Problem('BAD_USER_INPUT', `${name} is 1 to ${maxPageSize}`, [name])
  }
  for (const name of ['after', 'before'] as const) {
    const cursor = args[name]
    if (cursor != null && !validCursor(cursors, cursor)) return new Problem('INVALID_CURSOR', undefined, [name])
  }
  return undefined
}

const validCursor = (cursors: Cursors, cursor: string): boolean => readCursor(cursors, cursor) !== undefined

export const pageSize = (args: PageArgs): number => args.first ?? args.last ?? defaultPageSize

/** The rows of a page and, if it is to be told whether there is a next one, one row more. Nothing, when the arguments are wrong. */
export function limitOf(field: number, cursors: Cursors, tellsNext: () => boolean): SQL {
  return parameter(({ args }) => {
    const given = args[field] as PageArgs
    return pageProblem(cursors, given) ? '0' : String(pageSize(given) + (tellsNext() ? 1 : 0))
  }, 'int')
}

/** The rows strictly past a cursor, in the direction the list is read. */
export function beyond(name: 'after' | 'before', args: FieldArgs, orderings: readonly Ordering[], cursors: Cursors): SQL {
  const value = (index: number) =>
    parameter((binding: Binding) => {
      const cursor = (binding.args[args.field] as PageArgs)[name]
      return (cursor != null && validCursor(cursors, cursor) && readCursor(cursors, cursor)?.[index]) || null
    }, orderings[index]?.type as string)
  const forward = name === 'after'
  if (orderings.every((ordering) => ordering.descending === orderings[0]?.descending)) {
    const operator = sql.raw(orderings[0]?.descending === forward ? '<' : '>')
    return sql`(${sql.join(
      orderings.map((o) => o.expression),
      sql`, `,
    )}) ${operator} (${sql.join(
      orderings.map((_, index) => value(index)),
      sql`, `,
    )})`
  }
  const cases = orderings.map((ordering, index) => {
    const equal = orderings.slice(0, index).map((earlier, before) => sql`${earlier.expression} = ${value(before)}`)
    const operator = sql.raw(ordering.descending === forward ? '<' : '>')
    return sql`(${sql.join([...equal, sql`${ordering.expression} ${operator} ${value(index)}`], sql` and `)})`
  })
  return sql`(${sql.join(cases, sql` or `)})`
}

export function orderBy(orderings: readonly { expression: SQL; descending: boolean }[], reversed: boolean): SQL {
  return sql.join(
    orderings.map(({ expression, descending }) => sql`${expression} ${sql.raw(descending !== reversed ? 'desc' : 'asc')}`),
    sql`, `,
  )
}

/** The orders a client chose by `orderBy`, before those the list has by itself. */
export function chosenOrders<C, X>(
  args: FieldArgs,
  orderings: Record<string, Order<C, X>> | undefined,
): { name: string; order: Order<C, X> }[] {
  if (orderings === undefined) return []
  const chosen = args.choice<{ field: string; direction?: 'ASC' | 'DESC' }[]>('orderBy') ?? []
  return chosen.map(({ field, direction }) => {
    const order = orderings[field] as Order<C, X>
    return { name: field, order: { ...order, descending: (direction ?? 'ASC') === 'DESC' } }
  })
}
