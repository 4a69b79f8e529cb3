import { sql } from 'drizzle-orm'
import type { Statement } from '../db/session.ts'
import { flatten } from '../odata/statement.ts'
import { type EventSource, instant, objectId } from '../read/event.ts'

/** The place of an event among all: when it was recorded, then its id. Places are ordered as texts are. */
export interface Place {
  at: string
  id: string
}

export interface Question {
  after: Place
  /** The moment until which all is recorded: of a later one nothing is told yet. */
  until: string
  limit: number
  types?: readonly string[] | undefined
  /** A global id. */
  subject?: string | undefined
  /** Only of actions that the caller's organisation takes part in today. */
  own: boolean
}

const ownActions = sql`e.subject in (select ${objectId('Action', 'p.action_id')} from action_participation p
  where p.organisation_id = caller_organisation() and p.starts_on <= today() and (p.ends_on is null or p.ends_on > today()))`

/** The events after a place, in their order: id, at, type, subject, data. Each source is asked for a page of its own, by its moments. */
export function eventsStatement(sources: readonly EventSource[], { after, until, limit, types, subject, own }: Question): Statement {
  const asked = types === undefined ? sources : sources.filter((source) => types.some((type) => type in source.types))
  const conditions = [
    sql`e.at >= ${after.at}::timestamptz and (e.at, e.id) > (${after.at}::timestamptz, ${after.id}::uuid) and e.at <= ${until}::timestamptz`,
    ...(types === undefined ? [] : [sql`e.type = any (string_to_array(${types.join(',')}, ','))`]),
    ...(subject === undefined ? [] : [sql`e.subject = ${subject}`]),
    ...(own ? [ownActions] : []),
  ]
  const page = sql`order by e.at, e.id limit ${String(limit)}::int`
  const pages = asked.map(({ rows }) => sql`(select * from (${rows}) e where ${sql.join(conditions, sql` and `)} ${page})`)
  return flatten(
    sql`select e.id, ${instant('e.at')} as at, e.type, e.subject, e.data from (${sql.join(pages, sql` union all `)}) e ${page}`,
  )
}
