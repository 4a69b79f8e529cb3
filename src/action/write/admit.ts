import { hash } from 'node:crypto'
import { uuidv7 } from 'uuidv7'
import type { PrincipalActor } from '../../auth/actor.ts'
import { dayInMaastricht, type Subject } from '../status.ts'
import { type FoundAction, keyOf, type Part, type Turn } from './find.ts'
import { type ActionSelector, type Candidate, type Fault, fault, type ReportInput } from './report-input.ts'
import type { NewReport } from './store.ts'

/** What a report is judged against before anything is stored. */
export interface Known {
  actor: PrincipalActor
  turn: Turn
  /** By selector. */
  actions: ReadonlyMap<string, FoundAction>
  /** The caller's own, by action. */
  parts: ReadonlyMap<string, readonly Part[]>
  pushed: boolean
}

/** A report that may be stored, or all that speaks against it. `reused` says that its event id was used before for something else. */
export function admit(candidate: Candidate, known: Known, reused: boolean): NewReport | Fault[] {
  const { report, fingerprint, selector } = candidate
  const action = selector && known.actions.get(keyOf(selector))
  const faults = [...candidate.faults, ...faultsAgainst(candidate, known, action, reused)]
  return faults.length > 0 || !report || !fingerprint || !action ? faults : newReport(report, fingerprint, action, known)
}

function faultsAgainst(
  { selector, effectiveAt }: Candidate,
  { actor, turn, parts }: Known,
  action: FoundAction | undefined,
  reused: boolean,
): Fault[] {
  const faults: Fault[] = []
  if (reused) faults.push(fault('EVENT_ID_REUSED', ['externalEventId']))
  if (selector !== undefined && action === undefined) faults.push(unknownAction(selector))
  if (effectiveAt === undefined) return faults
  if (effectiveAt > turn.latestAllowed) faults.push(fault('EFFECTIVE_IN_FUTURE', ['effectiveAt']))
  if (turn.memberUntil !== null && dayInMaastricht(effectiveAt) >= turn.memberUntil)
    faults.push(fault('MEMBERSHIP_ENDED', ['effectiveAt'], `Your organisation was a member until ${turn.memberUntil}`))
  if (actor.inGrace && action !== undefined && !(parts.get(action.id) ?? []).some((part) => takesPart(part, dayInMaastricht(effectiveAt))))
    faults.push(fault('REPORTER_NOT_PARTY', ['action']))
  return faults
}

/** Tells the caller's own words back and nothing else: hidden is the same as absent. */
function unknownAction(selector: ActionSelector): Fault {
  if ('externalId' in selector) {
    const { externalId, system } = selector
    return fault('UNKNOWN_ACTION', ['action', 'externalId'], `No action is known as "${externalId}" in your system "${system}"`)
  }
  const [[field, name]] = Object.entries(selector) as [[string, string]]
  return fault('UNKNOWN_ACTION', ['action', field], `There is no action "${name}"`)
}

function newReport(input: ReportInput, fingerprint: string, action: FoundAction, { actor, parts, pushed }: Known): NewReport {
  return {
    id: uuidv7(),
    actionId: action.id,
    subject: subjectOf(actor, parts.get(action.id) ?? [], dayInMaastricht(input.effectiveAt)),
    status: input.status,
    progressPercent: input.progressPercent,
    health: input.health,
    effectiveAt: input.effectiveAt,
    sourceSequence: input.sourceSequence === null ? null : BigInt(input.sourceSequence),
    tieBreak: hash('sha256', `${actor.organisationId}\0${input.externalEventId ?? fingerprint}`, 'hex'),
    pushed,
    hasNarrative: input.narrative !== null,
    input,
    fingerprint,
  }
}

/** Whose status a report tells, by what its sender was on the day of which it tells. */
function subjectOf(actor: PrincipalActor, parts: readonly Part[], day: string): Subject {
  if (actor.roles.includes('PROGRAMME_TEAM') || parts.some((part) => part.role === 'LEAD' && takesPart(part, day))) return 'ACTION'
  return parts.some((part) => takesPart(part, day)) ? 'CONTRIBUTION' : 'UNRELATED'
}

const takesPart = (part: Part, day: string): boolean => part.startsOn <= day && (part.endsOn === null || day < part.endsOn)
