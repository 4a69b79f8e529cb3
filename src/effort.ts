import { hundredths } from './input.ts'

/** Work, in hours or in full-time equivalents: in one of them. */
interface Effort {
  hours: string | null
  fte: string | null
}

/** A number that is more than nothing, with at most two decimals. */
export const someOf = (digits: number, what: string) =>
  hundredths(digits, what).refine((given) => Number(given) > 0, 'Must be more than nothing')

/** As an input tells it; `hours` and `fte` as the tables hold them. */
export const effort = {
  hours: someOf(7, 'a number of hours').nullish(),
  fte: someOf(4, 'a number of full-time equivalents').nullish(),
}

/** What a change of effort takes the place of: hours of FTE, and FTE of hours. */
export function replaced(row: Effort, change: Partial<Effort>): Partial<Effort> {
  if (row.hours !== null && change.fte != null && change.hours == null) return { hours: null }
  if (row.fte !== null && change.hours != null && change.fte == null) return { fte: null }
  return {}
}
