import { eq, type SQL, sql } from 'drizzle-orm'
import { type Args, type Entity, entity, leaf, localised, many, one, root } from '../read/model.ts'
import { enrolment, neighbourhood, neighbourhoodRegion, region, regionConversion, regionVersion } from './table.ts'

type Neighbourhood = typeof neighbourhood
type Region = typeof region

const today = sql`(select today())`
/** The day asked about; today where none is. */
export const dayOf = (args: Args): SQL => (args.has('on') ? args.value('on', 'date') : today)
const linkedOn = (t: Neighbourhood, link: typeof neighbourhoodRegion, day: SQL): SQL =>
  sql`${link.neighbourhoodId} = ${t.id} and ${link.startsOn} <= ${day} and (${link.endsOn} is null or ${link.endsOn} > ${day})`

export const neighbourhoodEntity: Entity = entity<typeof neighbourhood>({
  name: 'Neighbourhood',
  table: neighbourhood,
  fields: {
    id: leaf('id', (t) => t.id),
    slug: leaf('text', (t) => t.slug),
    name: leaf('text', (t) => t.name),
    region: one<Neighbourhood, Region, typeof neighbourhoodRegion>({
      to: () => regionEntity,
      through: { table: neighbourhoodRegion, on: (t, link, args) => sql`${link.main} and ${linkedOn(t, link, dayOf(args))}` },
      on: (_t, r, _args, link) => eq(r.id, link.regionId),
    }),
    regions: many<Neighbourhood, Region, typeof neighbourhoodRegion>({
      to: () => regionEntity,
      as: 'list',
      through: { table: neighbourhoodRegion, on: (t, link, args) => linkedOn(t, link, dayOf(args)) },
      on: (_t, r, _args, link) => eq(r.id, link.regionId),
      order: [{ sql: (r) => r.code, type: 'text' }],
      shared: true,
    }),
    enrolment: one<Neighbourhood, typeof enrolment>({
      to: () => enrolmentEntity,
      on: (t, e) => sql`${e.neighbourhoodId} = ${t.id} and ${e.startsOn} <= ${today} and (${e.endsOn} is null or ${e.endsOn} > ${today})`,
    }),
  },
})

export const enrolmentEntity: Entity = entity<typeof enrolment>({
  name: 'Enrolment',
  table: enrolment,
  fields: {
    id: leaf('id', (t) => t.id),
    startsOn: leaf('date', (t) => t.startsOn),
    endsOn: leaf('date', (t) => t.endsOn),
    evidence: localised((t) => t.evidence),
  },
})

export const regionEntity: Entity = entity<typeof region>({
  name: 'Region',
  table: region,
  fields: {
    id: leaf('id', (t) => t.id),
    code: leaf('text', (t) => t.code),
    type: leaf('text', (t) => t.type),
    name: leaf('text', (t) => t.name),
    versions: many<Region, typeof regionVersion>({
      to: () => regionVersionEntity,
      as: 'list',
      on: (t, v) => eq(v.regionId, t.id),
      order: [{ sql: (v) => v.year, type: 'int' }],
    }),
  },
})

export const regionVersionEntity: Entity = entity<typeof regionVersion>({
  name: 'RegionVersion',
  table: regionVersion,
  fields: {
    id: leaf('id', (t) => t.id),
    year: leaf('int', (t) => t.year),
    code: leaf('text', (t) => t.code),
    name: leaf('text', (t) => t.name),
    change: leaf('text', (t) => t.change),
  },
})

export const regionConversionEntity: Entity = entity<typeof regionConversion>({
  name: 'RegionConversion',
  table: regionConversion,
  fields: {
    id: leaf('id', (t) => t.id),
    from: one<typeof regionConversion, typeof regionVersion>({ to: () => regionVersionEntity, on: (t, v) => eq(v.id, t.fromVersionId) }),
    to: one<typeof regionConversion, typeof regionVersion>({ to: () => regionVersionEntity, on: (t, v) => eq(v.id, t.toVersionId) }),
    method: localised((t) => t.method),
  },
})

export const neighbourhoodEntities = [neighbourhoodEntity, enrolmentEntity, regionEntity, regionVersionEntity, regionConversionEntity]

export const neighbourhoodRoots = {
  neighbourhood: root<Neighbourhood>({
    to: () => neighbourhoodEntity,
    as: 'one',
    on: (t, args) => sql`${t.slug} = ${args.value('slug', 'text')}`,
  }),
  neighbourhoods: root<Neighbourhood>({
    to: () => neighbourhoodEntity,
    as: 'list',
    on: (t) =>
      sql`exists (select from enrolment e where e.neighbourhood_id = ${t.id} and e.starts_on <= ${today} and (e.ends_on is null or e.ends_on > ${today}))`,
    order: [{ sql: (t) => t.name, type: 'text' }],
  }),
}
