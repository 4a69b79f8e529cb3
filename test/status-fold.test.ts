import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import {
  type ActionStatus,
  type Current,
  dayInMaastricht,
  foldStatus,
  type Health,
  initial,
  inOrder,
  type Report,
} from '../src/action/status.ts'
import type { StoredReport } from '../src/action/write/find.ts'
import { judgeInTurn } from '../src/action/write/judge.ts'

let made = 0

/** A lead's pushed report; days of May 2025 unless told. */
function report(day: number, status: ActionStatus, more: Partial<Report> = {}): Report {
  made++
  return {
    id: `report ${made}`,
    subject: 'ACTION',
    status,
    progressPercent: null,
    health: null,
    effectiveAt: `2025-05-${String(day).padStart(2, '0')}T10:00:00.000000Z`,
    sourceSequence: null,
    tieBreak: `tie ${made}`,
    pushed: true,
    hasNarrative: false,
    ...more,
  }
}

const byHand = { pushed: false, hasNarrative: true }
const reasonsOf = (reports: readonly Report[]) => reports.map((one) => foldStatus(reports).reasons.get(one.id) ?? 'ACCEPTED')
const shown = ({ status, progressPercent, health }: Current) => [status, progressPercent, health]

t.test('the order: moment to the microsecond, sequence with none first, status, words, then what never changes', async (t) => {
  const at = (fraction: string) => ({ effectiveAt: `2025-05-01T10:00:00.${fraction}Z` })
  const ordered = [
    report(1, 'CLOSED', { ...at('000001'), sourceSequence: 99n }),
    report(1, 'CLOSED', at('000002')),
    report(1, 'PIPELINE', { ...at('000002'), sourceSequence: -5n }),
    report(1, 'PIPELINE', { ...at('000002'), sourceSequence: 9n }),
    report(1, 'IMPLEMENTATION', { ...at('000002'), sourceSequence: 9n, tieBreak: 'c', hasNarrative: true }),
    report(1, 'IMPLEMENTATION', { ...at('000002'), sourceSequence: 9n, tieBreak: 'a' }),
    report(1, 'IMPLEMENTATION', { ...at('000002'), sourceSequence: 9n, tieBreak: 'b' }),
    report(1, 'IMPLEMENTATION', { ...at('000002'), sourceSequence: 10n, tieBreak: 'a' }),
  ]
  t.same([...ordered].reverse().sort(inOrder), ordered)
})

t.test('moves forward stand, also over states between that were never told', async (t) => {
  t.same(reasonsOf([report(1, 'IMPLEMENTATION'), report(2, 'FINALISATION'), report(3, 'CLOSED')]), ['ACCEPTED', 'ACCEPTED', 'ACCEPTED'])
  t.same(reasonsOf([report(1, 'CLOSED')]), ['ACCEPTED'])
  t.same(reasonsOf([report(1, 'FINALISATION'), report(2, 'CANCELLED')]), ['ACCEPTED', 'ACCEPTED'])
})

t.test('a move back to the pipeline is quarantined and changes nothing', async (t) => {
  const reports = [report(1, 'IMPLEMENTATION', { progressPercent: 20 }), report(2, 'PIPELINE', { progressPercent: 0 })]
  t.same(reasonsOf(reports), ['ACCEPTED', 'TRANSITION_NOT_ALLOWED'])
  t.same(shown(foldStatus(reports).current), ['IMPLEMENTATION', 20, 'UNKNOWN'])
})

t.test('from finalisation back to implementation only with words that explain it', async (t) => {
  const first = report(1, 'FINALISATION')
  t.same(reasonsOf([first, report(2, 'IMPLEMENTATION')]), ['ACCEPTED', 'NARRATIVE_MISSING'])
  t.same(reasonsOf([first, report(2, 'IMPLEMENTATION', { hasNarrative: true })]), ['ACCEPTED', 'ACCEPTED'])
})

t.test('what is suspended returns to where it stood before, or is cancelled', async (t) => {
  for (const before of ['PIPELINE', 'IMPLEMENTATION', 'FINALISATION'] as const) {
    const suspended = [report(1, before), report(2, 'SUSPENDED'), report(3, 'SUSPENDED', { progressPercent: 5 })]
    for (const status of ['PIPELINE', 'IMPLEMENTATION', 'FINALISATION', 'CLOSED', 'CANCELLED'] as const)
      t.same(
        reasonsOf([...suspended, report(4, status, byHand)]).at(-1),
        status === before || status === 'CANCELLED' ? 'ACCEPTED' : 'TRANSITION_NOT_ALLOWED',
        `${before}, suspended, ${status}`,
      )
  }
  t.same(
    reasonsOf([report(1, 'SUSPENDED'), report(2, 'PIPELINE')]),
    ['ACCEPTED', 'ACCEPTED'],
    'what nothing was told of was in the pipeline',
  )
  t.same(reasonsOf([report(1, 'SUSPENDED'), report(2, 'IMPLEMENTATION')]).at(-1), 'TRANSITION_NOT_ALLOWED')
})

