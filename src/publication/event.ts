import { sql } from 'drizzle-orm'
import { before, type EventSource, eventId, objectId } from '../read/event.ts'

/** What residents are told of a plan can be read in one more language (S59, S60). */
export const publicationEvents: readonly EventSource[] = [
  {
    types: { 'publication.published': 'A publication can be read in a language' },
    rows: sql`
      select ${eventId("'published'", 's.id', 's.version')} as id, s.updated_at as at, 'publication.published' as type,
        ${objectId('PublicationText', 's.id')} as subject,
        json_build_object('language', s.language, 'neighbourhood', n.slug, 'planVersionId', ${objectId('PlanVersion', 'p.plan_version_id')}) as data
      from publication_text_as_known s join publication p on p.id = s.publication_id join neighbourhood n on n.id = p.neighbourhood_id
      where s.state = 'PUBLISHED' and ${before('publication_text', 'state')} is distinct from 'PUBLISHED'`,
  },
]
