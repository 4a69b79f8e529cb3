import { sql } from 'drizzle-orm'
import { boolean, check, date, foreignKey, index, pgEnum, pgTable, uuid } from 'drizzle-orm/pg-core'
import { action } from '../action/table.ts'
import { id, localised, may, register, stamps } from '../db/columns.ts'
import { organisation } from '../organisation/table.ts'
import { plan, planKind } from '../plan/table.ts'
import { theme } from '../programme/table.ts'

export const agendaScope = pgEnum('agenda_scope', ['NEIGHBOURHOOD_WIDE', 'CROSS_NEIGHBOURHOOD'])

const ofAgendaTheme = sql`exists (select 1 from agenda_theme t where t.id = agenda_theme_id)`

/** What the alliance takes up in a strategic agenda. Whoever sees the agenda sees its themes: the alliance, not the public (S24). */
export const agendaTheme = pgTable(
  'agenda_theme',
  {
    id: id(),
    planId: uuid('plan_id').notNull(),
    /** Taken along by the foreign key, so that no other kind of plan has themes. */
    planKind: planKind('plan_kind').notNull().default('STRATEGIC_AGENDA'),
    /** The theme of the programme's open list that it deepens. */
    themeId: uuid('theme_id').references(() => theme.id),
    scope: agendaScope('scope').notNull(),
    title: localised('title').notNull(),
    text: localised('text'),
    example: boolean('example').notNull().default(false),
    ...stamps(),
  },
  (t) => [
    foreignKey({ columns: [t.planId, t.planKind], foreignColumns: [plan.id, plan.kind], name: 'agenda_theme_agenda' }),
    check('agenda_theme_of_agenda', sql`${t.planKind} = 'STRATEGIC_AGENDA'`),
    check('agenda_theme_texts', sql`is_localised(${t.title}) and is_localised(${t.text})`),
    index('agenda_theme_plan').on(t.planId),
    index('agenda_theme_theme').on(t.themeId),
    ...register('agenda_theme', sql`exists (select 1 from plan p where p.id = plan_id)`, may('team')),
  ],
)

/**
 * A theme is taken up in an execution plan or an action, between two days (both included) on which the agenda and that plan both hold (trigger).
 * Five years are no multiple of two, so the one never contains the other: links, not parents.
 */
export const themeLink = pgTable(
  'theme_link',
  {
    id: id(),
    agendaThemeId: uuid('agenda_theme_id')
      .notNull()
      .references(() => agendaTheme.id),
    planId: uuid('plan_id').references(() => plan.id),
    actionId: uuid('action_id').references(() => action.id),
    startsOn: date('starts_on', { mode: 'string' }).notNull(),
    endsOn: date('ends_on', { mode: 'string' }).notNull(),
    ...stamps(),
  },
  (t) => [
    check('theme_link_one_target', sql`num_nonnulls(${t.planId}, ${t.actionId}) = 1`),
    check('theme_link_order', sql`${t.endsOn} >= ${t.startsOn}`),
    index('theme_link_theme').on(t.agendaThemeId),
    index('theme_link_plan').on(t.planId),
    index('theme_link_action').on(t.actionId),
    ...register(
      'theme_link',
      sql`${ofAgendaTheme} and (plan_id is null or exists (select 1 from plan p where p.id = theme_link.plan_id))
        and (action_id is null or exists (select 1 from action a where a.id = theme_link.action_id))`,
      may('team'),
    ),
  ],
)

export const agendaStepKind = pgEnum('agenda_step_kind', ['STEP', 'OPPORTUNITY'])
export const agendaStepState = pgEnum('agenda_step_state', ['PLANNED', 'UNDER_WAY', 'DONE', 'DROPPED'])

/** A joint step, or an opportunity to use together, with the organisation that sees to it. */
export const agendaStep = pgTable(
  'agenda_step',
  {
    id: id(),
    agendaThemeId: uuid('agenda_theme_id')
      .notNull()
      .references(() => agendaTheme.id),
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisation.id),
    kind: agendaStepKind('kind').notNull(),
    title: localised('title').notNull(),
    state: agendaStepState('state').notNull().default('PLANNED'),
    dueOn: date('due_on', { mode: 'string' }),
    ...stamps(),
  },
  (t) => [
    check('agenda_step_title', sql`is_localised(${t.title})`),
    index('agenda_step_theme').on(t.agendaThemeId),
    ...register('agenda_step', ofAgendaTheme, may('team')),
  ],
)
