import { eq, type SQL, sql } from 'drizzle-orm'
import { integer, numeric, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { neighbourhoodEntity } from '../neighbourhood/read.ts'
import type { neighbourhood } from '../neighbourhood/table.ts'
import { type Entity, entity, leaf, many, one } from '../read/model.ts'
import { indicatorEntity, indicatorVersionEntity } from './read.ts'
import type { indicator, indicatorVersion } from './table.ts'

const neighbourhoodFigure = pgTable('neighbourhood_figure', {
  id: uuid('id'),
  neighbourhoodId: uuid('neighbourhood_id'),
  indicatorId: uuid('indicator_id'),
  indicatorCode: text('indicator_code'),
  indicatorVersionId: uuid('indicator_version_id'),
  period: text('period'),
  value: numeric('value'),
  status: text('status'),
  basis: text('basis'),
  partCount: integer('part_count'),
})
type Figure = typeof neighbourhoodFigure

/** What a figure stands on. */
export const figureBasis = ['PUBLISHED', 'SUM', 'NOT_AGGREGATABLE', 'ROUNDED_PARTS'] as const

const linkedToday = (link: string): SQL =>
  sql.raw(`${link}.starts_on <= (select today()) and (${link}.ends_on is null or ${link}.ends_on > (select today()))`)

/** The regions that a neighbourhood is made of today, but for those within another of them: the codes of CBS nest. */
const parts = sql`(
  select l.neighbourhood_id, l.region_id, count(*) over (partition by l.neighbourhood_id)::int as part_count
  from neighbourhood_region l join region r on r.id = l.region_id
  where ${linkedToday('l')} and not exists (select from neighbourhood_region x join region y on y.id = x.region_id
    where x.neighbourhood_id = l.neighbourhood_id and ${linkedToday('x')} and length(y.code) < length(r.code) and starts_with(substr(r.code, 3), substr(y.code, 3))))`

/**
 * What is known of a neighbourhood as a whole, by definition and year, of what its regions are told to be. A published figure of the whole stands as it
 * is, be it withheld or missing. Else counts add up, where each part is told and none of them was rounded; an average or a ratio never does.
 * As of a moment, the tables named here stand for what they were known to hold.
 * Its observations are read one series at a time, by their index, also of what is made of their revisions as of a moment.
 */
export const figures = sql`(
  select md5(concat_ws('/', f.neighbourhood_id, f.indicator_version_id, f.period))::uuid as id, f.neighbourhood_id, f.slug, f.indicator_id, f.indicator_code,
    f.indicator_version_id, f.period, f.basis, f.part_count,
    case when f.basis = 'PUBLISHED' or (f.basis = 'SUM' and f.told = f.part_count) then f.total end as value,
    case f.basis when 'PUBLISHED' then f.published_status when 'SUM' then
      case when f.withheld then 'SUPPRESSED' when f.told < f.part_count then 'MISSING' when f.estimated then 'ESTIMATED'
        when f.provisional then 'PROVISIONAL' else 'NORMAL' end
      else 'NOT_APPLICABLE' end as status
  from (
    select p.neighbourhood_id, n.slug, s.indicator_id, i.code as indicator_code, s.indicator_version_id, o.period, p.part_count,
      case when p.part_count = 1 then 'PUBLISHED' when i.aggregation <> 'SUM' then 'NOT_AGGREGATABLE' when i.rounded_to is not null then 'ROUNDED_PARTS'
        else 'SUM' end as basis,
      max(o.status::text) as published_status, sum(o.value) as total, count(o.value) as told, bool_or(o.status = 'SUPPRESSED') as withheld,
      bool_or(o.status in ('ESTIMATED', 'LOW_RELIABILITY')) as estimated, bool_or(o.status = 'PROVISIONAL') as provisional
    from ${parts} p join neighbourhood n on n.id = p.neighbourhood_id join series s on s.region_id = p.region_id join indicator i on i.id = s.indicator_id,
      lateral (select o.period, o.value, o.status from observation o where o.series_id = s.id offset 0) o
    group by p.neighbourhood_id, n.slug, p.part_count, s.indicator_id, i.code, s.indicator_version_id, i.aggregation, i.rounded_to, o.period) f)`

export const neighbourhoodFigureEntity: Entity = entity<Figure>({
  name: 'NeighbourhoodFigure',
  table: neighbourhoodFigure,
  node: false,
  from: figures,
  fields: {
    indicator: one<Figure, typeof indicator>({ to: () => indicatorEntity, on: (f, i) => eq(i.id, f.indicatorId) }),
    indicatorVersion: one<Figure, typeof indicatorVersion>({
      to: () => indicatorVersionEntity,
      on: (f, v) => eq(v.id, f.indicatorVersionId),
    }),
    period: leaf('text', (f) => f.period),
    value: leaf('decimal', (f) => f.value),
    status: leaf('text', (f) => f.status),
    basis: leaf('text', (f) => f.basis),
    partCount: leaf('int', (f) => f.partCount),
  },
})

neighbourhoodEntity.fields.figures = many<typeof neighbourhood, Figure>({
  to: () => neighbourhoodFigureEntity,
  as: 'list',
  on: (t, f, args) =>
    sql`${f.neighbourhoodId} = ${t.id}${args.has('indicators') ? sql` and ${f.indicatorCode} = any(${args.value('indicators', 'text[]')})` : sql``}${
      args.has('periods') ? sql` and ${f.period} = any(${args.value('periods', 'text[]')})` : sql``
    }`,
  order: [
    { sql: (f) => f.indicatorCode, type: 'text' },
    { sql: (f) => f.period, type: 'text' },
  ],
})
