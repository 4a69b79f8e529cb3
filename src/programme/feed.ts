import { sql } from 'drizzle-orm'
import type { Feed } from '../read/feed.ts'

export const pillars: Feed = {
  set: 'Pillars',
  type: 'Pillar',
  description: 'The aims that the programme rests on',
  key: 'Id',
  from: sql.raw('pillar p'),
  properties: {
    Id: { type: 'Edm.Guid', nullable: false, description: 'Stable key', sql: sql.raw('p.id') },
    Code: { type: 'Edm.String', nullable: false, description: 'Readable key', sql: sql.raw('p.code') },
    Name: {
      type: 'Edm.String',
      nullable: false,
      description: 'Name in its source language',
      sql: sql.raw(`p.name ->> (p.name ->> 'source')`),
    },
    Position: { type: 'Edm.Int32', nullable: false, description: 'In the order in which they are told', sql: sql.raw('p.position') },
  },
}

export const sdgGoals: Feed = {
  set: 'SdgGoals',
  type: 'SdgGoal',
  description: 'Sustainable development goals of the United Nations',
  key: 'Id',
  from: sql.raw('sdg_goal g'),
  properties: {
    Id: { type: 'Edm.Guid', nullable: false, description: 'Stable key', sql: sql.raw('g.id') },
    Number: { type: 'Edm.Int32', nullable: false, description: '1 to 17', sql: sql.raw('g.number') },
    Name: {
      type: 'Edm.String',
      nullable: false,
      description: 'Name in its source language',
      sql: sql.raw(`g.name ->> (g.name ->> 'source')`),
    },
  },
}
