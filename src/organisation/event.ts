import { sql } from 'drizzle-orm'
import { before, type EventSource, eventId, objectId } from '../read/event.ts'

/** Who joins the alliance and who leaves it, told when it is recorded; it holds from the day named. */
export const organisationEvents: readonly EventSource[] = [
  {
    types: { 'membership.started': 'An organisation joins the alliance' },
    rows: sql`
      select ${eventId("'joined'", 'm.id')} as id, m.created_at as at, 'membership.started' as type, ${objectId('AllianceMembership', 'm.id')} as subject,
        json_build_object('organisation', o.slug, 'membershipType', m.type, 'startsOn', m.starts_on) as data
      from alliance_membership m join organisation o on o.id = m.organisation_id`,
  },
  {
    types: { 'membership.ended': 'An organisation leaves the alliance' },
    rows: sql`
      select ${eventId("'left'", 's.id', 's.version')} as id, s.updated_at as at, 'membership.ended' as type, ${objectId('AllianceMembership', 's.id')} as subject,
        json_build_object('organisation', o.slug, 'endsOn', s.ends_on) as data
      from alliance_membership_as_known s join organisation o on o.id = s.organisation_id
      where s.ends_on is not null and s.ends_on is distinct from ${before('alliance_membership', 'ends_on')}`,
  },
]
