import { sql } from 'drizzle-orm'
import { boolean, check, foreignKey, index, integer, pgEnum, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { id, insertPolicy, madeOnce, may, readPolicy, stamps, updatePolicy } from '../db/columns.ts'
import { neighbourhood } from '../neighbourhood/table.ts'
import { planState, planVersion } from '../plan/table.ts'

/**
 * What residents of one neighbourhood are told of one version of a plan: the programme plan, or their own execution plan (trigger `of_plan`).
 * Whoever may see a text of it sees the publication.
 */
export const publication = pgTable(
  'publication',
  {
    id: id(),
    neighbourhoodId: uuid('neighbourhood_id')
      .notNull()
      .references(() => neighbourhood.id),
    planVersionId: uuid('plan_version_id').notNull(),
    /** Copies of the version's own, kept by the foreign key, so that its texts follow its state. */
    versionState: planState('version_state').notNull().default('DRAFT'),
    versionNumber: integer('version_number').notNull().default(1),
    /** Shows how a publication looks; written by nobody of the neighbourhood. */
    example: boolean('example').notNull().default(false),
    ...stamps(),
  },
  (t) => [
    foreignKey({
      columns: [t.planVersionId, t.versionState, t.versionNumber],
      foreignColumns: [planVersion.id, planVersion.state, planVersion.number],
      name: 'publication_plan_version',
    }).onUpdate('cascade'),
    unique('publication_once').on(t.planVersionId, t.neighbourhoodId),
    // The target of the foreign key by which texts carry the state of the version.
    unique('publication_state').on(t.id, t.versionState),
    index('publication_neighbourhood').on(t.neighbourhoodId),
    ...madeOnce(
      'publication',
      sql`${may('communicate')} or ${may('team')} or exists (select 1 from publication_text x where x.publication_id = publication.id)`,
      sql`${may('communicate')} or ${may('team')}`,
    ),
  ],
)

export const publicationState = pgEnum('publication_state', ['DRAFT', 'REVIEWED', 'PUBLISHED', 'OUTDATED'])

/** The publication in one language. Public once published; outdated, by the database, as soon as the version no longer holds (trigger `life`). */
export const publicationText = pgTable(
  'publication_text',
  {
    id: id(),
    publicationId: uuid('publication_id').notNull(),
    /** A copy of the publication's own, kept by the foreign key. */
    versionState: planState('version_state').notNull().default('DRAFT'),
    /** BCP 47. */
    language: text('language').notNull(),
    summary: text('summary').notNull(),
    foreword: text('foreword'),
    /** Who wrote the foreword, described and not named: no personal data. */
    forewordAuthor: text('foreword_author'),
    state: publicationState('state').notNull().default('DRAFT'),
    ...stamps(),
  },
  (t) => [
    foreignKey({
      columns: [t.publicationId, t.versionState],
      foreignColumns: [publication.id, publication.versionState],
      name: 'publication_text_publication',
    }).onUpdate('cascade'),
    unique('publication_text_language').on(t.publicationId, t.language),
    check('publication_text_language_form', sql`${t.language} ~ '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$'`),
    check('publication_text_foreword_by', sql`(${t.foreword} is null) = (${t.forewordAuthor} is null)`),
    // An address or a telephone number is personal data.
    check('publication_text_author_described', sql`${t.forewordAuthor} !~ '@|[0-9]{4}'`),
    readPolicy(
      'publication_text',
      sql`(state in ('PUBLISHED', 'OUTDATED') and ${may('public')}) or ${may('communicate')} or ${may('team')}`,
    ),
    insertPolicy('publication_text', sql`${may('communicate')} or ${may('team')}`),
    updatePolicy('publication_text', sql`${may('communicate')} or ${may('team')}`),
  ],
)
