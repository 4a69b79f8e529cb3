import { type SQL, sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { Statement } from '../db/session.ts'
import { Problem } from '../errors.ts'
import type { Feed } from '../read/feed.ts'
import type { Expression, Literal } from './expression.ts'
import type { Order } from './parser.ts'
import type { Query } from './query.ts'
import { condition, parameter, property, value } from './render.ts'
import { momentsIn } from './window.ts'

/** Rows of a page: Power Query and Tableau pull whole sets, so pages are large. */
export const pageSize = 10_000

/** A statement for one page, and how to read its rows. */
export interface PageStatement extends Statement {
  /** The properties in the row, in its order; hidden order values may follow. */
  properties: readonly string[]
  /** Where the row holds its order values: they make the cursor. The last one is the key. */
  orderedBy: readonly number[]
  /** Rows of a full page; one more than these is read to know whether another follows. */
  size: number
  /** What is left of the client's `$top` before this page. */
  wanted: number
}

/** Reads nothing, yet has the credential judged: clients try theirs on the root. */
export const nothingButIdentity: Statement = { text: 'select 1', values: [] }

const dialect = new PgDialect()

/** drizzle SQL → a flat statement. */
export function flatten(query: SQL): Statement {
  const { sql: text, params } = dialect.sqlToQuery(query)
  if (!params.every((value) => typeof value === 'string')) throw new TypeError('A feed holds a parameter that is not text')
  return { text, values: params }
}

/** One page of a feed. Pages follow each other by the order's values, never by an offset; only the client's own `$skip` is one. */
export function pageStatement(feed: Feed, query: Query, size = pageSize): PageStatement {
  const properties = query.select ?? Object.keys(feed.properties)
  const columns = properties.map((name) => feed.properties[name]!.sql)
  const orderedBy = query.order.map(({ by }) => {
    const shown = by.kind === 'property' ? properties.indexOf(by.name) : -1
    return shown >= 0 ? shown : columns.push(value(feed, by)) - 1
  })
  const wanted = Math.min(query.top ?? Number.POSITIVE_INFINITY, query.after?.remaining ?? Number.POSITIVE_INFINITY)
  const limit = wanted > size ? sql.raw(String(size + 1)) : parameter('Edm.Int64', String(wanted))
  const offset = query.skip === 0 ? sql`` : sql` offset ${parameter('Edm.Int64', String(query.skip))}`
  const statement = flatten(
    sql`select ${list(columns)} from ${feed.from}${where(feed, query.filter, ...settledBy(feed, query.filter, query.recordedUntil), resume(feed, query))} order by ${ordering(feed, query.order)} limit ${limit}${offset}`,
  )
  return { ...statement, properties, orderedBy, size, wanted }
}

/** How many rows the filter leaves; `$top`, `$skip` and pages play no part. */
export function countStatement(feed: Feed, filter?: Expression, recordedUntil?: string): Statement {
  return flatten(sql`select count(*) from ${feed.from}${where(feed, filter, ...settledBy(feed, filter, recordedUntil))}`)
}

/** The row with this key. */
export function rowStatement(feed: Feed, key: Literal, properties: readonly string[]): Statement {
  const columns = properties.map((name) => feed.properties[name]!.sql)
  const found = sql`(${property(feed, feed.key)} = ${parameter(key.type, key.text)})`
  return flatten(sql`select ${list(columns)} from ${feed.from}${where(feed, undefined, found)}`)
}

const list = (parts: SQL[]) => sql.join(parts, sql`, `)

/** The feed's own condition, the client's, and any other. */
export function where(feed: Feed, filter?: Expression, ...others: (SQL | undefined)[]): SQL {
  const own = feed.where === undefined ? undefined : sql`(${feed.where})`
  const asked = filter === undefined ? undefined : condition(feed, filter)
  const conditions = [own, asked, ...others].filter((part) => part !== undefined)
  return conditions.length === 0 ? sql`` : sql` where ${sql.join(conditions, sql` and `)}`
}

/** Nulls come first ascending and last descending (Protocol, "$orderby"). Without nulls it is left unsaid: an index serves only what it was made for. */
function ordering(feed: Feed, order: readonly Order[]): SQL {
  const items = order.map(({ by, descending }) => {
    const nulls = descending ? sql` nulls last` : sql` nulls first`
    return sql`${value(feed, by)}${descending ? sql` desc` : sql``}${by.nullable ? nulls : sql``}`
  })
  return list(items)
}

/** What a filter asks of when rows were recorded or changed, it asks as far as that is settled. */
function settledBy(feed: Feed, filter: Expression | undefined, until: string | undefined): SQL[] {
  if (until === undefined) return []
  return momentsIn(feed, filter).map((moment) => sql`(${property(feed, moment)} <= ${parameter('Edm.DateTimeOffset', until)})`)
}

function resume(feed: Feed, { order, after }: Query): SQL | undefined {
  if (after === undefined) return undefined
  if (after.values.length !== order.length) throw new Problem('INVALID_CURSOR')
  return beyond(feed, order, after.values)
}

/**
 * True for rows behind the one with these values. Written as `at or behind, and (behind or …)`: its first half bounds an index.
 * A null stands at the front ascending, at the back descending.
 */
function beyond(feed: Feed, [first, ...rest]: readonly Order[], [last, ...values]: readonly (string | null)[]): SQL {
  const { by, descending } = first!
  const place = value(feed, by)
  const tie = rest.length === 0 ? undefined : beyond(feed, rest, values)
  if (last === null || last === undefined) return beyondNull(place, descending, tie)
  const end = parameter(by.type, last)
  const nulls = descending && by.nullable ? sql` or ${place} is null` : sql``
  const behind = sql`${place} ${descending ? sql`<` : sql`>`} ${end}${nulls}`
  if (tie === undefined) return sql`(${behind})`
  return sql`((${place} ${descending ? sql`<=` : sql`>=`} ${end}${nulls}) and (${behind} or ${tie}))`
}

function beyondNull(place: SQL, descending: boolean, tie: SQL = sql`false`): SQL {
  return descending ? sql`(${place} is null and ${tie})` : sql`(${place} is not null or ${tie})`
}
