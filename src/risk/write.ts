import { eq } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { record } from '../audit/record.ts'
import type { Actor } from '../auth/actor.ts'
import { authorise } from '../auth/permissions.ts'
import { before, changed, hold } from '../db/hold.ts'
import { pastDay } from '../db/past-day.ts'
import type { Tx } from '../db/session.ts'
import { Problem } from '../errors.ts'
import { dutchText, givenId, parsed } from '../input.ts'
import { organisationOf } from '../organisation/write.ts'
import { programmeOf } from '../programme/write.ts'
import { risk, riskLevel, riskState, riskType } from './table.ts'

const type = z.enum(riskType.enumValues)
const level = z.enum(riskLevel.enumValues)
const text = dutchText(10_000)

const newRisk = z.strictObject({
  programme: z.string().default('VW'),
  owner: z.string().nullish(),
  type,
  description: text,
  effect: text,
  likelihood: level,
  impact: level,
  recordedOn: z.iso.date().nullish(),
})

/** Records what may go wrong, in the name of the organisation that sees to it: the caller's own when no other is named. Answers its id. */
export async function riskRecord(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'risk.write')
  const { programme: code, owner, recordedOn, ...given } = parsed(newRisk, input)
  const row = {
    ...given,
    id: uuidv7(),
    programmeId: await programmeOf(tx, code),
    organisationId: owner == null ? actor.organisationId : await organisationOf(tx, owner, ['owner']),
    recordedOn: await pastDay(tx, recordedOn, ['recordedOn']),
  }
  await tx.db.insert(risk).values(row)
  await record(tx, actor, { operation: 'riskRecord', subjectType: 'Risk', subjectId: row.id, after: row })
  return row.id
}

const edit = z.strictObject({
  id: givenId,
  expectedVersion: z.int().min(1),
  type: type.nullish(),
  description: text.nullish(),
  effect: text.nullish(),
  likelihood: level.nullish(),
  impact: level.nullish(),
  state: z.enum(riskState.enumValues).nullish(),
})

/** Changes a risk, or brings it further; what it was stays in its history. Answers its id. */
export async function riskEdit(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'risk.write')
  const { id, expectedVersion, ...given } = parsed(edit, input)
  const row = await hold(tx, risk, id, expectedVersion, 'risk that is yours to change')
  if (row.state === 'CLOSED') throw new Problem('IMMUTABLE', 'It is closed', ['id'])
  const change = changed(row, given)
  if (Object.keys(change).length === 0) return row.id
  if (change.state === 'OPEN') throw new Problem('IMMUTABLE', `It is ${row.state} by now, and goes forward only`, ['state'])
  await tx.db.update(risk).set(change).where(eq(risk.id, row.id))
  await record(tx, actor, { operation: 'riskEdit', subjectType: 'Risk', subjectId: row.id, before: before(row, change), after: change })
  return row.id
}
