import { eq } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { action } from '../action/table.ts'
import { record } from '../audit/record.ts'
import type { Actor } from '../auth/actor.ts'
import { authorise } from '../auth/permissions.ts'
import { before, changed, hold } from '../db/hold.ts'
import { pastDay } from '../db/past-day.ts'
import type { Tx } from '../db/session.ts'
import { Problem } from '../errors.ts'
import { evaluation } from '../evaluation/table.ts'
import { dutchText, givenId, parsed } from '../input.ts'
import { programme } from '../programme/table.ts'
import { lessonEffect, lessonLearned } from './table.ts'

const effect = z.enum(lessonEffect.enumValues)
const learnt = dutchText(20_000)
const day = z.iso.date()

const subject = { actionId: givenId, evaluationId: givenId, programmeId: givenId }
const newLesson = z.strictObject({ ...subject, effect, learnt, learntOn: day.nullish() })

/** Records what the caller's organisation learnt of an action, an evaluation or the programme. Answers its id. */
export async function lessonRecord(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'lesson.write')
  const given = parsed(newLesson, input)
  const found =
    (await isThere(tx, action, given.actionId)) ||
    (await isThere(tx, evaluation, given.evaluationId)) ||
    (await isThere(tx, programme, given.programmeId))
  if (!found) throw new Problem('NOT_FOUND', 'No such action, evaluation or programme', ['subjectId'])
  const learntOn = await pastDay(tx, given.learntOn, ['learntOn'])
  const row = { ...given, id: uuidv7(), organisationId: actor.organisationId, learntOn }
  await tx.db.insert(lessonLearned).values(row)
  await record(tx, actor, { operation: 'lessonRecord', subjectType: 'LessonLearned', subjectId: row.id, after: row })
  return row.id
}

async function isThere(tx: Tx, table: PgTable & { id: PgColumn }, id: string | undefined): Promise<boolean> {
  if (id === undefined) return false
  const found = await tx.db
    .select({ id: table.id })
    .from(table as PgTable)
    .where(eq(table.id, id))
  return found.length > 0
}

const edit = z.strictObject({
  id: givenId,
  expectedVersion: z.int().min(1),
  effect: effect.nullish(),
  learnt: learnt.nullish(),
  learntOn: day.nullish(),
})

/** Changes a lesson of the caller's organisation; what it was stays in its history. Answers its id. */
export async function lessonEdit(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'lesson.write')
  const { id, expectedVersion, ...given } = parsed(edit, input)
  const row = await hold(tx, lessonLearned, id, expectedVersion, 'lesson that is yours to change')
  const change = changed(row, given)
  if (Object.keys(change).length === 0) return row.id
  if (change.learntOn !== undefined) await pastDay(tx, change.learntOn, ['learntOn'])
  await tx.db.update(lessonLearned).set(change).where(eq(lessonLearned.id, row.id))
  const what = { subjectType: 'LessonLearned', subjectId: row.id, before: before(row, change), after: change }
  await record(tx, actor, { operation: 'lessonEdit', ...what })
  return row.id
}
