import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgEnum,
  pgPolicy,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import {
  callerOrganisation,
  callerPrincipal,
  id,
  insertPolicy,
  localised,
  lookup,
  may,
  readPolicy,
  register,
  stamps,
  updatePolicy,
} from '../db/columns.ts'
import { organisation, ownOrganisation } from '../organisation/table.ts'
import { everAdopted, plan, planState, planVersion } from '../plan/table.ts'
import { pillar, programme, result, sdgGoal, theme } from '../programme/table.ts'

/** IATI activity status, codes 1 to 6 in this order. */
export const actionStatus = pgEnum('action_status', ['PIPELINE', 'IMPLEMENTATION', 'FINALISATION', 'CLOSED', 'CANCELLED', 'SUSPENDED'])
export const health = pgEnum('health', ['ON_TRACK', 'AT_RISK', 'OFF_TRACK', 'UNKNOWN'])
export const actionKind = pgEnum('action_kind', ['ACTION', 'INITIATIVE', 'OPPORTUNITY', 'POINT_OF_ATTENTION'])
export const actionScale = pgEnum('action_scale', [
  'RESIDENT_INITIATIVE',
  'STREET_OR_BLOCK',
  'NEIGHBOURHOOD',
  'CROSS_NEIGHBOURHOOD',
  'AREA_DEVELOPMENT',
])

/** Actions the caller's organisation leads, contributes to or funds today; "parties" in the rules below. */
export const isParty = (table: string) => sql`exists (select 1 from action_participation p where p.action_id = ${sql.raw(table)}.action_id
  and p.organisation_id = ${callerOrganisation} and p.starts_on <= (select today()) and (p.ends_on is null or p.ends_on > (select today())))`
/** Who told may take it back. By a look-up, as the policy of sources looks at reports. */
const isReporter = sql`reported_by_caller(id)`
/** Also those it once did: a report may come late. */
const wasParty = sql`action_id in (select p.action_id from action_participation p where p.organisation_id = ${callerOrganisation})`
const isLead = sql`action_id in (select p.action_id from action_participation p where p.role = 'LEAD' and p.organisation_id = ${callerOrganisation})`
/** By a look-up, where the policies of parts would come back to the table that asks. */
export const ledByCaller = sql`action_id in (select led_actions())`
/** What a system reports on, whatever has been decided of it: the actions its organisation takes part in today, as a member; while it reports, ever took part in (by a look-up, for the same reason). */
const pushesFor = (id: string) => sql`(${may('push')} and ${sql.raw(id)} = any (array(select joined_actions())))`
/** Whoever sees anything agreed of an action sees it. Not by way of the action: its own policies look back here, and each policy passed on the way costs every statement its start. */
const seesAgreed = (table: string, id: string) =>
  sql`exists (select 1 from agreed_action g where g.action_id = ${sql.raw(`${table}.${id}`)})`
export const seesAction = (table: string, id = 'action_id') => sql`(${seesAgreed(table, id)} or ${pushesFor(id)})`
/** Its lead of today writes where an action stands; one of an earlier day only while a report of that day is folded in. */
const leads = sql`id in (select p.action_id from action_participation p where p.role = 'LEAD' and p.organisation_id = ${callerOrganisation}
  and (${may('reporting')} or (p.starts_on <= (select today()) and (p.ends_on is null or p.ends_on > (select today())))))`

/**
 * The identity of an action and its operational facts. What was agreed of it (title, kind, scale, period) stands in `agreed_action`.
 * Status, progress and health are a projection of its reports, kept by the verb under this row's lock and rebuildable (decisions D5).
 */
