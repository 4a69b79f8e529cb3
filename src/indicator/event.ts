import { sql } from 'drizzle-orm'
import { type EventSource, eventId, objectId } from '../read/event.ts'

/** Figures that were told before are other ones now: once for each indicator of an import. */
export const indicatorEvents: readonly EventSource[] = [
  {
    types: { 'indicator.revised': 'Figures of an indicator were revised' },
    rows: sql`
      select ${eventId("'revised'", 'i.id', 'extract(epoch from r.recorded_at)')} as id, r.recorded_at as at, 'indicator.revised' as type,
        ${objectId('Indicator', 'i.id')} as subject, json_build_object('code', i.code) as data
      from observation_revision r join observation o on o.id = r.observation_id join series s on s.id = o.series_id join indicator i on i.id = s.indicator_id
      where r.revision > 1
      group by i.id, r.recorded_at`,
  },
]
