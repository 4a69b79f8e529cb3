import type { ErrorCode } from '../errors.ts'
import { actionStatus, type health, type reportStanding, type reportSubject } from './table.ts'

export type ActionStatus = (typeof actionStatus.enumValues)[number]
export type Health = (typeof health.enumValues)[number]
export type Standing = (typeof reportStanding.enumValues)[number]
export type Subject = (typeof reportSubject.enumValues)[number]

/** What the fold knows of a report. Nothing in it tells when the report arrived. */
export interface Report {
  id: string
  subject: Subject
  status: ActionStatus
  /** Null says nothing of it: what was known before stays. */
  progressPercent: number | null
  health: Health | null
  /** UTC with microseconds, `2026-05-31T12:00:00.000000Z`: as text in the order of time. */
  effectiveAt: string
  sourceSequence: bigint | null
  tieBreak: string
  /** Made by a system's push, so it cannot reopen what is closed. */
  pushed: boolean
  hasNarrative: boolean
}

/** Where an action stands; what its row shows. */
export interface Current {
  status: ActionStatus
  progressPercent: number | null
  health: Health
  latestReportId: string | null
  actualStartOn: string | null
  actualEndOn: string | null
}

export interface Fold {
  standing: Map<string, Standing>
  /** Why a report is in quarantine. */
  reasons: Map<string, ErrorCode>
  current: Current
}

export const initial: Current = {
  status: 'PIPELINE',
  progressPercent: null,
  health: 'UNKNOWN',
  latestReportId: null,
  actualStartOn: null,
  actualEndOn: null,
}

/**
 * An action's status: a fold over its reports in the order of what they tell of, so that arrival plays no part (decisions D5).
 * `from` is where the action stood after all earlier reports, when `reports` holds only the later ones. Not of one that was suspended then:
 * to which status that returns only its earlier reports tell.
 */
export function foldStatus(reports: readonly Report[], from: Current = initial): Fold {
  const standing = new Map<string, Standing>()
  const reasons = new Map<string, ErrorCode>()
  let current = from
  /** The last status in which it was not suspended. */
  let resumes = from.status
  for (const report of reports.toSorted(inOrder)) {
    const reason = refusal(current.status, resumes, report)
    standing.set(report.id, reason === undefined ? 'ACCEPTED' : 'QUARANTINED')
    if (reason !== undefined) reasons.set(report.id, reason)
    else if (report.subject === 'ACTION') current = after(current, report)
    if (current.status !== 'SUSPENDED') resumes = current.status
  }
  return { standing, reasons, current }
}

const rank = Object.fromEntries(actionStatus.enumValues.map((status, index) => [status, index])) as Record<ActionStatus, number>

/** Below every number that a source can give. */
const unnumbered = -(2n ** 64n)

/**
 * The order of reports: moment, the source's own order, status, then what is the same whatever arrived first (decisions D5). Of those of one moment
 * and status the one with words goes first, since it explains the step that the others only repeat.
 */
export function inOrder(a: Report, b: Report): number {
  return (
    compare(a.effectiveAt, b.effectiveAt) ||
    compare(a.sourceSequence ?? unnumbered, b.sourceSequence ?? unnumbered) ||
    rank[a.status] - rank[b.status] ||
    Number(b.hasNarrative) - Number(a.hasNarrative) ||
    compare(a.tieBreak, b.tieBreak) ||
    compare(a.id, b.id)
  )
}

const compare = <T extends string | bigint>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

/** A report is evidence, and reports in between may be late: any forward move stands. What is suspended also returns to where it stood before. */
const moves: Record<ActionStatus, readonly ActionStatus[]> = {
  PIPELINE: ['IMPLEMENTATION', 'FINALISATION', 'CLOSED', 'CANCELLED', 'SUSPENDED'],
  IMPLEMENTATION: ['FINALISATION', 'CLOSED', 'CANCELLED', 'SUSPENDED'],
  FINALISATION: ['IMPLEMENTATION', 'CLOSED', 'CANCELLED', 'SUSPENDED'],
  SUSPENDED: ['CANCELLED'],
  CLOSED: ['IMPLEMENTATION'],
  CANCELLED: ['IMPLEMENTATION'],
}

/** Steps back, which need words to explain them. */
const explained: readonly ActionStatus[] = ['FINALISATION', 'CLOSED', 'CANCELLED']

/** Why a report cannot stand after this status; nothing when it can. */
function refusal(from: ActionStatus, resumes: ActionStatus, report: Report): ErrorCode | undefined {
  if (report.subject === 'UNRELATED') return 'REPORTER_NOT_PARTY'
  if (report.subject === 'CONTRIBUTION' || report.status === from) return undefined
  if (isTerminal(from) && report.pushed) return 'LEAVES_TERMINAL_STATE'
  if (from === 'SUSPENDED' && report.status === resumes) return undefined
  if (!moves[from].includes(report.status)) return 'TRANSITION_NOT_ALLOWED'
  if (report.status === 'IMPLEMENTATION' && explained.includes(from) && !report.hasNarrative) return 'NARRATIVE_MISSING'
  return undefined
}

const isTerminal = (status: ActionStatus): boolean => status === 'CLOSED' || status === 'CANCELLED'

const begun: readonly ActionStatus[] = ['IMPLEMENTATION', 'FINALISATION', 'CLOSED']

function after(before: Current, report: Report): Current {
  const day = dayInMaastricht(report.effectiveAt)
  return {
    status: report.status,
    progressPercent: report.progressPercent ?? before.progressPercent,
    health: report.health ?? before.health,
    latestReportId: report.id,
    actualStartOn: before.actualStartOn ?? (begun.includes(report.status) ? day : null),
    actualEndOn: isTerminal(report.status) ? (before.status === report.status ? before.actualEndOn : day) : null,
  }
}

const calendar = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Amsterdam', year: 'numeric', month: '2-digit', day: '2-digit' })

/** The last hours asked for and their days: the clocks change on the hour, and to ask the calendar takes microseconds. */
const days = new Map<string, string>()

/** The day an instant (from 1946 on by the hour) falls on in Maastricht, by which everything dated is judged. */
export function dayInMaastricht(instant: string): string {
  if (instant < '1946') return calendar.format(Date.parse(instant))
  const hour = instant.slice(0, 13)
  let day = days.get(hour)
  if (day === undefined) {
    day = calendar.format(Date.parse(`${hour}:00:00Z`))
    if (days.size >= 10_000) days.clear()
    days.set(hour, day)
  }
  return day
}
