import { type Change, record } from '../../audit/record.ts'
import type { PrincipalActor } from '../../auth/actor.ts'
import type { Tx } from '../../db/session.ts'
import { type Current, foldStatus, initial, type Standing } from '../status.ts'
import { admit, type Known } from './admit.ts'
import {
  type FoundAction,
  findEvents,
  findHistories,
  findParts,
  findReported,
  type KnownEvent,
  lockActions,
  seeWhatFolds,
  takeTurn,
  theBeginning,
} from './find.ts'
import { contributed, type Judgement, judgeInTurn, quarantined } from './judge.ts'
import type { Candidate, Fault } from './report-input.ts'
import { insertReports, type NewReport, updateActions, updateStandings } from './store.ts'

export interface Outcome extends Judgement {
  /** Uuid, reference and status of the action, once a report of it was stored. */
  actionId?: string
  ref?: string
  /** After everything that came in together; only for those who read the action. */
  currentStatus?: Current['status']
}

export interface Manner {
  /** Told by a system, which cannot reopen what is closed. */
  pushed: boolean
  /** The verb, for the audit. */
  operation: string
  /** Its caller takes the transaction back. */
  dryRun?: boolean
}

/**
 * Records reports that came together: each for itself, in order, in a number of statements that does not grow with theirs.
 * UNCHANGED ones are stored like all others: a report is evidence, and only then does the order of arrival play no part.
 */
export async function recordReports(tx: Tx, actor: PrincipalActor, candidates: readonly Candidate[], manner: Manner): Promise<Outcome[]> {
  const turn = await takeTurn(tx, actor)
  const events = await findEvents(tx, actor, given(candidates.map((candidate) => candidate.externalEventId)))
  const actions = await findReported(tx, given(candidates.map((candidate) => candidate.selector)), manner.dryRun ?? false)
  const byId = new Map([...actions.values()].map((action) => [action.id, action]))
  const parts = await findParts(tx, actor, [...byId.keys()])

  const decisions = decide(candidates, { actor, turn, actions, parts, pushed: manner.pushed }, events)
  const admitted = given(decisions.map((decision) => ('report' in decision ? decision.report : undefined)))
  const settled = await settle(tx, actor, admitted, byId, manner.operation)
  return decisions.map((decision) => outcomeOf(decision, settled))
}

const given = <T>(values: readonly (T | null | undefined)[]): T[] => values.filter((value) => value !== null && value !== undefined)

/** To store a report, to refuse it, or to answer as `repeats` was: an earlier event by its answer, one of this batch by its report. */
type Decision = { report: NewReport } | { faults: Fault[] } | { repeats: Outcome | NewReport }

function decide(candidates: readonly Candidate[], known: Known, stored: ReadonlyMap<string, KnownEvent>): Decision[] {
  const events = new Map<string, { fingerprint: string; answer: Outcome | NewReport }>()
  for (const [id, { fingerprint, answer }] of stored) events.set(id, { fingerprint, answer: answer as Outcome })
  return candidates.map((candidate) => {
    const { externalEventId, fingerprint } = candidate
    const earlier = externalEventId === null ? undefined : events.get(externalEventId)
    if (earlier !== undefined && earlier.fingerprint === fingerprint) return { repeats: earlier.answer }
    const admitted = admit(candidate, known, earlier !== undefined)
    if (Array.isArray(admitted)) return { faults: admitted }
    if (externalEventId !== null) events.set(externalEventId, { fingerprint: admitted.fingerprint, answer: admitted })
    return { report: admitted }
  })
}

function outcomeOf(decision: Decision, settled: ReadonlyMap<NewReport, Outcome>): Outcome {
  if ('faults' in decision) return { disposition: 'REJECTED', errors: decision.faults }
  if ('report' in decision) return settled.get(decision.report) as Outcome
  const first = 'disposition' in decision.repeats ? decision.repeats : (settled.get(decision.repeats) as Outcome)
  return { ...first, disposition: 'DUPLICATE' }
}

