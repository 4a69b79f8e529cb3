import { eq, type SQL, sql } from 'drizzle-orm'
import { date, pgTable, uuid } from 'drizzle-orm/pg-core'
import { actionEntity } from '../action/read.ts'
import type { action } from '../action/table.ts'
import { breakthroughEntity } from '../breakthrough/read.ts'
import type { breakthrough } from '../breakthrough/table.ts'
import { informationDutyEntity } from '../council/read.ts'
import type { informationDuty } from '../council/table.ts'
import { indicatorEntity } from '../indicator/read.ts'
import type { indicator } from '../indicator/table.ts'
import { programmeEntity } from '../programme/read.ts'
import type { programme } from '../programme/table.ts'
import { type Entity, entity, leaf, many, one, root } from '../read/model.ts'

/** A programme and a day of its term (a view, for who tells the council and for the council): what a digest is of. */
const councilDigest = pgTable('council_digest', { id: uuid('id'), programmeId: uuid('programme_id'), since: date('since') })

type Digest = typeof councilDigest

const begin = (t: Digest): SQL => sql`(${t.since}::timestamp at time zone 'Europe/Amsterdam')`

/** Where an action stood when the day began, by the reports that stand now. */
const statusBefore = (t: Digest, a: typeof action): SQL =>
  sql`coalesce((select r.status from status_report r left join status_report_source s on s.report_id = r.id
    where r.action_id = ${a.id} and (r.subject = 'ACTION' or r.admitted) and r.standing = 'ACCEPTED' and r.effective_at < ${begin(t)}
    order by r.effective_at desc, s.source_sequence desc nulls last, r.status desc limit 1), 'PIPELINE')`

export const councilDigestEntity: Entity = entity<Digest>({
  name: 'CouncilDigest',
  table: councilDigest,
  node: false,
  fields: {
    startsOn: leaf('date', (t) => t.since),
    programme: one<Digest, typeof programme>({ to: () => programmeEntity, on: (t, p) => eq(p.id, t.programmeId) }),
    changedActions: many<Digest, typeof action>({
      to: () => actionEntity,
      as: 'connection',
      on: (t, a) => sql`${a.programmeId} = ${t.programmeId} and ${a.status} <> ${statusBefore(t, a)}`,
      order: [{ sql: (a) => a.ref, type: 'text' }],
    }),
    adoptions: many<Digest, typeof informationDuty>({
      to: () => informationDutyEntity,
      as: 'connection',
      on: (t, d) => sql`${d.adoptedOn} >= ${t.since} and exists (select from plan_version v join plan p on p.id = v.plan_id
        where v.id = ${d.id} and p.programme_id = ${t.programmeId})`,
      order: [{ sql: (d) => d.adoptedOn, type: 'date' }],
    }),
    revisedIndicators: many<Digest, typeof indicator>({
      to: () => indicatorEntity,
      as: 'connection',
      on: (t, i) => sql`${i.programmeId} = ${t.programmeId} and exists (select from series s join observation o on o.series_id = s.id
        where s.indicator_id = ${i.id} and o.revision > 1 and o.recorded_at >= ${begin(t)})`,
      order: [{ sql: (i) => i.code, type: 'text' }],
    }),
    resolvedBreakthroughs: many<Digest, typeof breakthrough>({
      to: () => breakthroughEntity,
      as: 'connection',
      on: (t, b) => sql`${b.programmeId} = ${t.programmeId} and exists (select from breakthrough_step s
        where s.breakthrough_id = ${b.id} and s.state = 'RESOLVED' and s.taken_on >= ${t.since})`,
      order: [{ sql: (b) => b.createdAt, type: 'timestamptz' }],
    }),
  },
})

/** The day given, else that of the last notice to the council, and never outside what there is to tell of. */
const sinceOf = (given: SQL): SQL =>
  sql`greatest(p.starts_on, least(today(), coalesce(${given}, (select max(n.informed_on) from council_notice n where n.programme_id = p.id), p.starts_on)))`

export const digestRoots = {
  councilDigest: root<Digest>({
    to: () => councilDigestEntity,
    as: 'one',
    on: (t, args) =>
      sql`exists (select from programme p where p.id = ${t.programmeId} and p.code = ${args.value('programme', 'text')}
        and ${t.since} = ${sinceOf(args.value('since', 'date'))})`,
  }),
}
