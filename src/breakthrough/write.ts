import { eq, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { agendaTheme } from '../agenda/table.ts'
import { record } from '../audit/record.ts'
import type { Actor, PrincipalActor } from '../auth/actor.ts'
import { authorise } from '../auth/permissions.ts'
import { hold } from '../db/hold.ts'
import { pastDay } from '../db/past-day.ts'
import type { Tx } from '../db/session.ts'
import { type Path, Problem } from '../errors.ts'
import { dutchText, givenId, parsed } from '../input.ts'
import { organisationOf } from '../organisation/write.ts'
import { programmeOf } from '../programme/write.ts'
import {
  breakthrough,
  breakthroughLevel,
  breakthroughState,
  breakthroughStep,
  lobbyAddressee,
  lobbyEffort,
  lobbyOutcome,
  lobbySupport,
} from './table.ts'

const expectedVersion = z.int().min(1)
const day = z.iso.date()
const text = dutchText(10_000)

const signal = z.strictObject({
  programme: z.string().default('VW'),
  agendaThemeId: z.uuid().nullish(),
  obstacle: text,
  level: z.enum(breakthroughLevel.enumValues),
  owner: z.string().nullish(),
  signalledOn: day.nullish(),
  explanation: z.string().trim().min(1).max(10_000).nullish(),
})

/** Puts an obstacle in the register, in the name of the organisation that sees to it: the caller's own when no other is named. */
export async function breakthroughSignal(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'breakthrough.write')
  const { programme: code, agendaThemeId = null, owner, signalledOn, explanation, ...given } = parsed(signal, input)
  await findTheme(tx, agendaThemeId)
  const row = {
    ...given,
    id: uuidv7(),
    programmeId: await programmeOf(tx, code),
    agendaThemeId,
    organisationId: await ownerOf(tx, actor, owner, ['owner']),
  }
  const takenOn = await pastDay(tx, signalledOn, ['signalledOn'])
  await tx.db.insert(breakthrough).values(row)
  await tx.db.insert(breakthroughStep).values({ breakthroughId: row.id, number: 1, state: 'SIGNALLED', takenOn, explanation })
  const after = { ...row, takenOn, explanation }
  await record(tx, actor, { operation: 'breakthroughSignal', subjectType: 'Breakthrough', subjectId: row.id, after })
  return row.id
}

const advance = z.strictObject({
  id: givenId,
  expectedVersion,
  to: z.enum(breakthroughState.enumValues),
  takenOn: day.nullish(),
  explanation: z.string().trim().min(1).max(10_000).nullish(),
  resultingChange: text.nullish(),
})

type State = (typeof breakthroughState.enumValues)[number]

const next: Record<State, readonly State[]> = {
  SIGNALLED: ['ANALYSED'],
  ANALYSED: ['ESCALATED'],
  ESCALATED: ['RESOLVED', 'ACCEPTED_AS_IS'],
  RESOLVED: [],
  ACCEPTED_AS_IS: [],
}

/** Brings a breakthrough to its next state, on a day. What is resolved says what changed by it. */
export async function breakthroughAdvance(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'breakthrough.write')
  const { id, expectedVersion: expected, to, takenOn: given, explanation, resultingChange } = parsed(advance, input)
  const row = await hold(tx, breakthrough, id, expected, 'breakthrough that is yours to change')
  if (!next[row.state].includes(to))
    throw new Problem('BREAKTHROUGH_STATE', `From ${row.state} it goes to ${next[row.state].join(' or ') || 'nothing'}`, ['to'])
  if (to === 'RESOLVED' && resultingChange == null) throw new Problem('BAD_USER_INPUT', 'Say what changed', ['resultingChange'])
  const takenOn = await pastDay(tx, given, ['takenOn'])
  const last = await lastStep(tx, row.id)
  if (takenOn < last.takenOn) throw new Problem('BAD_USER_INPUT', `The step before it was on ${last.takenOn}`, ['takenOn'])
  await tx.db.insert(breakthroughStep).values({ breakthroughId: row.id, number: last.number + 1, state: to, takenOn, explanation })
  await tx.db
    .update(breakthrough)
    .set({ state: to, ...(resultingChange == null ? {} : { resultingChange }) })
    .where(eq(breakthrough.id, row.id))
  const told = { subjectType: 'Breakthrough', subjectId: row.id, before: { state: row.state } }
  await record(tx, actor, { operation: 'breakthroughAdvance', ...told, after: { state: to, takenOn, explanation, resultingChange } })
  return row.id
}