export const action = pgTable(
  'action',
  {
    id: id(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    planId: uuid('plan_id')
      .notNull()
      .references(() => plan.id),
    ref: text('ref').notNull(),
    /** The agreed fields that count now: of the version in force, else of the first version. */
    agreedActionId: uuid('agreed_action_id'),
    status: actionStatus('status').notNull().default('PIPELINE'),
    progressPercent: integer('progress_percent'),
    health: health('health').notNull().default('UNKNOWN'),
    latestReportId: uuid('latest_report_id'),
    actualStartOn: date('actual_start_on', { mode: 'string' }),
    actualEndOn: date('actual_end_on', { mode: 'string' }),
    example: boolean('example').notNull().default(false),
    ...stamps(),
  },
  (t) => [
    unique('action_ref').on(t.programmeId, t.ref),
    unique('action_plan').on(t.id, t.planId),
    check('action_ref_form', sql`${t.ref} ~ '^[A-Z0-9]+(-[A-Z0-9]+)*$'`),
    check('action_progress', sql`${t.progressPercent} between 0 and 100`),
    index('action_plan_ref').on(t.planId, t.ref),
    index('action_status_ref').on(t.status, t.ref),
    // Seen by whoever sees what was agreed of it, so that what is only in a later draft is as hidden as the draft.
    readPolicy(
      'action',
      sql`${may('drafts')} or exists (select 1 from agreed_action g where g.id = action.agreed_action_id) or ${pushesFor('id')}`,
    ),
    insertPolicy('action', may('team')),
    updatePolicy('action', sql`${may('team')} or ((${may('push')} or ${may('edit')}) and ${leads})`),
  ],
)

/** The agreed fields of an action in one version of its plan. Frozen with the version. */
export const agreedAction = pgTable(
  'agreed_action',
  {
    id: id(),
    actionId: uuid('action_id').notNull(),
    planId: uuid('plan_id').notNull(),
    planVersionId: uuid('plan_version_id')
      .notNull()
      .references(() => planVersion.id),
    /** Copies that the foreign key keeps equal to the version's own, so that a policy needs no join. */
    versionState: planState('version_state').notNull(),
    versionNumber: integer('version_number').notNull(),
    title: localised('title').notNull(),
    description: localised('description'),
    kind: actionKind('kind').notNull().default('ACTION'),
    scale: actionScale('scale').notNull(),
    plannedStartOn: date('planned_start_on', { mode: 'string' }),
    plannedEndOn: date('planned_end_on', { mode: 'string' }),
    crossDomain: boolean('cross_domain').notNull().default(false),
    /** Taken out of the version while it was a draft: it agrees nothing of the action. */
    withdrawn: boolean('withdrawn').notNull().default(false),
    ...stamps(),
  },
  (t) => [
    unique('agreed_action_version').on(t.planVersionId, t.actionId),
    foreignKey({ columns: [t.actionId, t.planId], foreignColumns: [action.id, action.planId], name: 'agreed_action_action' }),
    foreignKey({
      columns: [t.planVersionId, t.versionState, t.versionNumber],
      foreignColumns: [planVersion.id, planVersion.state, planVersion.number],
      name: 'agreed_action_version_state',
    }).onUpdate('cascade'),
    index('agreed_action_of_action').on(t.actionId),
    check('agreed_action_texts', sql`is_localised(${t.title}) and is_localised(${t.description})`),
    check('agreed_action_period', sql`${t.plannedEndOn} >= ${t.plannedStartOn}`),
    // A first version is the action's only core text and shared with all roles of content; a later draft only with those who read drafts.
    // What it was before it could be withdrawn tells nothing of that.
    readPolicy(
      'agreed_action',
      sql`${may('drafts')} or (withdrawn is not true and ((${everAdopted('version_state')} and ${may('public')}) or (version_number = 1 and ${may('content')})))`,
    ),
    insertPolicy('agreed_action', may('team')),
    updatePolicy('agreed_action', sql`${may('team')} or (${may('edit')} and ${ledByCaller})`),
  ],
)

const ofAgreedAction = sql`(${may('drafts')} or exists (select 1 from agreed_action g where g.id = agreed_action_id))`

/** A tag taken off again in the draft; what a version agrees is what is not. */
const withdrawnTag = () => boolean('withdrawn').notNull().default(false)

export const agreedActionPillar = pgTable(
  'agreed_action_pillar',
  {
    agreedActionId: uuid('agreed_action_id')
      .notNull()
      .references(() => agreedAction.id),
    pillarId: uuid('pillar_id')
      .notNull()
      .references(() => pillar.id),
    withdrawn: withdrawnTag(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ columns: [t.agreedActionId, t.pillarId] }),
    index('agreed_action_pillar_pillar').on(t.pillarId),
    ...register('agreed_action_pillar', ofAgreedAction, may('team')),
  ],
)

export const agreedActionTheme = pgTable(
  'agreed_action_theme',
  {
    agreedActionId: uuid('agreed_action_id')
      .notNull()
      .references(() => agreedAction.id),
    themeId: uuid('theme_id')
      .notNull()
      .references(() => theme.id),
    withdrawn: withdrawnTag(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ columns: [t.agreedActionId, t.themeId] }),
    index('agreed_action_theme_theme').on(t.themeId),
    // Themes are the alliance's own, so their link to an action is too.
    ...register('agreed_action_theme', sql`${may('agenda')} and ${ofAgreedAction}`, may('team')),
  ],
)

