import { type SQL, sql } from 'drizzle-orm'
import { doublePrecision, pgTable, uuid } from 'drizzle-orm/pg-core'
import { actionEntity } from '../action/read.ts'
import type { action } from '../action/table.ts'
import { agendaThemeEntity } from '../agenda/read.ts'
import type { agendaTheme } from '../agenda/table.ts'
import { decisionEntity } from '../governance/read.ts'
import type { decision } from '../governance/table.ts'
import { lessonEntity } from '../lesson/read.ts'
import type { lessonLearned } from '../lesson/table.ts'
import { planEntity } from '../plan/read.ts'
import type { plan } from '../plan/table.ts'
import { type Entity, entity, leaf, one, root } from '../read/model.ts'
import { searchKind } from './table.ts'

/** What a search found, with its rank: by its words (`search_hit`, the view of what the caller can find) or by its code. */
const searchHit = pgTable('search_hit', {
  id: uuid('id'),
  kind: searchKind('kind'),
  subjectId: uuid('subject_id'),
  rank: doublePrecision('rank'),
})

type Hit = typeof searchHit

export const searchHitEntity: Entity = entity<Hit>({
  name: 'SearchHit',
  table: searchHit,
  node: false,
  fields: {
    kind: leaf('text', (t) => t.kind),
    rank: leaf('float', (t) => t.rank),
    node: {
      kind: 'any',
      of: [
        one<Hit, typeof action>({ to: () => actionEntity, on: (t, a) => sql`${a.id} = ${t.subjectId} and ${t.kind} = 'ACTION'` }),
        one<Hit, typeof plan>({ to: () => planEntity, on: (t, p) => sql`${p.id} = ${t.subjectId} and ${t.kind} = 'PLAN'` }),
        one<Hit, typeof agendaTheme>({
          to: () => agendaThemeEntity,
          on: (t, a) => sql`${a.id} = ${t.subjectId} and ${t.kind} = 'AGENDA_THEME'`,
        }),
        one<Hit, typeof decision>({ to: () => decisionEntity, on: (t, d) => sql`${d.id} = ${t.subjectId} and ${t.kind} = 'DECISION'` }),
        one<Hit, typeof lessonLearned>({ to: () => lessonEntity, on: (t, l) => sql`${l.id} = ${t.subjectId} and ${t.kind} = 'LESSON'` }),
      ],
    },
  },
})

/**
 * Where words are a code, the whole of one above all that is found by words, or its beginning, where they are one word with a digit in it. By comparisons
 * alone, which of actions the database makes before it judges rows by their policies.
 */
const coded = (kind: string, code: string, from: string, words: SQL, kinds: SQL): SQL => sql`
  select ${sql.raw(`'${kind}'::search_kind, c.id, case when ${code} = said.code then 3 else 2 end::double precision`)}
  from ${sql.raw(from)} c, lateral (select upper(btrim(${words})) as code) asked,
    lateral (select asked.code, asked.code || case when asked.code ~ '^\\S*[0-9]\\S*$' then chr(1114111) else '' end as until) said
  where (${kinds} is null or ${sql.raw(`'${kind}'`)} = any(${kinds}))
    and ${sql.raw(code)} collate "C" >= said.code and ${sql.raw(code)} collate "C" <= said.until`

/** No index tells of codes: they are asked of the tables, so that those the caller may not read are not there in what is found, counted or ranked. */
const found = (words: SQL, kinds: SQL): SQL => sql`(
  select f.subject_id as id, f.kind, f.subject_id, max(f.rank) as rank from (
    select hit.kind, hit.subject_id, found.rank from found_texts(${words}, ${kinds}) found join search_hit hit on hit.id = found.id
    union all ${coded('ACTION', 'c.ref', 'action', words, kinds)}
    union all ${coded('DECISION', 'upper(c.reference)', 'decision', words, kinds)}) f
  group by f.kind, f.subject_id)`

export const searchRoots = {
  search: root<Hit>({
    to: () => searchHitEntity,
    as: 'connection',
    from: (args) => found(args.value('words', 'text'), args.has('in') ? args.value('in', 'search_kind[]') : sql`null::search_kind[]`),
    on: () => sql`true`,
    order: [{ sql: (t) => t.rank, type: 'double precision', descending: true }],
  }),
}
