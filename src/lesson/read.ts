import { eq, type SQL, sql } from 'drizzle-orm'
import { actionEntity } from '../action/read.ts'
import type { action } from '../action/table.ts'
import { evaluationEntity } from '../evaluation/read.ts'
import type { evaluation } from '../evaluation/table.ts'
import { organisationEntity } from '../organisation/read.ts'
import type { organisation } from '../organisation/table.ts'
import { programmeEntity } from '../programme/read.ts'
import type { programme } from '../programme/table.ts'
import { type Entity, entity, leaf, localised, many, type Order, one } from '../read/model.ts'
import { lessonLearned } from './table.ts'

type Lesson = typeof lessonLearned

const latestFirst: readonly Order<Lesson, undefined>[] = [{ sql: (l) => l.learntOn, type: 'date', descending: true }]
const mayRecord: SQL = sql`(select caller_may('edit') or caller_may('team')) is true`

export const lessonEntity: Entity = entity<Lesson>({
  name: 'LessonLearned',
  table: lessonLearned,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    effect: leaf('text', (t) => t.effect),
    learnt: localised((t) => t.learnt),
    learntOn: leaf('date', (t) => t.learntOn),
    organisation: one<Lesson, typeof organisation>({ to: () => organisationEntity, on: (t, o) => eq(o.id, t.organisationId) }),
    action: one<Lesson, typeof action>({ to: () => actionEntity, on: (t, a) => eq(a.id, t.actionId) }),
    evaluation: one<Lesson, typeof evaluation>({ to: () => evaluationEntity, on: (t, e) => eq(e.id, t.evaluationId) }),
    programme: one<Lesson, typeof programme>({ to: () => programmeEntity, on: (t, p) => eq(p.id, t.programmeId) }),
    viewerCanEdit: leaf('boolean', (t) => sql`(${mayRecord} and ${t.organisationId} = (select caller_organisation()))`),
  },
})

actionEntity.fields.lessonsLearned = many<typeof action, Lesson>({
  to: () => lessonEntity,
  as: 'connection',
  on: (t, l) => eq(l.actionId, t.id),
  order: latestFirst,
})
evaluationEntity.fields.lessonsLearned = many<typeof evaluation, Lesson>({
  to: () => lessonEntity,
  as: 'connection',
  on: (t, l) => eq(l.evaluationId, t.id),
  order: latestFirst,
})
programmeEntity.fields.lessonsLearned = many<typeof programme, Lesson>({
  to: () => lessonEntity,
  as: 'connection',
  on: (t, l) => eq(l.programmeId, t.id),
  order: latestFirst,
})
for (const { fields } of [actionEntity, evaluationEntity, programmeEntity]) fields.viewerCanRecordLesson = leaf('boolean', () => mayRecord)

export const lessonEntities = [lessonEntity]