t.test('each suspension remembers its own state before it, also when that is told late', async (t) => {
  const [begun, suspended, resumed] = [report(1, 'IMPLEMENTATION'), report(4, 'SUSPENDED'), report(6, 'IMPLEMENTATION')]
  const again = [report(7, 'FINALISATION'), report(8, 'SUSPENDED'), report(9, 'FINALISATION')]
  t.same(reasonsOf([begun, suspended, resumed, ...again]), new Array(6).fill('ACCEPTED'))
  const late = report(3, 'FINALISATION')
  t.same(reasonsOf([suspended, resumed, late]), ['ACCEPTED', 'TRANSITION_NOT_ALLOWED', 'ACCEPTED'])
  t.same(reasonsOf([begun, suspended, resumed, late]), ['ACCEPTED', 'ACCEPTED', 'TRANSITION_NOT_ALLOWED', 'ACCEPTED'])
  t.equal(foldStatus([begun, suspended, resumed, late]).current.status, 'SUSPENDED')
  t.same(reasonsOf([suspended, resumed, begun]), new Array(3).fill('ACCEPTED'), 'told late, it lets what was refused count')
  t.same(reasonsOf([begun, suspended, report(5, 'IMPLEMENTATION'), report(6, 'CLOSED')]), new Array(4).fill('ACCEPTED'))
})

t.test('a push never reopens; the lead does, to implementation and with words', async (t) => {
  for (const end of ['CLOSED', 'CANCELLED'] as const) {
    const closed = report(1, end)
    t.same(reasonsOf([closed, report(2, 'IMPLEMENTATION', { hasNarrative: true })]).at(-1), 'LEAVES_TERMINAL_STATE')
    t.same(reasonsOf([closed, report(2, 'FINALISATION', byHand)]).at(-1), 'TRANSITION_NOT_ALLOWED')
    t.same(reasonsOf([closed, report(2, 'IMPLEMENTATION', { pushed: false })]).at(-1), 'NARRATIVE_MISSING')
    t.same(reasonsOf([closed, report(2, 'IMPLEMENTATION', byHand)]).at(-1), 'ACCEPTED')
    t.same(reasonsOf([closed, report(2, end, { progressPercent: 100 })]).at(-1), 'ACCEPTED')
  }
})

t.test('a contributor and a stranger never move the action', async (t) => {
  const reports = [
    report(1, 'IMPLEMENTATION'),
    report(2, 'CANCELLED', { subject: 'CONTRIBUTION' }),
    report(3, 'CLOSED', { subject: 'UNRELATED' }),
  ]
  t.same(reasonsOf(reports), ['ACCEPTED', 'ACCEPTED', 'REPORTER_NOT_PARTY'])
  t.same(foldStatus(reports).current.latestReportId, reports[0]?.id)
})

t.test('what a report does not say stays as it was', async (t) => {
  const reports = [
    report(1, 'IMPLEMENTATION', { progressPercent: 40, health: 'AT_RISK' }),
    report(2, 'IMPLEMENTATION'),
    report(3, 'FINALISATION', { progressPercent: 0 }),
  ]
  t.same(shown(foldStatus(reports.slice(0, 2)).current), ['IMPLEMENTATION', 40, 'AT_RISK'])
  t.same(shown(foldStatus(reports).current), ['FINALISATION', 0, 'AT_RISK'])
})

t.test('actual dates are days in Maastricht, and a reopened action has no end', async (t) => {
  const start = report(1, 'IMPLEMENTATION', { effectiveAt: '2025-05-01T22:30:00.000000Z' })
  const end = report(9, 'CLOSED', { effectiveAt: '2025-12-31T23:00:00.000000Z' })
  const again = report(9, 'CLOSED', { effectiveAt: '2026-02-01T10:00:00.000000Z' })
  const reopened = report(9, 'IMPLEMENTATION', { effectiveAt: '2026-03-01T10:00:00.000000Z', ...byHand })
  const dates = (...reports: Report[]) => {
    const { actualStartOn, actualEndOn } = foldStatus(reports).current
    return [actualStartOn, actualEndOn]
  }
  t.same(dates(report(1, 'SUSPENDED')), [null, null])
  t.same(dates(start), ['2025-05-02', null])
  t.same(dates(start, end, again), ['2025-05-02', '2026-01-01'])
  t.same(dates(start, end, again, reopened), ['2025-05-02', null])
  t.same(dates(report(3, 'CLOSED')), ['2025-05-03', '2025-05-03'])
  t.same(dates(report(3, 'CANCELLED')), [null, '2025-05-03'])
  t.equal(dayInMaastricht('2025-03-30T00:59:59.999999Z'), '2025-03-30')
})

const statuses = ['PIPELINE', 'IMPLEMENTATION', 'FINALISATION', 'CLOSED', 'CANCELLED', 'SUSPENDED'] as const

