import { and, eq, ne, sql } from 'drizzle-orm'
import { z } from 'zod'
import { record } from '../../audit/record.ts'
import type { Actor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import { before, changed, hold } from '../../db/hold.ts'
import type { Tx } from '../../db/session.ts'
import { Problem } from '../../errors.ts'
import { dutchText, givenId, parsed } from '../../input.ts'
import { expectedVersion } from '../../plan/write.ts'
import { decision } from '../table.ts'
import { undecided } from './decision.ts'

const correction = z.strictObject({
  id: givenId,
  expectedVersion,
  reference: z.string().trim().min(1).max(200).nullish(),
  title: dutchText(500).nullish(),
  decidedOn: z.iso.date().nullish(),
})

/** Mends what was recorded wrongly of a decision (S62). What was decided, and what came of it, stays; its history shows what it said before. */
export async function decisionCorrect(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'decision.record')
  const { id, expectedVersion: expected, ...given } = parsed(correction, input)
  const row = await hold(tx, decision, id, expected, 'decision')
  const change = changed(row, given)
  if (Object.keys(change).length === 0) return row.id
  const wrong = change.decidedOn ? await misdated(tx, row.id, change.decidedOn) : []
  if (change.reference && (await isTaken(tx, row, change.reference))) {
    wrong.push(new Problem('CONFLICT', 'Another decision with this reference is on record', ['reference']))
  }
  const [first] = wrong
  if (first !== undefined) throw new Problem(first.code, first.message, first.path, wrong)
  await tx.db.update(decision).set(change).where(eq(decision.id, row.id))
  const told = { subjectType: 'Decision', subjectId: row.id, before: before(row, change), after: change }
  await record(tx, actor, { operation: 'decisionCorrect', ...told })
  return row.id
}

/** A day that is still to come, or after which a mandate of this decision already held or had ended. */
async function misdated(tx: Tx, id: string, decidedOn: string): Promise<Problem[]> {
  const { rows } =
    await tx.db.execute(sql`select from decision_point p join mandate m on m.decision_point_id = p.id and m.starts_on < ${decidedOn}
    or m.revoked_by_id = p.id and m.ends_on < ${decidedOn} where p.decision_id = ${id}`)
  const early =
    rows.length > 0 ? [new Problem('BAD_USER_INPUT', 'A mandate that it grants or takes back did so earlier', ['decidedOn'])] : []
  return [...(await undecided(tx, decidedOn, ['decidedOn'])), ...early]
}

async function isTaken(tx: Tx, { id, programmeId }: typeof decision.$inferSelect, reference: string): Promise<boolean> {
  const [other] = await tx.db
    .select({ id: decision.id })
    .from(decision)
    .where(and(eq(decision.programmeId, programmeId), eq(decision.reference, reference), ne(decision.id, id)))
  return other !== undefined
}
