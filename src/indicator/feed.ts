import { sql } from 'drizzle-orm'
import type { Feed } from '../read/feed.ts'
import { figureBasis, figures } from './neighbourhood-figure.ts'
import { breaks } from './read.ts'
import { aggregation, measure, obsStatus } from './table.ts'

/** The figures as they stand now: the latest revision of each. */
export const observations: Feed = {
  set: 'Observations',
  type: 'Observation',
  description: 'Figures by indicator, region and period, by their latest revision. Name the publisher when you use them',
  key: 'Id',
  recorded: 'RecordedAt',
  from: sql.raw(`observation v
    join series s on s.id = v.series_id
    join indicator i on i.id = s.indicator_id
    join region r on r.id = s.region_id
    join region_version w on w.id = v.region_version_id
    join data_source d on d.id = v.data_source_id
    left join indicator_version n on n.id = s.indicator_version_id
    left join region_conversion k on k.id = v.conversion_id`),
  properties: {
    Id: { type: 'Edm.Guid', nullable: false, description: 'Stable key', sql: sql.raw('v.id') },
    IndicatorId: { type: 'Edm.Guid', nullable: false, description: 'Indicators.Id', sql: sql.raw('s.indicator_id') },
    IndicatorCode: { type: 'Edm.String', nullable: false, description: 'Indicators.Code', sql: sql.raw('i.code') },
    IndicatorVersion: {
      type: 'Edm.Int32',
      nullable: false,
      description: 'The definition that the figure is by: 1, 2, …',
      sql: sql.raw('n.number'),
    },
    RegionId: { type: 'Edm.Guid', nullable: false, description: 'Regions.Id', sql: sql.raw('s.region_id') },
    RegionCode: { type: 'Edm.String', nullable: false, description: 'CBS code, trimmed', sql: sql.raw('r.code') },
    RegionVersionId: { type: 'Edm.Guid', nullable: false, description: 'RegionVersions.Id', sql: sql.raw('v.region_version_id') },
    RegionYear: { type: 'Edm.Int32', nullable: false, description: 'The year of the boundaries', sql: sql.raw('w.year') },
    RegionYearCode: {
      type: 'Edm.String',
      nullable: false,
      description: 'CBS code in the year of the boundaries: of a region that was recoded since, the old one',
      sql: sql.raw('w.code'),
    },
    Period: { type: 'Edm.String', nullable: false, description: 'The year, ISO 8601', sql: sql.raw('v.period') },
    Value: { type: 'Edm.Decimal', nullable: true, description: 'Null is explained by Status; 0 is a value', sql: sql.raw('v.value') },
    Status: {
      type: 'Edm.String',
      nullable: false,
      description: 'SDMX observation status',
      values: obsStatus.enumValues,
      sql: sql.raw('v.status::text'),
    },
    SeriesBreak: {
      type: 'Edm.Boolean',
      nullable: false,
      description: 'The first figure since the region was redrawn: those before do not compare with it',
      sql: breaks({
        series: sql.raw('v.series_id'),
        region: sql.raw('s.region_id'),
        period: sql.raw('v.period'),
        regionVersion: sql.raw('v.region_version_id'),
        value: sql.raw('v.value'),
      }),
    },
    ConversionMethod: {
      type: 'Edm.String',
      nullable: true,
      description: 'How it was converted to these boundaries, where it was measured in others; Status is ESTIMATED then',
      sql: sql.raw(`k.method ->> (k.method ->> 'source')`),
    },
    Revision: { type: 'Edm.Int32', nullable: false, description: '1 for the first value', sql: sql.raw('v.revision') },
    RecordedAt: {
      type: 'Edm.DateTimeOffset',
      nullable: false,
      description: 'When this revision was recorded',
      sql: sql.raw('v.recorded_at'),
    },
    SourceCode: { type: 'Edm.String', nullable: false, description: 'The table it comes from', sql: sql.raw('d.code') },
    Publisher: { type: 'Edm.String', nullable: false, description: 'To be named when the figure is used', sql: sql.raw('d.publisher') },
    Licence: { type: 'Edm.String', nullable: false, description: 'Under which terms it may be used', sql: sql.raw('d.licence') },
  },
}

/** The figures of neighbourhoods as a whole, as GraphQL tells them. */
export const neighbourhoodFigures: Feed = {
  set: 'NeighbourhoodFigures',
  type: 'NeighbourhoodFigure',
  description:
    'Figures of neighbourhoods as a whole, published or made of those of their regions. They change with each of these and with what is linked, so no RecordedAt tells what is new: load the set whole',
  key: 'Id',
  from: sql`${figures} f
    left join indicator_version v on v.id = f.indicator_version_id`,
  stepwise: true,
  properties: {
    Id: { type: 'Edm.Guid', nullable: false, description: 'Stable key', sql: sql.raw('f.id') },
    NeighbourhoodId: { type: 'Edm.Guid', nullable: false, description: 'Neighbourhoods.Id', sql: sql.raw('f.neighbourhood_id') },
    Neighbourhood: { type: 'Edm.String', nullable: false, description: 'Neighbourhoods.Slug', sql: sql.raw('f.slug') },
    IndicatorId: { type: 'Edm.Guid', nullable: false, description: 'Indicators.Id', sql: sql.raw('f.indicator_id') },
    IndicatorCode: { type: 'Edm.String', nullable: false, description: 'Indicators.Code', sql: sql.raw('f.indicator_code') },
    IndicatorVersion: {
      type: 'Edm.Int32',
      nullable: false,
      description: 'The definition that the figure is by: 1, 2, …',
      sql: sql.raw('v.number'),
    },
    Period: { type: 'Edm.String', nullable: false, description: 'The year, ISO 8601', sql: sql.raw('f.period') },
    Value: {
      type: 'Edm.Decimal',
      nullable: true,
      description: 'Null is explained by Status or Basis; 0 is a value',
      sql: sql.raw('f.value'),
    },
    Status: {
      type: 'Edm.String',
      nullable: false,
      description: 'SDMX observation status; of a sum that of the least of its parts',
      values: obsStatus.enumValues,
      sql: sql.raw('f.status'),
    },
    Basis: {
      type: 'Edm.String',
      nullable: false,
      description: 'A published figure, a sum of parts, or why there is none: averages never add up, nor do parts that were rounded',
      values: figureBasis,
      sql: sql.raw('f.basis'),
    },
    PartCount: {
      type: 'Edm.Int32',
      nullable: false,
      description: 'Of how many regions the neighbourhood is made today, not counting those within another of them',
      sql: sql.raw('f.part_count'),
    },
  },
}

