import type { PrincipalActor } from '../auth/actor.ts'
import type { Tx } from '../db/session.ts'
import { auditEntry } from './table.ts'

export interface Change {
  /** The verb as clients name it: `planAdopt`. */
  operation: string
  /** GraphQL type and uuid of what was changed. */
  subjectType: string
  subjectId: string
  before?: unknown
  after?: unknown
}

/** Writes the audit entries of a verb, in its transaction: when this fails, so does the change. */
export async function record(tx: Tx, actor: PrincipalActor, ...changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return
  await tx.db.insert(auditEntry).values(
    changes.map((change) => ({
      ...change,
      principalId: actor.principalId,
      organisationId: actor.organisationId,
      outcome: 'DONE',
      requestId: tx.requestId ?? null,
    })),
  )
}
