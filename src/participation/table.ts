import { sql } from 'drizzle-orm'
import { boolean, check, date, index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { id, localised, may, register, stamps } from '../db/columns.ts'
import { neighbourhood } from '../neighbourhood/table.ts'
import { organisation } from '../organisation/table.ts'
import { planVersion } from '../plan/table.ts'
import { programme } from '../programme/table.ts'

/**
 * What residents and partners brought to a plan version or a neighbourhood, and what it led to (S06). Holds no personal data.
 * Seen by whoever sees the version it was about. An action may name it as its origin.
 */
export const participationEvent = pgTable(
  'participation_event',
  {
    id: id(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    planVersionId: uuid('plan_version_id').references(() => planVersion.id),
    neighbourhoodId: uuid('neighbourhood_id').references(() => neighbourhood.id),
    heldOn: date('held_on', { mode: 'string' }).notNull(),
    organisationId: uuid('organisation_id').references(() => organisation.id),
    /** A group of residents, described and not named. */
    residentGroup: text('resident_group'),
    subject: localised('subject').notNull(),
    outcome: localised('outcome'),
    example: boolean('example').notNull().default(false),
    ...stamps(),
  },
  (t) => [
    check('participation_event_about', sql`num_nonnulls(${t.planVersionId}, ${t.neighbourhoodId}) > 0`),
    check('participation_event_who', sql`num_nonnulls(${t.organisationId}, ${t.residentGroup}) = 1`),
    // An address or a telephone number is personal data.
    check('participation_event_group_described', sql`${t.residentGroup} !~ '@|[0-9]{4}'`),
    check('participation_event_texts', sql`is_localised(${t.subject}) and is_localised(${t.outcome})`),
    index('participation_event_plan_version').on(t.planVersionId),
    index('participation_event_neighbourhood').on(t.neighbourhoodId, t.heldOn),
    index('participation_event_organisation').on(t.organisationId),
    ...register(
      'participation_event',
      sql`${may('public')} and (plan_version_id is null or exists (select 1 from plan_version v where v.id = plan_version_id))`,
      sql`(${may('communicate')} or ${may('team')})`,
    ),
  ],
)
