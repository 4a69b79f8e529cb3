import { eq, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { record } from '../audit/record.ts'
import type { Actor } from '../auth/actor.ts'
import { authorise } from '../auth/permissions.ts'
import { before, changed, hold } from '../db/hold.ts'
import type { Tx } from '../db/session.ts'
import { type Path, Problem, problemOf } from '../errors.ts'
import { dutchText, givenId, hundredths, parsed } from '../input.ts'
import { programmeOf } from '../programme/write.ts'
import { budgetCategory, budgetLine, budgetStatus, financialFrame } from './table.ts'

const expectedVersion = z.int().min(1)
const amount = hundredths(12, 'an amount of euros')

const newFrame = z.strictObject({ programme: z.string().default('VW'), year: z.int().min(2000).max(2200), structuralBudget: amount })

/** Says what is structurally available for a year. */
export async function financialFrameAdd(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'finance.write')
  const { programme, ...given } = parsed(newFrame, input)
  const row = { ...given, id: uuidv7(), programmeId: await programmeOf(tx, programme) }
  const made = await tx.db.insert(financialFrame).values(row).onConflictDoNothing().returning({ id: financialFrame.id })
  if (made.length === 0) throw new Problem('CONFLICT', 'The year has a financial frame', ['year'])
  await record(tx, actor, { operation: 'financialFrameAdd', subjectType: 'FinancialFrame', subjectId: row.id, after: row })
  return row.id
}

const frameEdit = z.strictObject({ id: givenId, expectedVersion, structuralBudget: amount })

/** Says anew what is structurally available for a year. */
export async function financialFrameEdit(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'finance.write')
  const { id, expectedVersion: expected, ...given } = parsed(frameEdit, input)
  const row = await hold(tx, financialFrame, id, expected, 'financial frame')
  const change = changed(row, given)
  if (Object.keys(change).length === 0) return row.id
  await tx.db.update(financialFrame).set(change).where(eq(financialFrame.id, row.id))
  await withinBudget(tx, ['structuralBudget'])
  const told = { subjectType: 'FinancialFrame', subjectId: row.id, before: before(row, change), after: change }
  await record(tx, actor, { operation: 'financialFrameEdit', ...told })
  return row.id
}

const newLine = z.strictObject({
  frameId: givenId,
  category: z.enum(budgetCategory.enumValues),
  name: dutchText(500),
  original: amount,
  status: z.enum(budgetStatus.enumValues).default('INDICATIVE'),
  chapter: z.string().trim().min(1).max(100),
})

/** Plans a line of a year's budget, within what is structurally available. */
export async function budgetLineAdd(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'finance.write')
  const { frameId, ...given } = parsed(newLine, input)
  const [frame] =
    frameId === undefined ? [] : await tx.db.select({ id: financialFrame.id }).from(financialFrame).where(eq(financialFrame.id, frameId))
  if (frame === undefined) throw new Problem('NOT_FOUND', 'No such financial frame', ['frameId'])
  const row = { ...given, id: uuidv7(), frameId: frame.id }
  await tx.db.insert(budgetLine).values(row)
  await withinBudget(tx, ['original'])
  await record(tx, actor, { operation: 'budgetLineAdd', subjectType: 'BudgetLine', subjectId: row.id, after: row })
  return row.id
}

const revision = z.strictObject({
  id: givenId,
  expectedVersion,
  revised: amount.nullish(),
  status: z.enum(budgetStatus.enumValues).nullish(),
})

/** Revises the amount of a line, or commits to it; what was planned first stays on record beside it. */
export async function budgetLineRevise(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'finance.write')
  const { id, expectedVersion: expected, ...given } = parsed(revision, input)
  const row = await hold(tx, budgetLine, id, expected, 'budget line')
  const change = changed(row, given)
  if (Object.keys(change).length === 0) return row.id
  await tx.db.update(budgetLine).set(change).where(eq(budgetLine.id, row.id))
  await withinBudget(tx, ['revised'])
  const told = { subjectType: 'BudgetLine', subjectId: row.id, before: before(row, change), after: change }
  await record(tx, actor, { operation: 'budgetLineRevise', ...told })
  return row.id
}

/** Lets the database judge now what it would judge at commit, so that the caller is told which amount is too much. */
async function withinBudget(tx: Tx, path: Path): Promise<void> {
  try {
    await tx.db.execute(sql`set constraints financial_frame_holds immediate`)
  } catch (error) {
    throw problemOf(error)?.code === 'BUDGET_EXCEEDED' ? new Problem('BUDGET_EXCEEDED', undefined, path) : error
  }
}
