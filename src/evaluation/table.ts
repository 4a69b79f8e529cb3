import { sql } from 'drizzle-orm'
import { check, date, foreignKey, index, pgEnum, pgTable, primaryKey, timestamp, unique, uuid } from 'drizzle-orm/pg-core'
import { id, localised, madeOnce, may, register, stamps } from '../db/columns.ts'
import { indicator, observationRevision } from '../indicator/table.ts'
import { programme, result } from '../programme/table.ts'

const writers = sql`(${may('team')} or ${may('statistics')})`

export const monitoringPlanState = pgEnum('monitoring_plan_state', ['DRAFT', 'ESTABLISHED', 'REVISED'])

/** By which indicators the programme is followed. May be a draft while the programme runs (S56); once established its indicators stay (trigger). */
export const monitoringPlan = pgTable(
  'monitoring_plan',
  {
    id: id(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    title: localised('title').notNull(),
    state: monitoringPlanState('state').notNull().default('DRAFT'),
    ...stamps(),
  },
  (t) => [check('monitoring_plan_title_localised', sql`is_localised(${t.title})`), ...register('monitoring_plan', may('agenda'), writers)],
)

export const monitoringPlanIndicator = pgTable(
  'monitoring_plan_indicator',
  {
    monitoringPlanId: uuid('monitoring_plan_id')
      .notNull()
      .references(() => monitoringPlan.id),
    indicatorId: uuid('indicator_id')
      .notNull()
      .references(() => indicator.id),
    ...stamps(),
  },
  (t) => [
    primaryKey({ columns: [t.monitoringPlanId, t.indicatorId] }),
    index('monitoring_plan_indicator_indicator').on(t.indicatorId),
    ...madeOnce('monitoring_plan_indicator', may('agenda'), writers),
  ],
)

/** What was found of a period, by the figures as they stood at one moment. Made once; cites an objective at least (trigger, at commit). */
export const evaluation = pgTable(
  'evaluation',
  {
    id: id(),
    monitoringPlanId: uuid('monitoring_plan_id')
      .notNull()
      .references(() => monitoringPlan.id),
    title: localised('title').notNull(),
    startsOn: date('starts_on', { mode: 'string' }).notNull(),
    endsOn: date('ends_on', { mode: 'string' }).notNull(),
    asOf: timestamp('as_of', { withTimezone: true, mode: 'string' }).notNull(),
    verdict: localised('verdict').notNull(),
    ...stamps(),
  },
  (t) => [
    unique('evaluation_of_plan').on(t.id, t.monitoringPlanId),
    index('evaluation_monitoring_plan').on(t.monitoringPlanId),
    check('evaluation_texts', sql`is_localised(${t.title}) and is_localised(${t.verdict})`),
    check('evaluation_period', sql`${t.endsOn} >= ${t.startsOn}`),
    ...madeOnce('evaluation', may('agenda'), writers),
  ],
)

/** An objective that an evaluation judges. */
export const evaluationResult = pgTable(
  'evaluation_result',
  {
    evaluationId: uuid('evaluation_id')
      .notNull()
      .references(() => evaluation.id),
    resultId: uuid('result_id')
      .notNull()
      .references(() => result.id),
    ...stamps(),
  },
  (t) => [
    primaryKey({ columns: [t.evaluationId, t.resultId] }),
    index('evaluation_result_result').on(t.resultId),
    ...madeOnce('evaluation_result', may('agenda'), writers),
  ],
)

/** A figure that an evaluation cites: the revision that stood at its moment, which never changes, of an indicator of its monitoring plan. */
export const evaluationFigure = pgTable(
  'evaluation_figure',
  {
    id: id(),
    evaluationId: uuid('evaluation_id').notNull(),
    monitoringPlanId: uuid('monitoring_plan_id').notNull(),
    indicatorId: uuid('indicator_id').notNull(),
    observationRevisionId: uuid('observation_revision_id')
      .notNull()
      .references(() => observationRevision.id),
    ...stamps(),
  },
  (t) => [
    foreignKey({
      columns: [t.evaluationId, t.monitoringPlanId],
      foreignColumns: [evaluation.id, evaluation.monitoringPlanId],
      name: 'evaluation_figure_evaluation',
    }),
    foreignKey({
      columns: [t.monitoringPlanId, t.indicatorId],
      foreignColumns: [monitoringPlanIndicator.monitoringPlanId, monitoringPlanIndicator.indicatorId],
      name: 'evaluation_figure_indicator',
    }),
    unique('evaluation_figure_once').on(t.evaluationId, t.observationRevisionId),
    index('evaluation_figure_indicator').on(t.monitoringPlanId, t.indicatorId),
    index('evaluation_figure_revision').on(t.observationRevisionId),
    ...madeOnce('evaluation_figure', may('agenda'), writers),
  ],
)
