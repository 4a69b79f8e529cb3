import type { Actor } from '../auth/actor.ts'
import { nameOf } from '../db/batch.ts'
import type { Credential, Session } from '../db/session.ts'
import type { Plan } from './plan.ts'

/** What a plan reads, as PostgreSQL itself plans it: its tables, those of the policies among them. */
interface Reading {
  tables: readonly string[]
  /** A policy or a column asks which organisation or principal is calling: the answer is that caller's alone. */
  personal: boolean
}

interface Entry {
  request: string
  scope: string
  answer: Buffer
  tables: readonly string[]
  storedAt: number
  bytes: number
}

/** A read in progress whose answer may be kept, if nothing it read is changed before it is. */
export interface Ticket {
  request: string
  tables: readonly string[]
  changes: number
}

/** How long another node's change may go unseen, in milliseconds; what this node writes is seen at once. */
export const staleness = 2_000

/**
 * Answers that are the same for everyone of one scope: the public, the holders of the same roles, or one organisation's systems. A plan whose rows or columns depend on the
 * individual caller is never kept. Bounded in bytes; a change of a table drops what was read from it.
 */
export class ResponseCache {
  readonly #limit: number
  /** Oldest first. */
  readonly #entries = new Set<Entry>()
  /** By request, then by scope: no two scopes ever share an entry. */
  readonly #found = new Map<string, Map<string, Entry>>()
  readonly #readings = new WeakMap<Plan, Promise<Reading>>()
  readonly #uses = new WeakMap<Plan, number>()
  readonly #changedAt = new Map<string, number>()
  #changes = 0
  #bytes = 0

  /** @param limit bytes kept at most; 0 keeps nothing. */
  constructor(session: Session, limit: number) {
    this.#limit = limit
    session.onChange((tables) => this.#changed(tables))
  }

  get keeps(): boolean {
    return this.#limit > 0
  }

  /** Whether a plan may be answered from here; nothing, while it is not known or not asked often enough to be worth asking. */
  async readingOf(plan: Plan, session: Session): Promise<Reading | undefined> {
    const uses = (this.#uses.get(plan) ?? 0) + 1
    this.#uses.set(plan, uses)
    if (uses < 2) return undefined
    let reading = this.#readings.get(plan)
    if (reading === undefined) {
      reading = explain(plan, session)
      this.#readings.set(plan, reading)
      reading.catch(() => this.#readings.delete(plan))
    }
    return reading
  }

  /** Some scope's answer to this request is kept, so that it is worth asking which scope is calling. */
  knows(request: string): boolean {
    return this.#found.has(request)
  }

  /** The whole answer, as it goes out. */
  get(scope: string, request: string): Buffer | undefined {
    const entry = this.#found.get(request)?.get(scope)
    if (entry === undefined) return undefined
    if (Date.now() - entry.storedAt > staleness) {
      this.#drop(entry)
      return undefined
    }
    return entry.answer
  }

  /** To be taken before the database is asked. */
  begin(request: string, reading: Reading): Ticket {
    return { request, tables: reading.tables, changes: this.#changes }
  }

  /** Keeps an answer for the scope it was read in. */
  keep({ request, tables, changes }: Ticket, scope: string, answer: Buffer): void {
    if (tables.some((table) => (this.#changedAt.get(table) ?? 0) > changes)) return
    const bytes = answer.length + 2 * (request.length + scope.length) + 400
    if (bytes > this.#limit / 16) return
    const former = this.#found.get(request)?.get(scope)
    if (former !== undefined) this.#drop(former)
    const scopes = this.#found.get(request) ?? new Map()
    const entry = { request, scope, answer, tables, storedAt: Date.now(), bytes }
    this.#found.set(request, scopes.set(scope, entry))
    this.#entries.add(entry)
    this.#bytes += bytes
    for (const oldest of this.#entries) {
      if (this.#bytes <= this.#limit) break
      this.#drop(oldest)
    }
  }

  #drop(entry: Entry): void {
    this.#entries.delete(entry)
    this.#bytes -= entry.bytes
    const scopes = this.#found.get(entry.request)
    scopes?.delete(entry.scope)
    if (scopes?.size === 0) this.#found.delete(entry.request)
  }

  #changed(tables: readonly string[]): void {
    this.#changes++
    for (const table of tables) this.#changedAt.set(table, this.#changes)
    for (const entry of this.#entries) {
      if (entry.tables.some((table) => tables.includes(table))) this.#drop(entry)
    }
  }
}

/** What is asked, by whomever: the operation, its variables and the languages wanted. */
export const requestKey = (source: string, given: unknown, languages: readonly string[]): string =>
  JSON.stringify([source, given, languages])

/** The scope of a credential that needs no judging: none, for the public. */
export const publicScope = 'PUBLIC'

/** A system also sees what its organisation takes part in: by a look-up, which PostgreSQL's plan does not open. */
export function scopeOf(actor: Actor): string {
  if (actor.kind === 'PUBLIC' || actor.roles.length === 0) return publicScope
  const held = [...actor.roles].sort().join()
  return actor.roles.includes('PARTNER_SYSTEM') ? `${held} ${actor.organisationId}${actor.inGrace ? ' in grace' : ''}` : held
}

const personalSettings = /app\.organisation|app\.principal|caller_organisation|caller_principal/

/** Asks PostgreSQL what a plan's statements read, policies and all: by their generic plans, which no parameter can make smaller. */
async function explain(plan: Plan, session: Session): Promise<Reading> {
  const nobody: Credential = { kind: 'public' }
  const tables = new Set<string>()
  let personal = false
  for (const { text, params } of plan.statements) {
    const nulls = params.length === 0 ? '' : `(${params.map(() => 'null').join()})`
    const explained = `explain (verbose, format json) execute "${nameOf(text)}"${nulls}`
    const [, rows] = await session.read(nobody, [
      { text, values: params.map(() => null) },
      { text: explained, values: [] },
    ])
    const said = (rows ?? []).map(([line]) => line).join('\n')
    for (const [, table] of said.matchAll(/"Relation Name": "(\w+)"/g)) tables.add(table as string)
    personal ||= personalSettings.test(said)
  }
  return { tables: [...tables], personal }
}
