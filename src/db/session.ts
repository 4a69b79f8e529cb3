import { PassThrough, pipeline as pipe, type Readable } from 'node:stream'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import copyStreams from 'pg-copy-streams'
import { type Actor, actorOf, type PrincipalActor } from '../auth/actor.ts'
import { scopes } from '../auth/permissions.ts'
import { sourceOf } from '../errors.ts'
import { Pipeline, reachable, type Statement, type TextRow } from './batch.ts'

export type { Statement, TextRow } from './batch.ts'

/** What the edge knows of a caller; only the database judges it, in `enter`. */
export type Credential = { kind: 'public' } | { kind: 'key'; id: string; hash: Buffer }

/** A transaction in which the caller has entered. Never nested: a verb gets it, only the edge opens it. */
export interface Tx {
  db: Omit<NodePgDatabase, 'transaction'>
  actor: Actor
  requestId: string | undefined
  /** Flat statements of the read engine, in this transaction. */
  rows(statements: readonly Statement[]): Promise<TextRow[][]>
}

/** That a verb was refused to somebody whose membership has ended. */
export interface EndedRefusal {
  id: string
  operation: string
  subject: { type: string; uuid: string } | undefined
  requestId: string
}

/** The read lane as the doors see it. */
export interface Reads {
  /** All statements in one round trip and one snapshot, read only, as this caller. */
  read(credential: Credential, statements: readonly Statement[]): Promise<TextRow[][]>
  /** The bytes of `copy (…) to stdout` as this caller. An error midway destroys the stream. */
  readLong(credential: Credential, statement: Statement): Promise<TextRow[]>
  copyOut(credential: Credential, text: string): Promise<Readable>
}

export interface SessionOptions {
  url: string
  readConnections?: number
  writeConnections?: number
  /** Milliseconds after which the server ends a statement. */
  statementTimeout?: number
  log?: (message: string, error: Error) => void
}

/** By this name the watermark knows connections that never write. */
export const readerName = 'samenspel-read'

const retryable = new Set(['40001', '40P01'])

/** The only opener of transactions, and the only place where an identity enters the database. Three lanes: reads, writes, streams. */
export class Session implements Reads {
  readonly #pipeline: Pipeline
  readonly #writers: pg.Pool
  readonly #streams: pg.Pool
  readonly #usedKeys = new Set<string>()
  readonly #listeners: ((tables: readonly string[]) => void)[] = []
  readonly #log: (message: string, error: Error) => void
  #flush: NodeJS.Timeout | undefined

