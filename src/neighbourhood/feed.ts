import { sql } from 'drizzle-orm'
import type { Feed } from '../read/feed.ts'

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
    Type: { type: 'Edm.String', nullable: false, description: 'NL, GM, WK or BU', sql: sql.raw('r.type::text') },
    Name: { type: 'Edm.String', nullable: false, description: 'Latest name', sql: sql.raw('r.name') },
    Neighbourhood: {
      type: 'Edm.String',
      nullable: true,
      description: 'Slug of the neighbourhood of which it is the main region',
      sql: sql.raw('n.slug'),
    },
  },
}
