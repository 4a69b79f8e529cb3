import { eq } from 'drizzle-orm'
import type { Change } from '../../audit/record.ts'
import type { Tx } from '../../db/session.ts'
import { type Path, Problem } from '../../errors.ts'
import { mandate } from '../table.ts'
import type { Revocation } from './record.ts'

/** Ends a mandate earlier than it was granted for, from the day of the decision or later, once. */
export async function revoke(
  tx: Tx,
  by: { id: string; at: Path },
  { mandateId, endsOn: given }: Revocation,
  decidedOn: string,
): Promise<Change> {
  const path = [...by.at, 'revokes']
  const [held] = mandateId === undefined ? [] : await tx.db.select().from(mandate).where(eq(mandate.id, mandateId)).for('update')
  if (held === undefined) throw new Problem('NOT_FOUND', 'No such mandate', [...path, 'mandateId'])
  if (held.revokedById !== null) throw new Problem('CONFLICT', `It was taken back from ${held.endsOn}`, [...path, 'mandateId'])
  const endsOn = given ?? decidedOn
  if (endsOn < decidedOn || endsOn < held.startsOn)
    throw new Problem('BAD_USER_INPUT', 'It cannot end before that is decided, nor before it begins', [...path, 'endsOn'])
  if (held.endsOn !== null && endsOn >= held.endsOn)
    throw new Problem('BAD_USER_INPUT', `It ends on ${held.endsOn} by itself`, [...path, 'endsOn'])
  const change = { endsOn, revokedById: by.id }
  await tx.db.update(mandate).set(change).where(eq(mandate.id, held.id))
  const before = { endsOn: held.endsOn, revokedById: null }
  return { operation: 'decisionRecord', subjectType: 'Mandate', subjectId: held.id, before, after: change }
}
