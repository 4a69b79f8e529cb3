import { eq, sql } from 'drizzle-orm'
import { planEntity, planVersionEntity } from '../plan/read.ts'
import type { plan, planVersion } from '../plan/table.ts'
import { type Entity, entity, leaf, localised, many, one, root } from '../read/model.ts'
import { decision, decisionPoint, mandate } from './table.ts'

type Decision = typeof decision
type Point = typeof decisionPoint
type Mandate = typeof mandate

export const decisionEntity: Entity = entity<typeof decision>({
  name: 'Decision',
  table: decision,
  fields: {
    id: leaf('id', (t) => t.id),
    reference: leaf('text', (t) => t.reference),
    body: leaf('text', (t) => t.body),
    decidedOn: leaf('date', (t) => t.decidedOn),
    outcome: leaf('text', (t) => t.outcome),
    title: localised((t) => t.title),
    example: leaf('boolean', (t) => t.example),
    points: many<Decision, Point>({
      to: () => decisionPointEntity,
      as: 'list',
      on: (t, p) => eq(p.decisionId, t.id),
      order: [{ sql: (p) => p.number, type: 'int' }],
    }),
  },
})

export const decisionPointEntity: Entity = entity<typeof decisionPoint>({
  name: 'DecisionPoint',
  table: decisionPoint,
  fields: {
    id: leaf('id', (t) => t.id),
    number: leaf('int', (t) => t.number),
    type: leaf('text', (t) => t.type),
    outcome: leaf('text', (t) => t.outcome),
    text: localised((t) => t.text),
    decision: one<Point, Decision>({ to: () => decisionEntity, on: (t, d) => eq(d.id, t.decisionId) }),
    planVersion: one<Point, typeof planVersion>({ to: () => planVersionEntity, on: (t, v) => eq(v.id, t.planVersionId) }),
    mandates: many<Point, Mandate>({
      to: () => mandateEntity,
      as: 'list',
      on: (t, m) => eq(m.decisionPointId, t.id),
      order: [{ sql: (m) => m.startsOn, type: 'date' }],
    }),
  },
})

export const mandateEntity: Entity = entity<typeof mandate>({
  name: 'Mandate',
  table: mandate,
  fields: {
    id: leaf('id', (t) => t.id),
    holder: leaf('text', (t) => t.holder),
    plan: one<Mandate, typeof plan>({ to: () => planEntity, on: (t, p) => eq(p.id, t.planId) }),
    kinds: leaf('json', (t) => sql`to_json(${t.kinds})`),
    startsOn: leaf('date', (t) => t.startsOn),
    endsOn: leaf('date', (t) => t.endsOn),
  },
})

planVersionEntity.fields.adoptedBy = many<typeof planVersion, Point>({
  to: () => decisionPointEntity,
  as: 'list',
  on: (t, p) => sql`${p.planVersionId} = ${t.id} and ${p.type} = 'ADOPTION'`,
  order: [{ sql: (p) => p.number, type: 'int' }],
})

export const governanceEntities = [decisionEntity, decisionPointEntity, mandateEntity]

export const governanceRoots = {
  decisions: root<Decision>({
    to: () => decisionEntity,
    as: 'connection',
    on: () => sql`true`,
    order: [{ sql: (t) => t.decidedOn, type: 'date', descending: true }],
  }),
}
