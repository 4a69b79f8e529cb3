/** A figure of one count in one period. */
export interface CountedFigure {
  /** The CBS code of its region. */
  region: string
  /** Null where nobody knows it: the publisher has withheld it, or there is none. */
  value: number | null
  /** Whether it is withheld as it stands, by us or by its publisher. */
  withheld: boolean
}

interface Total {
  figure: CountedFigure
  parts: CountedFigure[]
}

/**
 * The regions in which a count must be withheld: where it is above zero and below the threshold, and where a total and its other parts would
 * tell such a figure. Every total with its parts is an equation, and each figure stands in two at most, once as a part and once as the
 * total; so nothing can be computed as long as no equation has only one unknown, at any level.
 */
export function withheldRegions(figures: readonly CountedFigure[], threshold: number): Set<string> {
  const known = figures.filter(({ value, withheld }) => value !== null || withheld).sort(byRegion)
  const totals = totalsOf(known)
  const withheld = new Set(known.filter((figure) => isSmall(figure, threshold)).map(({ region }) => region))
  untilSettled(totals, withheld, (total) => keep(total, withheld))
  untilSettled(totals, withheld, (total) => protect(total, totals, withheld))
  return withheld
}

/**
 * The same of figures that are known in several ways, as measured and as converted to other boundaries: each way has totals of its own, and
 * where one must withhold a figure, the other would tell it.
 */
export function withheldInEach(ways: readonly (readonly CountedFigure[])[], threshold: number): Set<string> {
  const withheld = new Set<string>()
  const asKnown = (figure: CountedFigure) => (withheld.has(figure.region) ? { ...figure, value: null, withheld: true } : figure)
  let before: number
  do {
    before = withheld.size
    for (const figures of ways) for (const region of withheldRegions(figures.map(asKnown), threshold)) withheld.add(region)
  } while (withheld.size > before)
  return withheld
}

/** What is withheld for one total may be a total itself, or a part of another. */
function untilSettled(totals: ReadonlyMap<string, Total>, withheld: ReadonlySet<string>, step: (total: Total) => void): void {
  let before: number
  do {
    before = withheld.size
    for (const total of totals.values()) step(total)
  } while (withheld.size > before)
}

/** Zero is told: that there is nobody tells of nobody. */
const isSmall = ({ value }: CountedFigure, threshold: number): boolean => value === null || (value > 0 && value < threshold)

/** Each figure that others are parts of: of the nearest region around theirs that has a figure at all. */
function totalsOf(figures: readonly CountedFigure[]): Map<string, Total> {
  const figureOf = new Map(figures.map((figure) => [figure.region, figure]))
  const totals = new Map<string, Total>()
  for (const part of figures) {
    const figure = around(part.region)
      .map((code) => figureOf.get(code))
      .find((found) => found !== undefined)
    if (figure === undefined) continue
    const total = totals.get(figure.region) ?? { figure, parts: [] }
    total.parts.push(part)
    totals.set(figure.region, total)
  }
  for (const { parts } of totals.values()) parts.sort(bySize)
  return totals
}

/** The regions that a region lies in, the nearest first: CBS codes say so (BU09350203 in WK093502 in GM0935 in NL00). */
function around(code: string): string[] {
  const all = [`WK${code.slice(2, 8)}`, `GM${code.slice(2, 6)}`, 'NL00']
  return all.slice(['BU', 'WK', 'GM', 'NL'].indexOf(code.slice(0, 2)))
}

const byRegion = (a: CountedFigure, b: CountedFigure): number => (a.region < b.region ? -1 : 1)
const bySize = (a: CountedFigure, b: CountedFigure): number => Number(a.value) - Number(b.value) || byRegion(a, b)

/** What was withheld for another stays so as long as that is: what was told of the others before would tell it by what is told of this one now. */
function keep({ figure, parts }: Total, withheld: Set<string>): void {
  const before = [figure, ...parts].filter((each) => each.withheld && each.value !== 0)
  if (before.some(({ region }) => withheld.has(region))) for (const { region } of before) withheld.add(region)
}

/** Withholds parts of a total until it tells none of them, and the total itself when no part is left. */
function protect(total: Total, totals: ReadonlyMap<string, Total>, withheld: Set<string>): void {
  while (tells(total, totals, withheld)) {
    const told = [...total.parts, total.figure].find(({ region, value }) => !withheld.has(region) && value !== 0)
    if (told === undefined) return
    withheld.add(told.region)
  }
}

function tells(total: Total, totals: ReadonlyMap<string, Total>, withheld: ReadonlySet<string>): boolean {
  const unknown = total.parts.filter(({ region }) => withheld.has(region))
  if (withheld.has(total.figure.region)) return unknown.length === 0
  return unknown.length === 1 || (unknown.length > 1 && Number(total.figure.value) <= leastOf(total, totals, withheld))
}

/** The least that the parts can come to by what is told of them: what is withheld is above zero. A total of no more than that tells them all. */
function leastOf({ parts }: Total, totals: ReadonlyMap<string, Total>, withheld: ReadonlySet<string>): number {
  const least = parts.map((part) => {
    if (!withheld.has(part.region)) return Number(part.value)
    const within = totals.get(part.region)
    // A total of which no part is withheld yet will have one.
    return within?.parts.some(({ region }) => withheld.has(region)) ? leastOf(within, totals, withheld) : 1
  })
  return least.reduce((sum, value) => sum + value, 0)
}