export const agreedActionSdg = pgTable(
  'agreed_action_sdg',
  {
    agreedActionId: uuid('agreed_action_id')
      .notNull()
      .references(() => agreedAction.id),
    sdgGoalId: uuid('sdg_goal_id')
      .notNull()
      .references(() => sdgGoal.id),
    withdrawn: withdrawnTag(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ columns: [t.agreedActionId, t.sdgGoalId] }),
    index('agreed_action_sdg_goal').on(t.sdgGoalId),
    ...register('agreed_action_sdg', ofAgreedAction, may('team')),
  ],
)

export const agreedActionResult = pgTable(
  'agreed_action_result',
  {
    agreedActionId: uuid('agreed_action_id')
      .notNull()
      .references(() => agreedAction.id),
    resultId: uuid('result_id')
      .notNull()
      .references(() => result.id),
    withdrawn: withdrawnTag(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ columns: [t.agreedActionId, t.resultId] }),
    index('agreed_action_result_result').on(t.resultId),
    ...register('agreed_action_result', ofAgreedAction, may('team')),
  ],
)

export const participationRole = pgEnum('participation_role', ['LEAD', 'CONTRIBUTING', 'FUNDING'])

/**
 * An organisation takes part in an action between two dates (`endsOn` is the first day it no longer does).
 * At most one LEAD on any date (exclusion constraint); a gap only where the lead left the alliance (deferred trigger).
 */
export const actionParticipation = pgTable(
  'action_participation',
  {
    id: id(),
    actionId: uuid('action_id')
      .notNull()
      .references(() => action.id),
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisation.id),
    role: participationRole('role').notNull(),
    startsOn: date('starts_on', { mode: 'string' }).notNull(),
    endsOn: date('ends_on', { mode: 'string' }),
    ...stamps(),
  },
  (t) => [
    check('action_participation_order', sql`${t.endsOn} > ${t.startsOn}`),
    // All that a part is found by, so that it is preferred to the exclusion's own index, which reads dozens of pages for each action.
    index('action_participation_action').on(t.actionId, t.organisationId, t.role, t.startsOn, t.endsOn),
    // The same for a lead.
    index('action_participation_lead').on(t.actionId, t.startsOn, t.endsOn, t.organisationId).where(sql`role = 'LEAD'`),
    index('action_participation_organisation').on(t.organisationId, t.role, t.actionId),
    // Its own parts also in its grace, so that a system finds what it may still report on.
    readPolicy('action_participation', sql`${may('drafts')} or ${ownOrganisation} or ${seesAction('action_participation')}`),
    insertPolicy('action_participation', sql`${may('team')} or (${may('edit')} and ${ledByCaller})`),
    updatePolicy('action_participation', sql`${may('team')} or (${may('edit')} and ${ledByCaller})`),
    // Who leads is asked by policies and triggers whatever the caller sees; who leaves the alliance leaves its actions.
    pgPolicy('action_participation_lookup', { for: 'select', to: lookup, using: sql`true` }),
    pgPolicy('action_participation_leaving', { for: 'update', to: lookup, using: sql`true`, withCheck: sql`true` }),
  ],
)

/** The id by which a partner's own system knows an action; nobody else's business. */
export const externalRef = pgTable(
  'external_ref',
  {
    id: id(),
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisation.id),
    system: text('system').notNull(),
    externalId: text('external_id').notNull(),
    actionId: uuid('action_id')
      .notNull()
      .references(() => action.id),
    ...stamps(),
  },
  (t) => [
    unique('external_ref_id').on(t.organisationId, t.system, t.externalId),
    index('external_ref_of_action').on(t.actionId),
    unique('external_ref_action').on(t.organisationId, t.system, t.actionId),
    check('external_ref_sizes', sql`length(${t.system}) between 1 and 100 and length(${t.externalId}) between 1 and 200`),
    readPolicy('external_ref', ownOrganisation),
    insertPolicy('external_ref', sql`${ownOrganisation} and ${may('member')} and (${may('push')} or ${may('edit')})`),
    updatePolicy('external_ref', sql`${ownOrganisation} and ${may('member')} and (${may('push')} or ${may('edit')})`),
  ],
)

