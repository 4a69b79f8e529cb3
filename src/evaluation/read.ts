import { eq, sql } from 'drizzle-orm'
import { indicatorEntity, observationRevisionEntity } from '../indicator/read.ts'
import type { indicator, observationRevision } from '../indicator/table.ts'
import { programmeEntity, resultEntity } from '../programme/read.ts'
import type { programme, result } from '../programme/table.ts'
import { type Entity, entity, group, leaf, localised, many, one } from '../read/model.ts'
import { evaluation, evaluationFigure, evaluationResult, monitoringPlan, monitoringPlanIndicator } from './table.ts'

type MonitoringPlan = typeof monitoringPlan
type Evaluation = typeof evaluation
type Figure = typeof evaluationFigure

export const monitoringPlanEntity: Entity = entity<MonitoringPlan>({
  name: 'MonitoringPlan',
  table: monitoringPlan,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    title: localised((t) => t.title),
    state: leaf('text', (t) => t.state),
    indicators: many<MonitoringPlan, typeof indicator, typeof monitoringPlanIndicator>({
      to: () => indicatorEntity,
      as: 'list',
      through: { table: monitoringPlanIndicator, on: (t, x) => eq(x.monitoringPlanId, t.id) },
      on: (_t, i, _args, x) => eq(i.id, x.indicatorId),
      order: [{ sql: (i) => i.code, type: 'text' }],
      shared: true,
    }),
    evaluations: many<MonitoringPlan, Evaluation>({
      to: () => evaluationEntity,
      as: 'list',
      on: (t, e) => eq(e.monitoringPlanId, t.id),
      order: [{ sql: (e) => e.asOf, type: 'timestamptz', descending: true }],
    }),
  },
})

export const evaluationEntity: Entity = entity<Evaluation>({
  name: 'Evaluation',
  table: evaluation,
  fields: {
    id: leaf('id', (t) => t.id),
    title: localised((t) => t.title),
    period: group({ startsOn: leaf('date', (t: Evaluation) => t.startsOn), endsOn: leaf('date', (t: Evaluation) => t.endsOn) }),
    asOf: leaf('datetime', (t) => t.asOf),
    verdict: localised((t) => t.verdict),
    monitoringPlan: one<Evaluation, MonitoringPlan>({ to: () => monitoringPlanEntity, on: (t, p) => eq(p.id, t.monitoringPlanId) }),
    results: many<Evaluation, typeof result, typeof evaluationResult>({
      to: () => resultEntity,
      as: 'list',
      through: { table: evaluationResult, on: (t, x) => eq(x.evaluationId, t.id) },
      on: (_t, r, _args, x) => eq(r.id, x.resultId),
      order: [{ sql: (r) => r.code, type: 'text' }],
      shared: true,
    }),
    figures: many<Evaluation, Figure>({
      to: () => evaluationFigureEntity,
      as: 'list',
      on: (t, f) => eq(f.evaluationId, t.id),
      order: [{ sql: (f) => f.createdAt, type: 'timestamptz' }],
    }),
  },
})

export const evaluationFigureEntity: Entity = entity<Figure>({
  name: 'EvaluationFigure',
  table: evaluationFigure,
  fields: {
    id: leaf('id', (t) => t.id),
    indicator: one<Figure, typeof indicator>({ to: () => indicatorEntity, on: (t, i) => eq(i.id, t.indicatorId) }),
    region: leaf(
      'text',
      (t) => sql`(select g.code from observation_revision r join observation o on o.id = r.observation_id
        join series s on s.id = o.series_id join region g on g.id = s.region_id where r.id = ${t.observationRevisionId})`,
    ),
    period: leaf(
      'text',
      (t) =>
        sql`(select o.period from observation_revision r join observation o on o.id = r.observation_id where r.id = ${t.observationRevisionId})`,
    ),
    figure: one<Figure, typeof observationRevision>({
      to: () => observationRevisionEntity,
      on: (t, r) => eq(r.id, t.observationRevisionId),
    }),
  },
})

programmeEntity.fields.monitoringPlans = many<typeof programme, MonitoringPlan>({
  to: () => monitoringPlanEntity,
  as: 'list',
  on: (t, p) => eq(p.programmeId, t.id),
  order: [{ sql: (p) => p.createdAt, type: 'timestamptz', descending: true }],
})

export const evaluationEntities = [monitoringPlanEntity, evaluationEntity, evaluationFigureEntity]
