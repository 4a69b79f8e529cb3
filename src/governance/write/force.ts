import { and, eq, sql } from 'drizzle-orm'
import type { Change } from '../../audit/record.ts'
import type { Tx } from '../../db/session.ts'
import { Problem } from '../../errors.ts'
import { planVersion } from '../../plan/table.ts'
import { type FoundPlan, stateChange } from '../../plan/write.ts'
import { contentHashOf, snapshotOf } from '../snapshot.ts'

/** From when a version is to hold: the day that was decided, and the first day that was asked for. */
export interface Beginning {
  decidedOn: string
  effectiveFrom: string | null | undefined
}

/**
 * Brings the submitted version of a plan into force in the place of the one before: what was agreed is stored as it stands, and is immutable from
 * then on. As many statements for a thousand actions as for one. `by` tells what gave it that force.
 */
export async function bringIntoForce(
  tx: Tx,
  of: FoundPlan,
  versionId: string,
  operation: string,
  beginning: Beginning,
  by: object,
): Promise<Change[]> {
  const replaced = await supersede(tx, of.id)
  const effectiveFrom = firstDay(of, beginning, replaced?.effectiveFrom ?? null)
  const snapshot = await snapshotOf(tx, versionId)
  const contentHash = contentHashOf(snapshot)
  await tx.db.update(planVersion).set({ state: 'ADOPTED', effectiveFrom, snapshot, contentHash }).where(eq(planVersion.id, versionId))
  await pointActionsTo(tx, versionId)
  return [
    stateChange(operation, versionId, 'SUBMITTED', { state: 'ADOPTED', effectiveFrom, contentHash, ...by }),
    ...(replaced ? [stateChange(operation, replaced.id, 'ADOPTED', { state: 'SUPERSEDED' })] : []),
  ]
}

/** Only one version of a plan is adopted at a time; the one before steps back first. */
async function supersede(tx: Tx, ofPlan: string): Promise<{ id: string; effectiveFrom: string | null } | undefined> {
  const [replaced] = await tx.db
    .update(planVersion)
    .set({ state: 'SUPERSEDED' })
    .where(and(eq(planVersion.planId, ofPlan), eq(planVersion.state, 'ADOPTED')))
    .returning({ id: planVersion.id, effectiveFrom: planVersion.effectiveFrom })
  return replaced
}

/** The day a version comes into force: as given, else the day of its decision, else the first of the term (a plan may be adopted within its term). */
function firstDay({ startsOn, endsOn }: FoundPlan, { decidedOn, effectiveFrom: given }: Beginning, replacedFrom: string | null): string {
  const inTerm = (day: string): boolean => startsOn <= day && day <= endsOn
  const day = given ?? (inTerm(decidedOn) ? decidedOn : startsOn)
  if (!inTerm(day)) throw new Problem('BAD_USER_INPUT', 'The plan can only hold within its term', ['effectiveFrom'])
  // Otherwise the version that it replaces would go on holding after it.
  if (replacedFrom !== null && day < replacedFrom) {
    throw new Problem('BAD_USER_INPUT', `The version it replaces holds from ${replacedFrom}`, ['effectiveFrom'])
  }
  return day
}

/** What counts of each action from now on is what this version agrees of it. */
async function pointActionsTo(tx: Tx, versionId: string): Promise<void> {
  await tx.db.execute(sql`update action set agreed_action_id = g.id from agreed_action g
    where g.plan_version_id = ${versionId} and not g.withdrawn and action.id = g.action_id and action.agreed_action_id is distinct from g.id`)
}
