import { eq, sql } from 'drizzle-orm'
import { actionEntity, steers } from '../action/read.ts'
import type { action } from '../action/table.ts'
import { type Entity, entity, group, leaf, localised, type ManyField, many, one } from '../read/model.ts'
import { actionRelation, relationKind } from './table.ts'

type Relation = typeof actionRelation
type Action = typeof action

export const relationEntity: Entity = entity<Relation>({
  name: 'ActionRelation',
  table: actionRelation,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    kind: leaf('text', (t) => t.kind),
    action: one<Relation, Action>({ to: () => actionEntity, on: (t, a) => eq(a.id, t.actionId) }),
    relatedAction: one<Relation, Action>({ to: () => actionEntity, on: (t, a) => eq(a.id, t.relatedActionId) }),
    works: group(
      {
        source: leaf('text', (t: Relation) => t.worksSource),
        reference: leaf('text', (t: Relation) => t.worksReference),
        description: localised((t: Relation) => t.worksDescription),
      },
      (t) => sql`${t.worksSource} is not null`,
    ),
    endedOn: leaf('date', (t) => t.endedOn),
    viewerCanEnd: leaf('boolean', (t) => sql`(${steers(t.actionId)} and ${t.endedOn} is null)`),
  },
})

const relations = (end: 'actionId' | 'relatedActionId'): ManyField<Action> =>
  many<Action, Relation>({
    to: () => relationEntity,
    as: 'connection',
    on: (t, r) => eq(r[end], t.id),
    order: [{ sql: (r) => r.kind, type: 'relation_kind', values: relationKind.enumValues }],
  })

actionEntity.fields.relations = relations('actionId')
actionEntity.fields.relationsFromOthers = relations('relatedActionId')
actionEntity.fields.viewerCanRelate = leaf('boolean', (t: Action) => steers(t.id))

export const relationEntities = [relationEntity]
