import { type Change, record } from '../../audit/record.ts'
import type { PrincipalActor } from '../../auth/actor.ts'
import type { Tx } from '../../db/session.ts'
import { type Current, foldStatus, initial, type Standing } from '../status.ts'
import { admit } from './admit.ts'
import { type FoundAction, findActions, findEvents, findHistories, findParts, lockActions, takeTurn } from './find.ts'
import { contributed, type Judgement, judgeInTurn, quarantined } from './judge.ts'
import type { Candidate } from './report-input.ts'
import { insertReports, type NewReport, updateActions, updateStandings } from './store.ts'

export interface Outcome extends Judgement {
  /** Uuid, reference and status of the action, once a report of it was stored. */
  actionId?: string
  ref?: string
  /** After everything that came in together. */
  currentStatus?: Current['status']
}

export interface Manner {
  /** Told by a system, which cannot reopen what is closed. */
  pushed: boolean
  /** The verb, for the audit. */
  operation: string
}

/** A report with this event id that is in already, or comes earlier in the same batch. */
interface Earlier {
  fingerprint: string
  answer(): Outcome
}

/**
 * Records reports that came together: each for itself, in order, in a number of statements that does not grow with theirs.
 * UNCHANGED ones are stored like all others: a report is evidence, and only then does the order of arrival play no part.
 */
export async function recordReports(tx: Tx, actor: PrincipalActor, candidates: readonly Candidate[], manner: Manner): Promise<Outcome[]> {
  const turn = await takeTurn(tx, actor)
  const stored = await findEvents(tx, actor, given(candidates.map((candidate) => candidate.externalEventId)))
  const actions = await findActions(tx, given(candidates.map((candidate) => candidate.selector)))
  const byId = new Map([...actions.values()].map((action) => [action.id, action]))
  const known = { actor, turn, actions, parts: await findParts(tx, actor, [...byId.keys()]), pushed: manner.pushed }

  const outcomes = new Array<Outcome>(candidates.length)
  const events = new Map<string, Earlier>([...stored].map(([id, event]) => [id, { ...event, answer: () => event.answer as Outcome }]))
  const arrivals = new Map<number, NewReport>()
  const repetitions = new Map<number, Earlier>()
  for (const [index, candidate] of candidates.entries()) {
    const { externalEventId, fingerprint } = candidate
    const earlier = externalEventId === null ? undefined : events.get(externalEventId)
    if (earlier !== undefined && earlier.fingerprint === fingerprint) {
      repetitions.set(index, earlier)
      continue
    }
    const admitted = admit(candidate, known, earlier !== undefined)
    if (Array.isArray(admitted)) {
      outcomes[index] = { disposition: 'REJECTED', errors: admitted }
      continue
    }
    arrivals.set(index, admitted)
    if (externalEventId !== null)
      events.set(externalEventId, { fingerprint: admitted.fingerprint, answer: () => outcomes[index] as Outcome })
  }
  const settled = await settle(tx, actor, [...arrivals.values()], byId, manner.operation)
  for (const [index, report] of arrivals) outcomes[index] = settled.get(report) as Outcome
  for (const [index, earlier] of repetitions) outcomes[index] = { ...earlier.answer(), disposition: 'DUPLICATE' }
  return outcomes
}

const given = <T>(values: readonly (T | null | undefined)[]): T[] => values.filter((value) => value !== null && value !== undefined)

/** Folds new reports into their actions and writes them, what follows from them, and the audit. */
async function settle(
  tx: Tx,
  actor: PrincipalActor,
  reports: readonly NewReport[],
  actions: Map<string, FoundAction>,
  operation: string,
): Promise<Map<NewReport, Outcome>> {
  if (reports.length === 0) return new Map()
  const told = byAction(reports.filter((report) => report.subject === 'ACTION'))
  for (const action of await lockActions(tx, [...told.keys()])) actions.set(action.id, action)
  const { judgements, currents, standings } = await foldIn(tx, told, actions)

  const outcomes = new Map<NewReport, Outcome>()
  for (const report of reports) {
    const { id, ref, current } = actions.get(report.actionId) as FoundAction
    const judgement = judgements.get(report) ?? (report.subject === 'CONTRIBUTION' ? contributed : quarantined('REPORTER_NOT_PARTY'))
    outcomes.set(report, { ...judgement, actionId: id, ref, currentStatus: (currents.get(id) ?? current).status })
  }
  await insertReports(
    tx,
    actor,
    reports.map((report) => {
      const answer = outcomes.get(report) as Outcome
      return { ...report, standing: answer.disposition === 'QUARANTINED' ? 'QUARANTINED' : 'ACCEPTED', answer }
    }),
  )
  await updateStandings(tx, standings)
  await updateActions(tx, currents)
  await audit(tx, actor, changesOf(byAction(reports), actions, currents, outcomes, operation))
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
  const histories = await findHistories(tx, new Map([...told].map(([id, reports]) => [id, earliestOf(reports)])))
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
    return {
      ...{ operation, subjectType: 'Action', subjectId: actionId },
      before: shown(current),
      after: { ...shown(currents.get(actionId) ?? current), reports: told },
    }
  })
}

const shown = ({ status, progressPercent, health }: Current) => ({ status, progressPercent, health })

/** An insert has room for 65 535 parameters, an entry takes eleven. */
const entriesAtOnce = 5_000

async function audit(tx: Tx, actor: PrincipalActor, changes: readonly Change[]): Promise<void> {
  for (let first = 0; first < changes.length; first += entriesAtOnce) {
    await record(tx, actor, ...changes.slice(first, first + entriesAtOnce))
  }
}
