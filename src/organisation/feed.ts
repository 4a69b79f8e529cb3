import { sql } from 'drizzle-orm'
import type { Feed } from '../read/feed.ts'
import { organisationKind } from './table.ts'

export const organisations: Feed = {
  set: 'Organisations',
  type: 'Organisation',
  description: 'Who works in the neighbourhoods',
  key: 'Id',
  from: sql.raw('organisation o'),
  properties: {
    Id: { type: 'Edm.Guid', nullable: false, description: 'Stable key', sql: sql.raw('o.id') },
    Slug: { type: 'Edm.String', nullable: false, description: 'Readable key', sql: sql.raw('o.slug') },
    Name: { type: 'Edm.String', nullable: false, description: 'Name', sql: sql.raw('o.name') },
    Kind: {
      type: 'Edm.String',
      nullable: false,
      description: 'What it is',
      values: organisationKind.enumValues,
      sql: sql.raw('o.kind::text'),
    },
  },
}
