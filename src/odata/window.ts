import type { Feed } from '../read/feed.ts'
import type { Expression } from './expression.ts'
import { inUtc } from './json.ts'

/** A filter's window of recording, and when it ends, where every row that the filter leaves was recorded before a moment that it names. */
export interface Window {
  endsAt?: string
}

/** The window that a filter asks for; nothing when it does not ask when rows were recorded or changed. */
export function windowOf(feed: Feed, filter: Expression | undefined): Window | undefined {
  const moments = momentsIn(feed, filter)
  if (filter === undefined || moments.length === 0) return undefined
  const ends = conjunctsOf(filter).flatMap((part) => moments.flatMap((moment) => endOf(part, moment) ?? []))
  return { endsAt: ends.sort()[0] }
}

/** The properties by which a filter asks when rows were recorded or changed. */
export const momentsIn = ({ recorded, changed }: Feed, filter: Expression | undefined): string[] =>
  [recorded, changed].filter((moment) => moment !== undefined).filter((moment) => filter !== undefined && names(filter, moment))

const names = (expression: Expression, property: string): boolean =>
  (expression.kind === 'property' && expression.name === property) ||
  (expression.kind === 'call' && expression.operands.some((operand) => names(operand, property)))

const conjunctsOf = (expression: Expression): readonly Expression[] =>
  expression.kind === 'call' && expression.name === 'and' ? expression.operands.flatMap(conjunctsOf) : [expression]

const ending = new Set(['lt', 'le', 'eq'])

/** The moment of `RecordedAt lt …`; of any other comparison nothing follows. */
function endOf(expression: Expression, property: string): string | undefined {
  if (expression.kind !== 'call' || !ending.has(expression.name)) return undefined
  const [left, right] = expression.operands
  const ends = left?.kind === 'property' && left.name === property && right?.kind === 'literal' && right.type === 'Edm.DateTimeOffset'
  return ends ? inUtc(right.text) : undefined
}
