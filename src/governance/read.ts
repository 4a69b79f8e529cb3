import { eq, sql } from 'drizzle-orm'
import { executionPlanEntity, planEntity, planVersionEntity, programmePlanEntity, strategicAgendaEntity } from '../plan/read.ts'
import { everAdopted, type plan, type planVersion } from '../plan/table.ts'
import { type Entity, entity, leaf, localised, many, one, root } from '../read/model.ts'
import { planVersionChangeEntity } from './changes.ts'
import { amendment, decision, decisionPoint, mandate } from './table.ts'

type Decision = typeof decision
type Point = typeof decisionPoint
type Mandate = typeof mandate

export const decisionEntity: Entity = entity<typeof decision>({
  name: 'Decision',
  table: decision,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
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
    viewerCanCorrect: leaf('boolean', () => sql`(select caller_may('team')) is true`),
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
    version: leaf('int', (t) => t.version),
    holder: leaf('text', (t) => t.holder),
    plan: one<Mandate, typeof plan>({ to: () => planEntity, on: (t, p) => eq(p.id, t.planId) }),
    kinds: leaf('json', (t) => sql`to_json(${t.kinds})`),
    startsOn: leaf('date', (t) => t.startsOn),
    endsOn: leaf('date', (t) => t.endsOn),
    grantedBy: one<Mandate, Point>({ to: () => decisionPointEntity, on: (t, p) => eq(p.id, t.decisionPointId) }),
    revokedBy: one<Mandate, Point>({ to: () => decisionPointEntity, on: (t, p) => eq(p.id, t.revokedById) }),
  },
})

planVersionEntity.fields.adoptedBy = many<typeof planVersion, Point>({
  to: () => decisionPointEntity,
  as: 'list',
  on: (t, p) => sql`${p.planVersionId} = ${t.id} and ${p.outcome} in ('CONFORM', 'CONFORM_WITH_CHANGES')`,
  order: [{ sql: (p) => p.number, type: 'int' }],
})

const amendmentEntity: Entity = entity<typeof amendment>({
  name: 'Amendment',
  table: amendment,
  node: false,
  fields: {
    kind: leaf('text', (t) => t.kind),
    rationale: localised((t) => t.rationale),
    amendedOn: leaf('date', (t) => t.amendedOn),
    mandate: one<typeof amendment, Mandate>({ to: () => mandateEntity, on: (t, m) => eq(m.id, t.mandateId) }),
    decisionPoint: one<typeof amendment, Point>({ to: () => decisionPointEntity, on: (t, p) => eq(p.id, t.decisionPointId) }),
  },
})

planVersionEntity.fields.amendment = one<typeof planVersion, typeof amendment>({
  to: () => amendmentEntity,
  on: (t, a) => eq(a.planVersionId, t.id),
})

planVersionEntity.fields.viewerCanAmend = leaf<typeof planVersion>(
  'boolean',
  (t) => sql`((select caller_may('portfolio')) and ${t.state} = 'SUBMITTED'
    and exists (select from mandate m where m.plan_id = ${t.planId} and m.holder = 'PORTFOLIO_HOLDER'
      and m.starts_on <= (select today()) and (m.ends_on is null or m.ends_on > (select today())))
    and exists (select from plan_version v where v.plan_id = ${t.planId} and ${everAdopted('v.state')})) is true`,
)

const mandates = many<typeof plan, Mandate>({
  to: () => mandateEntity,
  as: 'list',
  on: (t, m, args) => {
    const day = args.value('on', 'date')
    const held = args.has('on') ? sql`${m.startsOn} <= ${day} and (${m.endsOn} is null or ${m.endsOn} > ${day})` : sql`true`
    return sql`${m.planId} = ${t.id} and ${held}`
  },
  order: [{ sql: (m) => m.startsOn, type: 'date' }],
})
for (const of of [planEntity, programmePlanEntity, strategicAgendaEntity, executionPlanEntity]) of.fields.mandates = mandates

export const governanceEntities = [decisionEntity, decisionPointEntity, mandateEntity, amendmentEntity, planVersionChangeEntity]

export const governanceRoots = {
  decision: root<Decision>({ to: () => decisionEntity, as: 'one', on: (t, args) => sql`${t.id} = ${args.id('id', 'Decision')}` }),
  decisions: root<Decision>({
    to: () => decisionEntity,
    as: 'connection',
    on: () => sql`true`,
    order: [{ sql: (t) => t.decidedOn, type: 'date', descending: true }],
    filters: {
      body: (t, test) => test(t.body, 'decision_body'),
      type: (t, test) => sql`exists (select from decision_point p where p.decision_id = ${t.id} and ${test(sql`p.type`, 'decision_type')})`,
      decidedOn: (t, test) => test(t.decidedOn, 'date'),
    },
  }),
}
