import { sql } from 'drizzle-orm'
import { boolean, check, date, foreignKey, index, integer, pgEnum, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { id, localised, madeOnce, may, register, stamps } from '../db/columns.ts'
import { programme } from '../programme/table.ts'

/** A neighbourhood as residents know it; CBS regions are linked to it, never the same thing. */
export const neighbourhood = pgTable(
  'neighbourhood',
  {
    id: id(),
    slug: text('slug').notNull().unique(),
    name: text('name').notNull(),
    ...stamps(),
  },
  (t) => [
    check('neighbourhood_slug_form', sql`${t.slug} ~ '^[a-z0-9]+(-[a-z0-9]+)*$'`),
    ...register('neighbourhood', may('public'), may('team')),
  ],
)

/** The programme works in a neighbourhood from a date on, for a reason in figures and in experience. */
export const enrolment = pgTable(
  'enrolment',
  {
    id: id(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    neighbourhoodId: uuid('neighbourhood_id')
      .notNull()
      .references(() => neighbourhood.id),
    startsOn: date('starts_on', { mode: 'string' }).notNull(),
    endsOn: date('ends_on', { mode: 'string' }),
    evidence: localised('evidence'),
    ...stamps(),
  },
  (t) => [index('enrolment_neighbourhood').on(t.neighbourhoodId), ...register('enrolment', may('public'), may('team'))],
)

export const regionType = pgEnum('region_type', ['NL', 'GM', 'WK', 'BU'])

/** A statistical region of CBS, by its trimmed code: the latest it has had. */
export const region = pgTable(
  'region',
  {
    id: id(),
    code: text('code').notNull().unique(),
    type: regionType('type').notNull(),
    name: text('name').notNull(),
    ...stamps(),
  },
  (t) => [
    check(
      'region_code_form',
      sql`${t.code} ~ case ${t.type} when 'NL' then '^NL[0-9]{2}$' when 'GM' then '^GM[0-9]{4}$' when 'WK' then '^WK[0-9]{4}[0-9A-Z]{2}$' else '^BU[0-9]{4}[0-9A-Z]{4}$' end`,
    ),
    ...register('region', may('public'), sql`(${may('statistics')} or ${may('team')})`),
  ],
)

export const regionChange = pgEnum('region_change', ['NONE', 'RECODED', 'REDRAWN'])

/** A region as it was drawn in one year. Figures attach to this, because boundaries move each 1 January. */
export const regionVersion = pgTable(
  'region_version',
  {
    id: id(),
    regionId: uuid('region_id')
      .notNull()
      .references(() => region.id),
    year: integer('year').notNull(),
    /** Its code in that year, trimmed: of a region that was recoded since, the old one. */
    code: text('code').notNull(),
    name: text('name').notNull(),
    change: regionChange('change'),
    ...stamps(),
  },
  (t) => [
    unique('region_version_year').on(t.regionId, t.year),
    // Two regions never go by one code in a year.
    unique('region_version_code').on(t.code, t.year),
    unique('region_version_of_region').on(t.id, t.regionId),
    check('region_version_year_range', sql`${t.year} between 1900 and 2200`),
    check('region_version_code_form', sql`${t.code} ~ '^(NL[0-9]{2}|GM[0-9]{4}|WK[0-9]{4}[0-9A-Z]{2}|BU[0-9]{4}[0-9A-Z]{4})$'`),
    index('region_version_redrawn').on(t.regionId, t.year).where(sql`${t.change} = 'REDRAWN'`),
    ...register('region_version', may('public'), sql`(${may('statistics')} or ${may('team')})`),
  ],
)

/** How figures of a region by its boundaries of one year were made into figures by those of another. */
export const regionConversion = pgTable(
  'region_conversion',
  {
    id: id(),
    regionId: uuid('region_id').notNull(),
    fromVersionId: uuid('from_version_id').notNull(),
    toVersionId: uuid('to_version_id').notNull(),
    method: localised('method').notNull(),
    ...stamps(),
  },
  (t) => [
    // Both are boundaries of this one region.
    foreignKey({
      name: 'region_conversion_from',
      columns: [t.fromVersionId, t.regionId],
      foreignColumns: [regionVersion.id, regionVersion.regionId],
    }),
    foreignKey({
      name: 'region_conversion_to',
      columns: [t.toVersionId, t.regionId],
      foreignColumns: [regionVersion.id, regionVersion.regionId],
    }),
    unique('region_conversion_result').on(t.id, t.toVersionId),
    check('region_conversion_between', sql`${t.fromVersionId} <> ${t.toVersionId}`),
    check('region_conversion_texts', sql`is_localised(${t.method})`),
    index('region_conversion_region').on(t.regionId),
    index('region_conversion_from_version').on(t.fromVersionId),
    index('region_conversion_to_version').on(t.toVersionId),
    ...madeOnce('region_conversion', may('public'), may('statistics')),
  ],
)

/** Which CBS regions make up a neighbourhood between two dates; one of them is the main one. */
export const neighbourhoodRegion = pgTable(
  'neighbourhood_region',
  {
    id: id(),
    neighbourhoodId: uuid('neighbourhood_id')
      .notNull()
      .references(() => neighbourhood.id),
    regionId: uuid('region_id')
      .notNull()
      .references(() => region.id),
    main: boolean('main').notNull().default(false),
    startsOn: date('starts_on', { mode: 'string' }).notNull(),
    endsOn: date('ends_on', { mode: 'string' }),
    ...stamps(),
  },
  (t) => [
    index('neighbourhood_region_neighbourhood').on(t.neighbourhoodId),
    index('neighbourhood_region_region').on(t.regionId),
    ...register('neighbourhood_region', may('public'), may('team')),
  ],
)
