import { eq, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { lockSteered } from '../action/write/steer.ts'
import { record } from '../audit/record.ts'
import type { Actor, PrincipalActor } from '../auth/actor.ts'
import { authorise } from '../auth/permissions.ts'
import { before, changed, hold } from '../db/hold.ts'
import { pastDay } from '../db/past-day.ts'
import type { Tx } from '../db/session.ts'
import { Problem } from '../errors.ts'
import { dutchText, givenId, parsed } from '../input.ts'
import { milestone } from './table.ts'

type Row = typeof milestone.$inferSelect

/** An action has few; more is a mistake, and would make its list a long one. */
const most = 100

const expectedVersion = z.int().min(1)
const day = z.iso.date()
const position = z.int().min(1).max(1000)

const addition = z.strictObject({ actionId: givenId, title: dutchText(500), plannedOn: day, position: position.nullish() })

/** Plans a milestone of an action, behind those it has unless a place is given. Answers its id. */
export async function milestoneAdd(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'milestone.write')
  const { actionId, ...given } = parsed(addition, input)
  const action = await lockSteered(tx, actor, actionId, ['actionId'])
  const { count, last } = await milestonesOf(tx, action.id)
  if (count >= most) throw new Problem('BAD_USER_INPUT', `An action has at most ${most} milestones`, ['actionId'])
  const row = { ...given, id: uuidv7(), actionId: action.id, position: given.position ?? Math.min(last + 1, 1000) }
  await tx.db.insert(milestone).values(row)
  await record(tx, actor, { operation: 'milestoneAdd', subjectType: 'Milestone', subjectId: row.id, after: row })
  return row.id
}

async function milestonesOf(tx: Tx, actionId: string): Promise<{ count: number; last: number }> {
  const [found] = await tx.db
    .select({ count: sql<number>`count(*)::int`, last: sql<number>`coalesce(max(${milestone.position}), 0)` })
    .from(milestone)
    .where(eq(milestone.actionId, actionId))
  return found as { count: number; last: number }
}

const edit = z.strictObject({
  id: givenId,
  expectedVersion,
  title: dutchText(500).nullish(),
  plannedOn: day.nullish(),
  position: position.nullish(),
  reachedOn: day.nullish(),
})

/** Plans a milestone anew, or corrects when it was reached; null where it was not after all. Answers its id. */
export async function milestoneEdit(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'milestone.write')
  const { id, expectedVersion: expected, reachedOn, ...given } = parsed(edit, input)
  const row = await holdMilestone(tx, actor, id, expected)
  const change = { ...changed(row, given), ...(await reachedAnew(tx, row, reachedOn)) }
  return write(tx, actor, 'milestoneEdit', row, change)
}

async function reachedAnew(tx: Tx, row: Row, reachedOn: string | null | undefined): Promise<Partial<Row>> {
  if (reachedOn === undefined || reachedOn === row.reachedOn) return {}
  if (row.reachedOn === null) throw new Problem('BAD_USER_INPUT', 'It was not reached yet: use milestoneReach', ['reachedOn'])
  return { reachedOn: reachedOn === null ? null : await pastDay(tx, reachedOn, ['reachedOn']) }
}

const reaching = z.strictObject({ id: givenId, expectedVersion, reachedOn: day.nullish() })

/** Tells that a milestone was reached, today or on the day given. Answers its id. */
export async function milestoneReach(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'milestone.write')
  const { id, expectedVersion: expected, reachedOn } = parsed(reaching, input)
  const row = await holdMilestone(tx, actor, id, expected)
  const change = { reachedOn: await pastDay(tx, reachedOn, ['reachedOn']) }
  if (row.reachedOn !== null) throw new Problem('CONFLICT', `It was reached on ${row.reachedOn}`, ['id'])
  return write(tx, actor, 'milestoneReach', row, change)
}

/** The milestone, held with its action, whose lead and programme team alone may change it. */
async function holdMilestone(tx: Tx, actor: PrincipalActor, id: string | undefined, expected: number): Promise<Row> {
  const [found] = id === undefined ? [] : await tx.db.select({ actionId: milestone.actionId }).from(milestone).where(eq(milestone.id, id))
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such milestone', ['id'])
  await lockSteered(tx, actor, found.actionId, ['id'])
  return hold(tx, milestone, id, expected, 'milestone')
}

async function write(tx: Tx, actor: PrincipalActor, operation: string, row: Row, change: Partial<Row>): Promise<string> {
  if (Object.keys(change).length === 0) return row.id
  await tx.db.update(milestone).set(change).where(eq(milestone.id, row.id))
  await record(tx, actor, { operation, subjectType: 'Milestone', subjectId: row.id, before: before(row, change), after: change })
  return row.id
}
