import type { Credential, Reads, Statement, TextRow } from '../db/session.ts'
import { isAfter, Watermark } from '../db/watermark.ts'
import { NotSettled } from '../errors.ts'
import type { Feed } from '../read/feed.ts'
import { keptIn, keptTables } from '../read/known.ts'
import type { Query } from './query.ts'
import { windowOf } from './window.ts'

/** Tells what is settled: all as of a moment, and windows of recording as far as nothing more can be recorded in them (decisions D6). */
export class Settled {
  readonly #reads: Reads
  readonly #watermark: Watermark
  #kept: ReadonlySet<string> | undefined

  constructor(reads: Reads) {
    this.#reads = reads
    this.#watermark = new Watermark(reads)
  }

  /** Statements of a feed as of a moment, by the rights of today. */
  async readAsOf(asOf: string, credential: Credential, statements: readonly Statement[], feed: Feed | undefined): Promise<TextRow[][]> {
    const until = await this.#watermark.until(asOf)
    if (isAfter(asOf, until)) throw new NotSettled(until, ['asOf'])
    this.#kept ??= await keptTables(this.#reads)
    const kept = this.#kept
    const then = statements.map((statement) => asKnown(statement, asOf, kept))
    if (feed?.stepwise) return this.#reads.read(credential, then)
    const [, ...results] = await this.#reads.read(credential, [joinedWhole, ...then])
    return results
  }

  /**
   * A query whose filter asks when rows were recorded, up to the watermark, so that the next window finds what comes late. A window that has ended, but in
   * which something may still be recorded, is refused: its reader would not come back to it.
   */
  async window(feed: Feed, query: Query): Promise<Query> {
    const window = windowOf(feed, query.filter)
    if (window === undefined || query.after?.recordedUntil !== undefined) return { ...query, recordedUntil: query.after?.recordedUntil }
    const { endsAt } = window
    if (endsAt !== undefined && !isAfter(endsAt, this.#watermark.reached)) return query
    const { now, until } = await this.#watermark.ask()
    if (endsAt !== undefined && !isAfter(endsAt, until)) return query
    if (endsAt !== undefined && !isAfter(endsAt, now)) throw new NotSettled(until, ['$filter'])
    return { ...query, recordedUntil: until }
  }
}

/**
 * Of states and their periods the database knows no statistics and takes them to be few, so that it would look up half a million figures one by one, for a
 * minute and more; joined whole they take seconds, and what a key names is still found by it. Of this transaction alone.
 */
const joinedWhole: Statement = { text: `select set_config('enable_nestloop', 'off', true)`, values: [] }

/** A statement in which every table that it names stands for what the table was known to hold then. */
function asKnown({ text, values }: Statement, asOf: string, kept: ReadonlySet<string>): Statement {
  const then = keptIn(text, kept).map(
    (table) =>
      `"${table}" as not materialized (select * from "${table}_as_known" where system_period @> $${values.length + 1}::timestamptz)`,
  )
  return then.length === 0 ? { text, values } : { text: `with ${then.join(', ')} ${text}`, values: [...values, asOf] }
}
