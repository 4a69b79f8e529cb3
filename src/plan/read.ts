import { eq, type SQL, sql } from 'drizzle-orm'
import { dayOf, neighbourhoodEntity } from '../neighbourhood/read.ts'
import type { neighbourhood } from '../neighbourhood/table.ts'
import { programmeEntity } from '../programme/read.ts'
import type { programme } from '../programme/table.ts'
import { type Entity, entity, type Field, group, leaf, localised, many, type Order, one, root } from '../read/model.ts'
import { everAdopted, plan, planVersion } from './table.ts'

type Plan = typeof plan
type Version = typeof planVersion

/** The version that held on a day: adopted, its first day come, and no later one that has. */
export const inForceOn = (t: Plan, day: SQL): SQL =>
  sql`(select v.id from plan_version v where v.plan_id = ${t.id} and ${everAdopted('v.state')} and v.effective_from <= ${day} and ${day} <= ${t.endsOn}
    order by v.effective_from desc, v.number desc limit 1)`

const latest = (t: Plan): SQL => sql`(select v.id from plan_version v where v.plan_id = ${t.id} order by v.number desc limit 1)`

const planFields: Record<string, Field<Plan>> = {
  id: leaf('id', (t) => t.id),
  title: localised((t) => t.title),
  term: group({ startsOn: leaf('date', (t: Plan) => t.startsOn), endsOn: leaf('date', (t: Plan) => t.endsOn) }),
  programme: one<Plan, typeof programme>({ to: () => programmeEntity, on: (t, p) => eq(p.id, t.programmeId) }),
  inForce: one<Plan, Version>({ to: () => planVersionEntity, on: (t, v, args) => sql`${v.id} = ${inForceOn(t, dayOf(args))}` }),
  latestVersion: one<Plan, Version>({ to: () => planVersionEntity, on: (t, v) => sql`${v.id} = ${latest(t)}` }),
  versions: many<Plan, Version>({
    to: () => planVersionEntity,
    as: 'list',
    on: (t, v) => eq(v.planId, t.id),
    order: [{ sql: (v) => v.number, type: 'int' }],
  }),
}

export const programmePlanEntity: Entity = entity<typeof plan>({
  name: 'ProgrammePlan',
  table: plan,
  fields: planFields,
  scope: (t) => eq(t.kind, 'PROGRAMME_PLAN'),
})

/** Its themes are its children and add themselves (see `agenda/read.ts`). */
export const strategicAgendaEntity: Entity = entity<typeof plan>({
  name: 'StrategicAgenda',
  table: plan,
  fields: { ...planFields },
  scope: (t) => eq(t.kind, 'STRATEGIC_AGENDA'),
})

/** The actions of a plan are its children and add themselves (see `action/read.ts`). */
export const executionPlanEntity: Entity = entity<typeof plan>({
  name: 'ExecutionPlan',
  table: plan,
  fields: {
    ...planFields,
    neighbourhood: one<Plan, typeof neighbourhood>({ to: () => neighbourhoodEntity, on: (t, n) => eq(n.id, t.neighbourhoodId) }),
  },
  scope: (t) => eq(t.kind, 'EXECUTION_PLAN'),
})

export const planEntity: Entity = entity<typeof plan>({
  name: 'Plan',
  table: plan,
  fields: planFields,
  node: false,
  abstract: {
    types: [programmePlanEntity, strategicAgendaEntity, executionPlanEntity],
    typename: (t) =>
      sql`case ${t.kind} when 'PROGRAMME_PLAN' then 'ProgrammePlan' when 'STRATEGIC_AGENDA' then 'StrategicAgenda' else 'ExecutionPlan' end`,
  },
})

/** The decision points that adopted a version are known to governance, which adds them (see `governance/read.ts`). */
export const planVersionEntity: Entity = entity<typeof planVersion>({
  name: 'PlanVersion',
  table: planVersion,
  fields: {
    id: leaf('id', (t) => t.id),
    number: leaf('int', (t) => t.number),
    state: leaf('text', (t) => t.state),
    version: leaf('int', (t) => t.version),
    ambitions: localised((t) => t.ambitions),
    objectives: localised((t) => t.objectives),
    approach: localised((t) => t.approach),
    submittedAt: leaf('datetime', (t) => t.submittedAt),
    effectiveFrom: leaf('date', (t) => t.effectiveFrom),
    contentHash: leaf('text', (t) => t.contentHash),
  },
})

const latestFirst: readonly Order<Plan, undefined>[] = [{ sql: (t) => t.startsOn, type: 'date', descending: true }]

neighbourhoodEntity.fields.executionPlans = many<typeof neighbourhood, Plan>({
  to: () => executionPlanEntity,
  as: 'connection',
  on: (t, p) => eq(p.neighbourhoodId, t.id),
  order: latestFirst,
})

/** Terms of one neighbourhood never overlap, so there is one at most. */
neighbourhoodEntity.fields.planInForce = one<typeof neighbourhood, Plan>({
  to: () => executionPlanEntity,
  on: (t, p, args) => sql`${p.neighbourhoodId} = ${t.id} and ${p.startsOn} <= ${dayOf(args)} and ${inForceOn(p, dayOf(args))} is not null`,
})

export const planEntities = [planEntity, programmePlanEntity, strategicAgendaEntity, executionPlanEntity, planVersionEntity]

export const planRoots = {
  plan: root<Plan>({
    to: () => planEntity,
    as: 'one',
    on: (t, args) => sql`${t.id} = ${args.id('id', 'ProgrammePlan', 'StrategicAgenda', 'ExecutionPlan')}`,
  }),
  executionPlans: root<Plan>({
    to: () => executionPlanEntity,
    as: 'connection',
    on: () => sql`true`,
    order: latestFirst,
    filters: {
      neighbourhood: (t, test) =>
        sql`exists (select from neighbourhood n where n.id = ${t.neighbourhoodId} and ${test(sql`n.slug`, 'text')})`,
      year: (t, test) =>
        sql`exists (select from generate_series(extract(year from ${t.startsOn})::int, extract(year from ${t.endsOn})::int) as years (year) where ${test(sql`years.year`, 'int')})`,
      state: (t, test) => sql`exists (select from plan_version v where v.id = ${latest(t)} and ${test(sql`v.state`, 'plan_state')})`,
    },
  }),
  strategicAgenda: root<Plan>({
    to: () => strategicAgendaEntity,
    as: 'one',
    on: (t, args) => {
      const day = dayOf(args)
      return sql`${t.startsOn} <= ${day} and ${day} <= ${t.endsOn} and exists (select from programme p where p.id = ${t.programmeId} and p.code = ${args.value('programme', 'text')})`
    },
  }),
}
