import { and, eq, type SQL, sql } from 'drizzle-orm'
import { type Entity, entity, leaf, one, root } from '../read/model.ts'
import { allianceMembership, organisation, principal } from './table.ts'

type Organisation = typeof organisation
type Membership = typeof allianceMembership
type Principal = typeof principal

/** A membership that holds on a day. */
export const memberOn = (membership: Membership, day: SQL): SQL =>
  sql`${membership.startsOn} <= ${day} and (${membership.endsOn} is null or ${membership.endsOn} > ${day})`

const today = sql`(select today())`

export const organisationEntity: Entity = entity<typeof organisation>({
  name: 'Organisation',
  table: organisation,
  fields: {
    id: leaf('id', (t) => t.id),
    slug: leaf('text', (t) => t.slug),
    name: leaf('text', (t) => t.name),
    kind: leaf('text', (t) => t.kind),
    membership: one<Organisation, Membership>({
      to: () => membershipEntity,
      on: (t, m) => and(eq(m.organisationId, t.id), memberOn(m, today)) as SQL,
    }),
  },
})

export const membershipEntity: Entity = entity<typeof allianceMembership>({
  name: 'AllianceMembership',
  table: allianceMembership,
  fields: {
    id: leaf('id', (t) => t.id),
    type: leaf('text', (t) => t.type),
    startsOn: leaf('date', (t) => t.startsOn),
    endsOn: leaf('date', (t) => t.endsOn),
    reason: leaf('text', (t) => t.reason),
    version: leaf('int', (t) => t.version),
    organisation: one<Membership, Organisation>({ to: () => organisationEntity, on: (t, o) => eq(o.id, t.organisationId) }),
  },
})

export const viewerEntity: Entity = entity<typeof principal>({
  name: 'Viewer',
  table: principal,
  node: false,
  fields: {
    id: leaf('id', (t) => t.id),
    label: leaf('text', (t) => t.label),
    organisation: one<Principal, Organisation>({ to: () => organisationEntity, on: (t, o) => eq(o.id, t.organisationId) }),
    roles: leaf(
      'json',
      (t) => sql`to_json(array(select distinct g.role from role_grant g
        where g.principal_id = ${t.id} and g.starts_on <= today() and (g.ends_on is null or g.ends_on > today()) order by g.role))`,
    ),
  },
})

export const organisationEntities = [organisationEntity, membershipEntity, viewerEntity]

export const organisationRoots = {
  viewer: root<Principal>({ to: () => viewerEntity, as: 'one', on: (t) => sql`${t.id} = (select caller_principal())` }),
  organisations: root<Organisation>({
    to: () => organisationEntity,
    as: 'connection',
    on: () => sql`true`,
    order: [{ sql: (t) => t.name, type: 'text' }],
    filters: { slug: (t, test) => test(t.slug, 'text') },
  }),
}
