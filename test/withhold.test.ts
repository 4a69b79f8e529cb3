import t from 'tap'
import { type CountedFigure, withheldInEach, withheldRegions } from '../src/indicator/withhold.ts'

/** Values of a count by region. */
type Counts = Record<string, number>

const figuresOf = (counts: Counts, withheld: readonly string[] = []): CountedFigure[] =>
  Object.entries(counts).map(([region, value]) => ({ region, value, withheld: withheld.includes(region) }))

const withheldAmong = (counts: Counts, { threshold = 10, before = [] as string[] } = {}): string[] =>
  [...withheldRegions(figuresOf(counts, before), threshold)].sort()

/** A municipality of one wijk, of these buurten. */
const wijk = (...values: number[]): Counts => {
  const total = values.reduce((sum, value) => sum + value, 0)
  return { GM0001: total, WK000101: total, ...Object.fromEntries(values.map((value, at) => [`BU0001010${at}`, value])) }
}

t.test('invariant 15, B6: what of a count is withheld', async (t) => {
  t.same(withheldAmong(wijk(10, 20, 30)), [], 'nothing where all reach the threshold')
  t.same(withheldAmong(wijk(3, 20, 30)), ['BU00010100', 'BU00010101'], 'the small one, and the smallest of the others')
  t.same(withheldAmong(wijk(3, 30, 20, 20)), ['BU00010100', 'BU00010102'], 'of two that are alike the first by code')
  t.same(withheldAmong(wijk(3, 4, 30)), ['BU00010100', 'BU00010101'], 'two small ones protect each other')
  t.same(withheldAmong(wijk(0, 20, 30)), [], 'zero is told')
  t.same(withheldAmong(wijk(3, 0, 30)), ['BU00010100', 'BU00010102'], 'so it protects nothing')
  t.same(withheldAmong(wijk(9, 10, 11), { threshold: 9 }), [], 'a count at the threshold is told')
  t.same(withheldAmong(wijk(1, 1, 20, 30)), ['BU00010100', 'BU00010101', 'BU00010102'], 'a remainder of two would tell two ones')
  t.same(
    withheldAmong(wijk(3)),
    ['BU00010100', 'GM0001', 'WK000101'],
    'where no other part is left, the total; and its own part of a total above',
  )
  t.same(
    withheldAmong({ GM0001: 83, WK000101: 23, WK000102: 60, BU00010100: 3, BU00010101: 20, BU00010200: 60 }),
    ['BU00010100', 'BU00010101'],
    'a wijk that protects its buurten is told',
  )
  t.same(
    withheldAmong({ GM0001: 67, WK000101: 7, WK000102: 60, BU00010100: 7, BU00010200: 20, BU00010201: 40 }),
    ['BU00010100', 'BU00010200', 'WK000101', 'WK000102'],
    'a wijk that is withheld for another is not told by its buurten',
  )
  t.same(
    withheldAmong({ GM0001: 53, BU00010100: 3, BU00010200: 20, BU00010201: 30 }),
    ['BU00010100', 'BU00010200'],
    'without figures of wijken the buurten are parts of the municipality',
  )
  t.same(withheldAmong({ BU00010100: 3, BU00010200: 20 }), ['BU00010100'], 'and without a total nothing tells it')
  const before = ['BU00010100', 'BU00010102']
  t.same(
    withheldAmong(wijk(3, 18, 20), { before }),
    before,
    'what was withheld for it stays so: with what was told of the rest then, it would tell it',
  )
  t.same(withheldAmong(wijk(3, 4, 20), { before }), ['BU00010100', 'BU00010101', 'BU00010102'], 'also where another would do')
  t.same(withheldAmong(wijk(13, 18, 20), { before }), [], 'and is told with it')
  t.same(
    [
      ...withheldRegions(
        [...figuresOf({ GM0001: 53, WK000102: 20, WK000103: 30 }), { region: 'WK000101', value: null, withheld: true }],
        10,
      ),
    ].sort(),
    ['WK000101', 'WK000102'],
    'what its publisher withheld is protected alike',
  )
  t.same(
    [
      ...withheldRegions(
        [...figuresOf({ GM0001: 50, WK000102: 20, WK000103: 30 }), { region: 'WK000101', value: null, withheld: false }],
        10,
      ),
    ],
    [],
    'what is missing is no secret',
  )
})

/** Mulberry32: the same hierarchies in every run. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below)
  }
}

/** Counts of buurten in wijken in municipalities in a country, small ones and zeros among them. */
function city(any: (below: number) => number): Counts {
  const buurten: Counts = {}
  for (let gemeente = 0; gemeente <= any(2); gemeente++) {
    for (let wijk = 0; wijk <= any(4); wijk++) {
      for (let buurt = 0; buurt <= any(5); buurt++) {
        buurten[`BU000${gemeente}0${wijk}0${buurt}`] = [0, 1, 1, 1 + any(4), 1 + any(9), 5 + any(30), 10 + any(200)][any(7)] as number
      }
    }
  }
  return summed(buurten)
}

/** Buurten and every total of them: how these lie in each other is said here once more. */
function summed(buurten: Counts): Counts {
  const all: Counts = {}
  for (const [code, value] of Object.entries(buurten)) {
    for (const region of [code, `WK${code.slice(2, 8)}`, `GM${code.slice(2, 6)}`, 'NL00']) all[region] = (all[region] ?? 0) + value
  }
  return all
}

/** What a city counted at a moment, and what of that was withheld. */
interface Moment {
  counts: Counts
  withheld: ReadonlySet<string>
}

