import { inArray } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { type Change, record } from '../../audit/record.ts'
import type { Actor } from '../../auth/actor.ts'
import { authorise, roles } from '../../auth/permissions.ts'
import type { Tx } from '../../db/session.ts'
import { type Path, Problem } from '../../errors.ts'
import { dutchText, givenId, parsed } from '../../input.ts'
import { plan, planVersion } from '../../plan/table.ts'
import { programmeOf } from '../../programme/write.ts'
import { amendmentKind, decisionBody, decisionOutcome, decisionPoint, decisionType, mandate } from '../table.ts'
import { adopts, type DecisionOutcome, insertDecision, undecided } from './decision.ts'
import { revoke } from './revoke.ts'

const day = z.iso.date()
const reference = z.string().trim().min(1).max(200)

const grant = z.strictObject({
  planId: givenId,
  holder: z.enum(roles),
  kinds: z
    .array(z.enum(amendmentKind.enumValues))
    .min(1)
    .transform((kinds) => [...new Set(kinds)]),
  startsOn: day.nullish(),
  endsOn: day.nullish(),
})
const revocation = z.strictObject({ mandateId: givenId, endsOn: day.nullish() })

const newPoint = z.strictObject({
  type: z.enum(decisionType.enumValues),
  outcome: z.enum(decisionOutcome.enumValues).nullish(),
  text: dutchText(10_000),
  planVersionId: z.string().nullish(),
  grants: grant.nullish(),
  revokes: revocation.nullish(),
})

const newDecision = z.strictObject({
  programme: z.string(),
  reference,
  body: z.enum(decisionBody.enumValues),
  decidedOn: day,
  outcome: z.enum(decisionOutcome.enumValues),
  title: dutchText(500),
  example: z.boolean(),
  points: z.array(newPoint).min(1).max(50),
})

export type Grant = z.output<typeof grant>
export type Revocation = z.output<typeof revocation>
/** A point with its place, its own id and its own outcome: that of the decision, where it has no other. */
type Point = Omit<z.output<typeof newPoint>, 'outcome'> & { id: string; number: number; outcome: DecisionOutcome; at: Path }

/** Puts a decision on record with its numbered points; what it grants or takes back holds from then on (S02, S03). */
export async function decisionRecord(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'decision.record')
  const { programme, points: given, ...taken } = parsed(newDecision, input)
  const programmeId = await programmeOf(tx, programme)
  const points = given.map(
    (point, index): Point => ({
      ...point,
      id: uuidv7(),
      number: index + 1,
      outcome: point.outcome ?? taken.outcome,
      at: ['points', index],
    }),
  )
  const wrong = [
    ...(await undecided(tx, taken.decidedOn, ['decidedOn'])),
    ...points.flatMap(unlikeItsType),
    ...(await unknownVersions(tx, points)),
    ...(await unfitGrants(tx, points, taken.decidedOn)),
  ]
  if (wrong.length > 0) throw new Problem('BAD_USER_INPUT', wrong[0]?.message, wrong[0]?.path, wrong)

  const id = await insertDecision(tx, { programmeId, ...taken }, ['reference'])
  await tx.db.insert(decisionPoint).values(points.map(({ grants, revokes, at, ...point }) => ({ ...point, decisionId: id })))
  const changes: Change[] = [{ operation: 'decisionRecord', subjectType: 'Decision', subjectId: id, after: { ...taken, points: given } }]
  for (const { grants, revokes, ...point } of points) {
    if (grants) changes.push(await grantMandate(tx, point.id, grants, taken.decidedOn))
    if (revokes) changes.push(await revoke(tx, point, revokes, taken.decidedOn))
  }
  await record(tx, actor, ...changes)
  return id
}

/** What a point of a type needs, if it was taken, and what no other may have. */
function unlikeItsType({ type, outcome, planVersionId, grants, revokes, at }: Point): Problem[] {
  const taken = adopts(outcome)
  const rules: [field: string, given: boolean, wanted: boolean, what: string][] = [
    ['planVersionId', planVersionId != null, type === 'ADOPTION' || type === 'AMENDMENT', 'the version it is about'],
    ['grants', grants != null, type === 'MANDATE_GRANT' && taken, 'the mandate it grants'],
    ['revokes', revokes != null, type === 'MANDATE_REVOKE' && taken, 'the mandate it takes back'],
  ]
  return rules
    .filter(([, given, wanted]) => given !== wanted)
    .map(
      ([field, given, , what]) =>
        new Problem('BAD_USER_INPUT', given ? `${type} that is ${outcome} has none` : `Names ${what}`, [...at, field]),
    )
}

async function unknownVersions(tx: Tx, points: readonly Point[]): Promise<Problem[]> {
  const named = points.filter(({ planVersionId }) => planVersionId != null)
  const ids = named.flatMap(({ planVersionId }) => givenId.parse(planVersionId) ?? [])
  const known = ids.length === 0 ? [] : await tx.db.select({ id: planVersion.id }).from(planVersion).where(inArray(planVersion.id, ids))
  return named
    .filter(({ planVersionId }) => !known.some(({ id }) => id === planVersionId))
    .map(({ at }) => new Problem('NOT_FOUND', 'No such plan version', [...at, 'planVersionId']))
}

/** A mandate reaches the programme plan and no other (S04); it holds no earlier than it was granted. */
async function unfitGrants(tx: Tx, points: readonly Point[], decidedOn: string): Promise<Problem[]> {
  const granting = points.flatMap(({ grants, at }) => (grants ? [{ ...grants, at: [...at, 'grants'] }] : []))
  const ids = granting.flatMap(({ planId }) => planId ?? [])
  const known = ids.length === 0 ? [] : await tx.db.select({ id: plan.id, kind: plan.kind }).from(plan).where(inArray(plan.id, ids))
  return granting.flatMap(({ planId, startsOn, endsOn, at }) => {
    const of = known.find(({ id }) => id === planId)
    const starts = startsOn ?? decidedOn
    return [
      ...(of === undefined ? [new Problem('NOT_FOUND', 'No such plan', [...at, 'planId'])] : []),
      ...(of !== undefined && of.kind !== 'PROGRAMME_PLAN'
        ? [new Problem('BAD_USER_INPUT', 'Other plans take a decision of their own', [...at, 'planId'])]
        : []),
      ...(starts < decidedOn ? [new Problem('BAD_USER_INPUT', 'It was not granted yet', [...at, 'startsOn'])] : []),
      ...(endsOn != null && endsOn <= starts ? [new Problem('BAD_USER_INPUT', 'It ends before it begins', [...at, 'endsOn'])] : []),
    ]
  })
}

async function grantMandate(tx: Tx, decisionPointId: string, { planId, startsOn, ...rest }: Grant, decidedOn: string): Promise<Change> {
  const id = uuidv7()
  const row = { ...rest, id, decisionPointId, planId: planId as string, startsOn: startsOn ?? decidedOn }
  await tx.db.insert(mandate).values(row)
  return { operation: 'decisionRecord', subjectType: 'Mandate', subjectId: id, after: row }
}