/** What a report speaks of: the action (by its lead or the team), the reporter's own contribution, or an action it has no part in. */
export const reportSubject = pgEnum('report_subject', ['ACTION', 'CONTRIBUTION', 'UNRELATED'])
export const reportStanding = pgEnum('report_standing', ['ACCEPTED', 'QUARANTINED', 'RETRACTED', 'DISCARDED'])

/**
 * A report of an action's status at a moment. Append-only (trigger): only `standing` is ever written again, the fold's own judgement until its
 * reporter takes the report back or its receiver sets it aside, and that its receiver admitted it.
 * This table holds what everyone may read of a report under an adopted plan; who, why and how stand in tables of their own.
 */
export const statusReport = pgTable(
  'status_report',
  {
    id: id(),
    actionId: uuid('action_id')
      .notNull()
      .references(() => action.id),
    subject: reportSubject('subject').notNull(),
    standing: reportStanding('standing').notNull(),
    /** Accepted out of quarantine: it counts as the action's own, told by hand and explained. Never taken back but by setting it aside (trigger). */
    admitted: boolean('admitted').notNull().default(false),
    /** When it came, one of a later moment counted already: how it was judged then. */
    late: boolean('late').notNull().default(false),
    status: actionStatus('status').notNull(),
    progressPercent: integer('progress_percent'),
    health: health('health'),
    effectiveAt: timestamp('effective_at', { withTimezone: true, mode: 'string' }).notNull(),
    recordedAt: timestamp('recorded_at', { withTimezone: true, mode: 'string' }).notNull().default(sql`now()`),
    ...stamps(),
  },
  (t) => [
    check('status_report_progress', sql`${t.progressPercent} between 0 and 100`),
    check('status_report_not_future', sql`${t.effectiveAt} <= ${t.recordedAt} + interval '5 minutes'`),
    index('status_report_action').on(t.actionId, t.effectiveAt),
    index('status_report_recorded').on(t.recordedAt, t.id),
    // What is new, for who follows events.
    index('status_report_changed').on(t.updatedAt),
    index('status_report_quarantined').on(t.recordedAt, t.id).where(sql`${t.standing} = 'QUARANTINED'`),
    readPolicy(
      'status_report',
      sql`${may('drafts')} or ((${may('content')} or ((subject = 'ACTION' or admitted) and standing = 'ACCEPTED')) and ${seesAction('status_report')}) or (${may('own')} and ${isReporter})`,
    ),
    insertPolicy(
      'status_report',
      sql`${may('team')} or ((${may('push')} or ${may('edit')}) and case subject when 'ACTION' then ${isLead} when 'CONTRIBUTION' then ${wasParty} else true end)`,
    ),
    updatePolicy('status_report', sql`${may('team')} or ((${may('push')} or ${may('edit')}) and (${isLead} or ${isReporter}))`),
  ],
)

/** Who reported, in which order: the alliance's business. */
export const statusReportSource = pgTable(
  'status_report_source',
  {
    reportId: uuid('report_id')
      .primaryKey()
      .references(() => statusReport.id),
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisation.id),
    /** Made by a system's push, so it cannot reopen what is closed. */
    pushed: boolean('pushed').notNull(),
    sourceSequence: bigint('source_sequence', { mode: 'bigint' }),
    /** Hash of source and external event id: orders reports that are equal in all else, the same whatever their arrival. */
    tieBreak: text('tie_break').notNull(),
    hasNarrative: boolean('has_narrative').notNull().default(false),
    ...stamps(),
  },
  (t) => [
    index('status_report_source_organisation').on(t.organisationId),
    readPolicy(
      'status_report_source',
      sql`${may('drafts')} or ${ownOrganisation} or (${may('content')} and exists (select 1 from status_report r where r.id = report_id))`,
    ),
    insertPolicy(
      'status_report_source',
      sql`organisation_id = ${callerOrganisation} and (${may('team')} or ${may('push')} or ${may('edit')})`,
    ),
    pgPolicy('status_report_source_lookup', { for: 'select', to: lookup, using: sql`true` }),
  ],
)

