import { sql } from 'drizzle-orm'
import type { Localised } from '../db/columns.ts'
import { type IndicatorDefinition, indicatorMappings } from '../indicator/cbs/mapping.ts'
import {
  baseline,
  dataSource,
  importRun,
  indicator,
  indicatorVersion,
  observation,
  observationRevision,
  series,
  target,
} from '../indicator/table.ts'
import { type SeedFigure, seedEarlierFigures, seedFigures, seedIndicators } from './figures.ts'
import { neighbourhoods, theProgramme } from './programme.ts'
import type { Sowing } from './seed.ts'

const definitions: readonly IndicatorDefinition[] = [...indicatorMappings, ...seedIndicators]

const englishUnits: Record<string, string> = {
  personen: 'persons',
  huishoudens: 'households',
  'personen per huishouden': 'persons per household',
  'inwoners per km²': 'inhabitants per km²',
  'per huishouden': 'per household',
  klasse: 'class',
  '%': '%',
  km: 'km',
  ha: 'ha',
  'x 1 000 euro': 'x 1 000 euro',
}

const inDutch = (texts: { nl: string; en: string }): Localised => ({ source: 'nl', ...texts })
const unitOf = (nl: string): Localised => ({ source: 'nl', nl, ...(englishUnits[nl] && { en: englishUnits[nl] }) })

export async function sowIndicators({ tx: { db }, programmeId, id }: Sowing): Promise<void> {
  await db.insert(indicator).values(
    definitions.map(({ code, name, definition, unit, measure, ascending, aggregation, pillar, decimals, roundedTo }) => ({
      id: id('indicator', code),
      programmeId,
      pillarId: pillar && id('pillar', pillar),
      code,
      name: inDutch(name),
      definition: inDutch(definition),
      unit: unitOf(unit),
      measure,
      ascending,
      aggregation,
      decimals,
      roundedTo,
    })),
  )
  await db.insert(indicatorVersion).values(
    definitions.map(({ code }) => ({
      id: id('indicatorVersion', code),
      indicatorId: id('indicator', code),
      number: 1,
      startsOn: `${firstYearOf(code)}-01-01`,
    })),
  )
}

const firstYear = Number(theProgramme.startsOn.slice(0, 4))

/** A definition holds from its first figure on; without figures, from the start of the programme. */
function firstYearOf(code: string): number {
  const years = seedFigures.filter(({ indicator: of }) => of === code).map(({ year }) => year)
  return Math.min(...years, firstYear)
}

/** Titles by the publishers; and the year of the boundaries in which a table gives all its years, where that is not the year itself. */
const tables: Record<string, { title: string; boundaries?: number }> = {
  '84799NED': { title: 'Kerncijfers wijken en buurten 2020' },
  '85984NED': { title: 'Kerncijfers wijken en buurten 2024' },
  '86165NED': { title: 'Kerncijfers wijken en buurten 2025' },
  '50090NED': { title: 'Gezondheid per wijk en buurt; 2012/2016/2020 (indeling 2020)', boundaries: 2020 },
  '50150NED': { title: 'Gezondheid per wijk en buurt; 2012/2016/2020/2022/2024 (indeling 2024)', boundaries: 2024 },
}

const seriesKey = ({ indicator: of, region }: SeedFigure): string => `${of} ${region}`
const figureKey = (figure: SeedFigure): string => `${seriesKey(figure)} ${figure.year}`
const boundariesOf = ({ source, year }: SeedFigure): number => tables[source.table]?.boundaries ?? year

const once = <T>(list: readonly T[], key: (item: T) => string): T[] => [...new Map(list.map((item) => [key(item), item])).values()]

/** Both revisions are recorded now; the later one after the earlier. */
const revisedAt = sql`now() + interval '1 millisecond'`

export async function sowFigures(sowing: Sowing): Promise<void> {
  await sowSources(sowing)
  await sowObservations(sowing)
  await sowAims(sowing)
}

