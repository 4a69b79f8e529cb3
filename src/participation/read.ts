import { eq } from 'drizzle-orm'
import { neighbourhoodEntity } from '../neighbourhood/read.ts'
import type { neighbourhood } from '../neighbourhood/table.ts'
import { organisationEntity } from '../organisation/read.ts'
import type { organisation } from '../organisation/table.ts'
import { planVersionEntity } from '../plan/read.ts'
import type { planVersion } from '../plan/table.ts'
import { type Entity, entity, leaf, localised, many, type Order, one } from '../read/model.ts'
import { participationEvent } from './table.ts'

type Event = typeof participationEvent

const latestFirst: readonly Order<Event, undefined>[] = [{ sql: (e) => e.heldOn, type: 'date', descending: true }]

export const participationEventEntity: Entity = entity<Event>({
  name: 'ParticipationEvent',
  table: participationEvent,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    heldOn: leaf('date', (t) => t.heldOn),
    organisation: one<Event, typeof organisation>({ to: () => organisationEntity, on: (t, o) => eq(o.id, t.organisationId) }),
    residentGroup: leaf('text', (t) => t.residentGroup),
    subject: localised((t) => t.subject),
    outcome: localised((t) => t.outcome),
    example: leaf('boolean', (t) => t.example),
    neighbourhood: one<Event, typeof neighbourhood>({ to: () => neighbourhoodEntity, on: (t, n) => eq(n.id, t.neighbourhoodId) }),
    planVersion: one<Event, typeof planVersion>({ to: () => planVersionEntity, on: (t, v) => eq(v.id, t.planVersionId) }),
  },
})

neighbourhoodEntity.fields.participationEvents = many<typeof neighbourhood, Event>({
  to: () => participationEventEntity,
  as: 'connection',
  on: (t, e) => eq(e.neighbourhoodId, t.id),
  order: latestFirst,
})

planVersionEntity.fields.participationEvents = many<typeof planVersion, Event>({
  to: () => participationEventEntity,
  as: 'connection',
  on: (t, e) => eq(e.planVersionId, t.id),
  order: latestFirst,
})

export const participationEntities = [participationEventEntity]
