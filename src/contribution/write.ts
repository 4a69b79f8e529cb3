import { eq } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { findAction } from '../action/write/find-action.ts'
import { record } from '../audit/record.ts'
import type { Actor } from '../auth/actor.ts'
import { authorise } from '../auth/permissions.ts'
import { before, changed, hold } from '../db/hold.ts'
import { pastDay } from '../db/past-day.ts'
import type { Tx } from '../db/session.ts'
import { effort, replaced, someOf } from '../effort.ts'
import { Problem } from '../errors.ts'
import { dutchText, givenId, parsed } from '../input.ts'
import { contribution, contributionKind } from './table.ts'

type Row = typeof contribution.$inferSelect
type Given = Pick<Row, 'kind' | 'startsOn'> & Partial<Pick<Row, Measure | 'description' | 'endsOn'>>
type Measure = 'amount' | 'hours' | 'fte'

const expectedVersion = z.int().min(1)
const day = z.iso.date()
const told = {
  amount: someOf(12, 'an amount of euros').nullish(),
  ...effort,
  description: dutchText(10_000).nullish(),
  endsOn: day.nullish(),
}

const newContribution = z.strictObject({ actionId: givenId, kind: z.enum(contributionKind.enumValues), startsOn: day, ...told })

/** Records what the caller's organisation puts into an action. */
export async function contributionRecord(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'contribution.write')
  const { actionId, ...given } = parsed(newContribution, input)
  refuseMisfits(given)
  const row = { ...given, id: uuidv7(), actionId: await findAction(tx, actionId), organisationId: actor.organisationId }
  await tx.db.insert(contribution).values(row)
  await record(tx, actor, { operation: 'contributionRecord', subjectType: 'Contribution', subjectId: row.id, after: row })
  return row.id
}

const edit = z.strictObject({ id: givenId, expectedVersion, startsOn: day.nullish(), ...told })

/** Changes what was told of a contribution of the caller's organisation; what it was stays in its history. */
export async function contributionEdit(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'contribution.write')
  const { id, expectedVersion: expected, ...given } = parsed(edit, input)
  const row = await hold(tx, contribution, id, expected, 'contribution that is yours to change')
  refuseWithdrawn(row)
  const change = changed(row, given)
  if (Object.keys(change).length === 0) return row.id
  const changes = { ...change, ...replaced(row, change) }
  refuseMisfits({ ...row, ...changes })
  await tx.db.update(contribution).set(changes).where(eq(contribution.id, row.id))
  const what = { subjectType: 'Contribution', subjectId: row.id, before: before(row, changes), after: changes }
  await record(tx, actor, { operation: 'contributionEdit', ...what })
  return row.id
}

const withdrawal = z.strictObject({
  id: givenId,
  expectedVersion,
  withdrawnOn: day.nullish(),
  reason: z.string().trim().min(1).max(10_000).nullish(),
})

/** Withdraws a contribution of the caller's organisation: it is kept, and counts no more. */
export async function contributionWithdraw(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'contribution.write')
  const { id, expectedVersion: expected, withdrawnOn: given, reason } = parsed(withdrawal, input)
  const row = await hold(tx, contribution, id, expected, 'contribution that is yours to change')
  refuseWithdrawn(row)
  const withdrawnOn = await pastDay(tx, given, ['withdrawnOn'])
  await tx.db.update(contribution).set({ withdrawnOn }).where(eq(contribution.id, row.id))
  const what = { subjectType: 'Contribution', subjectId: row.id, before: { withdrawnOn: null }, after: { withdrawnOn, reason } }
  await record(tx, actor, { operation: 'contributionWithdraw', ...what })
  return row.id
}

/** By what each kind is measured: by exactly one of these, or by nothing but words. */
const measures: Readonly<Record<Row['kind'], readonly Measure[]>> = { MONEY: ['amount'], STAFF: ['hours', 'fte'], IN_KIND: [] }

/** Tells all that does not fit the kind of contribution, or its period. */
function refuseMisfits(given: Given): void {
  const fitting = measures[given.kind]
  const foreign = (['amount', 'hours', 'fte'] as const).filter((measure) => given[measure] != null && !fitting.includes(measure))
  const wrong = foreign.map((measure) => new Problem('BAD_USER_INPUT', `This is no measure of ${given.kind}`, [measure]))
  const [first] = fitting
  if (first !== undefined && fitting.filter((measure) => given[measure] != null).length !== 1)
    wrong.push(new Problem('BAD_USER_INPUT', `Exactly one is needed of ${fitting.join(' and ')}`, [first]))
  if (first === undefined && given.description == null)
    wrong.push(new Problem('BAD_USER_INPUT', 'Say what is contributed', ['description']))
  if (given.endsOn != null && given.endsOn < given.startsOn)
    wrong.push(new Problem('BAD_USER_INPUT', `It starts on ${given.startsOn}`, ['endsOn']))
  const [problem] = wrong
  if (problem) throw new Problem(problem.code, problem.message, problem.path, wrong)
}

function refuseWithdrawn({ withdrawnOn }: Row): void {
  if (withdrawnOn !== null) throw new Problem('IMMUTABLE', `It was withdrawn on ${withdrawnOn}`, ['id'])
}