  constructor(options: SessionOptions) {
    const timeout = options.statementTimeout ?? 15_000
    // Row policies inflate cost estimates, so that JIT would compile for longer than the statement runs.
    const common = '-c TimeZone=UTC -c DateStyle=ISO -c search_path=public -c jit=off'
    const connection = (extra: string, name = 'samenspel'): pg.ClientConfig => ({
      connectionString: options.url,
      application_name: name,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      options: `${common} ${extra}`,
    })
    // One answer is one snapshot, and nothing on these lanes can write.
    const readOnly = '-c default_transaction_isolation=repeatable\\ read -c default_transaction_read_only=on'
    this.#log = options.log ?? (() => undefined)
    this.#pipeline = new Pipeline({
      connection: connection(`${readOnly} -c plan_cache_mode=force_generic_plan -c statement_timeout=${timeout}`, readerName),
      size: options.readConnections ?? 4,
      depth: 8,
      queue: 2_000,
    })
    this.#writers = this.#pool(
      options.writeConnections ?? 8,
      connection(`-c statement_timeout=${timeout} -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000`),
    )
    this.#streams = this.#pool(4, connection(`${readOnly} -c statement_timeout=0 -c idle_in_transaction_session_timeout=60000`, readerName))
  }

  #pool(max: number, config: pg.ClientConfig): pg.Pool {
    const pool = new pg.Pool({ ...config, max, idleTimeoutMillis: 30_000 })
    // A lost connection must not end the process, idle (pool) or checked out (client).
    pool.on('error', (error) => this.#log('an idle database connection was lost', error))
    pool.on('connect', (client) => client.on('error', (error) => this.#log('a database connection was lost', error)))
    return pool
  }

  async read(credential: Credential, statements: readonly Statement[]): Promise<TextRow[][]> {
    const { results } = await this.readAs(credential, statements)
    return results
  }

  /** As `read`, and tells whom the database admitted. */
  async readAs(credential: Credential, statements: readonly Statement[]): Promise<{ actor: Actor; results: TextRow[][] }> {
    const [entered, ...results] = await this.#pipeline.run([entering(credential), ...statements])
    this.#used(credential)
    return { actor: actorOf(entered?.[0] ?? []), results }
  }

  /** Runs a verb in one transaction: commits what it did, or nothing. Retries when the database asks for it. */
  async write<T>(credential: Credential, requestId: string | undefined, verb: (tx: Tx, actor: Actor) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#transaction(credential, requestId, verb, 'commit')
      } catch (error) {
        if (attempt >= 4 || !retryable.has(sourceOf(error).code ?? '')) throw error
      }
    }
  }

  /** Runs a verb and takes all of it back: for a dry run. */
  async rehearse<T>(credential: Credential, requestId: string | undefined, verb: (tx: Tx, actor: Actor) => Promise<T>): Promise<T> {
    return this.#transaction(credential, requestId, verb, 'rollback')
  }

  async #transaction<T>(
    credential: Credential,
    requestId: string | undefined,
    verb: (tx: Tx, actor: Actor) => Promise<T>,
    end: 'commit' | 'rollback',
  ): Promise<T> {
    return this.#onWriter(end, async (client) => {
      const { text, values } = entering(credential)
      const entered = await client.query({ text, values: [...values], ...asText })
      const actor = actorOf(entered.rows[0] ?? [])
      const result = await verb({ db: drizzle(client), actor, requestId, rows: (statements) => rowsOn(client, statements) }, actor)
      this.#used(credential)
      return result
    })
  }

  /**
   * Has the database write that a verb was refused to whom it admits no more and so cannot tell of it; it judges that again,
   * and writes nothing of a key that it does not know.
   */
  async recordEnded(credential: Credential, { id, operation, subject, requestId }: EndedRefusal): Promise<void> {
    if (credential.kind === 'public') return
    await this.#onWriter('commit', async (client) => {
      const values = [credential.id, credential.hash, id, operation, subject?.type, subject?.uuid, requestId]
      await client.query('select record_ended_refusal($1, $2, $3, $4, $5, $6, $7)', values)
    })
  }

  async #onWriter<T>(end: 'commit' | 'rollback', work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await connected(this.#writers)
    try {
      await client.query('begin isolation level read committed read write')
      const result = await work(client)
      const changed = await ended(client, end)
      // Before the caller learns that it is done, so that nobody reads an older answer after that.
      if (changed.length > 0) for (const listener of this.#listeners) listener(changed)
      return result
    } catch (error) {
      await client.query('rollback').catch(() => undefined)
      throw error
    } finally {
      // Only a connection that the server calls idle goes back; whatever is in doubt is closed with it.
      client.release((client as unknown as { getTransactionStatus(): string | null }).getTransactionStatus() !== 'I')
    }
  }

  /** One statement that may take as long as a copy does, on the lane of those. */
  async readLong(credential: Credential, statement: Statement): Promise<TextRow[]> {
    const client = await this.#enteredStream(credential)
    try {
      const [rows = []] = await rowsOn(client, [statement])
      await client.query('commit')
      client.release()
      return rows
    } catch (error) {
      client.release(true)
      throw error
    }
  }

  async copyOut(credential: Credential, text: string): Promise<Readable> {
    const client = await this.#enteredStream(credential)
    const out = new PassThrough()
    // From here the stream gives the connection back: only when the copy came to its end; an error or a reader that left closes it.
    pipe(client.query(copyStreams.to(text)), out, (error) => {
      if (error) return client.release(true)
      client.query('commit').then(
        () => client.release(),
        () => client.release(true),
      )
    })
    return started(out)
  }

  async #enteredStream(credential: Credential): Promise<pg.PoolClient> {
    const client = await connected(this.#streams)
    try {
      await client.query('begin')
      const { text, values } = entering(credential)
      await client.query({ text, values: [...values] })
      return client
    } catch (error) {
      client.release(true)
      throw error
    }
  }

  /** Told of the tables that a committed transaction of this session changed, before its caller is. */
  onChange(listener: (tables: readonly string[]) => void): void {
    this.#listeners.push(listener)
  }

  /** Writes when keys were last used; called in batches, so that a read stays a read. */
  async flushKeyUse(): Promise<void> {
    clearTimeout(this.#flush)
    this.#flush = undefined
    const used = [...this.#usedKeys]
    this.#usedKeys.clear()
    if (used.length > 0) await this.#writers.query('select record_key_use($1)', [used])
  }

  #used(credential: Credential): void {
    if (credential.kind !== 'key') return
    this.#usedKeys.add(credential.id)
    if (this.#flush !== undefined) return
    this.#flush = setTimeout(() => {
      this.flushKeyUse().catch((error: Error) => this.#log('the last use of keys could not be written', error))
    }, 10_000)
    this.#flush.unref()
  }

  /** As whom the database serves, whether that role could pass the policies, how many tables there are, and which roles callers can hold. */
  async check(): Promise<{ role: string; superuser: boolean; bypass: boolean; owner: boolean; tables: number; roles: string[] }> {
    const { rows } = await this.#writers.query(`select r.rolname as role, r.rolsuper as superuser, r.rolbypassrls as bypass,
      exists (select from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and pg_has_role(r.oid, c.relowner, 'usage')) as owner,
      (select count(*)::int from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r') as tables,
      array(select e.enumlabel::text from pg_enum e where e.enumtypid = to_regtype('public.role')) as roles
      from pg_roles r where r.rolname = current_user`)
    return rows[0]
  }

  async close(): Promise<void> {
    await this.flushKeyUse().catch(() => undefined)
    await Promise.all([this.#pipeline.close(), this.#writers.end(), this.#streams.end()])
  }
}

/** A connection of a pool. */
function connected(pool: pg.Pool): Promise<pg.PoolClient> {
  return pool.connect().catch((error: Error) => {
    throw reachable(error)
  })
}

/** Who installs: the seed's own identity in the stamps of what it writes. */
export const installer: PrincipalActor = {
  kind: 'MACHINE',
  principalId: '01900000-0000-7000-8000-000000000000',
  organisationId: '01900000-0000-7000-8000-000000000000',
  organisationSlug: 'gemeente-maastricht',
  label: 'installation',
  roles: ['ADMIN', 'PROGRAMME_TEAM', 'RESEARCH_STATISTICS'],
  scopes,
  inGrace: false,
}

/**
 * One transaction of the owner, for the seed and for keys made at the command line. It takes the runtime role and enters as the installation,
 * so that the same policies judge its rows; the owner itself may read and write none.
 */
export async function install<T>(ownerUrl: string, verb: (tx: Tx, actor: PrincipalActor) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: ownerUrl,
    application_name: 'samenspel-install',
    options: '-c TimeZone=UTC -c DateStyle=ISO',
  })
  await client.connect()
  try {
    await client.query('begin')
    // Of a database that is not migrated, before its roles are asked for, so that the error says that.
    await client.query(`select 'public.programme'::regclass`)
    await client.query('set local role samenspel_app')
    await client.query(
      `select set_config('app.principal', $1, true), set_config('app.organisation', $2, true), set_config('app.capabilities', capabilities($3::role[]), true)`,
      [installer.principalId, installer.organisationId, installer.roles],
    )
    const result = await verb(
      { db: drizzle(client), actor: installer, requestId: undefined, rows: (statements) => rowsOn(client, statements) },
      installer,
    )
    await client.query('commit')
    return result
  } finally {
    await client.end()
  }
}

function entering(credential: Credential): Statement {
  return credential.kind === 'public'
    ? { text: 'select * from enter_public()', values: [] }
    : { text: 'select * from enter($1::text, $2::bytea)', values: [credential.id, `\\x${credential.hash.toString('hex')}`] }
}

const asText = { rowMode: 'array' as const, types: { getTypeParser: () => (value: string) => value } }

async function rowsOn(client: pg.ClientBase, statements: readonly Statement[]): Promise<TextRow[][]> {
  const results: TextRow[][] = []
  for (const { text, values } of statements) results.push((await client.query({ text, values: [...values], ...asText })).rows)
  return results
}

/** Ends a transaction; tells which tables it changed (the trigger `tell_change` noted them), if it was committed. No change is, without its audit entry. */
async function ended(client: pg.PoolClient, end: 'commit' | 'rollback'): Promise<string[]> {
  if (end === 'rollback') {
    await client.query('rollback')
    return []
  }
  const results = (await client.query(`select audited_changes() as changed; commit`)) as unknown as pg.QueryResult[]
  const changed: string | null = results[0]?.rows[0]?.changed
  return changed ? [...new Set(changed.split(','))] : []
}

/** Waits for the first byte or the end, so that an error before it is still an error and not half a file. */
function started(out: Readable): Promise<Readable> {
  return new Promise((resolve, reject) => {
    const done = () => {
      out.off('readable', begin)
      out.off('error', fail)
    }
    const begin = () => {
      done()
      resolve(out)
    }
    const fail = (error: Error) => {
      done()
      reject(error)
    }
    out.once('readable', begin)
    out.once('error', fail)
  })
}