async function lastStep(tx: Tx, id: string): Promise<{ number: number; takenOn: string }> {
  const [last] = await tx.db
    .select({ number: breakthroughStep.number, takenOn: breakthroughStep.takenOn })
    .from(breakthroughStep)
    .where(eq(breakthroughStep.breakthroughId, id))
    .orderBy(sql`${breakthroughStep.number} desc`)
    .limit(1)
  return last as { number: number; takenOn: string }
}

const effort = z.strictObject({
  breakthroughId: givenId,
  addressee: z.enum(lobbyAddressee.enumValues),
  request: text,
  leader: z.string().nullish(),
  supporters: z.array(z.string()).max(100).default([]),
  startedOn: day.nullish(),
})

/** Begins a lobby for a breakthrough. Editors begin one for their own organisation; others then say for themselves that they support it. */
export async function lobbyStart(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'breakthrough.write')
  const { breakthroughId, leader, supporters, startedOn: given, ...taken } = parsed(effort, input)
  const ofBreakthrough = await findBreakthrough(tx, breakthroughId)
  const organisationId = await ownerOf(tx, actor, leader, ['leader'])
  const startedOn = await pastDay(tx, given, ['startedOn'])
  const row = { ...taken, id: uuidv7(), breakthroughId: ofBreakthrough, organisationId, startedOn }
  await tx.db.insert(lobbyEffort).values(row)
  for (const [place, slug] of [...new Set(supporters)].entries()) {
    const supporter = await organisationOf(tx, slug, ['supporters', place])
    await tx.db.insert(lobbySupport).values({ lobbyEffortId: row.id, organisationId: supporter })
  }
  await record(tx, actor, { operation: 'lobbyStart', subjectType: 'LobbyEffort', subjectId: row.id, after: { ...row, supporters } })
  return row.id
}

const support = z.strictObject({ id: givenId, supporter: z.string().nullish() })

/** Says that an organisation stands behind a lobby. Saying so again changes nothing. */
export async function lobbySupportAdd(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'breakthrough.write')
  const { id, supporter } = parsed(support, input)
  const [found] = id === undefined ? [] : await tx.db.select({ id: lobbyEffort.id }).from(lobbyEffort).where(eq(lobbyEffort.id, id))
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such lobby', ['id'])
  const organisationId = await ownerOf(tx, actor, supporter, ['supporter'])
  const made = await tx.db
    .insert(lobbySupport)
    .values({ lobbyEffortId: found.id, organisationId })
    .onConflictDoNothing()
    .returning({ by: lobbySupport.organisationId })
  if (made.length === 0) return found.id
  await record(tx, actor, { operation: 'lobbySupportAdd', subjectType: 'LobbyEffort', subjectId: found.id, after: { organisationId } })
  return found.id
}

const outcome = z.strictObject({
  id: givenId,
  expectedVersion,
  outcome: z.enum(lobbyOutcome.enumValues),
  outcomeOn: day.nullish(),
  text: text.nullish(),
})

/** Records what came of a lobby. */
export async function lobbyConclude(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'breakthrough.write')
  const { id, expectedVersion: expected, outcome: came, outcomeOn: given, text: outcomeText } = parsed(outcome, input)
  const row = await hold(tx, lobbyEffort, id, expected, 'lobby that is yours to change')
  const outcomeOn = await pastDay(tx, given, ['outcomeOn'])
  if (outcomeOn < row.startedOn) throw new Problem('BAD_USER_INPUT', `It started on ${row.startedOn}`, ['outcomeOn'])
  const change = { outcome: came, outcomeOn, outcomeText }
  await tx.db.update(lobbyEffort).set(change).where(eq(lobbyEffort.id, row.id))
  const told = { subjectType: 'LobbyEffort', subjectId: row.id, before: { outcome: row.outcome, outcomeOn: row.outcomeOn } }
  await record(tx, actor, { operation: 'lobbyConclude', ...told, after: change })
  return row.id
}

const ownerOf = async (tx: Tx, actor: PrincipalActor, slug: string | null | undefined, path: Path): Promise<string> =>
  slug == null ? actor.organisationId : organisationOf(tx, slug, path)

async function findTheme(tx: Tx, id: string | null): Promise<void> {
  if (id === null) return
  const found = await tx.db.select({ id: agendaTheme.id }).from(agendaTheme).where(eq(agendaTheme.id, id))
  if (found.length === 0) throw new Problem('NOT_FOUND', 'No such theme of an agenda', ['agendaThemeId'])
}

async function findBreakthrough(tx: Tx, id: string | undefined): Promise<string> {
  const [found] = id === undefined ? [] : await tx.db.select({ id: breakthrough.id }).from(breakthrough).where(eq(breakthrough.id, id))
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such breakthrough', ['breakthroughId'])
  return found.id
}
