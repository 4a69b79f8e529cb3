import type { ErrorCode } from '../../errors.ts'
import { type Current, type Fold, inOrder, type Report } from '../status.ts'
import type { StoredReport } from './find.ts'
import { type Fault, fault } from './report-input.ts'

export const dispositions = ['APPLIED', 'RECORDED_LATE', 'UNCHANGED', 'DUPLICATE', 'QUARANTINED', 'REJECTED'] as const

/**
 * What became of a report, judged when it came in:
 * APPLIED tells where the action now stands (of a contributor: where its own part stands) · RECORDED_LATE stored, a later one counts ·
 * UNCHANGED stored, says what was known · DUPLICATE known, the first answer again · QUARANTINED stored, does not count · REJECTED not stored.
 */
export type Disposition = (typeof dispositions)[number]

export interface Judgement {
  disposition: Disposition
  errors: Fault[]
}

export const contributed: Judgement = {
  disposition: 'APPLIED',
  errors: [fault('NOT_LEAD', ['action'], 'Recorded for your own part; the status of the action is told by its lead')],
}

export const quarantined = (reason: ErrorCode): Judgement => ({
  disposition: 'QUARANTINED',
  errors: [fault(reason, [fieldOf[reason] ?? 'status'])],
})

/** The field of a report that a reason to hold it is about, where that is not its status. */
const fieldOf: Partial<Record<ErrorCode, string>> = { REPORTER_NOT_PARTY: 'action', NARRATIVE_MISSING: 'narrative' }

/**
 * Reports about one action that came together, in the order they came: each is held against what was shown before it.
 * Whether it counts at all is the fold's word over everything that is now known.
 */
export function judgeInTurn(arrived: readonly Report[], history: readonly StoredReport[], before: Current, fold: Fold): Judgement[] {
  let newest = history
    .filter((report) => fold.standing.get(report.id) === 'ACCEPTED')
    .toSorted(inOrder)
    .at(-1) as Report | undefined
  let shown: Shown = before
  return arrived.map((report) => {
    const reason = fold.reasons.get(report.id)
    if (reason !== undefined) return quarantined(reason)
    if (newest !== undefined && inOrder(report, newest) < 0) return { disposition: 'RECORDED_LATE', errors: [] }
    newest = report
    const next = {
      status: report.status,
      progressPercent: report.progressPercent ?? shown.progressPercent,
      health: report.health ?? shown.health,
    }
    const disposition = isSame(next, shown) ? 'UNCHANGED' : 'APPLIED'
    shown = next
    return { disposition, errors: [] }
  })
}

type Shown = Pick<Current, 'status' | 'progressPercent' | 'health'>

const isSame = (a: Shown, b: Shown): boolean => a.status === b.status && a.progressPercent === b.progressPercent && a.health === b.health
