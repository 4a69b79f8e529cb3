import { eq, sql } from 'drizzle-orm'
import { organisationEntity } from '../organisation/read.ts'
import type { organisation } from '../organisation/table.ts'
import { programmeEntity } from '../programme/read.ts'
import type { programme } from '../programme/table.ts'
import { type Entity, entity, leaf, localised, many, one } from '../read/model.ts'
import { risk } from './table.ts'

type Risk = typeof risk

export const riskEntity: Entity = entity<Risk>({
  name: 'Risk',
  table: risk,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    type: leaf('text', (t) => t.type),
    description: localised((t) => t.description),
    effect: localised((t) => t.effect),
    likelihood: leaf('text', (t) => t.likelihood),
    impact: leaf('text', (t) => t.impact),
    state: leaf('text', (t) => t.state),
    recordedOn: leaf('date', (t) => t.recordedOn),
    owner: one<Risk, typeof organisation>({ to: () => organisationEntity, on: (t, o) => eq(o.id, t.organisationId) }),
    programme: one<Risk, typeof programme>({ to: () => programmeEntity, on: (t, p) => eq(p.id, t.programmeId) }),
    viewerCanEdit: leaf(
      'boolean',
      (t) =>
        sql`((caller_may('team') or (caller_may('edit') and ${t.organisationId} = caller_organisation())) and ${t.state} <> 'CLOSED') is true`,
    ),
  },
})

programmeEntity.fields.risks = many<typeof programme, Risk>({
  to: () => riskEntity,
  as: 'connection',
  on: (t, r) => eq(r.programmeId, t.id),
  order: [{ sql: (r) => r.recordedOn, type: 'date', descending: true }],
})
programmeEntity.fields.viewerCanRecordRisk = leaf('boolean', () => sql`(select caller_may('edit') or caller_may('team')) is true`)

export const riskEntities = [riskEntity]
