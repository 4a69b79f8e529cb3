import { type SQL, sql } from 'drizzle-orm'
import type { EdmType } from '../read/feed.ts'

/** A function of `$filter` and `$orderby`: the types each argument may have, the type of its result, its SQL. */
export interface OdataFunction {
  takes: readonly (readonly EdmType[])[]
  /** How many trailing arguments may be left out. */
  optional?: number
  type: EdmType
  /** Reads the calendar or the clock: DateTimeOffset arguments arrive as the UTC timestamp, whatever the session's zone. */
  utc?: true
  sql(...arguments_: SQL[]): SQL
}

const text: readonly EdmType[] = ['Edm.String']
const integer: readonly EdmType[] = ['Edm.Int32', 'Edm.Int64']
const numeric: readonly EdmType[] = ['Edm.Int32', 'Edm.Int64', 'Edm.Decimal']
const instant: readonly EdmType[] = ['Edm.DateTimeOffset']
const day: readonly EdmType[] = ['Edm.Date', 'Edm.DateTimeOffset']

/** `part` is one of our own words. */
const datePart = (part: 'year' | 'month' | 'day'): OdataFunction => ({
  takes: [day],
  type: 'Edm.Int32',
  utc: true,
  sql: (value) => sql`extract(${sql.raw(part)} from ${value})::integer`,
})

const clockPart = (part: 'hour' | 'minute' | 'second'): OdataFunction => ({
  takes: [instant],
  type: 'Edm.Int32',
  utc: true,
  sql: (value) => sql`floor(extract(${sql.raw(part)} from ${value}))::integer`,
})

const rounding = (name: 'round' | 'floor' | 'ceiling'): OdataFunction => ({
  takes: [numeric],
  type: 'Edm.Decimal',
  sql: (value) => sql`${sql.raw(name)}((${value})::numeric)`,
})

/** Zero-based; a negative start counts from the end; beyond the end is the empty string. */
function substring(value: SQL, start: SQL, length?: SQL): SQL {
  const from = sql`case when ${start} < 0 then greatest(length(${value}) + ${start}, 0) else ${start} end + 1`
  if (length === undefined) return sql`substr(${value}, (${from})::integer)`
  return sql`substr(${value}, (${from})::integer, greatest(${length}, 0)::integer)`
}

/** What the service can compute; any other function is answered 501. Names are compared in lower case (4.01). */
export const functions: ReadonlyMap<string, OdataFunction> = new Map<string, OdataFunction>([
  ['contains', { takes: [text, text], type: 'Edm.Boolean', sql: (value, part) => sql`(strpos(${value}, ${part}) > 0)` }],
  ['startswith', { takes: [text, text], type: 'Edm.Boolean', sql: (value, part) => sql`starts_with(${value}, ${part})` }],
  ['endswith', { takes: [text, text], type: 'Edm.Boolean', sql: (value, part) => sql`(right(${value}, length(${part})) = ${part})` }],
  ['indexof', { takes: [text, text], type: 'Edm.Int32', sql: (value, part) => sql`(strpos(${value}, ${part}) - 1)` }],
  ['length', { takes: [text], type: 'Edm.Int32', sql: (value) => sql`length(${value})` }],
  ['substring', { takes: [text, integer, integer], optional: 1, type: 'Edm.String', sql: substring }],
  ['tolower', { takes: [text], type: 'Edm.String', sql: (value) => sql`lower(${value})` }],
  ['toupper', { takes: [text], type: 'Edm.String', sql: (value) => sql`upper(${value})` }],
  ['trim', { takes: [text], type: 'Edm.String', sql: (value) => sql`btrim(${value})` }],
  ['concat', { takes: [text, text], type: 'Edm.String', sql: (left, right) => sql`(${left} || ${right})` }],
  ['year', datePart('year')],
  ['month', datePart('month')],
  ['day', datePart('day')],
  ['hour', clockPart('hour')],
  ['minute', clockPart('minute')],
  ['second', clockPart('second')],
  ['date', { takes: [instant], type: 'Edm.Date', utc: true, sql: (value) => sql`${value}::date` }],
  ['now', { takes: [], type: 'Edm.DateTimeOffset', sql: () => sql`now()` }],
  ['round', rounding('round')],
  ['floor', rounding('floor')],
  ['ceiling', rounding('ceiling')],
])
