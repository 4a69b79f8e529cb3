import { sql } from 'drizzle-orm'
import { index, jsonb, pgPolicy, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { callerOrganisation, callerPrincipal, id, insertPolicy, lookup, may, readPolicy } from '../db/columns.ts'

/** One line for every change, in the transaction of the change, and for every attempt that was refused, in one of its own (BIO2 8.15.01). Insert-only. */
export const auditEntry = pgTable(
  'audit_entry',
  {
    id: id(),
    at: timestamp('at', { withTimezone: true, mode: 'string' }).notNull().default(sql`now()`),
    principalId: uuid('principal_id').notNull(),
    organisationId: uuid('organisation_id').notNull(),
    operation: text('operation').notNull(),
    subjectType: text('subject_type').notNull(),
    subjectId: uuid('subject_id').notNull(),
    before: jsonb('before'),
    after: jsonb('after'),
    outcome: text('outcome').notNull(),
    requestId: text('request_id'),
  },
  (t) => [
    index('audit_entry_subject').on(t.subjectType, t.subjectId, t.at),
    index('audit_entry_organisation').on(t.organisationId, t.at),
    // A note that one may not read is not to be counted here either; the auditor alone reads all. A key that the municipality made may be another
    // organisation's, with its label and id, so that of keys those are told who oversee.
    readPolicy(
      'audit_entry',
      sql`${may('audit_all')} or (${may('own_audit')} and organisation_id = ${callerOrganisation} and subject_type <> 'ApiKey')
        or (${may('audit')} and (subject_type <> 'Note' or exists (select 1 from note n where n.id = subject_id)))`,
    ),
    insertPolicy('audit_entry', sql`principal_id = ${callerPrincipal} and organisation_id = ${callerOrganisation}`),
    // That a verb was refused to whom the door admits no more, by a function that judges who that is.
    pgPolicy('audit_entry_refusal', { for: 'insert', to: lookup, withCheck: sql`outcome = 'REFUSED'` }),
  ],
)
