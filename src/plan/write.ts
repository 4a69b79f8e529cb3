import { and, desc, eq, inArray, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type Change, record } from '../audit/record.ts'
import type { Actor } from '../auth/actor.ts'
import { authorise } from '../auth/permissions.ts'
import type { Tx } from '../db/session.ts'
import { Problem, VersionConflict } from '../errors.ts'
import { parsed } from '../input.ts'
import { type PlanState, plan, planVersion } from './table.ts'

/** The plan a verb changed, and the version of it. */
export interface PlanChange {
  planId: string
  planVersionId: string
}

/** An id that cannot be one names no plan, which is the same as one that is hidden. */
export const planId = z.uuid().optional().catch(undefined)
export const expectedVersion = z.int().min(1)

const submission = z.strictObject({ planId, expectedVersion })

/** Offers the draft of a plan for decision and freezes it. */
export async function planSubmit(tx: Tx, actor: Actor, input: unknown): Promise<PlanChange> {
  authorise(actor, 'plan.submit')
  const given = parsed(submission, input)
  const { id } = await findPlan(tx, given.planId)
  const draft = await lockVersion(tx, id, ['DRAFT'], given.expectedVersion)
  await tx.db.update(planVersion).set({ state: 'SUBMITTED', submittedAt: sql`now()` }).where(eq(planVersion.id, draft.id))
  await record(tx, actor, stateChange('planSubmit', draft.id, 'DRAFT', { state: 'SUBMITTED' }))
  return { planId: id, planVersionId: draft.id }
}

/** Why is kept in the audit trail: the version itself is public once it is adopted. */
const sentBack = z.strictObject({ planId, expectedVersion, reason: z.string().trim().min(1).max(2000).nullish() })

/** Sends what was offered for decision back to be changed. */
export async function planReturn(tx: Tx, actor: Actor, input: unknown): Promise<PlanChange> {
  authorise(actor, 'plan.return')
  const { reason, ...given } = parsed(sentBack, input)
  return bringTo(tx, actor, given, 'planReturn', ['SUBMITTED'], 'RETURNED', reason)
}

/** Takes a draft, or what was offered for decision, back for good. */
export async function planWithdraw(tx: Tx, actor: Actor, input: unknown): Promise<PlanChange> {
  authorise(actor, 'plan.withdraw')
  const { reason, ...given } = parsed(sentBack, input)
  return bringTo(tx, actor, given, 'planWithdraw', ['DRAFT', 'SUBMITTED'], 'WITHDRAWN', reason)
}

async function bringTo(
  tx: Tx,
  actor: Parameters<typeof record>[1],
  given: z.output<typeof submission>,
  operation: string,
  from: readonly PlanState[],
  state: PlanState,
  reason: string | null | undefined,
): Promise<PlanChange> {
  const { id } = await findPlan(tx, given.planId)
  const found = await lockVersion(tx, id, from, given.expectedVersion)
  await tx.db.update(planVersion).set({ state }).where(eq(planVersion.id, found.id))
  await record(tx, actor, stateChange(operation, found.id, found.state, { state, reason }))
  return { planId: id, planVersionId: found.id }
}

export const stateChange = (operation: string, versionId: string, from: string, after: object): Change => ({
  operation,
  subjectType: 'PlanVersion',
  subjectId: versionId,
  before: { state: from },
  after,
})

export interface FoundPlan {
  id: string
  programmeId: string
  startsOn: string
  endsOn: string
  /** By the database, which judges everything dated. */
  today: string
}

export async function findPlan(tx: Tx, id: string | undefined): Promise<FoundPlan> {
  const { programmeId, startsOn, endsOn } = plan
  const [found] =
    id === undefined
      ? []
      : await tx.db
          .select({ id: plan.id, programmeId, startsOn, endsOn, today: sql<string>`today()::text` })
          .from(plan)
          .where(eq(plan.id, id))
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such plan', ['id'])
  return found
}

interface FoundVersion {
  id: string
  state: PlanState
}

/** The version of a plan in one of some states, held until the transaction ends, so that of two callers one finds it taken. */
export async function lockVersion(tx: Tx, ofPlan: string, states: readonly PlanState[], expected: number): Promise<FoundVersion> {
  const [found] = await tx.db
    .select({ id: planVersion.id, state: planVersion.state, version: planVersion.version })
    .from(planVersion)
    .where(and(eq(planVersion.planId, ofPlan), inArray(planVersion.state, [...states])))
    .orderBy(desc(planVersion.number))
    .limit(1)
    .for('update')
  if (found === undefined) throw new Problem('PLAN_STATE', `The plan has no version in the state ${states.join(' or ')}`)
  if (found.version !== expected)
    throw new VersionConflict(found.version, ['expectedVersion'], { table: 'plan_version', id: found.id, base: expected, shows: ofPlan })
  return found
}
