import { sql } from 'drizzle-orm'
import type { Feed } from '../read/feed.ts'
import { actionKind, actionScale, actionStatus, health, reportStanding, reportSubject } from './table.ts'

/** The actions a caller may see, one row each, as they stand now. */
export const actions: Feed = {
  set: 'Actions',
  type: 'Action',
  description: 'Actions of the execution plans as they stand now',
  key: 'Id',
  recorded: 'RecordedAt',
  from: sql.raw(`action a
    left join agreed_action g on g.id = a.agreed_action_id
    left join plan p on p.id = a.plan_id
    left join neighbourhood n on n.id = p.neighbourhood_id
    left join action_participation l on l.action_id = a.id and l.role = 'LEAD' and l.starts_on <= today() and (l.ends_on is null or l.ends_on > today())
    left join organisation o on o.id = l.organisation_id`),
  properties: {
    Id: { type: 'Edm.Guid', nullable: false, description: 'Stable key', sql: sql.raw('a.id') },
    Ref: { type: 'Edm.String', nullable: false, description: 'Readable key', sql: sql.raw('a.ref') },
    Title: {
      type: 'Edm.String',
      nullable: true,
      description: 'Title in its source language',
      sql: sql.raw(`g.title ->> (g.title ->> 'source')`),
    },
    Kind: { type: 'Edm.String', nullable: true, description: 'What it is', values: actionKind.enumValues, sql: sql.raw('g.kind::text') },
    Scale: {
      type: 'Edm.String',
      nullable: true,
      description: 'How large it is',
      values: actionScale.enumValues,
      sql: sql.raw('g.scale::text'),
    },
    Status: {
      type: 'Edm.String',
      nullable: false,
      description: 'IATI activity status',
      values: actionStatus.enumValues,
      sql: sql.raw('a.status::text'),
    },
    ProgressPercent: { type: 'Edm.Int32', nullable: true, description: '0 to 100', sql: sql.raw('a.progress_percent') },
    Health: { type: 'Edm.String', nullable: false, description: 'How it goes', values: health.enumValues, sql: sql.raw('a.health::text') },
    PlannedStartOn: { type: 'Edm.Date', nullable: true, description: 'Agreed first day', sql: sql.raw('g.planned_start_on') },
    PlannedEndOn: { type: 'Edm.Date', nullable: true, description: 'Agreed last day', sql: sql.raw('g.planned_end_on') },
    ActualStartOn: { type: 'Edm.Date', nullable: true, description: 'First day, by its reports', sql: sql.raw('a.actual_start_on') },
    ActualEndOn: { type: 'Edm.Date', nullable: true, description: 'Last day, by its reports', sql: sql.raw('a.actual_end_on') },
    PlanId: {
      type: 'Edm.Guid',
      nullable: true,
      description: 'Its execution plan, where the caller sees a version of it',
      sql: sql.raw('p.id'),
    },
    Neighbourhood: { type: 'Edm.String', nullable: true, description: 'Slug of the neighbourhood', sql: sql.raw('n.slug') },
    LeadId: { type: 'Edm.Guid', nullable: true, description: 'Organisations.Id of who leads today', sql: sql.raw('l.organisation_id') },
    Lead: { type: 'Edm.String', nullable: true, description: 'Slug of the organisation that leads today', sql: sql.raw('o.slug') },
    IsExample: { type: 'Edm.Boolean', nullable: false, description: 'Shows how the register works', sql: sql.raw('a.example') },
    RecordedAt: { type: 'Edm.DateTimeOffset', nullable: false, description: 'When the row last changed', sql: sql.raw('a.updated_at') },
  },
}