const anyReport = fc.record({
  subject: fc.constantFrom('ACTION', 'ACTION', 'ACTION', 'CONTRIBUTION', 'UNRELATED'),
  status: fc.constantFrom(...statuses),
  progressPercent: fc.option(fc.integer({ min: 0, max: 100 })),
  health: fc.option(fc.constantFrom<Health>('ON_TRACK', 'AT_RISK', 'OFF_TRACK', 'UNKNOWN')),
  effectiveAt: fc.constantFrom('2025-05-01', '2025-05-02', '2025-05-03', '2025-06-01').map((day) => `${day}T10:00:00.000000Z`),
  sourceSequence: fc.option(fc.bigInt({ min: 0n, max: 3n })),
  tieBreak: fc.constantFrom('a', 'b', 'c', 'd'),
  pushed: fc.boolean(),
  hasNarrative: fc.boolean(),
})

const anyReports = fc
  .array(anyReport, { maxLength: 20 })
  .map((reports) => reports.map((one, index) => ({ ...one, id: `id ${index}` }) as Report))

const shuffled = anyReports.chain((reports) =>
  fc.tuple(fc.constant(reports), fc.shuffledSubarray(reports, { minLength: reports.length, maxLength: reports.length })),
)

const plain = ({ standing, reasons, current }: ReturnType<typeof foldStatus>) => ({
  standing: [...standing].sort(),
  reasons: [...reasons].sort(),
  current,
})

t.test('P3, invariant 9: in whatever order reports arrive, the outcome is the same', async () => {
  fc.assert(fc.property(shuffled, ([reports, arrived]) => assert.deepEqual(plain(foldStatus(arrived)), plain(foldStatus(reports)))))
})

t.test(
  'of reports of one instant the one with words is judged first, whatever their event ids, so that none is refused by chance',
  async (t) => {
    for (const [a, b] of [
      ['a', 'b'],
      ['b', 'a'],
    ]) {
      const [explains, follows] = [report(2, 'IMPLEMENTATION', { ...byHand, tieBreak: a }), report(2, 'IMPLEMENTATION', { tieBreak: b })]
      t.same(reasonsOf([report(1, 'FINALISATION'), follows, explains]), ['ACCEPTED', 'ACCEPTED', 'ACCEPTED'])
    }
  },
)

t.test('what was refused leaves no trace, and to fold again changes nothing', async () => {
  fc.assert(
    fc.property(anyReports, (reports) => {
      const once = foldStatus(reports)
      const accepted = reports.filter((one) => once.standing.get(one.id) === 'ACCEPTED')
      assert.deepEqual(foldStatus(accepted).current, once.current)
      assert.equal(foldStatus(accepted).reasons.size, 0)
      assert.deepEqual(plain(foldStatus(reports)), plain(once))
    }),
  )
})

t.test('to go on from where an action that is not suspended stands is to fold everything, when all that comes is later', async () => {
  fc.assert(
    fc.property(anyReports, fc.constantFrom('2025-05-02', '2025-05-03', '2025-06-01'), (reports, day) => {
      const earlier = foldStatus(reports.filter((one) => one.effectiveAt < day))
      fc.pre(earlier.current.status !== 'SUSPENDED')
      const later = foldStatus(
        reports.filter((one) => one.effectiveAt >= day),
        earlier.current,
      )
      const all = foldStatus(reports)
      assert.deepEqual(later.current, all.current)
      assert.deepEqual([...earlier.standing, ...later.standing].sort(), [...all.standing].sort())
    }),
  )
})

t.test('the status shown is that of the last accepted report of the action', async () => {
  fc.assert(
    fc.property(anyReports, (reports) => {
      const { standing, current } = foldStatus(reports)
      const last = reports
        .filter((one) => one.subject === 'ACTION' && standing.get(one.id) === 'ACCEPTED')
        .sort(inOrder)
        .at(-1)
      assert.deepEqual([current.status, current.latestReportId], last === undefined ? [initial.status, null] : [last.status, last.id])
    }),
  )
})

const dispositionsOf = (arrived: readonly Report[], history: readonly Report[] = []) => {
  const before = foldStatus(history)
  const stored = history.map((one) => ({ ...one, standing: before.standing.get(one.id) }) as StoredReport)
  return judgeInTurn(arrived, stored, before.current, foldStatus([...history, ...arrived])).map(({ disposition }) => disposition)
}

t.test('dispositions are judged in the order of arrival', async (t) => {
  const [first, second, late] = [report(1, 'IMPLEMENTATION'), report(12, 'CLOSED'), report(3, 'FINALISATION')]
  t.same(dispositionsOf([first, second, late]), ['APPLIED', 'APPLIED', 'RECORDED_LATE'])
  t.same(dispositionsOf([late], [first, second]), ['RECORDED_LATE'])
  t.same(dispositionsOf([report(13, 'CLOSED')], [first, second]), ['UNCHANGED'])
  t.same(dispositionsOf([report(13, 'CLOSED', { progressPercent: 100 })], [first, second]), ['APPLIED'])
  t.same(dispositionsOf([report(13, 'IMPLEMENTATION')], [first, second]), ['QUARANTINED'])
  t.same(dispositionsOf([second], [first, report(13, 'IMPLEMENTATION')]), ['APPLIED'], 'a late end puts what followed it in quarantine')
})
