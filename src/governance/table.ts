import { sql } from 'drizzle-orm'
import { boolean, check, date, index, integer, pgEnum, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { id, localised, madeOnce, may, register, stamps } from '../db/columns.ts'
import { role } from '../organisation/table.ts'
import { plan, planVersion } from '../plan/table.ts'
import { programme } from '../programme/table.ts'

export const decisionBody = pgEnum('decision_body', ['COLLEGE', 'PORTFOLIO_HOLDER', 'COUNCIL', 'ALLIANCE'])
export const decisionOutcome = pgEnum('decision_outcome', ['CONFORM', 'CONFORM_WITH_CHANGES', 'HELD_OVER', 'REJECTED'])
export const decisionType = pgEnum('decision_type', [
  'ADOPTION',
  'MANDATE_GRANT',
  'MANDATE_REVOKE',
  'AMENDMENT',
  'TAKEN_NOTE',
  'EXTENSION',
  'NEIGHBOURHOOD_ENROLMENT',
  'CLOSURE',
])

/** A decision of the municipal executive or another body. A public register; what was recorded wrongly of one is corrected with its trace (S62). */
export const decision = pgTable(
  'decision',
  {
    id: id(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    reference: text('reference').notNull(),
    body: decisionBody('body').notNull(),
    decidedOn: date('decided_on', { mode: 'string' }).notNull(),
    outcome: decisionOutcome('outcome').notNull(),
    title: localised('title').notNull(),
    /** Content that shows how the register works and was never decided. */
    example: boolean('example').notNull().default(false),
    ...stamps(),
  },
  (t) => [
    unique('decision_reference').on(t.programmeId, t.reference),
    index('decision_date').on(t.programmeId, t.decidedOn),
    check('decision_title_localised', sql`is_localised(${t.title})`),
    ...register('decision', may('public'), may('team')),
  ],
)

/** One numbered point of a decision, with its own effect and outcome (S03). What adopts or amends names the version that it is about. */
export const decisionPoint = pgTable(
  'decision_point',
  {
    id: id(),
    decisionId: uuid('decision_id')
      .notNull()
      .references(() => decision.id),
    number: integer('number').notNull(),
    type: decisionType('type').notNull(),
    outcome: decisionOutcome('outcome').notNull(),
    text: localised('text').notNull(),
    planVersionId: uuid('plan_version_id').references(() => planVersion.id),
    ...stamps(),
  },
  (t) => [
    unique('decision_point_number').on(t.decisionId, t.number),
    index('decision_point_plan_version').on(t.planVersionId),
    check('decision_point_text_localised', sql`is_localised(${t.text})`),
    check('decision_point_adopts', sql`(${t.type} in ('ADOPTION', 'AMENDMENT')) = (${t.planVersionId} is not null)`),
    ...madeOnce('decision_point', may('public'), may('team')),
  ],
)

export const amendmentKind = pgEnum('amendment_kind', ['SUPPLEMENT', 'CHANGE', 'ACCENT'])

/** The right to amend one plan, granted by a decision point; it reaches no other plan (S04). */
export const mandate = pgTable(
  'mandate',
  {
    id: id(),
    decisionPointId: uuid('decision_point_id')
      .notNull()
      .references(() => decisionPoint.id),
    planId: uuid('plan_id')
      .notNull()
      .references(() => plan.id),
    holder: role('holder').notNull(),
    kinds: amendmentKind('kinds').array().notNull(),
    startsOn: date('starts_on', { mode: 'string' }).notNull(),
    endsOn: date('ends_on', { mode: 'string' }),
    /** The decision point that took it back; nothing else ends it earlier than it was granted for (trigger). */
    revokedById: uuid('revoked_by_id').references(() => decisionPoint.id),
    ...stamps(),
  },
  (t) => [
    index('mandate_decision_point').on(t.decisionPointId),
    index('mandate_plan').on(t.planId),
    index('mandate_revoked_by').on(t.revokedById),
    check('mandate_kinds', sql`cardinality(${t.kinds}) > 0`),
    check('mandate_term', sql`${t.endsOn} >= ${t.startsOn}`),
    ...register('mandate', may('public'), may('team')),
  ],
)

/**
 * How a version amends the one before it, and what gave that its force: a mandate that held on the day, or a decision (S04, S05).
 * Written with the adoption, in its transaction (triggers).
 */
export const amendment = pgTable(
  'amendment',
  {
    id: id(),
    planVersionId: uuid('plan_version_id')
      .notNull()
      .unique()
      .references(() => planVersion.id),
    kind: amendmentKind('kind').notNull(),
    rationale: localised('rationale').notNull(),
    mandateId: uuid('mandate_id').references(() => mandate.id),
    decisionPointId: uuid('decision_point_id').references(() => decisionPoint.id),
    amendedOn: date('amended_on', { mode: 'string' }).notNull().default(sql`today()`),
    ...stamps(),
  },
  (t) => [
    index('amendment_mandate').on(t.mandateId),
    index('amendment_decision_point').on(t.decisionPointId),
    check('amendment_rationale_localised', sql`is_localised(${t.rationale})`),
    check('amendment_force', sql`(${t.mandateId} is null) <> (${t.decisionPointId} is null)`),
    ...madeOnce(
      'amendment',
      sql`exists (select 1 from plan_version v where v.id = plan_version_id)`,
      sql`(${may('portfolio')} and mandate_id is not null) or (${may('team')} and decision_point_id is not null)`,
    ),
  ],
)
