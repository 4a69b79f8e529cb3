import { sql } from 'drizzle-orm'
import { check, date, index, integer, pgEnum, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { id, localised, madeOnce, may, register, stamps } from '../db/columns.ts'

/** The programme of 20 years or more. May be extended, never shortened below that. */
export const programme = pgTable(
  'programme',
  {
    id: id(),
    code: text('code').notNull().unique(),
    name: localised('name').notNull(),
    summary: localised('summary'),
    startsOn: date('starts_on', { mode: 'string' }).notNull(),
    endsOn: date('ends_on', { mode: 'string' }).notNull(),
    ...stamps(),
  },
  (t) => [
    check('programme_name_localised', sql`is_localised(${t.name})`),
    check('programme_a_generation', sql`${t.endsOn} >= (${t.startsOn} + interval '20 years' - interval '1 day')::date`),
    ...register('programme', may('public'), may('team')),
  ],
)

/** One of the three aims the programme rests on. */
export const pillar = pgTable(
  'pillar',
  {
    id: id(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    code: text('code').notNull(),
    position: integer('position').notNull(),
    name: localised('name').notNull(),
    ...stamps(),
  },
  (t) => [
    unique('pillar_code').on(t.programmeId, t.code),
    unique('pillar_position').on(t.programmeId, t.position),
    check('pillar_name_localised', sql`is_localised(${t.name})`),
    ...register('pillar', may('public'), may('team')),
  ],
)

/** A subject the municipal teams and partners deepen; an open list, shared within the alliance. */
export const theme = pgTable(
  'theme',
  {
    id: id(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    code: text('code').notNull(),
    name: localised('name').notNull(),
    ...stamps(),
  },
  (t) => [
    unique('theme_code').on(t.programmeId, t.code),
    check('theme_name_localised', sql`is_localised(${t.name})`),
    ...register('theme', may('agenda'), may('team')),
  ],
)

/** The seventeen Sustainable Development Goals of the United Nations. */
export const sdgGoal = pgTable(
  'sdg_goal',
  {
    id: id(),
    number: integer('number').notNull().unique(),
    name: localised('name').notNull(),
    ...stamps(),
  },
  (t) => [
    check('sdg_goal_number', sql`${t.number} between 1 and 17`),
    check('sdg_goal_name_localised', sql`is_localised(${t.name})`),
    ...register('sdg_goal', may('public'), may('team')),
  ],
)

/** The goals a programme names; a floor, not a limit. */
export const programmeSdg = pgTable(
  'programme_sdg',
  {
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    sdgGoalId: uuid('sdg_goal_id')
      .notNull()
      .references(() => sdgGoal.id),
    ...stamps(),
  },
  (t) => [
    primaryKey({ columns: [t.programmeId, t.sdgGoalId] }),
    index('programme_sdg_goal').on(t.sdgGoalId),
    ...madeOnce('programme_sdg', may('public'), may('team')),
  ],
)

export const resultType = pgEnum('result_type', ['OUTPUT', 'OUTCOME', 'IMPACT', 'OTHER'])
export const resultHorizon = pgEnum('result_horizon', ['SHORT', 'LONG'])

/** What the programme wants to bring about (IATI result); the Dutch texts call it an objective. */
export const result = pgTable(
  'result',
  {
    id: id(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    pillarId: uuid('pillar_id').references(() => pillar.id),
    parentId: uuid('parent_id'),
    code: text('code').notNull(),
    type: resultType('type').notNull(),
    horizon: resultHorizon('horizon').notNull(),
    title: localised('title').notNull(),
    ...stamps(),
  },
  (t) => [
    unique('result_code').on(t.programmeId, t.code),
    index('result_pillar').on(t.pillarId),
    check('result_title_localised', sql`is_localised(${t.title})`),
    ...register('result', may('public'), may('team')),
  ],
)

export const policyKind = pgEnum('policy_kind', ['IZA', 'GALA', 'DELTAPLAN_OUDEREN', 'COALITION', 'WORKS', 'OTHER'])

/** Policy outside the programme that it aligns with. */
export const policyLink = pgTable(
  'policy_link',
  {
    id: id(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    kind: policyKind('kind').notNull(),
    name: localised('name').notNull(),
    startsOn: date('starts_on', { mode: 'string' }),
    endsOn: date('ends_on', { mode: 'string' }),
    ...stamps(),
  },
  (t) => [
    index('policy_link_programme').on(t.programmeId),
    check('policy_link_name_localised', sql`is_localised(${t.name})`),
    ...register('policy_link', may('public'), may('team')),
  ],
)
