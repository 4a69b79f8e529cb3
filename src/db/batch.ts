import { createHash } from 'node:crypto'
import pg from 'pg'
import { Messages } from './messages.ts'

/** A flat statement; `values` are sent as text. */
export interface Statement {
  text: string
  values: readonly (string | null)[]
}

/** One row in PostgreSQL's text format, by position. */
export type TextRow = readonly (string | null)[]

const preparedLimit = 500

/** The statements a connection has prepared, newest last; bounded, so that what falls out is closed. */
class Prepared {
  readonly #names = new Map<string, true>()

  has(name: string): boolean {
    return this.#names.has(name)
  }

  /** Remembers the name and tells which one must be closed to make room. */
  add(name: string): string | undefined {
    this.#names.set(name, true)
    if (this.#names.size <= preparedLimit) return undefined
    const oldest = this.#names.keys().next().value as string
    this.#names.delete(oldest)
    return oldest
  }

  touch(name: string): void {
    this.#names.delete(name)
    this.#names.set(name, true)
  }

  forget(names: Iterable<string>): void {
    for (const name of names) this.#names.delete(name)
  }

  clear(): void {
    this.#names.clear()
  }
}

const names = new Map<string, string>()

/** A statement's name is a hash of its text, so that equal statements share a plan on every connection. */
export function nameOf(text: string): string {
  const known = names.get(text)
  if (known !== undefined) return known
  if (names.size >= 10_000) names.clear()
  const name = createHash('sha256').update(text).digest('base64url').slice(0, 32)
  names.set(text, name)
  return name
}

/** The part of pg's connection that a batch speaks to. */
interface Wire {
  stream: { writable: boolean; write(bytes: Buffer): void }
}

type Settle = (error: Error | undefined, results: TextRow[][]) => void

/**
 * Several statements in one round trip and one implicit transaction: everything between two Syncs.
 * The first statement sets the identity (transaction-local); when it fails, the server skips the rest: it fails closed.
 * It is a `pg.Query`, so that pg's own pipelining carries several callers' batches on one connection, each behind its own Sync.
 */
// pg's published type of Query describes its events, not the protocol handlers that a client calls on it.
const Query = pg.Query as unknown as new (config: { text: string }) => object

export class Batch extends Query {
  readonly #statements: readonly Statement[]
  readonly #prepared: Prepared
  readonly #again: boolean
  readonly #fresh: string[] = []
  readonly #results: TextRow[][] = []
  #rows: TextRow[] = []
  #settle: Settle | undefined

  /** @param again sends every text anew, so that nothing hangs on what a batch ahead did or did not prepare. */
  constructor(statements: readonly Statement[], prepared: Prepared, again: boolean, settle: Settle) {
    super({ text: '' })
    this.#statements = statements
    this.#prepared = prepared
    this.#again = again
    this.#settle = settle
  }

  submit(wire: Wire): null {
    const messages = new Messages()
    for (const statement of this.#statements) this.#write(messages, statement)
    // What is sent to a connection that is closing is failed by pg when it is closed.
    if (wire.stream.writable) wire.stream.write(messages.synced())
    return null
  }

  #write(messages: Messages, { text, values }: Statement): void {
    const name = nameOf(text)
    if (this.#prepared.has(name) && !this.#again) {
      this.#prepared.touch(name)
    } else {
      const evicted = this.#prepared.add(name)
      if (evicted !== undefined) messages.close(evicted)
      this.#fresh.push(name)
      // Closing first makes a repeated Parse of a name legal, whatever became of an earlier one.
      messages.close(name).parse(name, text)
    }
    messages.run(name, values)
  }

  handleDataRow(message: { fields: TextRow }): void {
    this.#rows.push(message.fields)
  }

  handleCommandComplete(): void {
    this.#results.push(this.#rows)
    this.#rows = []
  }

  // pg calls handleReadyForQuery only when nothing failed, so an error settles here.
  handleError(error: Error): void {
    this.#prepared.forget(this.#fresh)
    this.#finish(error)
  }

  handleReadyForQuery(): void {
    this.#finish(undefined)
  }

  handleRowDescription(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}

