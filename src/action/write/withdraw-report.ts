import { eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type Change, record } from '../../audit/record.ts'
import type { Actor, PrincipalActor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import type { Tx } from '../../db/session.ts'
import { Problem } from '../../errors.ts'
import { givenId, parsed } from '../../input.ts'
import { type ActionStatus, type Fold, foldStatus, type Standing, type Subject } from '../status.ts'
import { statusReport } from '../table.ts'
import { beginReporting, findHistories, lockActions, theBeginning } from './find.ts'
import { plainText } from './report-input.ts'
import { lockSteered } from './steer.ts'
import { updateActions, updateStandings } from './store.ts'

export const retraction = z
  .strictObject({
    externalEventId: plainText(200).describe('Your own id of the report'),
    reason: plainText(1000).nullish().describe('Why it was wrong; kept in the audit trail'),
  })
  .describe('A report of your organisation to take back')

const retracting = z.strictObject({ ...retraction.partial().shape, reportId: givenId })

export interface Retracted {
  reportId: string
  actionId: string
  ref: string
  /** After the retraction; only for those who read the action. */
  currentStatus?: ActionStatus
}

/**
 * Takes back a report of the caller's own organisation, named by its event id or its id: it stays on record and no longer counts (P8).
 * Where the action stands is folded anew from what is left. Taking back again changes nothing.
 */
export async function retractStatus(tx: Tx, actor: Actor, input: unknown): Promise<Retracted> {
  authorise(actor, 'action.retractStatus')
  const { reason, ...named } = parsed(retracting, input)
  const found = await ownReport(tx, actor, named)
  // Whoever told of an action led it, or is of the team, and so may hold it; of a part of its own nothing follows for the action.
  const [action] = found.subject === 'ACTION' ? await lockActions(tx, [found.actionId]) : []
  const { standing, admitted } = await stoodOf(tx, found.id)
  const before = action?.current.status ?? found.currentStatus
  if (standing === 'RETRACTED') return told(found, before)
  if (admitted && action === undefined)
    throw new Problem('CONFLICT', 'It was accepted as a report of the action, so its lead sets it aside', ['id'])
  await setAside(tx, found.id, 'RETRACTED')
  const currentStatus = action ? (await foldAnew(tx, action.id)).current.status : found.currentStatus
  await record(tx, actor, change('statusReportRetract', found.id, standing, { standing: 'RETRACTED', reason: reason ?? null }), {
    operation: 'statusReportRetract',
    subjectType: 'Action',
    subjectId: found.actionId,
    before: { status: before },
    after: { status: currentStatus },
  })
  return told(found, currentStatus)
}

interface OwnReport {
  id: string
  actionId: string
  ref: string
  subject: Subject
  /** As the action stood before, told to those who read it. */
  currentStatus: ActionStatus
  read: boolean
}

const told = ({ id, actionId, ref, read }: OwnReport, currentStatus: ActionStatus): Retracted => ({
  reportId: id,
  actionId,
  ref,
  ...(read && { currentStatus }),
})

interface Named {
  reportId?: string | undefined
  externalEventId?: string | undefined
}

/** Also of an action that its organisation took part in on earlier days and does not read today. */
async function ownReport(tx: Tx, actor: PrincipalActor, named: Named): Promise<OwnReport> {
  const readable = await findOwn(tx, actor, named, true)
  await beginReporting(tx)
  const found = readable ?? (await findOwn(tx, actor, named, false))
  if (found === undefined)
    throw new Problem('NOT_FOUND', 'Your organisation made no such report', [
      named.externalEventId === undefined ? 'id' : 'externalEventId',
    ])
  return found
}

async function findOwn(
  tx: Tx,
  { organisationId }: PrincipalActor,
  { reportId, externalEventId }: Named,
  read: boolean,
): Promise<OwnReport | undefined> {
  const { rows } = await tx.db.execute<Record<string, unknown> & Omit<OwnReport, 'read'>>(
    sql`select r.id, r.action_id as "actionId", a.ref, r.subject, a.status as "currentStatus"
      from status_report r join status_report_source s on s.report_id = r.id join action a on a.id = r.action_id
      where s.organisation_id = ${organisationId} and r.id = coalesce(${reportId ?? null}::uuid,
        (select e.report_id from status_report_event e where e.organisation_id = ${organisationId} and e.external_event_id = ${externalEventId ?? null}))`,
  )
  const [found] = rows
  return found && { ...found, read }
}

interface Stood {
  standing: Standing
  admitted: boolean
}

async function stoodOf(tx: Tx, reportId: string): Promise<Stood> {
  const { standing, admitted } = statusReport
  const [row] = await tx.db.select({ standing, admitted }).from(statusReport).where(eq(statusReport.id, reportId))
  return row as Stood
}

const setAside = (tx: Tx, reportId: string, standing: Standing) => updateStandings(tx, new Map([[reportId, standing]]))

/** Where an action stands by the reports that are left, with how each of them is judged now. */
async function foldAnew(tx: Tx, id: string): Promise<Fold> {
  const history = (await findHistories(tx, new Map([[id, theBeginning]]))).get(id) ?? []
  const fold = foldStatus(history)
  await updateStandings(
    tx,
    new Map(
      history.flatMap((report) => {
        const now = fold.standing.get(report.id) as Standing
        return now === report.standing ? [] : [[report.id, now] as const]
      }),
    ),
  )
  await updateActions(tx, new Map([[id, fold.current]]))
  return fold
}

const change = (operation: string, subjectId: string, standing: Standing, after: object): Change => ({
  operation,
  subjectType: 'StatusReport',
  subjectId,
  before: { standing },
  after,
})

const discarding = z.strictObject({ reportId: givenId, reason: plainText(1000).nullish() })

/** Sets aside a report that waits in quarantine, or was accepted out of it: by the lead of its action or the programme team. Answers its id. */
export async function discardReport(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'action.discardReport')
  const { reportId, reason } = parsed(discarding, input)
  const { id, actionId } = await steeredReport(tx, actor, reportId)
  const { standing, admitted } = await stoodOf(tx, id)
  if (standing === 'DISCARDED') return id
  if (standing !== 'QUARANTINED' && !(standing === 'ACCEPTED' && admitted)) throw notWaiting(standing)
  await setAside(tx, id, 'DISCARDED')
  if (standing === 'ACCEPTED') await foldAnew(tx, actionId)
  await record(tx, actor, change('statusReportDiscard', id, standing, { standing: 'DISCARDED', reason: reason ?? null }))
  return id
}

