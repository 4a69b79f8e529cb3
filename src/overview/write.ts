import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { record } from '../audit/record.ts'
import type { Actor } from '../auth/actor.ts'
import { authorise } from '../auth/permissions.ts'
import type { Tx } from '../db/session.ts'
import { Problem } from '../errors.ts'
import { indicator } from '../indicator/table.ts'
import { givenId, parsed } from '../input.ts'
import { sdgGoal } from '../programme/table.ts'
import { indicatorSdg } from './table.ts'

const tag = z.strictObject({ id: givenId, sdg: z.int().min(1).max(17) })

/** Says that an indicator tells of a Sustainable Development Goal. Saying so again changes nothing. */
export async function indicatorNameSdg(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'indicator.nameSdg')
  const { id, sdg } = parsed(tag, input)
  const [found] = id === undefined ? [] : await tx.db.select({ id: indicator.id }).from(indicator).where(eq(indicator.id, id))
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such indicator', ['id'])
  const [goal] = await tx.db.select({ id: sdgGoal.id }).from(sdgGoal).where(eq(sdgGoal.number, sdg))
  if (goal === undefined) throw new Problem('NOT_FOUND', 'No such goal', ['sdg'])
  const made = await tx.db
    .insert(indicatorSdg)
    .values({ indicatorId: found.id, sdgGoalId: goal.id })
    .onConflictDoNothing()
    .returning({ goal: indicatorSdg.sdgGoalId })
  if (made.length === 0) return found.id
  await record(tx, actor, { operation: 'indicatorNameSdg', subjectType: 'Indicator', subjectId: found.id, after: { sdg } })
  return found.id
}
