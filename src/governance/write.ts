import { and, eq, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { type Change, record } from '../audit/record.ts'
import type { Actor } from '../auth/actor.ts'
import { authorise } from '../auth/permissions.ts'
import type { Localised } from '../db/columns.ts'
import type { Tx } from '../db/session.ts'
import { type Path, Problem } from '../errors.ts'
import { parsed } from '../input.ts'
import { planVersion } from '../plan/table.ts'
import { expectedVersion, type FoundPlan, findPlan, lockVersion, type PlanChange, planId, stateChange } from '../plan/write.ts'
import { contentHashOf, snapshotOf } from './snapshot.ts'
import { decision, decisionBody, decisionOutcome, decisionPoint } from './table.ts'

const inDutch = (longest: number) => z.string().trim().min(1).max(longest)
const translations = z
  .record(z.string(), z.string())
  .refine(({ source, ...texts }) => source !== undefined && texts[source] !== undefined, 'Must hold its source language')

/** Dutch text, or the text in several languages. */
const localised = (longest: number) =>
  z.union([inDutch(longest).transform((nl): Localised => ({ source: 'nl', nl })), translations.transform((texts) => texts as Localised)])

const adoption = z.strictObject({
  planId,
  expectedVersion,
  effectiveFrom: z.iso.date().nullish(),
  decisionPointId: z.uuid().nullish(),
  decision: z
    .strictObject({
      reference: inDutch(200),
      body: z.enum(decisionBody.enumValues),
      decidedOn: z.iso.date(),
      outcome: z.enum(decisionOutcome.enumValues),
      title: localised(500),
      text: localised(10_000),
      example: z.boolean().optional(),
    })
    .nullish(),
})
type Adoption = z.output<typeof adoption>
type NewDecision = NonNullable<Adoption['decision']>

/**
 * Adopts the submitted version of a plan by a decision (vaststellen): what was agreed is stored as it stands, and is immutable from then on.
 * As many statements for a thousand actions as for one.
 */
export async function planAdopt(tx: Tx, actor: Actor, input: unknown): Promise<PlanChange> {
  authorise(actor, 'plan.adopt')
  const given = parsed(adoption, input)
  const found = await findPlan(tx, given.planId)
  const submitted = await lockVersion(tx, found.id, 'SUBMITTED', given.expectedVersion)
  const adopting = await decisionFor(tx, found, submitted.id, given)
  const replaced = await supersede(tx, found.id)
  const effectiveFrom = firstDay(found, adopting.decidedOn, replaced?.effectiveFrom ?? null, given.effectiveFrom ?? null)

  const snapshot = await snapshotOf(tx, submitted.id)
  const contentHash = contentHashOf(snapshot)
  await tx.db.update(planVersion).set({ state: 'ADOPTED', effectiveFrom, snapshot, contentHash }).where(eq(planVersion.id, submitted.id))
  await pointActionsTo(tx, submitted.id)

  const adopted = { state: 'ADOPTED', effectiveFrom, contentHash, decisionPoint: adopting.pointId }
  const changes: Change[] = [stateChange('planAdopt', submitted.id, 'SUBMITTED', adopted)]
  if (replaced) changes.push(stateChange('planAdopt', replaced.id, 'ADOPTED', { state: 'SUPERSEDED' }))
  if (adopting.recorded) changes.push(adopting.recorded)
  await record(tx, actor, ...changes)
  return { planId: found.id, planVersionId: submitted.id }
}

interface Adopting {
  pointId: string
  decidedOn: string
  recorded?: Change
}

/** The decision point that adopts this version: recorded now, or on record. */
async function decisionFor(tx: Tx, of: FoundPlan, versionId: string, { decision: given, decisionPointId }: Adoption): Promise<Adopting> {
  if (given && decisionPointId) throw new Problem('BAD_USER_INPUT', 'Give a decision or a decision point, not both', ['decision'])
  if (given) return recordDecision(tx, of, versionId, given)
  if (decisionPointId) return findDecision(tx, of, versionId, decisionPointId)
  throw new Problem('DECISION_REQUIRED', undefined, ['decision'])
}

const adopts = (outcome: NewDecision['outcome']): boolean => outcome === 'CONFORM' || outcome === 'CONFORM_WITH_CHANGES'

function refuseFuture(decidedOn: string, today: string, path: Path): void {
  if (decidedOn > today) throw new Problem('BAD_USER_INPUT', 'The decision lies in the future', path)
}

async function recordDecision(tx: Tx, of: FoundPlan, versionId: string, given: NewDecision): Promise<Adopting> {
  const { text, ...taken } = given
  const { decidedOn, outcome } = taken
  if (!adopts(outcome)) throw new Problem('DECISION_REQUIRED', `A decision that is ${outcome} adopts nothing`, ['decision', 'outcome'])
  refuseFuture(decidedOn, of.today, ['decision', 'decidedOn'])
  const id = uuidv7()
  const pointId = uuidv7()
  const made = await tx.db
    .insert(decision)
    .values({ id, programmeId: of.programmeId, ...taken })
    .onConflictDoNothing({ target: [decision.programmeId, decision.reference] })
    .returning({ id: decision.id })
  if (made.length === 0) throw new Problem('CONFLICT', 'A decision with this reference is on record', ['decision', 'reference'])
  await tx.db
    .insert(decisionPoint)
    .values({ id: pointId, decisionId: id, number: 1, type: 'ADOPTION', outcome, text, planVersionId: versionId })
  const recorded = { operation: 'planAdopt', subjectType: 'Decision', subjectId: id, before: undefined, after: given }
  return { pointId, decidedOn, recorded }
}

async function findDecision(tx: Tx, of: FoundPlan, versionId: string, pointId: string): Promise<Adopting> {
  const { type, outcome, planVersionId } = decisionPoint
  const [point] = await tx.db
    .select({ type, outcome, planVersionId, decidedOn: decision.decidedOn })
    .from(decisionPoint)
    .innerJoin(decision, eq(decision.id, decisionPoint.decisionId))
    .where(eq(decisionPoint.id, pointId))
  if (point?.type !== 'ADOPTION' || point.planVersionId !== versionId || !adopts(point.outcome)) {
    throw new Problem('DECISION_REQUIRED', 'The decision point does not adopt this version', ['decisionPointId'])
  }
  refuseFuture(point.decidedOn, of.today, ['decisionPointId'])
  return { pointId, decidedOn: point.decidedOn }
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
function firstDay({ startsOn, endsOn }: FoundPlan, decidedOn: string, replacedFrom: string | null, given: string | null): string {
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
    where g.plan_version_id = ${versionId} and action.id = g.action_id and action.agreed_action_id is distinct from g.id`)
}
