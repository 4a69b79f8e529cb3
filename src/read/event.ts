import { type SQL, sql } from 'drizzle-orm'
import { globalIdOf } from './model.ts'

/**
 * What happened, read from the rows that the change itself wrote and from what they were before: no event without its change, none is missing, and the
 * row policies of those tables decide who is told.
 */
export interface EventSource {
  /** By type, without its prefix (`plan.adopted`): when it is told. */
  types: Readonly<Record<string, string>>
  /**
   * A statement of `id` (uuid, the same whenever it is asked), `at` (when it was recorded), `type`, `subject` (its global id) and
   * `data` (json: what a receiver needs to decide whether to come and look).
   */
  rows: SQL
}

/** The id of an event that no row has for its own. */
export const eventId = (...parts: string[]): SQL => sql.raw(`md5(concat_ws('/', ${parts.join(', ')}))::uuid`)

/** What a column was right before the state `s` of a row; null of the first, and where the caller does not see that state. */
export const before = (table: string, column: string): SQL =>
  sql.raw(`(select h.${column} from ${table}_history h where h.id = s.id and upper(h.system_period) = s.updated_at)`)

/** The global id of an object of a type. */
export const objectId = (type: string, uuid: string): SQL => globalIdOf(sql.raw(`'${type}'`), sql.raw(uuid))

/** A moment as every door tells it. */
export const instant = (moment: string): SQL => sql.raw(`to_char(${moment}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`)
