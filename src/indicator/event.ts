import { sql } from 'drizzle-orm'
import { type EventSource, eventId, objectId } from '../read/event.ts'

/** Figures are other ones now, by an import, a conversion or a decision on what is withheld: once for each indicator. */
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
