import { eq, type SQL, sql } from 'drizzle-orm'
import { integer, jsonb, pgTable, uuid } from 'drizzle-orm/pg-core'
import { dayOf, neighbourhoodEntity } from '../neighbourhood/read.ts'
import type { neighbourhood } from '../neighbourhood/table.ts'
import { programmeEntity } from '../programme/read.ts'
import type { programme } from '../programme/table.ts'
import { type Entity, entity, type Field, type Filter, group, leaf, localised, many, type Order, one, root } from '../read/model.ts'
import { byText } from '../read/words.ts'
import { document, everAdopted, type PlanState, plan, planVersion } from './table.ts'

type Plan = typeof plan
type Version = typeof planVersion

/** A view: what a version lists of them, a row each. */
const guidingPrinciple = pgTable('guiding_principle', {
  id: uuid('id'),
  planVersionId: uuid('plan_version_id'),
  position: integer('position'),
  text: jsonb('text'),
})

/** The version that held on a day: adopted, its first day come, and no later one that has. */
export const inForceOn = (t: Plan, day: SQL): SQL =>
  sql`(select v.id from plan_version v where v.plan_id = ${t.id} and ${everAdopted('v.state')} and v.effective_from <= ${day} and ${day} <= ${t.endsOn}
    order by v.effective_from desc, v.number desc limit 1)`

const latest = (t: Plan): SQL => sql`(select v.id from plan_version v where v.plan_id = ${t.id} order by v.number desc limit 1)`

/** An adopted version whose term is over has expired; time alone does that, so nobody writes it. */
export const stateOf = (t: Version): SQL =>
  sql`(case when ${t.state} = 'ADOPTED' and (select p.ends_on from plan p where p.id = ${t.planId}) < (select today()) then 'EXPIRED' else ${t.state} end)`

const team = sql`(select caller_may('team'))`
/** The programme team, as long as the version is in one of some states. */
const teamWhile = (...states: PlanState[]) =>
  leaf<Version>(
    'boolean',
    (t) =>
      sql`(${team} and ${t.state} in (${sql.join(
        states.map((state) => sql`${state}::plan_state`),
        sql`, `,
      )})) is true`,
  )

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
  viewerCanStartDraft: leaf(
    'boolean',
    (t) => sql`(${team} and (select today()) <= ${t.endsOn} and exists (select from plan_version v where v.plan_id = ${t.id})
      and not exists (select from plan_version v where v.plan_id = ${t.id} and v.state in ('DRAFT', 'SUBMITTED', 'RETURNED'))) is true`,
  ),
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
    state: leaf('text', stateOf),
    version: leaf('int', (t) => t.version),
    ambitions: localised((t) => t.ambitions),
    objectives: localised((t) => t.objectives),
    approach: localised((t) => t.approach),
    guidingPrinciples: many<Version, typeof guidingPrinciple>({
      to: () => guidingPrincipleEntity,
      as: 'list',
      on: (t, g) => eq(g.planVersionId, t.id),
      order: [{ sql: (g) => sql`${g.position}`, type: 'int' }],
    }),
    documents: many<Version, typeof document>({
      to: () => documentEntity,
      as: 'list',
      on: (t, d) => sql`${d.planVersionId} = ${t.id} and not ${d.withdrawn}`,
      order: [{ sql: (d) => d.createdAt, type: 'timestamptz' }],
    }),
    basedOn: one<Version, Version>({ to: () => planVersionEntity, on: (t, v) => eq(v.id, t.basedOnId) }),
    submittedAt: leaf('datetime', (t) => t.submittedAt),
    effectiveFrom: leaf('date', (t) => t.effectiveFrom),
    contentHash: leaf('text', (t) => t.contentHash),
    viewerCanEdit: teamWhile('DRAFT', 'RETURNED'),
    viewerCanSubmit: teamWhile('DRAFT'),
    viewerCanReturn: teamWhile('SUBMITTED'),
    viewerCanAdopt: teamWhile('SUBMITTED'),
    viewerCanWithdraw: teamWhile('DRAFT', 'SUBMITTED'),
    viewerCanAttach: teamWhile('DRAFT', 'SUBMITTED', 'RETURNED'),
  },
})

const guidingPrincipleEntity: Entity = entity<typeof guidingPrinciple>({
  name: 'GuidingPrinciple',
  table: guidingPrinciple,
  node: false,
  fields: {
    position: leaf('int', (t) => sql`${t.position}`),
    text: localised((t) => sql`${t.text}`),
  },
})

export const documentEntity: Entity = entity<typeof document>({
  name: 'Document',
  table: document,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    kind: leaf('text', (t) => t.kind),
    title: localised((t) => t.title),
    mediaType: leaf('text', (t) => t.mediaType),
    sha256: leaf('text', (t) => t.sha256),
    url: leaf('text', (t) => t.url),
    withdrawn: leaf('boolean', (t) => t.withdrawn),
    attachedAt: leaf('datetime', (t) => t.createdAt),
    planVersion: one<typeof document, Version>({ to: () => planVersionEntity, on: (t, v) => eq(v.id, t.planVersionId) }),
  },
})

/** Words of a plan: of its title and of the latest version the caller may see. */
const words: Filter<Plan> = byText(
  (t, said) => sql`exists (select from plan_version v where v.id = ${latest(t)}
    and ${said(sql`v.id`, t.title, sql`v.ambitions`, sql`v.objectives`, sql`v.approach`, sql`v.guiding_principles`)})`,
)

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

export const planEntities = [
  planEntity,
  programmePlanEntity,
  strategicAgendaEntity,
  executionPlanEntity,
  planVersionEntity,
  guidingPrincipleEntity,
  documentEntity,
]

export const planRoots = {
  plan: root<Plan>({
    to: () => planEntity,
    as: 'one',
    on: (t, args) => sql`${t.id} = ${args.id('id', 'ProgrammePlan', 'StrategicAgenda', 'ExecutionPlan')}`,
  }),
  plans: root<Plan>({
    to: () => planEntity,
    as: 'connection',
    on: () => sql`true`,
    order: latestFirst,
    filters: { kind: (t, test) => test(t.kind, 'plan_kind'), text: words },
  }),
  executionPlans: root<Plan>({
    to: () => executionPlanEntity,
    as: 'connection',
    on: () => sql`true`,
    order: latestFirst,
    filters: {
      text: words,
      neighbourhood: (t, test) =>
        sql`exists (select from neighbourhood n where n.id = ${t.neighbourhoodId} and ${test(sql`n.slug`, 'text')})`,
      year: (t, test) =>
        sql`exists (select from generate_series(extract(year from ${t.startsOn})::int, extract(year from ${t.endsOn})::int) as years (year) where ${test(sql`years.year`, 'int')})`,
      state: (t, test) =>
        sql`exists (select from plan_version where plan_version.id = ${latest(t)} and ${test(stateOf(planVersion), 'plan_state')})`,
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
