import { sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import type { Tx } from '../../db/session.ts'
import { type Path, Problem } from '../../errors.ts'
import { decision, type decisionOutcome } from '../table.ts'

export type DecisionOutcome = (typeof decisionOutcome.enumValues)[number]

/** Whether what was proposed was decided. */
export const adopts = (outcome: DecisionOutcome): boolean => outcome === 'CONFORM' || outcome === 'CONFORM_WITH_CHANGES'

/** What is wrong with the day of a decision, if anything. */
export async function undecided(tx: Tx, decidedOn: string, path: Path): Promise<Problem[]> {
  const { rows } = await tx.db.execute(sql`select where ${decidedOn}::date > today()`)
  return rows.length > 0 ? [new Problem('BAD_USER_INPUT', 'The decision lies in the future', path)] : []
}

/** A decision under a reference of its own. */
export async function insertDecision(tx: Tx, taken: Omit<typeof decision.$inferInsert, 'id'>, path: Path): Promise<string> {
  const id = uuidv7()
  const made = await tx.db
    .insert(decision)
    .values({ id, ...taken })
    .onConflictDoNothing({ target: [decision.programmeId, decision.reference] })
    .returning({ id: decision.id })
  if (made.length === 0) throw new Problem('CONFLICT', 'A decision with this reference is on record', path)
  return id
}
