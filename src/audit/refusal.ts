import { uuidv7 } from 'uuidv7'
import type { Credential, Session } from '../db/session.ts'
import { type ErrorCode, problemOf } from '../errors.ts'
import { record } from './record.ts'

/** A verb as clients name it, and the object it was to change, by GraphQL type and uuid, where it names one. */
export interface Attempt {
  operation: string
  subject?: { type: string; uuid: string }
}

const refusals: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode>(['FORBIDDEN', 'SCOPE_MISSING', 'MEMBERSHIP_ENDED'])

/** Whether a caller was turned away for who it is. */
export const isRefusal = (error: unknown): boolean => refusals.has(problemOf(error)?.code)

/**
 * Writes that a verb was refused to somebody known (BIO2 8.15.01): which, of what, and why, never what was given. In a transaction of its own,
 * since the verb's is taken back; what names no object is told of the caller's organisation.
 */
export async function recordRefusal(
  session: Session,
  credential: Credential,
  requestId: string,
  error: unknown,
  { operation, subject }: Attempt,
): Promise<void> {
  if (!isRefusal(error)) return
  const code = problemOf(error)?.code
  // Nobody whose membership has ended gets in, not even to tell of that.
  if (code === 'MEMBERSHIP_ENDED') return session.recordEnded(credential, { id: uuidv7(), operation, subject, requestId })
  await session.write(credential, requestId, async (tx, actor) => {
    if (actor.kind === 'PUBLIC') return
    const { type, uuid } = subject ?? { type: 'Organisation', uuid: actor.organisationId }
    await record(tx, actor, { operation, subjectType: type, subjectId: uuid, after: { code }, outcome: 'REFUSED' })
  })
}
