import { sql } from 'drizzle-orm'
import type { Feed } from '../read/feed.ts'
import { regionChange, regionType } from './table.ts'

export const neighbourhoods: Feed = {
  set: 'Neighbourhoods',
  type: 'Neighbourhood',
  description: 'Neighbourhoods as residents know them',
  key: 'Id',
  from: sql.raw('neighbourhood n'),
  properties: {
    Id: { type: 'Edm.Guid', nullable: false, description: 'Stable key', sql: sql.raw('n.id') },
    Slug: { type: 'Edm.String', nullable: false, description: 'Readable key', sql: sql.raw('n.slug') },
    Name: { type: 'Edm.String', nullable: false, description: 'Its name', sql: sql.raw('n.name') },
  },
}

export const regions: Feed = {
  set: 'Regions',
  type: 'Region',
  description: 'Statistical regions of CBS',
  key: 'Id',
  from: sql.raw(`region r
    left join neighbourhood_region l on l.region_id = r.id and l.main and l.starts_on <= today() and (l.ends_on is null or l.ends_on > today())
    left join neighbourhood n on n.id = l.neighbourhood_id`),
  properties: {
    Id: { type: 'Edm.Guid', nullable: false, description: 'Stable key', sql: sql.raw('r.id') },
    Code: { type: 'Edm.String', nullable: false, description: 'CBS code, trimmed', sql: sql.raw('r.code') },
    Type: {
      type: 'Edm.String',
      nullable: false,
      description: 'NL, GM, WK or BU',
      values: regionType.enumValues,
      sql: sql.raw('r.type::text'),
    },
    Name: { type: 'Edm.String', nullable: false, description: 'Latest name', sql: sql.raw('r.name') },
    Neighbourhood: {
      type: 'Edm.String',
      nullable: true,
      description: 'Slug of the neighbourhood of which it is the main region',
      sql: sql.raw('n.slug'),
    },
  },
}

export const regionVersions: Feed = {
  set: 'RegionVersions',
  type: 'RegionVersion',
  description: 'Regions as they were drawn in a year',
  key: 'Id',
  from: sql.raw('region_version w join region r on r.id = w.region_id'),
  properties: {
    Id: { type: 'Edm.Guid', nullable: false, description: 'Stable key', sql: sql.raw('w.id') },
    RegionId: { type: 'Edm.Guid', nullable: false, description: 'Regions.Id', sql: sql.raw('w.region_id') },
    RegionCode: { type: 'Edm.String', nullable: false, description: 'Regions.Code', sql: sql.raw('r.code') },
    Year: { type: 'Edm.Int32', nullable: false, description: 'The year of the boundaries', sql: sql.raw('w.year') },
    Name: { type: 'Edm.String', nullable: false, description: 'Name in that year', sql: sql.raw('w.name') },
    Change: {
      type: 'Edm.String',
      nullable: true,
      description: 'How it differs from the year before',
      values: regionChange.enumValues,
      sql: sql.raw('w.change::text'),
    },
  },
}