/** Folds new reports into their actions and writes them, what follows from them, and the audit. */
async function settle(
  tx: Tx,
  actor: PrincipalActor,
  reports: readonly NewReport[],
  actions: Map<string, FoundAction>,
  operation: string,
): Promise<Map<NewReport, Outcome>> {
  if (reports.length === 0) return new Map()
  await seeWhatFolds(tx, actor)
  const told = byAction(reports.filter((report) => report.subject === 'ACTION'))
  for (const action of await lockActions(tx, [...told.keys()]))
    actions.set(action.id, { ...(actions.get(action.id) as FoundAction), ...action })
  const { judgements, currents, standings } = await foldIn(tx, told, actions)

  const outcomes = new Map<NewReport, Outcome>()
  for (const report of reports) {
    const { id, ref, current, read } = actions.get(report.actionId) as FoundAction
    const judgement = judgements.get(report) ?? (report.subject === 'CONTRIBUTION' ? contributed : quarantined('REPORTER_NOT_PARTY'))
    const currentStatus = read ? (currents.get(id) ?? current).status : undefined
    outcomes.set(report, { ...judgement, actionId: id, ref, currentStatus })
  }
  await insertReports(
    tx,
    actor,
    reports.map((report) => {
      const answer = outcomes.get(report) as Outcome
      const standing = answer.disposition === 'QUARANTINED' ? 'QUARANTINED' : 'ACCEPTED'
      return { ...report, standing, late: answer.disposition === 'RECORDED_LATE', answer }
    }),
  )
  await updateStandings(tx, standings)
  await updateActions(tx, currents)
  await record(tx, actor, ...changesOf(byAction(reports), actions, currents, outcomes, operation))
  return outcomes
}

function byAction(reports: readonly NewReport[]): Map<string, NewReport[]> {
  const groups = new Map<string, NewReport[]>()
  for (const report of reports) {
    const group = groups.get(report.actionId)
    if (group === undefined) groups.set(report.actionId, [report])
    else group.push(report)
  }
  return groups
}

interface FoldedIn {
  judgements: Map<NewReport, Judgement>
  /** Where actions now stand, of those that stand differently. */
  currents: Map<string, Current>
  /** Earlier reports that now stand differently. */
  standings: Map<string, Standing>
}

async function foldIn(tx: Tx, told: ReadonlyMap<string, NewReport[]>, actions: ReadonlyMap<string, FoundAction>): Promise<FoldedIn> {
  const isSuspended = (id: string) => (actions.get(id) as FoundAction).current.status === 'SUSPENDED'
  const histories = await findHistories(
    tx,
    new Map([...told].map(([id, reports]) => [id, isSuspended(id) ? theBeginning : earliestOf(reports)])),
  )
  const folded: FoldedIn = { judgements: new Map(), currents: new Map(), standings: new Map() }
  for (const [actionId, reports] of told) {
    const before = (actions.get(actionId) as FoundAction).current
    const history = histories.get(actionId) ?? []
    const fold = history.length > 0 ? foldStatus([...history, ...reports]) : foldStatus(reports, before)
    for (const [place, judgement] of judgeInTurn(reports, history, before, fold).entries())
      folded.judgements.set(reports[place] as NewReport, judgement)
    for (const { id, standing } of history) {
      const now = fold.standing.get(id) as Standing
      if (now !== standing) folded.standings.set(id, now)
    }
    if (!isSame(fold.current, before)) folded.currents.set(actionId, fold.current)
  }
  return folded
}

const isSame = (a: Current, b: Current): boolean => (Object.keys(initial) as (keyof Current)[]).every((field) => a[field] === b[field])

const earliestOf = (reports: readonly NewReport[]): string =>
  reports.reduce((earliest, { effectiveAt }) => (effectiveAt < earliest ? effectiveAt : earliest), (reports[0] as NewReport).effectiveAt)

/** One entry for each action that was reported on. */
function changesOf(
  reports: ReadonlyMap<string, NewReport[]>,
  actions: ReadonlyMap<string, FoundAction>,
  currents: ReadonlyMap<string, Current>,
  outcomes: ReadonlyMap<NewReport, Outcome>,
  operation: string,
): Change[] {
  return [...reports].map(([actionId, group]) => {
    const { current } = actions.get(actionId) as FoundAction
    const told = group.map((report) => ({ id: report.id, status: report.status, disposition: outcomes.get(report)?.disposition }))
    const after = { ...shown(currents.get(actionId) ?? current), reports: told }
    return { operation, subjectType: 'Action', subjectId: actionId, before: shown(current), after }
  })
}

const shown = ({ status, progressPercent, health }: Current) => ({ status, progressPercent, health })