/** Every report a caller may see, as it came to be known: the history of a status. */
export const actionStatusHistory: Feed = {
  set: 'ActionStatusHistory',
  type: 'ActionStatusReport',
  description: 'Status reports of actions; append-only, but for how they stand',
  key: 'Id',
  recorded: 'RecordedAt',
  changed: 'ChangedAt',
  from: sql.raw(`status_report r
    left join action a on a.id = r.action_id
    left join status_report_source s on s.report_id = r.id
    left join organisation o on o.id = s.organisation_id`),
  properties: {
    Id: { type: 'Edm.Guid', nullable: false, description: 'Stable key', sql: sql.raw('r.id') },
    ActionId: { type: 'Edm.Guid', nullable: false, description: 'Actions.Id', sql: sql.raw('r.action_id') },
    ActionRef: { type: 'Edm.String', nullable: true, description: 'Actions.Ref, for who may read the action', sql: sql.raw('a.ref') },
    Status: {
      type: 'Edm.String',
      nullable: false,
      description: 'The status it tells',
      values: actionStatus.enumValues,
      sql: sql.raw('r.status::text'),
    },
    ProgressPercent: { type: 'Edm.Int32', nullable: true, description: '0 to 100', sql: sql.raw('r.progress_percent') },
    Health: { type: 'Edm.String', nullable: true, description: 'How it goes', values: health.enumValues, sql: sql.raw('r.health::text') },
    EffectiveAt: { type: 'Edm.DateTimeOffset', nullable: false, description: 'When it was so', sql: sql.raw('r.effective_at') },
    Subject: {
      type: 'Edm.String',
      nullable: false,
      description: 'ACTION, CONTRIBUTION or UNRELATED',
      values: reportSubject.enumValues,
      sql: sql.raw('r.subject::text'),
    },
    Standing: {
      type: 'Edm.String',
      nullable: false,
      description: 'ACCEPTED counts; QUARANTINED waits; RETRACTED and DISCARDED count no more',
      values: reportStanding.enumValues,
      sql: sql.raw('r.standing::text'),
    },
    ReportedById: {
      type: 'Edm.Guid',
      nullable: true,
      description: 'Organisations.Id of the reporter, for who may read it',
      sql: sql.raw('s.organisation_id'),
    },
    ReportedBy: { type: 'Edm.String', nullable: true, description: 'Slug of the reporter, for who may read it', sql: sql.raw('o.slug') },
    RecordedAt: { type: 'Edm.DateTimeOffset', nullable: false, description: 'When it came to be known', sql: sql.raw('r.recorded_at') },
    ChangedAt: {
      type: 'Edm.DateTimeOffset',
      nullable: false,
      description: 'When it last came to stand otherwise',
      sql: sql.raw('r.updated_at'),
    },
  },
}

/** A pair's key is made of the two, so that it is the same whichever version agrees it. */
export const actionPillars: Feed = {
  set: 'ActionPillars',
  type: 'ActionPillar',
  description: 'The pillars that an action serves, as agreed, one row each',
  key: 'Id',
  from: sql.raw('action a join agreed_action_pillar t on t.agreed_action_id = a.agreed_action_id'),
  where: sql.raw('not t.withdrawn'),
  properties: {
    Id: { type: 'Edm.Guid', nullable: false, description: 'Stable key', sql: sql.raw(`md5(a.id || '/' || t.pillar_id)::uuid`) },
    ActionId: { type: 'Edm.Guid', nullable: false, description: 'Actions.Id', sql: sql.raw('a.id') },
    PillarId: { type: 'Edm.Guid', nullable: false, description: 'Pillars.Id', sql: sql.raw('t.pillar_id') },
  },
}

export const actionSdgGoals: Feed = {
  set: 'ActionSdgGoals',
  type: 'ActionSdgGoal',
  description: 'The goals that an action serves, as agreed, one row each',
  key: 'Id',
  from: sql.raw('action a join agreed_action_sdg t on t.agreed_action_id = a.agreed_action_id'),
  where: sql.raw('not t.withdrawn'),
  properties: {
    Id: { type: 'Edm.Guid', nullable: false, description: 'Stable key', sql: sql.raw(`md5(a.id || '/' || t.sdg_goal_id)::uuid`) },
    ActionId: { type: 'Edm.Guid', nullable: false, description: 'Actions.Id', sql: sql.raw('a.id') },
    SdgGoalId: { type: 'Edm.Guid', nullable: false, description: 'SdgGoals.Id', sql: sql.raw('t.sdg_goal_id') },
  },
}
