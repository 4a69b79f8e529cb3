import { sql } from 'drizzle-orm'
import { pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { actionEntity } from '../action/read.ts'
import type { action } from '../action/table.ts'
import { planVersionEntity } from '../plan/read.ts'
import type { planVersion } from '../plan/table.ts'
import { type Entity, entity, leaf, many, one } from '../read/model.ts'

/** A view: what differs between a version and the one it is based on, as far as the caller sees both; a row for each thing. */
const planVersionChange = pgTable('plan_version_change', {
  id: uuid('id'),
  planVersionId: uuid('plan_version_id'),
  actionId: uuid('action_id'),
  kind: text('kind'),
  field: text('field'),
  before: text('before'),
  after: text('after'),
})
type Change = typeof planVersionChange

export const planVersionChangeEntity: Entity = entity<Change>({
  name: 'PlanVersionChange',
  table: planVersionChange,
  node: false,
  onlyNow: true,
  fields: {
    kind: leaf('text', (c) => c.kind),
    action: one<Change, typeof action>({ to: () => actionEntity, on: (c, a) => sql`${a.id} = ${c.actionId}` }),
    field: leaf('text', (c) => c.field),
    before: leaf('text', (c) => c.before),
    after: leaf('text', (c) => c.after),
  },
})

planVersionEntity.fields.changes = many<typeof planVersion, Change>({
  to: () => planVersionChangeEntity,
  as: 'connection',
  on: (t, c) => sql`${c.planVersionId} = ${t.id}`,
  order: [
    { sql: (c) => sql`coalesce((select a.ref from action a where a.id = ${c.actionId}), '')`, type: 'text' },
    { sql: (c) => sql`coalesce(${c.field}, '')`, type: 'text' },
  ],
})