/**
 * The figures withheld at all moments that could be nothing but what they are: those that are the same in every other city that looks alike from
 * outside, as it has the same told figures, and somebody in each figure that is withheld.
 */
function computable(...moments: readonly Moment[]): string[] {
  const inAll = [...(moments[0] as Moment).withheld].filter((region) => moments.every(({ withheld }) => withheld.has(region)))
  const buurten = [undefined, ...inAll.filter((region) => region.startsWith('BU'))]
  const safe = new Set<string>()
  for (const from of buurten) {
    for (const to of buurten) {
      const moved = moments.map(({ counts }) => oneMoves(counts, from, to))
      const looksAlike = moments.every(({ counts, withheld }, at) =>
        Object.entries(moved[at] as Counts).every(([region, value]) => (withheld.has(region) ? value > 0 : value === counts[region])),
      )
      if (looksAlike) for (const region of inAll) if (moved[0]?.[region] !== moments[0]?.counts[region]) safe.add(region)
    }
  }
  return inAll.filter((region) => !safe.has(region))
}

/** The same city where one person lives elsewhere: of another buurt, or of none here. */
function oneMoves(counts: Counts, from: string | undefined, to: string | undefined): Counts {
  const buurten = Object.entries(counts).filter(([region]) => region.startsWith('BU'))
  return summed(Object.fromEntries(buurten.map(([region, value]) => [region, value - Number(region === from) + Number(region === to)])))
}

const cities = 500

t.test('invariant 15, B6: of generated cities nothing that is withheld can be computed from what is told', async (t) => {
  const counts = summed({ BU00010100: 3, BU00010101: 20, BU00010102: 30 })
  t.same(computable({ counts, withheld: new Set(['BU00010100']) }), ['BU00010100'], 'the checker knows a remainder')
  const any = random(15)
  let withheldInAll = 0
  for (let n = 0; n < cities; n++) {
    const counts = city(any)
    const threshold = 2 + any(14)
    const withheld = withheldRegions(figuresOf(counts), threshold)
    const again = withheldRegions(figuresOf(counts, [...withheld]).reverse(), threshold)
    const small = Object.entries(counts).filter(([, value]) => value > 0 && value < threshold)
    const wrong = [
      ...small.filter(([region]) => !withheld.has(region)).map(([region]) => `${region} is told`),
      ...[...withheld].filter((region) => counts[region] === 0).map((region) => `${region} is zero and withheld`),
      ...computable({ counts, withheld }).map((region) => `${region} can be computed`),
      ...([...again].sort().join() !== [...withheld].sort().join() ? ['the same figures again, in another order, withhold others'] : []),
      ...(small.length === 0 && withheld.size > 0 ? ['something is withheld for nothing'] : []),
    ]
    if (wrong.length > 0) t.same({ counts, threshold, wrong }, undefined)
    withheldInAll += withheld.size
  }
  t.ok(withheldInAll > 1_250, `${withheldInAll} figures are withheld in all`)
})

t.test('invariant 15, B6: nor from what was told before and what is told now', async (t) => {
  const any = random(6)
  let keptInAll = 0
  for (let n = 0; n < cities; n++) {
    const threshold = 2 + any(14)
    const counts = city(any)
    const before = { counts, withheld: withheldRegions(figuresOf(counts), threshold) }
    const revised = (region: string, value: number) => (before.withheld.has(region) || any(3) > 0 ? value : any(40))
    const buurten = Object.entries(counts).filter(([region]) => region.startsWith('BU'))
    const later = summed(Object.fromEntries(buurten.map(([region, value]) => [region, revised(region, value)])))
    const now = { counts: later, withheld: withheldRegions(figuresOf(later, [...before.withheld]), threshold) }
    const told = [...computable(before, now), ...computable(now)]
    if (told.length > 0) t.same({ before, now, threshold, told }, undefined)
    keptInAll += [...now.withheld].filter((region) => before.withheld.has(region)).length
  }
  t.ok(keptInAll > 1_000, `${keptInAll} figures stay withheld in all`)
})

t.test('invariant 15, invariant 16: nor from figures by the boundaries of one year and of another', async (t) => {
  const any = random(16)
  let withheldForTheOther = 0
  for (let n = 0; n < cities; n++) {
    const threshold = 2 + any(14)
    const measured = city(any)
    const buurten = Object.entries(measured).filter(([region]) => region.startsWith('BU'))
    const drawn = (value: number) => (value === 0 || any(3) > 0 ? value : 1 + any(40))
    const converted = summed(Object.fromEntries(buurten.map(([region, value]) => [region, drawn(value)])))
    const withheld = withheldInEach([figuresOf(converted), figuresOf(measured)], threshold)
    const again = withheldInEach([figuresOf(converted, [...withheld]), figuresOf(measured, [...withheld])], threshold)
    const told = [measured, converted].flatMap((counts) => [
      ...computable({ counts, withheld }).map((region) => `${region} can be computed`),
      ...Object.entries(counts)
        .filter(([region, value]) => value > 0 && value < threshold && !withheld.has(region))
        .map(([region]) => `${region} is told`),
    ])
    if ([...again].sort().join() !== [...withheld].sort().join()) told.push('the same figures again withhold others')
    if (told.length > 0) t.same({ measured, converted, threshold, told }, undefined)
    withheldForTheOther += withheld.size - withheldRegions(figuresOf(converted), threshold).size
  }
  t.ok(withheldForTheOther > 100, `${withheldForTheOther} figures are withheld for what they were converted from`)
})
