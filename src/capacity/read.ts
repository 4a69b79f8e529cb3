import { eq, type SQL, sql } from 'drizzle-orm'
import { actionEntity, actionFilters } from '../action/read.ts'
import type { action } from '../action/table.ts'
import { type Entity, entity, group, leaf, localised, many, one } from '../read/model.ts'
import { capacityAgreement, workStockItem } from './table.ts'

type Action = typeof action
type Agreement = typeof capacityAgreement
type Item = typeof workStockItem

const mayWrite = sql`(select caller_may('team')) is true`

/** Nothing for who reads no agreements, to whom every action would seem to lack one. */
const capacityGap = (t: Action): SQL => sql`(case when (select caller_may('agenda')) then
  exists (select from agreed_action g where g.id = ${t.agreedActionId} and g.cross_domain)
  and not exists (select from capacity_agreement c where c.action_id = ${t.id} and c.state = 'AGREED') end)`

export const capacityAgreementEntity: Entity = entity<Agreement>({
  name: 'CapacityAgreement',
  table: capacityAgreement,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    unit: leaf('text', (t) => t.unit),
    managerRole: localised((t) => t.managerRole),
    hours: leaf('decimal', (t) => t.hours),
    fte: leaf('decimal', (t) => t.fte),
    period: group({ startsOn: leaf('date', (t: Agreement) => t.startsOn), endsOn: leaf('date', (t: Agreement) => t.endsOn) }),
    state: leaf('text', (t) => t.state),
    action: one<Agreement, Action>({ to: () => actionEntity, on: (t, a) => eq(a.id, t.actionId) }),
    viewerCanEdit: leaf('boolean', (t) => sql`(${mayWrite} and ${t.state} = 'REQUESTED')`),
    viewerCanAdvance: leaf('boolean', (t) => sql`(${mayWrite} and ${t.state} in ('REQUESTED', 'AGREED'))`),
  },
})

export const workStockItemEntity: Entity = entity<Item>({
  name: 'WorkStockItem',
  table: workStockItem,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    unit: leaf('text', (t) => t.unit),
    reference: leaf('text', (t) => t.reference),
    endsOn: leaf('date', (t) => t.endsOn),
    action: one<Item, Action>({ to: () => actionEntity, on: (t, a) => eq(a.id, t.actionId) }),
    viewerCanEnd: leaf('boolean', (t) => sql`(${mayWrite} and ${t.endsOn} is null)`),
  },
})

actionEntity.fields.capacityAgreements = many<Action, Agreement>({
  to: () => capacityAgreementEntity,
  as: 'list',
  on: (t, c) => eq(c.actionId, t.id),
  order: [{ sql: (c) => c.startsOn, type: 'date' }],
})
actionEntity.fields.workStockItems = many<Action, Item>({
  to: () => workStockItemEntity,
  as: 'list',
  on: (t, i) => eq(i.actionId, t.id),
  order: [{ sql: (i) => i.createdAt, type: 'timestamptz' }],
})
actionEntity.fields.capacityGap = leaf('boolean', capacityGap)
actionEntity.fields.viewerCanRequestCapacity = leaf('boolean', () => mayWrite)
actionEntity.fields.viewerCanAddWorkStockItem = leaf('boolean', () => mayWrite)
actionFilters.capacityGap = (t, test) => test(capacityGap(t), 'boolean')

export const capacityEntities = [capacityAgreementEntity, workStockItemEntity]
