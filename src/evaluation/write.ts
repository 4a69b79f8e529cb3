import { eq, inArray, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { record } from '../audit/record.ts'
import type { Actor } from '../auth/actor.ts'
import { authorise } from '../auth/permissions.ts'
import { hold } from '../db/hold.ts'
import type { Tx } from '../db/session.ts'
import { Problem } from '../errors.ts'
import { indicator } from '../indicator/table.ts'
import { dutchText, givenId, parsed } from '../input.ts'
import { programme, result } from '../programme/table.ts'
import { evaluation, evaluationFigure, evaluationResult, monitoringPlan, monitoringPlanIndicator } from './table.ts'

const codes = z.array(z.string()).min(1).max(100)

const newPlan = z.strictObject({ programme: z.string(), title: dutchText(500), indicators: codes })

/** Drafts by which indicators the programme is followed. */
export async function monitoringPlanDraft(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'evaluation.write')
  const { programme: code, title, indicators } = parsed(newPlan, input)
  const [of] = await tx.db.select({ id: programme.id }).from(programme).where(eq(programme.code, code))
  if (of === undefined) throw new Problem('NOT_FOUND', 'No such programme', ['programme'])
  const found = await tx.db.select({ id: indicator.id, code: indicator.code }).from(indicator).where(inArray(indicator.code, indicators))
  const ids = idsOf(indicators, found, 'indicators', 'No such indicator')
  const id = uuidv7()
  await tx.db.insert(monitoringPlan).values({ id, programmeId: of.id, title })
  await tx.db.insert(monitoringPlanIndicator).values(ids.map((indicatorId) => ({ monitoringPlanId: id, indicatorId })))
  await record(tx, actor, { operation: 'monitoringPlanDraft', subjectType: 'MonitoringPlan', subjectId: id, after: { title, indicators } })
  return id
}

const step = z.strictObject({ id: givenId, expectedVersion: z.int().min(1), to: z.enum(['ESTABLISHED', 'REVISED']) })

/** Establishes a draft, or marks an established plan as revised. */
export async function monitoringPlanAdvance(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'evaluation.write')
  const { id, expectedVersion, to } = parsed(step, input)
  const row = await hold(tx, monitoringPlan, id, expectedVersion, 'monitoring plan')
  const from = to === 'ESTABLISHED' ? 'DRAFT' : 'ESTABLISHED'
  if (row.state !== from) throw new Problem('TRANSITION_NOT_ALLOWED', `The monitoring plan is ${row.state}, not ${from}`)
  await tx.db.update(monitoringPlan).set({ state: to }).where(eq(monitoringPlan.id, row.id))
  await record(tx, actor, {
    operation: 'monitoringPlanAdvance',
    subjectType: 'MonitoringPlan',
    subjectId: row.id,
    before: { state: from },
    after: { state: to },
  })
  return row.id
}

const newEvaluation = z
  .strictObject({
    monitoringPlanId: givenId,
    title: dutchText(500),
    startsOn: z.iso.date(),
    endsOn: z.iso.date(),
    asOf: z.string(),
    verdict: dutchText(20_000),
    results: codes,
    indicators: codes,
  })
  .refine(({ startsOn, endsOn }) => startsOn <= endsOn, { path: ['endsOn'], message: 'Ends before it starts' })

/** Records what was found of a period: its objectives, and the figures of every region up to its last year as they stood then (invariant 23). */
export async function evaluationRecord(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'evaluation.write')
  const { monitoringPlanId, results, indicators, ...given } = parsed(newEvaluation, input)
  const [plan] =
    monitoringPlanId === undefined
      ? []
      : await tx.db
          .select({
            id: monitoringPlan.id,
            programmeId: monitoringPlan.programmeId,
            state: monitoringPlan.state,
            future: sql<boolean>`${given.asOf}::timestamptz > now()`,
          })
          .from(monitoringPlan)
          .where(eq(monitoringPlan.id, monitoringPlanId))
  if (plan === undefined) throw new Problem('NOT_FOUND', 'No such monitoring plan', ['monitoringPlanId'])
  if (plan.state === 'DRAFT') throw new Problem('PLAN_STATE', 'The monitoring plan is not established yet', ['monitoringPlanId'])
  if (plan.future) throw new Problem('BAD_USER_INPUT', 'The figures of the future are not known', ['asOf'])
  const judged = await tx.db.select({ id: result.id, code: result.code }).from(result).where(inArray(result.code, results))
  const followed = await tx.db
    .select({ id: indicator.id, code: indicator.code })
    .from(indicator)
    .innerJoin(monitoringPlanIndicator, eq(monitoringPlanIndicator.indicatorId, indicator.id))
    .where(eq(monitoringPlanIndicator.monitoringPlanId, plan.id))
  const resultIds = idsOf(results, judged, 'results', 'No such objective')
  const cited = idsOf(indicators, followed, 'indicators', 'Not an indicator of the monitoring plan')
  const id = uuidv7()
  await tx.db.insert(evaluation).values({ id, monitoringPlanId: plan.id, ...given })
  await tx.db.insert(evaluationResult).values(resultIds.map((resultId) => ({ evaluationId: id, resultId })))
  const { rows: figures } = await tx.db.execute<{ indicator_id: string; revision_id: string }>(sql`
    select distinct on (s.id) s.indicator_id, r.id as revision_id
    from series s join observation o on o.series_id = s.id join observation_revision r on r.observation_id = o.id
    where s.indicator_id = any(${sql.param(cited)}::uuid[]) and o.period <= ${given.endsOn.slice(0, 4)} and r.recorded_at <= ${given.asOf}::timestamptz
    order by s.id, o.period desc, r.revision desc`)
  if (figures.length > 0) {
    await tx.db.insert(evaluationFigure).values(
      figures.map(({ indicator_id, revision_id }) => ({
        evaluationId: id,
        monitoringPlanId: plan.id,
        indicatorId: indicator_id,
        observationRevisionId: revision_id,
      })),
    )
  }
  const after = { ...given, results, indicators, figures: figures.length }
  await record(tx, actor, { operation: 'evaluationRecord', subjectType: 'Evaluation', subjectId: id, after })
  return id
}

/** The ids of what was named, or each name that is none. */
function idsOf(named: readonly string[], found: readonly { id: string; code: string }[], field: string, message: string): string[] {
  const ids = new Map(found.map(({ id, code }) => [code, id]))
  const unknown = named.flatMap((code, place) => (ids.has(code) ? [] : [new Problem('NOT_FOUND', message, [field, place])]))
  if (unknown.length > 0) throw new Problem('NOT_FOUND', message, unknown[0]?.path, unknown)
  return [...new Set(named.map((code) => ids.get(code) as string))]
}