/** The reporter's own id of a report and its fingerprint, by which a repetition is recognised. Only its own organisation reads it. */
export const statusReportEvent = pgTable(
  'status_report_event',
  {
    reportId: uuid('report_id')
      .primaryKey()
      .references(() => statusReport.id),
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisation.id),
    externalEventId: text('external_event_id').notNull(),
    fingerprint: text('fingerprint').notNull(),
    /** The answer given when it first came, given again to a repetition. */
    answer: jsonb('answer').notNull(),
    ...stamps(),
  },
  (t) => [
    unique('status_report_event_id').on(t.organisationId, t.externalEventId),
    // The team, too, recognises the repetition of its own report.
    readPolicy('status_report_event', sql`organisation_id = ${callerOrganisation} and (${may('own')} or ${may('team')})`),
    insertPolicy(
      'status_report_event',
      sql`organisation_id = ${callerOrganisation} and (${may('team')} or ${may('push')} or ${may('edit')})`,
    ),
  ],
)

export const visibility = pgEnum('visibility', ['PUBLIC', 'ALLIANCE', 'ACTION_PARTIES', 'OWN_ORGANISATION', 'PROGRAMME_TEAM'])

/** The words of a report, with an audience of their own. */
export const statusReportNarrative = pgTable(
  'status_report_narrative',
  {
    reportId: uuid('report_id')
      .primaryKey()
      .references(() => statusReport.id),
    actionId: uuid('action_id')
      .notNull()
      .references(() => action.id),
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisation.id),
    narrative: text('narrative').notNull(),
    visibility: visibility('visibility').notNull(),
    ...stamps(),
  },
  (t) => [
    check('status_report_narrative_size', sql`length(${t.narrative}) between 1 and 10000`),
    index('status_report_narrative_action').on(t.actionId),
    readPolicy(
      'status_report_narrative',
      sql`${ownOrganisation} or case when visibility in ('PUBLIC', 'ALLIANCE')
        then ${may('drafts')} or case when ${may('content')} then ${seesAgreed('status_report_narrative', 'action_id')} or ${pushesFor('action_id')}
          else visibility = 'PUBLIC' and exists (select 1 from status_report r where r.id = report_id) end
        else (visibility <> 'OWN_ORGANISATION' and ${may('team')})
          or (visibility = 'ACTION_PARTIES' and ${may('own')} and ${may('member')} and ${isParty('status_report_narrative')}) end`,
    ),
    insertPolicy(
      'status_report_narrative',
      sql`organisation_id = ${callerOrganisation} and (${may('team')} or ${may('push')} or ${may('edit')})`,
    ),
  ],
)

/** A pushed batch and the answer it got, kept so that the same Idempotency-Key gets the same answer. */
export const statusReportBatch = pgTable(
  'status_report_batch',
  {
    id: id(),
    principalId: uuid('principal_id').notNull(),
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisation.id),
    idempotencyKey: text('idempotency_key').notNull(),
    fingerprint: text('fingerprint').notNull(),
    answer: jsonb('answer').notNull(),
    ...stamps(),
  },
  (t) => [
    unique('status_report_batch_key').on(t.principalId, t.idempotencyKey),
    readPolicy('status_report_batch', sql`${ownOrganisation} or principal_id = ${callerPrincipal}`),
    insertPolicy(
      'status_report_batch',
      sql`principal_id = ${callerPrincipal} and organisation_id = ${callerOrganisation} and (${may('team')} or ${may('push')} or ${may('edit')})`,
    ),
  ],
)

/** A remark on an action with an audience: the alliance, the parties to the action, or the writer's own organisation. */
export const note = pgTable(
  'note',
  {
    id: id(),
    actionId: uuid('action_id')
      .notNull()
      .references(() => action.id),
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisation.id),
    body: text('body').notNull(),
    visibility: visibility('visibility').notNull(),
    ...stamps(),
  },
  (t) => [
    check('note_visibility', sql`${t.visibility} in ('ALLIANCE', 'ACTION_PARTIES', 'OWN_ORGANISATION')`),
    check('note_size', sql`length(${t.body}) between 1 and 10000`),
    index('note_action').on(t.actionId, t.createdAt),
    readPolicy(
      'note',
      sql`${may('notes')} and (${may('drafts')} or ${seesAction('note')}) and case visibility
        when 'ALLIANCE' then true
        when 'ACTION_PARTIES' then ${may('team')} or (${may('own')} and ${isParty('note')})
        else ${ownOrganisation} end`,
    ),
    insertPolicy(
      'note',
      sql`${ownOrganisation} and ${may('notes')} and (${may('edit')} or ${may('push')}) and (visibility <> 'ACTION_PARTIES' or ${isParty('note')})`,
    ),
  ],
)
