import { setTimeout as pause } from 'node:timers/promises'
import { type Credential, type Reads, readerName } from './session.ts'

/** How long after a transaction took its start the others may not see it yet, in milliseconds; far more than it takes. */
const unseen = 50

/**
 * When the oldest transaction of the service's role began that is open and might still write: what it writes is stamped with that moment. Of other roles
 * only the owner writes, when it installs and nothing is served yet.
 */
const writingSince = `select min(a.xact_start) from pg_stat_activity a where a.datname = current_database() and a.usename = current_user
  and a.pid <> pg_backend_pid() and a.application_name <> '${readerName}'`

const nobody: Credential = { kind: 'public' }

/**
 * Until when all is recorded: no transaction that is open, and none to come, stamps a row with that moment or an earlier one (decisions D6).
 * It only rises, so a moment that it once reached needs no asking again.
 */
export class Watermark {
  readonly #reads: Reads
  #reached = ''

  /** The highest that it was known to be. */
  get reached(): string {
    return this.#reached
  }

  constructor(reads: Reads) {
    this.#reads = reads
  }

  /**
   * The watermark, asked anew when the one known lies before the moment (an instant as the schema tells it). Whoever reads after that reads all that
   * was recorded until then.
   */
  async until(moment: string): Promise<string> {
    if (isAfter(moment, this.#reached)) await this.ask()
    return this.#reached
  }

  /** The moment it is, and the watermark then. */
  async ask(): Promise<{ now: string; until: string }> {
    const now = await this.#tell('clock_timestamp()', [])
    await pause(unseen)
    const until = await this.#tell(`least($1::timestamptz, (${writingSince})) - interval '1 microsecond'`, [now])
    if (isAfter(until, this.#reached)) this.#reached = until
    return { now, until }
  }

  async #tell(moment: string, values: string[]): Promise<string> {
    const text = `select to_char(${moment}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
    const [rows] = await this.#reads.read(nobody, [{ text, values }])
    return rows?.[0]?.[0] as string
  }
}

/** Of two instants in UTC, of whatever precision. */
export const isAfter = (a: string, b: string): boolean => a.replace('Z', '') > b.replace('Z', '')
