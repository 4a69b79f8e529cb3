import { eq, type SQL, sql } from 'drizzle-orm'
import { neighbourhoodEntity, regionConversionEntity, regionEntity, regionVersionEntity } from '../neighbourhood/read.ts'
import { type neighbourhood, region, type regionConversion, type regionVersion } from '../neighbourhood/table.ts'
import { pillarEntity } from '../programme/read.ts'
import type { pillar } from '../programme/table.ts'
import { type Entity, entity, leaf, localised, many, one, root } from '../read/model.ts'
import { baseline, dataSource, headline, indicator, indicatorVersion, observation, observationRevision, series, target } from './table.ts'

type Indicator = typeof indicator
type Series = typeof series
type Observation = typeof observation
type Definition = typeof indicatorVersion

export const indicatorEntity: Entity = entity<typeof indicator>({
  name: 'Indicator',
  table: indicator,
  fields: {
    id: leaf('id', (t) => t.id),
    code: leaf('text', (t) => t.code),
    name: localised((t) => t.name),
    definition: localised((t) => t.definition),
    unit: localised((t) => t.unit),
    measure: leaf('text', (t) => t.measure),
    ascending: leaf('boolean', (t) => t.ascending),
    aggregation: leaf('text', (t) => t.aggregation),
    decimals: leaf('int', (t) => t.decimals),
    disclosureThreshold: leaf('int', (t) => t.disclosureThreshold),
    numerator: one<Indicator, Indicator>({ to: () => indicatorEntity, on: (t, n) => eq(n.id, t.numeratorId) }),
    roundedTo: leaf('int', (t) => t.roundedTo),
    pillar: one<Indicator, typeof pillar>({ to: () => pillarEntity, on: (t, p) => eq(p.id, t.pillarId) }),
    series: many<Indicator, Series, typeof region>({
      to: () => seriesEntity,
      as: 'list',
      through: {
        table: region,
        on: (_t, r, args) => (args.has('regions') ? sql`${r.code} = any(${args.value('regions', 'text[]')})` : sql`true`),
      },
      on: (t, s, args, r) => {
        const inPeriods = args.has('periods')
          ? sql` and exists (select from observation o where o.series_id = ${s.id} and o.period = any(${args.value('periods', 'text[]')}))`
          : sql``
        return sql`${s.indicatorId} = ${t.id} and ${s.regionId} = ${r.id}${inPeriods}`
      },
      order: [{ sql: (_s, r) => r.code, type: 'text' }],
    }),
  },
})

export const indicatorVersionEntity: Entity = entity<Definition>({
  name: 'IndicatorVersion',
  table: indicatorVersion,
  fields: { id: leaf('id', (t) => t.id), number: leaf('int', (t) => t.number), startsOn: leaf('date', (t) => t.startsOn) },
})

export const seriesEntity: Entity = entity<typeof series>({
  name: 'Series',
  table: series,
  fields: {
    id: leaf('id', (t) => t.id),
    indicator: one<Series, Indicator>({ to: () => indicatorEntity, on: (t, i) => eq(i.id, t.indicatorId) }),
    indicatorVersion: one<Series, Definition>({ to: () => indicatorVersionEntity, on: (t, v) => eq(v.id, t.indicatorVersionId) }),
    region: one<Series, typeof region>({ to: () => regionEntity, on: (t, r) => eq(r.id, t.regionId) }),
    observations: many<Series, Observation>({
      to: () => observationEntity,
      as: 'list',
      on: (t, o, args) =>
        args.has('periods') ? sql`${o.seriesId} = ${t.id} and ${o.period} = any(${args.value('periods', 'text[]')})` : eq(o.seriesId, t.id),
      order: [{ sql: (o) => o.period, type: 'text', unique: true }],
    }),
    targets: many<Series, typeof target>({
      to: () => targetEntity,
      as: 'list',
      on: (t, g) => eq(g.seriesId, t.id),
      order: [{ sql: (g) => g.period, type: 'text', unique: true }],
    }),
    baseline: one<Series, typeof baseline>({ to: () => baselineEntity, on: (t, b) => eq(b.seriesId, t.id) }),
    // What a policy withholds no read finds; its year alone is told.
    baselineStatus: leaf(
      'text',
      (t) => sql`(select o.status from observation o where o.series_id = ${t.id}
        and o.period = coalesce((select b.period from baseline b where b.series_id = ${t.id}), baseline_period(${t.id})))`,
    ),
  },
})

