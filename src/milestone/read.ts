import { eq } from 'drizzle-orm'
import { actionEntity, steers } from '../action/read.ts'
import type { action } from '../action/table.ts'
import { type Entity, entity, leaf, localised, many, one } from '../read/model.ts'
import { milestone } from './table.ts'

type Milestone = typeof milestone

export const milestoneEntity: Entity = entity<Milestone>({
  name: 'Milestone',
  table: milestone,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    position: leaf('int', (t) => t.position),
    title: localised((t) => t.title),
    plannedOn: leaf('date', (t) => t.plannedOn),
    reachedOn: leaf('date', (t) => t.reachedOn),
    action: one<Milestone, typeof action>({ to: () => actionEntity, on: (t, a) => eq(a.id, t.actionId) }),
    viewerCanEdit: leaf('boolean', (t) => steers(t.actionId)),
  },
})

actionEntity.fields.milestones = many<typeof action, Milestone>({
  to: () => milestoneEntity,
  as: 'list',
  on: (t, m) => eq(m.actionId, t.id),
  order: [{ sql: (m) => m.position, type: 'int' }],
})
actionEntity.fields.viewerCanAddMilestone = leaf('boolean', (t: typeof action) => steers(t.id))

export const milestoneEntities = [milestoneEntity]
