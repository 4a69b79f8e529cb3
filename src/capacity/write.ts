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
import { effort, replaced } from '../effort.ts'
import { Problem } from '../errors.ts'
import { dutchText, givenId, parsed } from '../input.ts'
import { capacityAgreement, capacityState, workStockItem } from './table.ts'

type Agreement = typeof capacityAgreement.$inferSelect
type State = Agreement['state']

const expectedVersion = z.int().min(1)
const day = z.iso.date()
const name = z.string().trim().min(1).max(200)
const managerRole = dutchText(200).refine(
  ({ nl }) => !/@|[0-9]{4}/.test(nl as string),
  'Names a role; an address or a number is personal data',
)
const told = { ...effort, endsOn: day.nullish() }

const request = z.strictObject({ actionId: givenId, unit: name, managerRole, startsOn: day, ...told })

/** Asks a unit for what it is to put into an action. */
export async function capacityAgreementRequest(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'capacity.write')
  const { actionId, ...given } = parsed(request, input)
  refuseMisfits(given)
  const row = { ...given, id: uuidv7(), actionId: await findAction(tx, actionId) }
  await tx.db.insert(capacityAgreement).values(row)
  await record(tx, actor, { operation: 'capacityAgreementRequest', subjectType: 'CapacityAgreement', subjectId: row.id, after: row })
  return row.id
}

const edit = z.strictObject({
  id: givenId,
  expectedVersion,
  unit: name.nullish(),
  managerRole: managerRole.nullish(),
  startsOn: day.nullish(),
  ...told,
})

/** Changes what is asked, as long as nobody has answered. */
export async function capacityAgreementEdit(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'capacity.write')
  const { id, expectedVersion: expected, ...given } = parsed(edit, input)
  const row = await hold(tx, capacityAgreement, id, expected, 'capacity agreement')
  if (row.state !== 'REQUESTED') throw new Problem('IMMUTABLE', `It is ${row.state} by now`, ['id'])
  const change = changed(row, given)
  if (Object.keys(change).length === 0) return row.id
  const changes = { ...change, ...replaced(row, change) }
  refuseMisfits({ ...row, ...changes })
  await tx.db.update(capacityAgreement).set(changes).where(eq(capacityAgreement.id, row.id))
  const what = { subjectType: 'CapacityAgreement', subjectId: row.id, before: before(row, changes), after: changes }
  await record(tx, actor, { operation: 'capacityAgreementEdit', ...what })
  return row.id
}

const advance = z.strictObject({
  id: givenId,
  expectedVersion,
  to: z.enum(capacityState.enumValues),
  explanation: z.string().trim().min(1).max(10_000).nullish(),
})

const next: Readonly<Record<State, readonly State[]>> = { REQUESTED: ['AGREED', 'REFUSED'], AGREED: ['ENDED'], REFUSED: [], ENDED: [] }

/** Says that what was asked is agreed or refused, or that what was agreed has ended. */
export async function capacityAgreementAdvance(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'capacity.write')
  const { id, expectedVersion: expected, to, explanation } = parsed(advance, input)
  const row = await hold(tx, capacityAgreement, id, expected, 'capacity agreement')
  if (!next[row.state].includes(to))
    throw new Problem('CAPACITY_STATE', `From ${row.state} it goes to ${next[row.state].join(' or ') || 'nothing'}`, ['to'])
  await tx.db.update(capacityAgreement).set({ state: to }).where(eq(capacityAgreement.id, row.id))
  const what = { subjectType: 'CapacityAgreement', subjectId: row.id, before: { state: row.state }, after: { state: to, explanation } }
  await record(tx, actor, { operation: 'capacityAgreementAdvance', ...what })
  return row.id
}

const newItem = z.strictObject({ actionId: givenId, unit: name, reference: name })

/** Says where an action stands in the work stock of a team. */
export async function workStockItemAdd(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'capacity.write')
  const { actionId, ...given } = parsed(newItem, input)
  const row = { ...given, id: uuidv7(), actionId: await findAction(tx, actionId) }
  const made = await tx.db.insert(workStockItem).values(row).onConflictDoNothing().returning({ id: workStockItem.id })
  if (made.length === 0) throw new Problem('CONFLICT', 'It stands there already', ['reference'])
  await record(tx, actor, { operation: 'workStockItemAdd', subjectType: 'WorkStockItem', subjectId: row.id, after: row })
  return row.id
}

const ending = z.strictObject({ id: givenId, expectedVersion, endsOn: day.nullish() })

/** Says that an action stands no more in the work stock of a team, or was never to. */
export async function workStockItemEnd(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'capacity.write')
  const { id, expectedVersion: expected, endsOn: given } = parsed(ending, input)
  const row = await hold(tx, workStockItem, id, expected, 'item of a work stock')
  if (row.endsOn !== null) throw new Problem('IMMUTABLE', `It ended on ${row.endsOn}`, ['id'])
  const endsOn = await pastDay(tx, given, ['endsOn'])
  await tx.db.update(workStockItem).set({ endsOn }).where(eq(workStockItem.id, row.id))
  const what = { subjectType: 'WorkStockItem', subjectId: row.id, before: { endsOn: null }, after: { endsOn } }
  await record(tx, actor, { operation: 'workStockItemEnd', ...what })
  return row.id
}

type Asked = Pick<Agreement, 'startsOn'> & Partial<Pick<Agreement, 'hours' | 'fte' | 'endsOn'>>

/** Tells all that does not fit: of hours and FTE one is needed, and a period runs forward. */
function refuseMisfits({ hours, fte, startsOn, endsOn }: Asked): void {
  const wrong: Problem[] = []
  if ((hours == null) === (fte == null)) wrong.push(new Problem('BAD_USER_INPUT', 'Exactly one is needed of hours and fte', ['hours']))
  if (endsOn != null && endsOn < startsOn) wrong.push(new Problem('BAD_USER_INPUT', `It starts on ${startsOn}`, ['endsOn']))
  const [problem] = wrong
  if (problem) throw new Problem(problem.code, problem.message, problem.path, wrong)
}