/**
 * Whether a figure is the first one since its region was redrawn, so that the one before does not compare with it. A converted figure is by the
 * boundaries that it was converted to. Most regions were never redrawn, which is asked first.
 */
export const breaks = (o: { series: SQL; region: SQL; period: SQL; regionVersion: SQL; value: SQL }): SQL =>
  sql`(case when ${o.value} is not null and exists (select from region_version d where d.region_id = ${o.region} and d.change = 'REDRAWN') then
    exists (select from region_version d join region_version w on w.id = ${o.regionVersion}
      join region_version b on b.id = (select p.region_version_id from observation p
        where p.series_id = ${o.series} and p.period < ${o.period} and p.value is not null order by p.period desc limit 1)
      where d.region_id = ${o.region} and d.change = 'REDRAWN' and d.year > least(b.year, w.year) and d.year <= greatest(b.year, w.year))
    else false end)`

export const observationEntity: Entity = entity<typeof observation>({
  name: 'Observation',
  table: observation,
  fields: {
    id: leaf('id', (t) => t.id),
    period: leaf('text', (t) => t.period),
    value: leaf('decimal', (t) => t.value),
    status: leaf('text', (t) => t.status),
    seriesBreak: leaf('boolean', (t) =>
      breaks({
        series: sql`${t.seriesId}`,
        region: sql`(select s.region_id from series s where s.id = ${t.seriesId})`,
        period: sql`${t.period}`,
        regionVersion: sql`${t.regionVersionId}`,
        value: sql`${t.value}`,
      }),
    ),
    revision: leaf('int', (t) => t.revision),
    recordedAt: leaf('datetime', (t) => t.recordedAt),
    source: one<Observation, typeof dataSource>({ to: () => dataSourceEntity, on: (t, d) => eq(d.id, t.dataSourceId) }),
    regionVersion: one<Observation, typeof regionVersion>({ to: () => regionVersionEntity, on: (t, v) => eq(v.id, t.regionVersionId) }),
    confidentialValue: leaf(
      'decimal',
      (t) => sql`(select c.value from confidential_value c where c.observation_id = ${t.id} and c.revision = ${t.revision})`,
    ),
    conversion: one<Observation, typeof regionConversion>({ to: () => regionConversionEntity, on: (t, c) => eq(c.id, t.conversionId) }),
    revisions: many<Observation, typeof observationRevision>({
      to: () => observationRevisionEntity,
      as: 'list',
      on: (t, r) => eq(r.observationId, t.id),
      order: [{ sql: (r) => r.revision, type: 'int', unique: true }],
    }),
    restrictedFields: leaf('json', () => sql`(select case when caller_may('statistics') then '[]' else '["confidentialValue"]' end)`),
  },
})

export const observationRevisionEntity: Entity = entity<typeof observationRevision>({
  name: 'ObservationRevision',
  table: observationRevision,
  fields: {
    id: leaf('id', (t) => t.id),
    revision: leaf('int', (t) => t.revision),
    value: leaf('decimal', (t) => t.value),
    status: leaf('text', (t) => t.status),
    recordedAt: leaf('datetime', (t) => t.recordedAt),
    regionVersion: one<typeof observationRevision, typeof regionVersion>({
      to: () => regionVersionEntity,
      on: (t, v) => eq(v.id, t.regionVersionId),
    }),
    conversion: one<typeof observationRevision, typeof regionConversion>({
      to: () => regionConversionEntity,
      on: (t, c) => eq(c.id, t.conversionId),
    }),
  },
})

