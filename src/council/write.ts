import { and, eq, inArray } from 'drizzle-orm'
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
import { programmeOf } from '../programme/write.ts'
import { councilNotice, councilNoticeDuty, informationDuty, noticeKind } from './table.ts'

const expectedVersion = z.int().min(1)
const day = z.iso.date()
const name = z.string().trim().min(1).max(500)
const duties = z.array(givenId).max(100).default([])

const newNotice = z
  .strictObject({
    programme: z.string().default('VW'),
    kind: z.enum(noticeKind.enumValues),
    subject: dutchText(500),
    informedOn: day.nullish(),
    reference: name.nullish(),
    document: name.nullish(),
    dutyIds: duties,
  })
  .refine(({ kind, informedOn }) => kind === 'RIB' || kind === 'WRITTEN' || informedOn != null, {
    path: ['informedOn'],
    message: 'A meeting or a visit has a date',
  })

/** Records that the council was told something, and which duties to tell it that fulfils (S51, S53, S54). */
export async function councilNoticeRecord(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'council.inform')
  const { programme, dutyIds, ...given } = parsed(newNotice, input)
  const informedOn = given.informedOn == null ? null : await pastDay(tx, given.informedOn, ['informedOn'])
  const fulfilled = await dutiesOf(tx, dutyIds, informedOn)
  const row = { ...given, informedOn, id: uuidv7(), programmeId: await programmeOf(tx, programme) }
  await refuseTaken(tx, row.programmeId, row.reference)
  await tx.db.insert(councilNotice).values(row)
  await fulfil(tx, row.id, fulfilled)
  const after = { ...row, duties: fulfilled }
  await record(tx, actor, { operation: 'councilNoticeRecord', subjectType: 'CouncilNotice', subjectId: row.id, after })
  return row.id
}

const correction = z.strictObject({
  id: givenId,
  expectedVersion,
  subject: dutchText(500).nullish(),
  informedOn: day.nullish(),
  reference: name.nullish(),
  document: name.nullish(),
  dutyIds: duties,
})

/** Corrects what was recorded of a notice, dates it when it is sent, or names further duties it fulfils; what it said stays in its history (S62). */
export async function councilNoticeCorrect(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'council.inform')
  const { id, expectedVersion: expected, dutyIds, ...given } = parsed(correction, input)
  const row = await hold(tx, councilNotice, id, expected, 'council notice')
  const change = changed(row, given)
  if (change.informedOn != null) await pastDay(tx, change.informedOn, ['informedOn'])
  const informedOn = change.informedOn ?? row.informedOn
  const known = await tx.db
    .select({ id: councilNoticeDuty.informationDutyId })
    .from(councilNoticeDuty)
    .where(and(eq(councilNoticeDuty.councilNoticeId, row.id), eq(councilNoticeDuty.withdrawn, false)))
  const kept = known.map((duty) => duty.id)
  await refuseEarly(tx, kept, informedOn)
  const added = (await dutiesOf(tx, dutyIds, informedOn)).filter((duty) => !kept.includes(duty))
  if (Object.keys(change).length === 0 && added.length === 0) return row.id
  if (change.reference != null) await refuseTaken(tx, row.programmeId, change.reference)
  // A further duty counts as a change of the notice as well, so that who saw it before finds that out.
  await tx.db
    .update(councilNotice)
    .set({ subject: row.subject, ...change })
    .where(eq(councilNotice.id, row.id))
  await fulfil(tx, row.id, added)
  const told = { subjectType: 'CouncilNotice', subjectId: row.id, before: before(row, change), after: { ...change, duties: added } }
  await record(tx, actor, { operation: 'councilNoticeCorrect', ...told })
  return row.id
}

const unlinking = z.strictObject({ id: givenId, expectedVersion, dutyId: givenId })

/** Takes a duty off a notice that was about another one: it is open again, unless another notice fulfils it (S62). */
export async function councilNoticeUnlinkDuty(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'council.inform')
  const { id, expectedVersion: expected, dutyId } = parsed(unlinking, input)
  const row = await hold(tx, councilNotice, id, expected, 'council notice')
  if (dutyId === undefined || !(await withdrawn(tx, row.id, dutyId)))
    throw new Problem('NOT_FOUND', 'The notice names no such information duty', ['dutyId'])
  // It counts as a change of the notice, as naming one does.
  await tx.db.update(councilNotice).set({ subject: row.subject }).where(eq(councilNotice.id, row.id))
  const told = { subjectType: 'CouncilNotice', subjectId: row.id, before: { duty: dutyId }, after: { duty: null } }
  await record(tx, actor, { operation: 'councilNoticeUnlinkDuty', ...told })
  return row.id
}

