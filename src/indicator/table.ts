import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  boolean,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgPolicy,
  pgTable,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { id, insertPolicy, localised, lookup, madeOnce, may, readPolicy, register, stamps, updatePolicy } from '../db/columns.ts'
import { neighbourhood, region, regionConversion, regionVersion } from '../neighbourhood/table.ts'
import { planVersion } from '../plan/table.ts'
import { pillar, programme } from '../programme/table.ts'

/** IATI indicator measure, codes 1 to 5 in this order. */
export const measure = pgEnum('measure', ['UNIT', 'PERCENTAGE', 'NOMINAL', 'ORDINAL', 'QUALITATIVE'])
export const aggregation = pgEnum('aggregation', ['SUM', 'MEAN', 'NONE'])

/** Where figures come from: a table of a publisher, under a licence that must be named. */
export const dataSource = pgTable(
  'data_source',
  {
    id: id(),
    code: text('code').notNull().unique(),
    publisher: text('publisher').notNull(),
    title: text('title').notNull(),
    licence: text('licence').notNull(),
    ...stamps(),
  },
  () => register('data_source', may('public'), may('statistics')),
)

/** A measure the programme is followed by. */
export const indicator = pgTable(
  'indicator',
  {
    id: id(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    pillarId: uuid('pillar_id').references(() => pillar.id),
    code: text('code').notNull(),
    name: localised('name').notNull(),
    definition: localised('definition'),
    unit: localised('unit').notNull(),
    measure: measure('measure').notNull(),
    /** true: more is better; false: less is better; null: neither. */
    ascending: boolean('ascending'),
    aggregation: aggregation('aggregation').notNull(),
    decimals: integer('decimals').notNull().default(0),
    /** Persons below which a count is withheld; null where it is told as its source tells it. */
    disclosureThreshold: integer('disclosure_threshold'),
    /** The count that a ratio is made of: where that is withheld, so is the ratio. */
    numeratorId: uuid('numerator_id').references((): AnyPgColumn => indicator.id),
    /** What the publisher rounds figures of wijken and buurten to; null where it does not. Such figures are never added up. */
    roundedTo: integer('rounded_to'),
    ...stamps(),
  },
  (t) => [
    unique('indicator_code').on(t.programmeId, t.code),
    index('indicator_pillar').on(t.pillarId),
    index('indicator_numerator').on(t.numeratorId),
    check('indicator_texts', sql`is_localised(${t.name}) and is_localised(${t.definition}) and is_localised(${t.unit})`),
    check('indicator_decimals', sql`${t.decimals} between 0 and 10`),
    check(
      'indicator_threshold_of_count',
      sql`${t.disclosureThreshold} is null or (${t.disclosureThreshold} > 0 and ${t.measure} = 'UNIT' and ${t.aggregation} = 'SUM')`,
    ),
    check('indicator_numerator_of_ratio', sql`${t.numeratorId} is null or ${t.aggregation} <> 'SUM'`),
    check('indicator_rounded', sql`${t.roundedTo} > 0`),
    ...register('indicator', may('public'), may('statistics')),
  ],
)

/** A definition of an indicator. A new one breaks its series. */
export const indicatorVersion = pgTable(
  'indicator_version',
  {
    id: id(),
    indicatorId: uuid('indicator_id')
      .notNull()
      .references(() => indicator.id),
    number: integer('number').notNull(),
    startsOn: date('starts_on', { mode: 'string' }).notNull(),
    ...stamps(),
  },
  (t) => [
    unique('indicator_version_number').on(t.indicatorId, t.number),
    unique('indicator_version_of_indicator').on(t.id, t.indicatorId),
    ...madeOnce('indicator_version', may('public'), may('statistics')),
  ],
)

/** SDMX observation status; what a missing value means is never left open. */
export const obsStatus = pgEnum('obs_status', [
  'NORMAL',
  'PROVISIONAL',
  'ESTIMATED',
  'BREAK',
  'SUPPRESSED',
  'NOT_APPLICABLE',
  'NOT_COLLECTED',
  'MISSING',
  'LOW_RELIABILITY',
])

/** The key of a series: one indicator, by one definition, in one region. */
export const series = pgTable(
  'series',
  {
    id: id(),
    indicatorId: uuid('indicator_id')
      .notNull()
      .references(() => indicator.id),
    indicatorVersionId: uuid('indicator_version_id').notNull(),
    regionId: uuid('region_id')
      .notNull()
      .references(() => region.id),
    ...stamps(),
  },
  (t) => [
    unique('series_key').on(t.indicatorVersionId, t.regionId),
    unique('series_by_definition').on(t.id, t.indicatorVersionId),
    // The definition is one of this indicator.
    foreignKey({
      name: 'series_definition',
      columns: [t.indicatorVersionId, t.indicatorId],
      foreignColumns: [indicatorVersion.id, indicatorVersion.indicatorId],
    }),
    index('series_indicator').on(t.indicatorId, t.regionId),
    index('series_region').on(t.regionId, t.indicatorId),
    ...madeOnce('series', may('public'), may('statistics')),
  ],
)

export const importState = pgEnum('import_state', ['RUNNING', 'DONE', 'FAILED'])

/** One reading of a published table: what came in, from where, and what it changed. */
export const importRun = pgTable(
  'import_run',
  {
    id: id(),
    dataSourceId: uuid('data_source_id')
      .notNull()
      .references(() => dataSource.id),
    release: text('release').notNull(),
    /** The year was still open in this release: its publisher may complete it, and calls nothing in it final. */
    open: boolean('open').notNull().default(false),
    state: importState('state').notNull(),
    counts: jsonb('counts').$type<Record<string, number>>(),
    finishedAt: timestamp('finished_at', { withTimezone: true, mode: 'string' }),
    ...stamps(),
  },
  (t) => [index('import_run_source').on(t.dataSourceId), ...register('import_run', may('member'), may('statistics'))],
)

/** A figure by other boundaries than those it was measured in is an estimate, if it is not withheld. */
const converted = (status: string) => sql.raw(`conversion_id is null or ${status} in ('ESTIMATED', 'SUPPRESSED')`)
const explained = (value: string, status: string) =>
  sql.raw(`${value} is not null or ${status} in ('SUPPRESSED', 'NOT_APPLICABLE', 'NOT_COLLECTED', 'MISSING')`)

/** The figure of a series in a period, as it stands now: the latest of its revisions. A value withheld is null here for everyone. */
export const observation = pgTable(
  'observation',
  {
    id: id(),
    seriesId: uuid('series_id')
      .notNull()
      .references(() => series.id),
    /** Calendar year as ISO 8601: `2020`. */
    period: text('period').notNull(),
    regionVersionId: uuid('region_version_id')
      .notNull()
      .references(() => regionVersion.id),
    /** How it was converted to these boundaries, where it was measured in others. */
    conversionId: uuid('conversion_id'),
    value: numeric('value'),
    status: obsStatus('status').notNull(),
    revision: integer('revision').notNull().default(1),
    recordedAt: timestamp('recorded_at', { withTimezone: true, mode: 'string' }).notNull().default(sql`now()`),
    dataSourceId: uuid('data_source_id')
      .notNull()
      .references(() => dataSource.id),
    importRunId: uuid('import_run_id').references(() => importRun.id),
    ...stamps(),
  },
  (t) => [
    // Includes value and status (migration), so that a series is read from the index alone.
    unique('observation_key').on(t.seriesId, t.period),
    check('observation_null_explained', explained('value', 'status')),
    check('observation_suppressed_hidden', sql`${t.status} <> 'SUPPRESSED' or ${t.value} is null`),
    check('observation_finite', sql`${t.value} not in ('NaN', 'Infinity', '-Infinity')`),
    check('observation_period_form', sql`${t.period} ~ '^[12][0-9]{3}$'`),
    foreignKey({
      name: 'observation_conversion',
      columns: [t.conversionId, t.regionVersionId],
      foreignColumns: [regionConversion.id, regionConversion.toVersionId],
    }),
    check('observation_converted', converted('status')),
    index('observation_recorded').on(t.recordedAt, t.id),
    index('observation_of_conversion').on(t.conversionId).where(sql`${t.conversionId} is not null`),
    ...register('observation', may('public'), may('statistics')),
  ],
)

/** Every value an observation has had. Insert-only; a correction is a new row. */
export const observationRevision = pgTable(
  'observation_revision',
  {
    id: id(),
    observationId: uuid('observation_id')
      .notNull()
      .references(() => observation.id),
    revision: integer('revision').notNull(),
    regionVersionId: uuid('region_version_id')
      .notNull()
      .references(() => regionVersion.id),
    conversionId: uuid('conversion_id'),
    value: numeric('value'),
    status: obsStatus('status').notNull(),
    recordedAt: timestamp('recorded_at', { withTimezone: true, mode: 'string' }).notNull().default(sql`now()`),
    importRunId: uuid('import_run_id').references(() => importRun.id),
    ...stamps(),
  },
  (t) => [
    unique('observation_revision_number').on(t.observationId, t.revision),
    // What was revised, for who follows events.
    index('observation_revision_revised').on(t.recordedAt).where(sql`${t.revision} > 1`),
    index('observation_revision_of_conversion').on(t.conversionId).where(sql`${t.conversionId} is not null`),
    check('observation_revision_null_explained', explained('value', 'status')),
    check('observation_revision_suppressed_hidden', sql`${t.status} <> 'SUPPRESSED' or ${t.value} is null`),
    foreignKey({
      name: 'observation_revision_conversion',
      columns: [t.conversionId, t.regionVersionId],
      foreignColumns: [regionConversion.id, regionConversion.toVersionId],
    }),
    check('observation_revision_converted', converted('status')),
    // What is withheld by now is no longer told by what it was before.
    readPolicy(
      'observation_revision',
      sql`${may('statistics')} or (${may('public')} and (value is null or not exists (
        select 1 from observation o where o.id = observation_id and o.status = 'SUPPRESSED')))`,
    ),
    insertPolicy('observation_revision', may('statistics')),
  ],
)

/** The true value behind a suppressed one, and what it is worth. Research & Statistics alone reads it. */
export const confidentialValue = pgTable(
  'confidential_value',
  {
    observationId: uuid('observation_id')
      .primaryKey()
      .references(() => observation.id),
    /** Behind which revision of the observation it stands; behind a later one there is none, unless it is written again. */
    revision: integer('revision').notNull(),
    value: numeric('value').notNull(),
    status: obsStatus('status').notNull(),
    ...stamps(),
  },
  () => [
    check('confidential_value_told', sql.raw(`status not in ('SUPPRESSED', 'NOT_APPLICABLE', 'NOT_COLLECTED', 'MISSING')`)),
    readPolicy('confidential_value', may('statistics')),
    insertPolicy('confidential_value', may('statistics')),
    updatePolicy('confidential_value', may('statistics')),
  ],
)

/** The value from which change is counted (nulmeting). */
export const baseline = pgTable(
  'baseline',
  {
    id: id(),
    indicatorVersionId: uuid('indicator_version_id').notNull(),
    seriesId: uuid('series_id').notNull(),
    period: text('period').notNull(),
    value: numeric('value').notNull(),
    ...stamps(),
  },
  (t) => [
    unique('baseline_series').on(t.seriesId),
    // A series is by one definition, and this is of that one.
    foreignKey({
      name: 'baseline_definition',
      columns: [t.seriesId, t.indicatorVersionId],
      foreignColumns: [series.id, series.indicatorVersionId],
    }),
    // Nor is it told by what change is counted from, whoever wrote that down and from where.
    readPolicy(
      'baseline',
      sql`${may('statistics')} or (${may('public')} and not exists (
        select 1 from observation o where o.series_id = baseline.series_id and o.period = baseline.period and o.status = 'SUPPRESSED'))`,
    ),
    // Of which year there is one is told, so that what is missing is explained (the function `baseline_period`).
    pgPolicy('baseline_lookup', { for: 'select', to: lookup, using: sql`true` }),
    insertPolicy('baseline', may('statistics')),
    updatePolicy('baseline', may('statistics')),
  ],
)

/** What a figure should become. Names the definition it was set for, so a later definition does not move it. */
export const target = pgTable(
  'target',
  {
    id: id(),
    indicatorVersionId: uuid('indicator_version_id').notNull(),
    seriesId: uuid('series_id').notNull(),
    period: text('period').notNull(),
    value: numeric('value').notNull(),
    planVersionId: uuid('plan_version_id').references(() => planVersion.id),
    example: boolean('example').notNull().default(false),
    ...stamps(),
  },
  (t) => [
    unique('target_key').on(t.seriesId, t.period),
    // A series is by one definition, and this is of that one.
    foreignKey({
      name: 'target_definition',
      columns: [t.seriesId, t.indicatorVersionId],
      foreignColumns: [series.id, series.indicatorVersionId],
    }),
    check('target_period_form', sql`${t.period} ~ '^[12][0-9]{3}$'`),
    ...register('target', may('public'), may('statistics')),
  ],
)

/** The five indicators that a neighbourhood is shown by, in order: its choice, kept as data. */
export const headline = pgTable(
  'headline',
  {
    id: id(),
    neighbourhoodId: uuid('neighbourhood_id')
      .notNull()
      .references(() => neighbourhood.id),
    position: integer('position').notNull(),
    indicatorId: uuid('indicator_id')
      .notNull()
      .references(() => indicator.id),
    ...stamps(),
  },
  (t) => [
    // That no indicator is shown twice is judged at commit, so that two may change places (migration).
    unique('headline_position').on(t.neighbourhoodId, t.position),
    check('headline_five', sql`${t.position} between 1 and 5`),
    index('headline_indicator').on(t.indicatorId),
    ...register('headline', may('public'), sql`(${may('statistics')} or ${may('team')})`),
  ],
)
