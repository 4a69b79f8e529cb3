import { Problem } from '../../errors.ts'

/** SDMX observation status, by the name that the whole programme uses. */
export type ObsStatus =
  | 'NORMAL'
  | 'PROVISIONAL'
  | 'ESTIMATED'
  | 'BREAK'
  | 'LOW_RELIABILITY'
  | 'SUPPRESSED'
  | 'NOT_APPLICABLE'
  | 'NOT_COLLECTED'
  | 'MISSING'

/**
 * What stood in the cell instead of a value.
 * `MERGED`: null in a typed set, where the publisher merges "cannot occur", "unknown", "unreliable", "secret" and "not yet published".
 * `BLANK`: left empty in an untyped set, "cannot occur" or not measured. `MARK`: a "." or "x", unknown, unreliable or secret.
 * `SENTINEL`: a negative number that stands for no value.
 */
export type NoValueReason = 'MERGED' | 'BLANK' | 'MARK' | 'SENTINEL'

export interface Cell {
  /** Plain decimal text exactly as published (text of a text topic: trimmed). Zero is a value. */
  value: string | null
  status: ObsStatus
  /** Why there is no value; null when there is one. */
  reason: NoValueReason | null
}

/** What the meaning of a cell depends on. */
export interface CellContext {
  typed: boolean
  text: boolean
  /** Money may be negative (median wealth); a count, distance, percentage or density may not. */
  signed: boolean
  provisional: boolean
  /** `Impossible` or `Missing`: how the publisher wants a blank of an untyped set read. */
  blank: string | null
}

const sentinels: Record<string, ObsStatus> = {
  '-99996': 'MISSING',
  '-99997': 'SUPPRESSED',
  '-99998': 'NOT_APPLICABLE',
  '-99999': 'NOT_COLLECTED',
  '-99999999': 'MISSING',
}

const decimal = /^(-?(?:0|[1-9]\d*)(?:\.\d+)?)(\*{0,2})$/

/** One published cell → value or the reason that there is none. Throws a Problem for what is neither. */
export function readCell(raw: string | null, context: CellContext): Cell {
  if (raw === null && context.typed) return none('MISSING', 'MERGED')
  const text = raw?.trim() ?? ''
  if (text === '') return none(context.blank === 'Missing' ? 'MISSING' : 'NOT_APPLICABLE', 'BLANK')
  if (text === '.') return none('SUPPRESSED', 'MARK')
  if (context.text) return value(text, context.provisional)
  if (text === 'x') return none('SUPPRESSED', 'MARK')
  const [, number, stars] = decimal.exec(text) ?? []
  if (number === undefined) throw new Problem('BAD_USER_INPUT', `"${text.slice(0, 40)}" is not a number`)
  const sentinel = sentinels[number.replace(/\.0+$/, '')]
  if (sentinel !== undefined) return none(sentinel, 'SENTINEL')
  if (number.startsWith('-') && !context.signed) {
    // The publisher withdrew -1 as a value: it should have been ".".
    if (/^-1(\.0+)?$/.test(number)) return none('SUPPRESSED', 'SENTINEL')
    throw new Problem('BAD_USER_INPUT', `"${number}" is negative, which this measure cannot be`)
  }
  return value(number, context.provisional || stars !== '')
}

function value(text: string, provisional: boolean): Cell {
  return { value: text, status: provisional ? 'PROVISIONAL' : 'NORMAL', reason: null }
}

function none(status: ObsStatus, reason: NoValueReason): Cell {
  return { value: null, status, reason }
}
