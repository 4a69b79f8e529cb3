import { eq } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { action } from '../../action/table.ts'
import { lockSteered } from '../../action/write/steer.ts'
import { record } from '../../audit/record.ts'
import type { Actor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import { hold } from '../../db/hold.ts'
import { pastDay } from '../../db/past-day.ts'
import type { Tx } from '../../db/session.ts'
import { Problem, problemOf } from '../../errors.ts'
import { dutchText, givenId, parsed } from '../../input.ts'
import { actionRelation, relationKind } from '../table.ts'

const name = z.string().trim().min(1).max(200)
const works = z.strictObject({ source: name, reference: name, description: dutchText(2000) })

const relation = z
  .strictObject({
    actionId: givenId,
    kind: z.enum(relationKind.enumValues),
    related: z.strictObject({ actionId: givenId }).nullish(),
    works: works.nullish(),
  })
  .refine((given) => (given.related == null) !== (given.works == null), {
    message: 'Exactly one is needed of relatedActionId and works',
    path: ['relatedActionId'],
  })
  .refine((given) => given.actionId === undefined || given.related?.actionId !== given.actionId, {
    message: 'An action has no relation to itself',
    path: ['relatedActionId'],
  })

/** Relates an action to another, or to works in the register of somebody else (S40). Answers the id of the relation. */
export async function actionRelate(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'action.relate')
  const { actionId, kind, related, works } = parsed(relation, input)
  const from = await lockSteered(tx, actor, actionId, ['actionId'])
  const target = works
    ? { worksSource: works.source, worksReference: works.reference, worksDescription: works.description }
    : { relatedActionId: await seenAction(tx, related?.actionId) }
  const row = { id: uuidv7(), actionId: from.id, kind, ...target }
  await insertRelation(tx, row)
  await record(tx, actor, { operation: 'actionRelate', subjectType: 'ActionRelation', subjectId: row.id, after: row })
  return row.id
}

async function seenAction(tx: Tx, id: string | undefined): Promise<string> {
  const [found] = id ? await tx.db.select({ id: action.id }).from(action).where(eq(action.id, id)) : []
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such action', ['relatedActionId'])
  return found.id
}

/** Writes a relation that does not hold yet; the database judges that it leads in no circle. */
export async function insertRelation(tx: Tx, row: typeof actionRelation.$inferInsert): Promise<void> {
  const made = await tx.db
    .insert(actionRelation)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: actionRelation.id })
    .catch((error: unknown) => {
      const problem = problemOf(error)
      throw problem?.code === 'CIRCULAR_RELATION' ? new Problem(problem.code, undefined, ['relatedActionId']) : error
    })
  if (made.length === 0) throw new Problem('CONFLICT', 'They are related so already', [row.relatedActionId ? 'relatedActionId' : 'works'])
}

const ending = z.strictObject({
  id: givenId,
  expectedVersion: z.int().min(1),
  endedOn: z.iso.date().nullish(),
  reason: z.string().trim().min(1).max(2000).nullish(),
})

/** Ends a relation: it is kept, and holds no more. Answers its id. */
export async function actionUnrelate(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'action.relate')
  const { id, expectedVersion, endedOn: given, reason } = parsed(ending, input)
  const [found] =
    id === undefined ? [] : await tx.db.select({ actionId: actionRelation.actionId }).from(actionRelation).where(eq(actionRelation.id, id))
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such relation', ['id'])
  await lockSteered(tx, actor, found.actionId, ['id'])
  const row = await hold(tx, actionRelation, id, expectedVersion, 'relation')
  if (row.endedOn !== null) throw new Problem('IMMUTABLE', `It ended on ${row.endedOn}`, ['id'])
  const endedOn = await pastDay(tx, given, ['endedOn'])
  await tx.db.update(actionRelation).set({ endedOn }).where(eq(actionRelation.id, row.id))
  const told = { subjectType: 'ActionRelation', subjectId: row.id, before: { endedOn: null }, after: { endedOn, reason } }
  await record(tx, actor, { operation: 'actionUnrelate', ...told })
  return row.id
}