async function sowSources({ tx: { db }, id }: Sowing): Promise<void> {
  const published = [...seedEarlierFigures, ...seedFigures]
  const sources = once(
    published.map(({ source }) => source),
    ({ table }) => table,
  )
  await db.insert(dataSource).values(
    sources.map(({ table, publisher, licence }) => ({
      id: id('dataSource', table),
      code: table,
      publisher,
      title: tables[table]?.title ?? table,
      licence,
    })),
  )
  await db.insert(importRun).values(
    sources.map(({ table, release, open }) => ({
      id: id('importRun', table),
      dataSourceId: id('dataSource', table),
      release,
      open,
      state: 'DONE' as const,
      counts: { figures: published.filter(({ source }) => source.table === table).length },
      finishedAt: sql`now()`,
    })),
  )
}

async function sowObservations({ tx: { db }, id }: Sowing): Promise<void> {
  await db.insert(series).values(
    once(seedFigures, seriesKey).map((figure) => ({
      id: id('series', seriesKey(figure)),
      indicatorId: id('indicator', figure.indicator),
      indicatorVersionId: id('indicatorVersion', figure.indicator),
      regionId: id('region', figure.region),
    })),
  )
  const revised = new Set(seedEarlierFigures.map(figureKey))
  const revisionOf = (figure: SeedFigure) => (revised.has(figureKey(figure)) ? { revision: 2, recordedAt: revisedAt } : { revision: 1 })
  await db.insert(observation).values(
    seedFigures.map((figure) => ({
      id: id('observation', figureKey(figure)),
      seriesId: id('series', seriesKey(figure)),
      period: String(figure.year),
      regionVersionId: id('regionVersion', `${figure.region} ${boundariesOf(figure)}`),
      value: figure.value,
      status: figure.status,
      dataSourceId: id('dataSource', figure.source.table),
      importRunId: id('importRun', figure.source.table),
      ...revisionOf(figure),
    })),
  )
  const revision = (figure: SeedFigure) => ({
    observationId: id('observation', figureKey(figure)),
    regionVersionId: id('regionVersion', `${figure.region} ${boundariesOf(figure)}`),
    value: figure.value,
    status: figure.status,
    importRunId: id('importRun', figure.source.table),
  })
  await db
    .insert(observationRevision)
    .values([
      ...seedEarlierFigures.map((figure) => ({ ...revision(figure), revision: 1 })),
      ...seedFigures.map((figure) => ({ ...revision(figure), ...revisionOf(figure) })),
    ])
}

/** The source names no target; these show what one looks like. */
const exampleTargets = [
  { indicator: 'goed_ervaren_gezondheid_pct', region: 'BU09350203', period: '2030', value: '60' },
  { indicator: 'moeite_met_rondkomen_pct', region: 'BU09350403', period: '2030', value: '20' },
  { indicator: 'ernstig_eenzaam_pct', region: 'BU09350203', period: '2030', value: '17' },
] as const

async function sowAims({ tx: { db }, id }: Sowing): Promise<void> {
  await db.insert(baseline).values(
    baselines().map((figure) => ({
      indicatorVersionId: id('indicatorVersion', figure.indicator),
      seriesId: id('series', seriesKey(figure)),
      period: String(figure.year),
      value: figure.value as string,
    })),
  )
  await db.insert(target).values(
    exampleTargets.map(({ indicator: of, region, ...aim }) => ({
      indicatorVersionId: id('indicatorVersion', of),
      seriesId: id('series', `${of} ${region}`),
      example: true,
      ...aim,
    })),
  )
}

/** Change in a neighbourhood is counted from its last figure before the programme began, where it is one that should rise or fall. */
function baselines(): SeedFigure[] {
  const ofNeighbourhoods = new Set(neighbourhoods.map(({ region }) => region))
  const directed = new Set(definitions.filter(({ ascending }) => ascending !== null).map(({ code }) => code))
  const before = seedFigures.filter(
    ({ indicator: of, region, year, value }) => ofNeighbourhoods.has(region) && directed.has(of) && value !== null && year < firstYear,
  )
  const inOrder = before.toSorted((a, b) => a.year - b.year)
  return once(inOrder, seriesKey)
}
