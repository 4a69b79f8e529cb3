import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { record } from '../../audit/record.ts'
import type { Actor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import type { Tx } from '../../db/session.ts'
import { Problem } from '../../errors.ts'
import { dutchText, givenId, parsed } from '../../input.ts'
import { planVersion } from '../../plan/table.ts'
import { expectedVersion, type FoundPlan, findPlan, lockVersion, type PlanChange, planId } from '../../plan/write.ts'
import { amendment, amendmentKind, mandate } from '../table.ts'
import { bringIntoForce } from './force.ts'

/** What an amendment is told as, whatever gives it its force. */
export const amending = { kind: z.enum(amendmentKind.enumValues), rationale: dutchText(10_000) }

const input = z.strictObject({ planId, expectedVersion, mandateId: givenId, ...amending, effectiveFrom: z.iso.date().nullish() })

/**
 * Adopts the submitted version of a plan under a mandate, as an amendment of the version before it (S04, S05, S45). The mandate holds today, and
 * the amendment from today or later, so that a mandate that is over cannot be used by dating back.
 */
export async function planAmend(tx: Tx, actor: Actor, given: unknown): Promise<PlanChange> {
  authorise(actor, 'plan.amend')
  const { mandateId, kind, rationale, effectiveFrom, ...of } = parsed(input, given)
  const found = await findPlan(tx, of.planId)
  await withinScope(tx, found, mandateId, kind)
  const submitted = await lockVersion(tx, found.id, ['SUBMITTED'], of.expectedVersion)
  if (effectiveFrom != null && effectiveFrom < found.today) {
    throw new Problem('BAD_USER_INPUT', 'An amendment holds from today or later', ['effectiveFrom'])
  }
  await writeAmendment(tx, found.id, submitted.id, { kind, rationale, mandateId })
  const changes = await bringIntoForce(
    tx,
    found,
    submitted.id,
    'planAmend',
    { decidedOn: found.today, effectiveFrom },
    { mandateId, kind, rationale },
  )
  await record(tx, actor, ...changes)
  return { planId: found.id, planVersionId: submitted.id }
}

/** The mandate reaches this plan, holds today, is the portfolio holder's and names this kind. */
async function withinScope(tx: Tx, of: FoundPlan, id: string | undefined, kind: z.output<typeof amending.kind>): Promise<void> {
  const [held] = id === undefined ? [] : await tx.db.select().from(mandate).where(eq(mandate.id, id))
  if (held === undefined) throw new Problem('NOT_FOUND', 'No such mandate', ['mandateId'])
  const beyond = (message: string, path = 'mandateId') => new Problem('MANDATE_OUT_OF_SCOPE', message, [path])
  const wrong: Problem[] = []
  if (held.planId !== of.id) wrong.push(beyond('The mandate reaches another plan'))
  if (held.holder !== 'PORTFOLIO_HOLDER') wrong.push(beyond(`The mandate is held by ${held.holder}`))
  if (of.today < held.startsOn) wrong.push(beyond(`The mandate holds from ${held.startsOn}`))
  if (held.endsOn !== null && held.endsOn <= of.today) wrong.push(beyond(`The mandate ended on ${held.endsOn}`))
  if (!held.kinds.includes(kind)) wrong.push(beyond(`The mandate names ${held.kinds.join(', ')}`, 'kind'))
  if (wrong.length > 0) throw new Problem('MANDATE_OUT_OF_SCOPE', wrong[0]?.message, wrong[0]?.path, wrong)
}

/** Says of a version, before it comes into force, how it amends what is adopted of its plan; what first gives a plan force is a decision alone (S01). */
export async function writeAmendment(
  tx: Tx,
  ofPlan: string,
  planVersionId: string,
  how: Omit<typeof amendment.$inferInsert, 'planVersionId'>,
): Promise<void> {
  const [former] = await tx.db
    .select({ id: planVersion.id })
    .from(planVersion)
    .where(and(eq(planVersion.planId, ofPlan), eq(planVersion.state, 'ADOPTED')))
  if (former === undefined) throw new Problem('DECISION_REQUIRED', 'Nothing of the plan is adopted yet, so there is nothing to amend')
  await tx.db.insert(amendment).values({ ...how, planVersionId })
}