export const targetEntity: Entity = entity<typeof target>({
  name: 'Target',
  table: target,
  fields: {
    id: leaf('id', (t) => t.id),
    indicatorVersion: one<typeof target, Definition>({ to: () => indicatorVersionEntity, on: (t, v) => eq(v.id, t.indicatorVersionId) }),
    region: one<typeof target, typeof region, Series>({
      to: () => regionEntity,
      through: { table: series, on: (t, s) => eq(s.id, t.seriesId) },
      on: (_t, r, _args, s) => eq(r.id, s.regionId),
    }),
    period: leaf('text', (t) => t.period),
    value: leaf('decimal', (t) => t.value),
    example: leaf('boolean', (t) => t.example),
  },
})

export const baselineEntity: Entity = entity<typeof baseline>({
  name: 'Baseline',
  table: baseline,
  fields: { id: leaf('id', (t) => t.id), period: leaf('text', (t) => t.period), value: leaf('decimal', (t) => t.value) },
})

export const dataSourceEntity: Entity = entity<typeof dataSource>({
  name: 'DataSource',
  table: dataSource,
  fields: {
    id: leaf('id', (t) => t.id),
    code: leaf('text', (t) => t.code),
    publisher: leaf('text', (t) => t.publisher),
    title: leaf('text', (t) => t.title),
    licence: leaf('text', (t) => t.licence),
  },
})

type Headline = typeof headline

/** The series of a headline: of the main region today, by the latest definition. */
const seriesOf = (t: Headline): SQL =>
  sql`(select s.id from neighbourhood_region l join series s on s.region_id = l.region_id and s.indicator_id = ${t.indicatorId}
    join indicator_version v on v.id = s.indicator_version_id
    where l.neighbourhood_id = ${t.neighbourhoodId} and l.main and l.starts_on <= (select today()) and (l.ends_on is null or l.ends_on > (select today()))
    order by v.number desc limit 1)`

export const headlineEntity: Entity = entity<Headline>({
  name: 'Headline',
  table: headline,
  fields: {
    id: leaf('id', (t) => t.id),
    position: leaf('int', (t) => t.position),
    indicator: one<Headline, Indicator>({ to: () => indicatorEntity, on: (t, i) => eq(i.id, t.indicatorId) }),
    series: one<Headline, Series>({ to: () => seriesEntity, on: (t, s) => sql`${s.id} = ${seriesOf(t)}` }),
    baseline: one<Headline, typeof baseline>({ to: () => baselineEntity, on: (t, b) => sql`${b.seriesId} = ${seriesOf(t)}` }),
    // The nearest that is still to be reached, else the last one.
    target: one<Headline, typeof target>({
      to: () => targetEntity,
      on: (t, g) =>
        sql`${g.id} = (select n.id from target n where n.series_id = ${seriesOf(t)}
          order by n.period < extract(year from (select today()))::text, case when n.period >= extract(year from (select today()))::text then n.period end, n.period desc limit 1)`,
    }),
    actual: one<Headline, Observation>({
      to: () => observationEntity,
      on: (t, o) => sql`${o.id} = (select n.id from observation n where n.series_id = ${seriesOf(t)} order by n.period desc limit 1)`,
    }),
  },
})

neighbourhoodEntity.fields.headlines = many<typeof neighbourhood, Headline>({
  to: () => headlineEntity,
  as: 'list',
  on: (t, h) => eq(h.neighbourhoodId, t.id),
  order: [{ sql: (h) => h.position, type: 'int' }],
})

export const indicatorEntities = [
  indicatorEntity,
  indicatorVersionEntity,
  seriesEntity,
  observationEntity,
  observationRevisionEntity,
  targetEntity,
  baselineEntity,
  dataSourceEntity,
  headlineEntity,
]

export const indicatorRoots = {
  indicator: root<Indicator>({ to: () => indicatorEntity, as: 'one', on: (t, args) => sql`${t.code} = ${args.value('code', 'text')}` }),
  indicators: root<Indicator>({
    to: () => indicatorEntity,
    as: 'connection',
    on: () => sql`true`,
    order: [{ sql: (t) => t.code, type: 'text' }],
    filters: {
      code: (t, test) => test(t.code, 'text'),
      pillar: (t, test) => sql`exists (select from pillar p where p.id = ${t.pillarId} and ${test(sql`p.code`, 'text')})`,
    },
  }),
}
