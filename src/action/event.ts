import { sql } from 'drizzle-orm'
import { before, type EventSource, eventId, instant, objectId } from '../read/event.ts'

/** A report begins to count, at once or out of quarantine, or counts no longer (P2, P5, P8). Of its words nothing is told. First told by the id of the report, so that those of one push keep their order. */
const reports: EventSource = {
  types: {
    'action.status-recorded': 'A report counts; of a contribution, for itself alone',
    'action.status-recorded-late': 'A report counts that told, when it came, of an earlier moment than one before it',
    'action.status-retracted':
      'A report that counted does no longer: taken back by who made it, set aside by who steers the action, or held after all since another came before it',
  },
  rows: sql`
    select case when s.version = 1 then s.id else ${eventId("'report'", 's.id', 's.version')} end as id, s.updated_at as at,
      case when s.standing <> 'ACCEPTED' then 'action.status-retracted'
        when s.late then 'action.status-recorded-late' else 'action.status-recorded' end as type,
      ${objectId('Action', 's.action_id')} as subject,
      json_build_object('ref', a.ref, 'reportId', ${objectId('StatusReport', 's.id')}, 'about', s.subject, 'status', s.status,
        'progressPercent', s.progress_percent, 'health', s.health, 'effectiveAt', ${instant('s.effective_at')}) as data
    from status_report_as_known s left join action a on a.id = s.action_id
    where (s.standing = 'ACCEPTED') is distinct from coalesce(${before('status_report', 'standing')} = 'ACCEPTED', false)`,
}

/** Where an action stands by all its reports, whenever that changes: what a receiver shows who folds no reports itself. */
const changes: EventSource = {
  types: { 'action.status-changed': 'Status, progress or health of an action is another' },
  rows: sql`
    select ${eventId("'action'", 's.id', 's.version')} as id, s.updated_at as at, 'action.status-changed' as type, ${objectId('Action', 's.id')} as subject,
      json_build_object('ref', s.ref, 'status', s.status, 'progressPercent', s.progress_percent, 'health', s.health) as data
    from action_as_known s
    where (s.status::text, s.progress_percent, s.health::text) is distinct from
      (${before('action', 'status::text')}, ${before('action', 'progress_percent')}, ${before('action', 'health::text')})
      and exists (select from action_history h where h.id = s.id and upper(h.system_period) = s.updated_at)`,
}

/** Its lead goes and nobody has been named who leads from that day (P6). */
const leads: EventSource = {
  types: { 'action.lead-needed': 'From a day on nobody leads an action' },
  rows: sql`
    select ${eventId("'lead'", 's.id', 's.version')} as id, s.updated_at as at, 'action.lead-needed' as type, ${objectId('Action', 's.action_id')} as subject,
      json_build_object('ref', a.ref, 'formerLead', o.slug, 'neededFrom', s.ends_on) as data
    from action_participation_as_known s left join action a on a.id = s.action_id left join organisation o on o.id = s.organisation_id
    where s.role = 'LEAD' and s.ends_on is not null and s.ends_on is distinct from ${before('action_participation', 'ends_on')}
      and not exists (select from action_participation n where n.action_id = s.action_id and n.role = 'LEAD' and n.id <> s.id
        and n.starts_on between s.starts_on and s.ends_on and n.created_at <= s.updated_at)`,
}

export const actionEvents: readonly EventSource[] = [reports, changes, leads]
