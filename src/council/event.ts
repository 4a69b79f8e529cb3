import { sql } from 'drizzle-orm'
import { before, type EventSource, eventId, objectId } from '../read/event.ts'

const duty = objectId('InformationDuty', 's.information_duty_id')

/** The council is still to be told of an adopted plan, and has been (S51, S52). */
export const councilEvents: readonly EventSource[] = [
  {
    types: { 'duty.opened': 'The council is to be told of a plan that was adopted' },
    rows: sql`
      select ${eventId("'duty'", 'd.id')} as id, d.created_at as at, 'duty.opened' as type, ${objectId('InformationDuty', 'd.id')} as subject,
        json_build_object('adoptedOn', d.adopted_on, 'dueOn', d.due_on) as data
      from information_duty d`,
  },
  {
    types: {
      'duty.fulfilled': 'The council was told of it by a notice',
      'duty.notice-withdrawn': 'A notice was about something else after all: without another the duty is open again',
    },
    rows: sql`
      select ${eventId("'linked'", 's.council_notice_id', 's.information_duty_id', 's.version')} as id, s.updated_at as at,
        case when s.withdrawn then 'duty.notice-withdrawn' else 'duty.fulfilled' end as type, ${duty} as subject,
        json_build_object('noticeId', ${objectId('CouncilNotice', 's.council_notice_id')}) as data
      from council_notice_duty_as_known s
      where s.withdrawn is distinct from coalesce((select h.withdrawn from council_notice_duty_history h
          where (h.council_notice_id, h.information_duty_id) = (s.council_notice_id, s.information_duty_id) and upper(h.system_period) = s.updated_at), true)
        and exists (select from council_notice_as_known n where n.id = s.council_notice_id and n.informed_on is not null and n.updated_at <= s.updated_at)`,
  },
  {
    types: { 'duty.fulfilled': 'The council was told of it by a notice' },
    // A letter that was written before it was sent.
    rows: sql`
      select ${eventId("'sent'", 's.id', 's.version', 'l.information_duty_id')} as id, s.updated_at as at, 'duty.fulfilled' as type,
        ${objectId('InformationDuty', 'l.information_duty_id')} as subject, json_build_object('noticeId', ${objectId('CouncilNotice', 's.id')}) as data
      from council_notice_as_known s join council_notice_duty_as_known l on l.council_notice_id = s.id
        and l.updated_at < s.updated_at and coalesce(upper(l.system_period) > s.updated_at, true) and not l.withdrawn
      where s.informed_on is not null and ${before('council_notice', 'informed_on')} is null
        and exists (select from council_notice_history h where h.id = s.id and upper(h.system_period) = s.updated_at)`,
  },
]
