import { type SQL, sql } from 'drizzle-orm'
import {
  boolean,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { id, insertPolicy, type Localised, localised, may, readPolicy, register, stamps, updatePolicy } from '../db/columns.ts'
import { neighbourhood } from '../neighbourhood/table.ts'
import { programme } from '../programme/table.ts'

export const planKind = pgEnum('plan_kind', ['PROGRAMME_PLAN', 'STRATEGIC_AGENDA', 'EXECUTION_PLAN'])

/**
 * A plan is a document with versions; this row is its identity and its term. Whoever may see a version of it sees the plan.
 * Terms of one neighbourhood (execution plans) or one programme (agendas) never overlap: exclusion constraints.
 */
export const plan = pgTable(
  'plan',
  {
    id: id(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    kind: planKind('kind').notNull(),
    neighbourhoodId: uuid('neighbourhood_id').references(() => neighbourhood.id),
    title: localised('title').notNull(),
    startsOn: date('starts_on', { mode: 'string' }).notNull(),
    endsOn: date('ends_on', { mode: 'string' }).notNull(),
    ...stamps(),
  },
  (t) => [
    unique('plan_of_kind').on(t.id, t.kind),
    check('plan_title_localised', sql`is_localised(${t.title})`),
    check('plan_neighbourhood', sql`(${t.kind} = 'EXECUTION_PLAN') = (${t.neighbourhoodId} is not null)`),
    // Two and five whole calendar years (S17, S23).
    check(
      'plan_execution_two_years',
      sql`${t.kind} <> 'EXECUTION_PLAN' or (extract(doy from ${t.startsOn}) = 1 and ${t.endsOn} = (${t.startsOn} + interval '2 years' - interval '1 day')::date)`,
    ),
    check(
      'plan_agenda_five_years',
      sql`${t.kind} <> 'STRATEGIC_AGENDA' or (extract(doy from ${t.startsOn}) = 1 and ${t.endsOn} = (${t.startsOn} + interval '5 years' - interval '1 day')::date)`,
    ),
    check('plan_term_order', sql`${t.endsOn} > ${t.startsOn}`),
    index('plan_neighbourhood').on(t.neighbourhoodId, t.startsOn),
    index('plan_programme').on(t.programmeId, t.kind, t.startsOn),
    // Whoever sees a version of a plan sees the plan; the writer of a new one sees it before its first version.
    readPolicy('plan', sql`${may('team')} or exists (select 1 from plan_version v where v.plan_id = plan.id)`),
    insertPolicy('plan', may('team')),
    updatePolicy('plan', may('team')),
  ],
)

export const planState = pgEnum('plan_state', ['DRAFT', 'SUBMITTED', 'RETURNED', 'WITHDRAWN', 'ADOPTED', 'SUPERSEDED', 'EXPIRED'])
export type PlanState = (typeof planState.enumValues)[number]

/** States in which a version has been in force, so that everyone may read it. */
export const everAdopted = (state: string): SQL => sql.raw(`${state} in ('ADOPTED', 'SUPERSEDED', 'EXPIRED')`)

/** One text of a plan. Editable while DRAFT, frozen when submitted, immutable (trigger) once adopted. */
export const planVersion = pgTable(
  'plan_version',
  {
    id: id(),
    planId: uuid('plan_id').notNull(),
    /** A copy of the plan's own (the trigger `of_kind` makes it), so that the policy needs no join. */
    planKind: planKind('plan_kind').notNull().default('PROGRAMME_PLAN'),
    number: integer('number').notNull(),
    /** The version it was drafted from, of the same plan. */
    basedOnId: uuid('based_on_id'),
    state: planState('state').notNull().default('DRAFT'),
    ambitions: localised('ambitions'),
    objectives: localised('objectives'),
    approach: localised('approach'),
    /** In the order in which they are told. */
    guidingPrinciples: jsonb('guiding_principles').$type<Localised[]>().notNull().default([]),
    submittedAt: timestamp('submitted_at', { withTimezone: true, mode: 'string' }),
    effectiveFrom: date('effective_from', { mode: 'string' }),
    /** What was agreed, as it stood at adoption, and its SHA-256 (hex). */
    snapshot: jsonb('snapshot'),
    contentHash: text('content_hash'),
    ...stamps(),
  },
  (t) => [
    foreignKey({ columns: [t.planId, t.planKind], foreignColumns: [plan.id, plan.kind], name: 'plan_version_plan' }),
    unique('plan_version_number').on(t.planId, t.number),
    unique('plan_version_of_plan').on(t.id, t.planId),
    index('plan_version_of_base').on(t.basedOnId, t.planId),
    foreignKey({ columns: [t.basedOnId, t.planId], foreignColumns: [t.id, t.planId], name: 'plan_version_based_on' }),
    // The target of the foreign key by which agreed actions carry the state of their version (policies read it there).
    unique('plan_version_state').on(t.id, t.state, t.number),
    check('plan_version_number_positive', sql`${t.number} > 0`),
    check(
      'plan_version_adopted_complete',
      sql`not (${everAdopted('state')}) or (${t.effectiveFrom} is not null and ${t.contentHash} is not null)`,
    ),
    check('plan_version_texts', sql`is_localised(${t.ambitions}) and is_localised(${t.objectives}) and is_localised(${t.approach})`),
    readPolicy(
      'plan_version',
      sql`(${everAdopted('state')} and ${may('public')} and (plan_kind <> 'STRATEGIC_AGENDA' or ${may('agenda')})) or ${may('drafts')}`,
    ),
    insertPolicy('plan_version', may('team')),
    // The portfolio holder brings into force what was submitted of a plan that a mandate reaches today, and changes nothing else of it (trigger).
    updatePolicy(
      'plan_version',
      sql`${may('team')} or (${may('portfolio')} and state in ('SUBMITTED', 'ADOPTED', 'SUPERSEDED') and exists (
        select 1 from mandate m where m.plan_id = plan_version.plan_id and m.holder = 'PORTFOLIO_HOLDER'
          and m.starts_on <= (select today()) and (m.ends_on is null or m.ends_on > (select today()))))`,
    ),
  ],
)

export const documentKind = pgEnum('document_kind', ['PLAN', 'PROPOSAL', 'COUNCIL_INFORMATION_LETTER', 'COMMUNICATION_PLAN', 'OTHER'])

/** A document with exactly one version of a plan: where it is, and by its hash which it is. Attached before adoption, and no longer changed after it (S61). */
export const document = pgTable(
  'document',
  {
    id: id(),
    planVersionId: uuid('plan_version_id')
      .notNull()
      .references(() => planVersion.id),
    kind: documentKind('kind').notNull(),
    title: localised('title').notNull(),
    mediaType: text('media_type').notNull(),
    sha256: text('sha256').notNull(),
    url: text('url').notNull(),
    /** Taken back before the version was adopted. */
    withdrawn: boolean('withdrawn').notNull().default(false),
    ...stamps(),
  },
  (t) => [
    index('document_plan_version').on(t.planVersionId),
    uniqueIndex('document_once').on(t.planVersionId, t.sha256).where(sql`not withdrawn`),
    check('document_title_localised', sql`is_localised(${t.title})`),
    check('document_sha256', sql`${t.sha256} ~ '^[0-9a-f]{64}$'`),
    ...register('document', sql`exists (select 1 from plan_version v where v.id = plan_version_id)`, may('team')),
  ],
)
