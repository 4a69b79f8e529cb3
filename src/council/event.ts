import { sql } from 'drizzle-orm'
import { type EventSource, eventId, objectId } from '../read/event.ts'

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
    types: { 'duty.fulfilled': 'The council has been told' },
    rows: sql`
      select ${eventId("'told'", 'd.id', 'extract(epoch from t.at)')} as id, t.at, 'duty.fulfilled' as type, ${objectId('InformationDuty', 'd.id')} as subject,
        json_build_object('adoptedOn', d.adopted_on, 'dueOn', d.due_on) as data
      from information_duty d cross join lateral (
        select min(greatest(x.created_at, n.told_at)) as at from council_notice_duty x cross join lateral (
          select min(k.updated_at) as told_at from council_notice_as_known k where k.id = x.council_notice_id and k.informed_on is not null) n
        where x.information_duty_id = d.id and not x.withdrawn and n.told_at is not null) t
      where t.at is not null`,
  },
]
