import { eq } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { type Change, record } from '../audit/record.ts'
import type { Actor } from '../auth/actor.ts'
import { authorise } from '../auth/permissions.ts'
import type { Localised } from '../db/columns.ts'
import type { Tx } from '../db/session.ts'
import { type Path, Problem } from '../errors.ts'
import { parsed } from '../input.ts'
import { expectedVersion, type FoundPlan, findPlan, lockVersion, type PlanChange, planId } from '../plan/write.ts'
import { decision, decisionBody, decisionOutcome, decisionPoint } from './table.ts'
import { amending, writeAmendment } from './write/amend.ts'
import { adopts, insertDecision } from './write/decision.ts'
import { bringIntoForce } from './write/force.ts'

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
  amendment: z.strictObject(amending).nullish(),
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

/** Adopts the submitted version of a plan by a decision (vaststellen), which may say how that amends the version before. */
export async function planAdopt(tx: Tx, actor: Actor, input: unknown): Promise<PlanChange> {
  authorise(actor, 'plan.adopt')
  const given = parsed(adoption, input)
  const found = await findPlan(tx, given.planId)
  const submitted = await lockVersion(tx, found.id, ['SUBMITTED'], given.expectedVersion)
  const { pointId, decidedOn, recorded } = await decisionFor(tx, found, submitted.id, given)
  const beginning = { decidedOn, effectiveFrom: given.effectiveFrom }
  if (given.amendment) await writeAmendment(tx, found.id, submitted.id, { ...given.amendment, decisionPointId: pointId })
  const by = { decisionPoint: pointId, amendment: given.amendment ?? undefined }
  const changes = await bringIntoForce(tx, found, submitted.id, 'planAdopt', beginning, by)
  await record(tx, actor, ...changes, ...(recorded ? [recorded] : []))
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

function refuseFuture(decidedOn: string, today: string, path: Path): void {
  if (decidedOn > today) throw new Problem('BAD_USER_INPUT', 'The decision lies in the future', path)
}

async function recordDecision(tx: Tx, of: FoundPlan, versionId: string, given: NewDecision): Promise<Adopting> {
  const { text, ...taken } = given
  const { decidedOn, outcome } = taken
  if (!adopts(outcome)) throw new Problem('DECISION_REQUIRED', `A decision that is ${outcome} adopts nothing`, ['decision', 'outcome'])
  refuseFuture(decidedOn, of.today, ['decision', 'decidedOn'])
  const id = await insertDecision(tx, { programmeId: of.programmeId, ...taken }, ['decision', 'reference'])
  const pointId = uuidv7()
  await tx.db
    .insert(decisionPoint)
    .values({ id: pointId, decisionId: id, number: 1, type: 'ADOPTION', outcome, text, planVersionId: versionId })
  const recorded = { operation: 'planAdopt', subjectType: 'Decision', subjectId: id, before: undefined, after: given }
  return { pointId, decidedOn, recorded }
}

async function findDecision(tx: Tx, of: FoundPlan, versionId: string, pointId: string): Promise<Adopting> {
  const { outcome, planVersionId } = decisionPoint
  const [point] = await tx.db
    .select({ outcome, planVersionId, decidedOn: decision.decidedOn })
    .from(decisionPoint)
    .innerJoin(decision, eq(decision.id, decisionPoint.decisionId))
    .where(eq(decisionPoint.id, pointId))
  if (point === undefined || point.planVersionId !== versionId || !adopts(point.outcome)) {
    throw new Problem('DECISION_REQUIRED', 'The decision point does not adopt this version', ['decisionPointId'])
  }
  refuseFuture(point.decidedOn, of.today, ['decisionPointId'])
  return { pointId, decidedOn: point.decidedOn }
}
