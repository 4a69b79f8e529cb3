import { eq, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { organisationEntity } from '../organisation/read.ts'
import type { organisation } from '../organisation/table.ts'
import { executionPlanEntity } from '../plan/read.ts'
import { everAdopted, type plan } from '../plan/table.ts'
import { pillarEntity, resultEntity, sdgGoalEntity, themeEntity } from '../programme/read.ts'
import type { pillar, result, sdgGoal, theme } from '../programme/table.ts'
import {
  beside,
  type Entity,
  entity,
  type Filter,
  group,
  leaf,
  localised,
  type ManyField,
  many,
  type Order,
  one,
  root,
} from '../read/model.ts'
import { byText } from '../read/words.ts'
import {
  action,
  actionParticipation,
  actionStatus,
  agreedAction,
  agreedActionPillar,
  agreedActionResult,
  agreedActionSdg,
  agreedActionTheme,
  note,
  statusReport,
  statusReportNarrative,
  statusReportSource,
} from './table.ts'

type Action = typeof action
type Agreed = typeof agreedAction
type Participation = typeof actionParticipation
type Report = typeof statusReport

const today = sql`(select today())`
const current = (p: Participation): SQL => sql`${p.startsOn} <= ${today} and (${p.endsOn} is null or ${p.endsOn} > ${today})`

/** An agreed field, read where the action points to. */
const agreed = beside<Action, Agreed>(agreedAction, (t, g) => eq(g.id, t.agreedActionId))

/** The caller's organisation leads it today, or the caller is of the programme team: whoever may change what is agreed of it, who takes part, and its milestones. */
export const steers = (
  actionId: SQLWrapper,
): SQL => sql`((select caller_may('team') is true) or ((select caller_may('edit') is true) and exists (
  select from action_participation p where p.action_id = ${actionId} and p.role = 'LEAD' and p.organisation_id = (select caller_organisation())
    and p.starts_on <= ${today} and (p.ends_on is null or p.ends_on > ${today}))))`

const isInDraft = (t: Action): SQL =>
  sql`exists (select from agreed_action g where g.action_id = ${t.id} and g.version_state = 'DRAFT' and g.withdrawn is not true)`

const leadNeeded = (t: Action): SQL => sql`not exists (select from action_participation p where p.action_id = ${t.id} and p.role = 'LEAD'
  and p.starts_on <= ${today} and (p.ends_on is null or p.ends_on > ${today}))`

/** The day its plan was first decided upon lies after the day it began (invariant 26). */
const preAdoption = (t: Action): SQL => sql`coalesce(${t.actualStartOn} < (
  select min(d.decided_on) from plan_version v join decision_point p on p.plan_version_id = v.id join decision d on d.id = p.decision_id
  where v.plan_id = ${t.planId} and ${everAdopted('v.state')} and p.outcome in ('CONFORM', 'CONFORM_WITH_CHANGES')), false)`

const narrated = beside<Report, typeof statusReportNarrative>(statusReportNarrative, (t, n) => eq(n.reportId, t.id))

/** What an action is tagged with, through a link of its agreed fields. */
function tagged<P, C, X extends { agreedActionId: unknown; withdrawn: unknown }>(
  agreedId: (t: P) => SQL,
  to: () => Entity,
  table: X,
  on: (tag: C, link: X) => SQL,
  order: Order<C, X>,
): ManyField<P> {
  return many<P, C, X>({
    to,
    as: 'list',
    through: { table, on: (t, link) => sql`${link.agreedActionId} = ${agreedId(t)} and not ${link.withdrawn}` },
    on: (_t, tag, _args, link) => on(tag, link),
    order: [order],
    shared: true,
  })
}

/** All that the agreed fields with this id count for. */
const tags = <P>(agreedId: (t: P) => SQL) => ({
  pillars: tagged<P, typeof pillar, typeof agreedActionPillar>(
    agreedId,
    () => pillarEntity,
    agreedActionPillar,
    (p, link) => eq(p.id, link.pillarId),
    { sql: (p) => p.position, type: 'int' },
  ),
  themes: tagged<P, typeof theme, typeof agreedActionTheme>(
    agreedId,
    () => themeEntity,
    agreedActionTheme,
    (t, link) => eq(t.id, link.themeId),
    { sql: (t) => t.code, type: 'text' },
  ),
  sdgs: tagged<P, typeof sdgGoal, typeof agreedActionSdg>(
    agreedId,
    () => sdgGoalEntity,
    agreedActionSdg,
    (g, link) => eq(g.id, link.sdgGoalId),
    { sql: (g) => g.number, type: 'int' },
  ),
  results: tagged<P, typeof result, typeof agreedActionResult>(
    agreedId,
    () => resultEntity,
    agreedActionResult,
    (r, link) => eq(r.id, link.resultId),
    { sql: (r) => r.code, type: 'text' },
  ),
})

export const actionEntity: Entity = entity<typeof action>({
  name: 'Action',
  table: action,
  fields: {
    id: leaf('id', (t) => t.id),
    ref: leaf('text', (t) => t.ref),
    example: leaf('boolean', (t) => t.example),
    title: agreed(localised((g) => g.title)),
    description: agreed(localised((g) => g.description)),
    kind: agreed(leaf('text', (g) => g.kind)),
    scale: agreed(leaf('text', (g) => g.scale)),
    crossDomain: agreed(leaf('boolean', (g) => g.crossDomain)),
    planned: agreed(
      group(
        {
          startsOn: leaf('date', (g: Agreed) => g.plannedStartOn),
          endsOn: leaf('date', (g: Agreed) => g.plannedEndOn),
        },
        (g) => sql`${g.id} is not null`,
      ),
    ),
    actual: group({ startsOn: leaf('date', (t: Action) => t.actualStartOn), endsOn: leaf('date', (t: Action) => t.actualEndOn) }),
    preAdoption: leaf('boolean', preAdoption),
    status: leaf('text', (t) => t.status),
    progressPercent: leaf('int', (t) => t.progressPercent),
    health: leaf('text', (t) => t.health),
    version: leaf('int', (t) => t.version),
    plan: one<Action, typeof plan>({ to: () => executionPlanEntity, on: (t, p) => eq(p.id, t.planId) }),
    lead: one<Action, typeof organisation, Participation>({
      to: () => organisationEntity,
      through: { table: actionParticipation, on: (t, p) => sql`${p.actionId} = ${t.id} and ${p.role} = 'LEAD' and ${current(p)}` },
      on: (_t, o, _args, p) => eq(o.id, p.organisationId),
    }),
    leadNeeded: leaf('boolean', leadNeeded),
    draft: one<Action, Agreed>({
      to: () => agreedActionEntity,
      on: (t, g) => sql`${g.actionId} = ${t.id} and ${g.versionState} = 'DRAFT' and ${g.withdrawn} is not true`,
    }),
    contributors: many<Action, typeof organisation, Participation>({
      to: () => organisationEntity,
      as: 'list',
      through: { table: actionParticipation, on: (t, p) => sql`${p.actionId} = ${t.id} and ${p.role} = 'CONTRIBUTING' and ${current(p)}` },
      on: (_t, o, _args, p) => eq(o.id, p.organisationId),
      order: [{ sql: (o) => o.slug, type: 'text' }],
      shared: true,
    }),
    participations: many<Action, Participation>({
      to: () => participationEntity,
      as: 'list',
      on: (t, p) => eq(p.actionId, t.id),
      order: [{ sql: (p) => p.startsOn, type: 'date' }],
    }),
    ...tags<Action>((t) => sql`${t.agreedActionId}`),
    latestStatus: one<Action, Report>({ to: () => statusReportEntity, on: (t, r) => eq(r.id, t.latestReportId) }),
    statusReports: many<Action, Report>({
      to: () => statusReportEntity,
      as: 'connection',
      on: (t, r) => eq(r.actionId, t.id),
      order: [{ sql: (r) => r.effectiveAt, type: 'timestamptz', descending: true }],
    }),
    notes: many<Action, typeof note>({
      to: () => noteEntity,
      as: 'connection',
      on: (t, n) => eq(n.actionId, t.id),
      order: [{ sql: (n) => n.createdAt, type: 'timestamptz', descending: true }],
    }),
    viewerCanRecordStatus: leaf(
      'boolean',
      () => sql`(select caller_may('team') or caller_may('edit') or (caller_may('push') and caller_may('member'))) is true`,
    ),
    viewerCanEditAgreed: leaf('boolean', (t) => sql`${steers(t.id)} and ${isInDraft(t)}`),
    viewerCanRemoveFromDraft: leaf('boolean', (t) => sql`(select caller_may('team') is true) and ${isInDraft(t)}`),
    viewerCanChangeParts: leaf('boolean', (t) => steers(t.id)),
    viewerCanCreateNote: leaf('boolean', () => sql`(select caller_may('notes') and (caller_may('edit') or caller_may('push'))) is true`),
  },
})

export const agreedActionEntity: Entity = entity<typeof agreedAction>({
  name: 'AgreedAction',
  table: agreedAction,
  node: false,
  fields: {
    title: localised((t) => t.title),
    description: localised((t) => t.description),
    kind: leaf('text', (t) => t.kind),
    scale: leaf('text', (t) => t.scale),
    planned: group({ startsOn: leaf('date', (t: Agreed) => t.plannedStartOn), endsOn: leaf('date', (t: Agreed) => t.plannedEndOn) }),
    crossDomain: leaf('boolean', (t) => t.crossDomain),
    ...tags<Agreed>((t) => sql`${t.id}`),
    version: leaf('int', (t) => t.version),
  },
})

export const participationEntity: Entity = entity<typeof actionParticipation>({
  name: 'ActionParticipation',
  table: actionParticipation,
  fields: {
    id: leaf('id', (t) => t.id),
    role: leaf('text', (t) => t.role),
    startsOn: leaf('date', (t) => t.startsOn),
    endsOn: leaf('date', (t) => t.endsOn),
    version: leaf('int', (t) => t.version),
    organisation: one<Participation, typeof organisation>({ to: () => organisationEntity, on: (t, o) => eq(o.id, t.organisationId) }),
  },
})

export const statusReportEntity: Entity = entity<typeof statusReport>({
  name: 'StatusReport',
  table: statusReport,
  fields: {
    id: leaf('id', (t) => t.id),
    status: leaf('text', (t) => t.status),
    progressPercent: leaf('int', (t) => t.progressPercent),
    health: leaf('text', (t) => t.health),
    effectiveAt: leaf('datetime', (t) => t.effectiveAt),
    recordedAt: leaf('datetime', (t) => t.recordedAt),
    subject: leaf('text', (t) => t.subject),
    standing: leaf('text', (t) => t.standing),
    afterEvaluation: leaf(
      'boolean',
      (
        t,
      ) => sql`exists (select from evaluation e join monitoring_plan m on m.id = e.monitoring_plan_id join plan p on p.programme_id = m.programme_id
        join action a on a.plan_id = p.id where a.id = ${t.actionId} and e.as_of < ${t.recordedAt}
          and (${t.effectiveAt} at time zone 'Europe/Amsterdam')::date between e.starts_on and e.ends_on)`,
    ),
    action: one<Report, Action>({ to: () => actionEntity, on: (t, a) => eq(a.id, t.actionId) }),
    reportedBy: one<Report, typeof organisation, typeof statusReportSource>({
      to: () => organisationEntity,
      through: { table: statusReportSource, on: (t, s) => eq(s.reportId, t.id) },
      on: (_t, o, _args, s) => eq(o.id, s.organisationId),
    }),
    narrative: narrated(leaf('text', (n) => n.narrative)),
    viewerCanAccept: leaf('boolean', (t) => sql`(${t.standing} = 'QUARANTINED' and ${steers(t.actionId)})`),
    restrictedFields: leaf('json', () => sql`(select case when caller_may('content') then '[]' else '["reportedBy"]' end)`),
  },
})

export const noteEntity: Entity = entity<typeof note>({
  name: 'Note',
  table: note,
  fields: {
    id: leaf('id', (t) => t.id),
    body: leaf('text', (t) => t.body),
    visibility: leaf('text', (t) => t.visibility),
    createdAt: leaf('datetime', (t) => t.createdAt),
    organisation: one<typeof note, typeof organisation>({ to: () => organisationEntity, on: (t, o) => eq(o.id, t.organisationId) }),
    action: one<typeof note, Action>({ to: () => actionEntity, on: (t, a) => eq(a.id, t.actionId) }),
  },
})

/** A filter on a tag of the agreed fields. */
const byTag =
  (link: string, tag: string, key: string, type: string): Filter<Action> =>
  (t, test) =>
    sql`exists (select from ${sql.raw(`${link} l join ${tag} c on c.id = l.${tag}_id`)} where l.agreed_action_id = ${t.agreedActionId} and not l.withdrawn and ${test(sql.raw(`c.${key}`), type)})`

export const actionFilters: Record<string, Filter<Action>> = {
  ref: (t, test) => test(t.ref, 'text'),
  neighbourhood: (t, test) =>
    sql`exists (select from plan p join neighbourhood n on n.id = p.neighbourhood_id where p.id = ${t.planId} and ${test(sql`n.slug`, 'text')})`,
  status: (t, test) => test(t.status, 'action_status'),
  health: (t, test) => test(t.health, 'health'),
  pillar: byTag('agreed_action_pillar', 'pillar', 'code', 'text'),
  theme: byTag('agreed_action_theme', 'theme', 'code', 'text'),
  sdg: byTag('agreed_action_sdg', 'sdg_goal', 'number', 'int'),
  lead: (t, test) =>
    sql`exists (select from action_participation p join organisation o on o.id = p.organisation_id
      where p.action_id = ${t.id} and p.role = 'LEAD' and p.starts_on <= ${today} and (p.ends_on is null or p.ends_on > ${today}) and ${test(sql`o.slug`, 'text')})`,
  leadNeeded: (t, test) => test(leadNeeded(t), 'boolean'),
  text: byText(
    (t, said) =>
      sql`exists (select from agreed_action g where g.id = ${t.agreedActionId} and ${said(sql`g.id`, sql`g.title`, sql`g.description`)})`,
  ),
}

const actionOrderings: Record<string, Order<Action, undefined>> = {
  REF: { sql: (t) => t.ref, type: 'text' },
  STATUS: { sql: (t) => t.status, type: 'action_status', values: actionStatus.enumValues },
  PROGRESS: { sql: (t) => sql`coalesce(${t.progressPercent}, -1)`, type: 'int' },
  UPDATED_AT: { sql: (t) => t.updatedAt, type: 'timestamptz' },
}

const byRef: readonly Order<Action, undefined>[] = [{ sql: (t) => t.ref, type: 'text' }]

executionPlanEntity.fields.actions = many<typeof plan, Action>({
  to: () => actionEntity,
  as: 'connection',
  on: (t, a) => eq(a.planId, t.id),
  order: byRef,
  orderings: actionOrderings,
  filters: actionFilters,
})

export const actionEntities = [actionEntity, agreedActionEntity, participationEntity, statusReportEntity, noteEntity]

export const actionRoots = {
  action: root<Action>({
    to: () => actionEntity,
    as: 'one',
    on: (t, args) => {
      if (args.has('id')) return sql`${t.id} = ${args.id('id', 'Action')}`
      return args.has('ref') ? sql`${t.ref} = ${args.value('ref', 'text')}` : sql`false`
    },
  }),
  actions: root<Action>({
    to: () => actionEntity,
    as: 'connection',
    on: () => sql`true`,
    order: byRef,
    orderings: actionOrderings,
    filters: actionFilters,
  }),
  quarantinedReports: root<Report>({
    to: () => statusReportEntity,
    as: 'connection',
    on: (t) => sql`${t.standing} = 'QUARANTINED'`,
    order: [{ sql: (r) => r.recordedAt, type: 'timestamptz' }],
  }),
}

export const actionSubscriptions = { actionChanged: 'action' }