  #finish(error: Error | undefined): void {
    const settle = this.#settle
    this.#settle = undefined
    settle?.(error, this.#results)
  }
}

interface Lane {
  client: pg.Client
  prepared: Prepared
  inFlight: number
  open: boolean
}

interface Waiting {
  statements: readonly Statement[]
  resolve(results: TextRow[][]): void
  reject(error: Error): void
  retried: boolean
}

export interface PipelineOptions {
  connection: pg.ClientConfig
  /** Connections kept open. */
  size: number
  /** Batches in flight on one connection; more would queue behind a slow one. */
  depth: number
  /** Batches waiting for a place; more are refused, so that an overload shows instead of growing. */
  queue: number
}

const sqlState = (error: Error): string | undefined => (error as { code?: string }).code

/** 26000: a batch ahead of this one failed before its Parse of a shared name. 0A000: a migration changed what a kept plan returns. */
const mayTryAgain = (error: Error): boolean => ['26000', '0A000'].includes(sqlState(error) ?? '')

/** The connection itself is gone, so the read did not count. */
const lostConnection = (error: Error): boolean => {
  const code = sqlState(error)
  return code === undefined || code.startsWith('57P') || code.startsWith('08') || code.startsWith('E')
}

/** Reads of many callers over a few pipelined connections. Batches are independent: one that fails leaves the others alone. */
export class Pipeline {
  readonly #options: PipelineOptions
  readonly #lanes: (Lane | undefined)[]
  readonly #connecting: (Promise<void> | undefined)[]
  readonly #waiting: Waiting[] = []
  #closed = false

  constructor(options: PipelineOptions) {
    this.#options = options
    this.#lanes = new Array(options.size).fill(undefined)
    this.#connecting = new Array(options.size).fill(undefined)
  }

  run(statements: readonly Statement[]): Promise<TextRow[][]> {
    return new Promise((resolve, reject) => this.#enqueue({ statements, resolve, reject, retried: false }))
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const waiting of this.#waiting.splice(0)) waiting.reject(unavailable('closing'))
    await Promise.all(this.#connecting)
    await Promise.all(this.#lanes.map((lane) => lane?.client.end().catch(() => undefined)))
  }

  #enqueue(work: Waiting): void {
    if (this.#closed) work.reject(unavailable('closed'))
    else if (this.#waiting.length >= this.#options.queue) work.reject(unavailable('too many reads are waiting'))
    else {
      this.#waiting.push(work)
      this.#pump()
    }
  }

  #pump(): void {
    while (this.#waiting.length > 0) {
      const lane = this.#leastBusy()
      if (lane === undefined) break
      this.#send(lane, this.#waiting.shift() as Waiting)
    }
  }

  #leastBusy(): Lane | undefined {
    let best: Lane | undefined
    for (const lane of this.#lanes) {
      if (lane?.open && lane.inFlight < this.#options.depth && (best === undefined || lane.inFlight < best.inFlight)) best = lane
    }
    // An idle connection serves at once; otherwise open the ones still missing before queueing deep.
    if (best === undefined || best.inFlight > 0) this.#connectMissing()
    return best
  }

  #connectMissing(): void {
    for (let slot = 0; slot < this.#lanes.length; slot++) {
      if (this.#lanes[slot] === undefined && this.#connecting[slot] === undefined) {
        this.#connecting[slot] = this.#connect(slot).finally(() => {
          this.#connecting[slot] = undefined
        })
        return
      }
    }
  }

  async #connect(slot: number): Promise<void> {
    // `pipeline` is pg's own option; its published type does not know it yet.
    const client = new pg.Client({ ...this.#options.connection, pipeline: true } as pg.ClientConfig)
    const lane: Lane = { client, prepared: new Prepared(), inFlight: 0, open: true }
    const drop = () => {
      lane.open = false
      if (this.#lanes[slot] === lane) this.#lanes[slot] = undefined
      client.end().catch(() => undefined)
    }
    client.on('error', drop)
    client.on('end', drop)
    try {
      await client.connect()
    } catch (error) {
      const none = this.#lanes.every((other) => other === undefined)
      if (none) for (const waiting of this.#waiting.splice(0)) waiting.reject(reachable(error as Error))
      return
    }
    if (!lane.open) return
    this.#lanes[slot] = lane
    this.#pump()
  }

  #send(lane: Lane, work: Waiting): void {
    lane.inFlight++
    const batch = new Batch(work.statements, lane.prepared, work.retried, (error, results) => {
      lane.inFlight--
      if (error === undefined) work.resolve(results)
      else this.#failed(lane, work, error)
      this.#pump()
    })
    lane.client.query(batch as unknown as pg.Submittable)
  }

  #failed(lane: Lane, work: Waiting, error: Error): void {
    const again = !work.retried && (mayTryAgain(error) || lostConnection(error))
    if (sqlState(error) === '0A000') lane.prepared.clear()
    if (again && !this.#closed) {
      work.retried = true
      this.#waiting.unshift(work)
    } else work.reject(lostConnection(error) ? unavailable(error.message, error) : error)
  }
}

function unavailable(why: string, cause?: Error): Error {
  return Object.assign(new Error(`the database cannot be reached: ${why}`, { cause }), { code: '57P03' })
}

/** Why a connection could not be had. Of one that took too long pg gives no code. */
export const reachable = (error: Error): Error => (sqlState(error) === undefined ? unavailable(error.message, error) : error)
