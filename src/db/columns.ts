import { type SQL, sql } from 'drizzle-orm'
import { customType, integer, jsonb, pgPolicy, pgRole, timestamp, uuid } from 'drizzle-orm/pg-core'
import { uuidv7 } from 'uuidv7'

/** The one role the service runs as: neither owner nor superuser, so every row it touches passes a policy. */
export const runtime = pgRole('samenspel_app').existing()

/** The role that owns the look-ups behind `enter`; it may read identities and nothing else. */
export const lookup = pgRole('samenspel_lookup').existing()

/** What a caller may do, as `enter` reduced it from the caller's grants (decisions D1). */
export type Capability =
  | 'public' // everyone who has entered
  | 'content' // actions and their reports, which the alliance shares
  | 'member' // not merely in the grace of a membership that has ended
  | 'agenda' // the strategic agenda, its themes and the lines of the municipal budget
  | 'breakthroughs' // breakthroughs and the lobby for them
  | 'council' // what the council is told: notices, what it is owed, breakthroughs that are resolved
  | 'drafts' // plan versions that are not adopted yet
  | 'risks' // what may go wrong in the programme
  | 'notes' // notes for the alliance
  | 'own' // what belongs to the caller's own organisation
  | 'contributions' // what the own organisation contributes to actions
  | 'party_contributions' // what is contributed to actions that the own organisation takes part in
  | 'edit' // a partner's editor
  | 'push' // a partner's system
  | 'reporting' // records reports in this transaction, so that what it took part in on earlier days counts (`begin_reporting`)
  | 'team' // the programme team
  | 'portfolio' // the portfolio holder
  | 'statistics' // owns indicators; reads suppressed values
  | 'communicate' // writes publications
  | 'audit' // reads the audit trail, but for what it tells of notes that the caller may not read
  | 'audit_all' // reads the whole audit trail
  | 'own_audit' // reads the audit trail of the own organisation
  | 'admin' // manages organisations, principals and keys

/** Evaluated once a query, because it is a sub-select without outer references. */
export const may = (capability: Capability): SQL => sql.raw(`(select caller_may('${capability}'))`)
export const callerOrganisation: SQL = sql.raw('(select caller_organisation())')
export const callerPrincipal: SQL = sql.raw('(select caller_principal())')

export const readPolicy = (table: string, using: SQL) => pgPolicy(`${table}_read`, { for: 'select', to: runtime, using })
export const insertPolicy = (table: string, withCheck: SQL) => pgPolicy(`${table}_insert`, { for: 'insert', to: runtime, withCheck })
export const updatePolicy = (table: string, using: SQL) =>
  pgPolicy(`${table}_update`, { for: 'update', to: runtime, using, withCheck: using })

/** Rows that `may` read, write and change alike: the registers that the programme team keeps. */
export const register = (table: string, read: SQL, write: SQL) => [
  readPolicy(table, read),
  insertPolicy(table, write),
  updatePolicy(table, write),
]

/** Rows that are made once and never changed. */
export const madeOnce = (table: string, read: SQL, write: SQL) => [readPolicy(table, read), insertPolicy(table, write)]

/** Ids sort by time of making and are made here, not by the database (PostgreSQL 15 has no uuidv7). */
export const id = () => uuid('id').primaryKey().$defaultFn(uuidv7)

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' })

/** Who made and last changed a row, and how often; kept by the trigger `stamp`, never by hand. */
export const stamps = () => ({
  version: integer('version').notNull().default(1),
  createdAt: instant('created_at').notNull().default(sql`now()`),
  createdBy: uuid('created_by').default(sql`caller_principal()`),
  updatedAt: instant('updated_at').notNull().default(sql`now()`),
  updatedBy: uuid('updated_by').default(sql`caller_principal()`),
})

/** Text that people read: the source language and its text, with translations by BCP 47 tag. */
export type Localised = { source: string } & Record<string, string>

/** Checked in the database by `is_localised`: an object of strings whose `source` names a language that is there. */
export const localised = (name: string) => jsonb(name).$type<Localised>()

export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
