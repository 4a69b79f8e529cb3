import { sql } from 'drizzle-orm'
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

/** What a search found: a row of the view of what the caller can find (`search_hit`), with its rank. */
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

export const searchRoots = {
  search: root<Hit>({
    to: () => searchHitEntity,
    as: 'connection',
    from: (args) => {
      const kinds = args.has('in') ? args.value('in', 'search_kind[]') : sql`null`
      return sql`(select hit.*, found.rank from found_texts(${args.value('words', 'text')}, ${kinds}) found join search_hit hit on hit.id = found.id)`
    },
    on: () => sql`true`,
    order: [{ sql: (t) => t.rank, type: 'double precision', descending: true }],
  }),
}
