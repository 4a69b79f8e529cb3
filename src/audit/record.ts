import { sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import type { PrincipalActor } from '../auth/actor.ts'
import type { Tx } from '../db/session.ts'

export interface Change {
  /** The verb as clients name it: `planAdopt`. */
  operation: string
  /** GraphQL type and uuid of what was changed. */
  subjectType: string
  subjectId: string
  before?: unknown
  after?: unknown
  /** DONE unless told otherwise. */
  outcome?: 'REFUSED'
}

/** Writes the audit entries of a verb, in its transaction: when this fails, so does the change. */
export async function record(tx: Tx, actor: PrincipalActor, ...changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return
  const entries = changes.map((change) => ({ id: uuidv7(), outcome: 'DONE', ...change }))
  // One parameter, however many entries: a batch may have thousands.
  await tx.db.execute(sql`
    insert into audit_entry (id, principal_id, organisation_id, operation, subject_type, subject_id, before, after, outcome, request_id)
    select e.id, ${actor.principalId}, ${actor.organisationId}, e.operation, e."subjectType", e."subjectId", e.before, e.after, e.outcome, ${tx.requestId ?? null}
    from json_to_recordset(${JSON.stringify(entries)}::json)
      as e (id uuid, operation text, "subjectType" text, "subjectId" uuid, before jsonb, after jsonb, outcome text)`)
}