export const indicators: Feed = {
  set: 'Indicators',
  type: 'Indicator',
  description: 'What is measured',
  key: 'Id',
  from: sql.raw('indicator i left join pillar p on p.id = i.pillar_id'),
  properties: {
    Id: { type: 'Edm.Guid', nullable: false, description: 'Stable key', sql: sql.raw('i.id') },
    Code: { type: 'Edm.String', nullable: false, description: 'Readable key', sql: sql.raw('i.code') },
    Name: {
      type: 'Edm.String',
      nullable: false,
      description: 'Name in its source language',
      sql: sql.raw(`i.name ->> (i.name ->> 'source')`),
    },
    Unit: { type: 'Edm.String', nullable: false, description: 'Unit of its values', sql: sql.raw(`i.unit ->> (i.unit ->> 'source')`) },
    Measure: {
      type: 'Edm.String',
      nullable: false,
      description: 'IATI indicator measure',
      values: measure.enumValues,
      sql: sql.raw('i.measure::text'),
    },
    Ascending: { type: 'Edm.Boolean', nullable: true, description: 'More is better', sql: sql.raw('i.ascending') },
    Aggregation: {
      type: 'Edm.String',
      nullable: false,
      description: 'How parts make the whole',
      values: aggregation.enumValues,
      sql: sql.raw('i.aggregation::text'),
    },
    Decimals: { type: 'Edm.Int32', nullable: false, description: 'Digits after the point', sql: sql.raw('i.decimals') },
    PillarId: { type: 'Edm.Guid', nullable: true, description: 'Pillars.Id', sql: sql.raw('i.pillar_id') },
    Pillar: { type: 'Edm.String', nullable: true, description: 'Code of the pillar', sql: sql.raw('p.code') },
  },
}

/** The calendar years of which there is a figure: the dates of a report. */
export const periods: Feed = {
  set: 'Periods',
  type: 'Period',
  description: 'Calendar years of which there is a figure',
  key: 'Period',
  from: sql.raw('(select distinct v.period from observation v) y'),
  properties: {
    Period: { type: 'Edm.String', nullable: false, description: 'The year, ISO 8601', sql: sql.raw('y.period') },
    Year: { type: 'Edm.Int32', nullable: false, description: 'The year', sql: sql.raw('y.period::int') },
    StartsOn: { type: 'Edm.Date', nullable: false, description: 'First day', sql: sql.raw('make_date(y.period::int, 1, 1)') },
    EndsOn: { type: 'Edm.Date', nullable: false, description: 'Last day', sql: sql.raw('make_date(y.period::int, 12, 31)') },
  },
}

export const targets: Feed = {
  set: 'Targets',
  type: 'Target',
  description: 'What figures should become. A target is for the definition it was set for: a later one does not move it',
  key: 'Id',
  from: sql.raw(`target g
    join series s on s.id = g.series_id
    join indicator i on i.id = s.indicator_id
    join indicator_version n on n.id = g.indicator_version_id
    join region r on r.id = s.region_id`),
  properties: {
    Id: { type: 'Edm.Guid', nullable: false, description: 'Stable key', sql: sql.raw('g.id') },
    IndicatorId: { type: 'Edm.Guid', nullable: false, description: 'Indicators.Id', sql: sql.raw('s.indicator_id') },
    IndicatorCode: { type: 'Edm.String', nullable: false, description: 'Indicators.Code', sql: sql.raw('i.code') },
    IndicatorVersion: {
      type: 'Edm.Int32',
      nullable: false,
      description: 'The definition that it was set for: 1, 2, …',
      sql: sql.raw('n.number'),
    },
    RegionId: { type: 'Edm.Guid', nullable: false, description: 'Regions.Id', sql: sql.raw('s.region_id') },
    RegionCode: { type: 'Edm.String', nullable: false, description: 'CBS code, trimmed', sql: sql.raw('r.code') },
    Period: { type: 'Edm.String', nullable: false, description: 'The year, ISO 8601', sql: sql.raw('g.period') },
    Value: { type: 'Edm.Decimal', nullable: false, description: 'The value aimed at', sql: sql.raw('g.value') },
    Example: {
      type: 'Edm.Boolean',
      nullable: false,
      description: 'Shows how the register works; set by nobody',
      sql: sql.raw('g.example'),
    },
  },
}