const accepting = z.strictObject({ reportId: givenId, reason: plainText(1000) })

/**
 * Accepts a report that waits in quarantine, by the lead of its action or the programme team, with the reason: it counts as if they had told it.
 * Where the action stands is folded anew. A step that is none stays none. Accepting again changes nothing. Answers its id.
 */
export async function acceptReport(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'action.acceptReport')
  const { reportId, reason } = parsed(accepting, input)
  const { id, actionId } = await steeredReport(tx, actor, reportId)
  const { standing, admitted } = await stoodOf(tx, id)
  if (standing === 'ACCEPTED' && admitted) return id
  if (standing !== 'QUARANTINED') throw notWaiting(standing)
  const [action] = await lockActions(tx, [actionId])
  await tx.db.update(statusReport).set({ admitted: true }).where(eq(statusReport.id, id))
  const { current, reasons } = await foldAnew(tx, actionId)
  const refused = reasons.get(id)
  if (refused !== undefined) throw new Problem(refused, undefined, ['id'])
  await record(tx, actor, change('statusReportAccept', id, standing, { standing: 'ACCEPTED', reason }), {
    operation: 'statusReportAccept',
    subjectType: 'Action',
    subjectId: actionId,
    before: { status: action?.current.status },
    after: { status: current.status },
  })
  return id
}

const notWaiting = (standing: Standing): Problem => new Problem('CONFLICT', `The report is ${standing}, so it does not wait`, ['id'])

/** A report that the caller sees, of an action that it steers; the action is held. */
async function steeredReport(tx: Tx, actor: PrincipalActor, id: string | undefined): Promise<{ id: string; actionId: string }> {
  const [found] =
    id === undefined ? [] : await tx.db.select({ actionId: statusReport.actionId }).from(statusReport).where(eq(statusReport.id, id))
  if (id === undefined || found === undefined) throw new Problem('NOT_FOUND', 'No such report', ['id'])
  await lockSteered(tx, actor, found.actionId, ['id'])
  return { id, actionId: found.actionId }
}