const rescheduling = z.strictObject({ id: givenId, expectedVersion, dueOn: day })

/** Sets the day by which the council is to be told of an adopted plan. */
export async function informationDutyReschedule(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'council.inform')
  const { id, expectedVersion: expected, dueOn } = parsed(rescheduling, input)
  const row = await hold(tx, informationDuty, id, expected, 'information duty')
  if (dueOn < row.adoptedOn) throw new Problem('BAD_USER_INPUT', `The plan was adopted on ${row.adoptedOn}`, ['dueOn'])
  if (dueOn === row.dueOn) return row.id
  await tx.db.update(informationDuty).set({ dueOn }).where(eq(informationDuty.id, row.id))
  const told = { subjectType: 'InformationDuty', subjectId: row.id, before: { dueOn: row.dueOn }, after: { dueOn } }
  await record(tx, actor, { operation: 'informationDutyReschedule', ...told })
  return row.id
}

/** The duties that were named, each once, or all that is wrong with them: a version that was not adopted has none. */
async function dutiesOf(tx: Tx, ids: readonly (string | undefined)[], informedOn: string | null): Promise<string[]> {
  const wanted = [...new Set(ids.filter((id) => id !== undefined))]
  const found = wanted.length === 0 ? [] : await tx.db.select().from(informationDuty).where(inArray(informationDuty.id, wanted))
  const known = new Map(found.map((duty) => [duty.id, duty]))
  const wrong = ids.flatMap((id, place) => {
    const duty = known.get(id ?? '')
    if (duty === undefined) return [new Problem('NOT_FOUND', 'No such information duty', ['dutyIds', place])]
    return isEarly(informedOn, duty) ? [tooEarly(duty, ['dutyIds', place])] : []
  })
  const [first] = wrong
  if (first) throw new Problem(first.code, first.message, first.path, wrong)
  return wanted
}

/** Its date can only be corrected to one on which it still fulfils what it fulfils. */
async function refuseEarly(tx: Tx, ids: readonly string[], informedOn: string | null): Promise<void> {
  const held = ids.length === 0 ? [] : await tx.db.select().from(informationDuty).where(inArray(informationDuty.id, ids))
  const early = held.find((duty) => isEarly(informedOn, duty))
  if (early) throw tooEarly(early, ['informedOn'])
}

const isEarly = (informedOn: string | null, { adoptedOn }: { adoptedOn: string }): boolean => informedOn !== null && informedOn < adoptedOn

const tooEarly = ({ adoptedOn }: { adoptedOn: string }, path: (string | number)[]): Problem =>
  new Problem('NOTICE_BEFORE_ADOPTION', `The plan was adopted on ${adoptedOn}`, path)

async function fulfil(tx: Tx, notice: string, fulfilled: readonly string[]): Promise<void> {
  if (fulfilled.length === 0) return
  await tx.db
    .insert(councilNoticeDuty)
    .values(fulfilled.map((informationDutyId) => ({ councilNoticeId: notice, informationDutyId })))
    // What was taken off it before is named again.
    .onConflictDoUpdate({ target: [councilNoticeDuty.councilNoticeId, councilNoticeDuty.informationDutyId], set: { withdrawn: false } })
}

/** Whether the notice named the duty; now it does not. */
async function withdrawn(tx: Tx, notice: string, duty: string): Promise<boolean> {
  const links = await tx.db
    .update(councilNoticeDuty)
    .set({ withdrawn: true })
    .where(
      and(
        eq(councilNoticeDuty.councilNoticeId, notice),
        eq(councilNoticeDuty.informationDutyId, duty),
        eq(councilNoticeDuty.withdrawn, false),
      ),
    )
    .returning({ id: councilNoticeDuty.informationDutyId })
  return links.length > 0
}

async function refuseTaken(tx: Tx, programmeId: string, reference: string | null | undefined): Promise<void> {
  if (reference == null) return
  const taken = await tx.db
    .select({ programmeId: councilNotice.programmeId })
    .from(councilNotice)
    .where(eq(councilNotice.reference, reference))
  if (taken.some((other) => other.programmeId === programmeId))
    throw new Problem('CONFLICT', 'A notice with this reference is on record', ['reference'])
}
