import { inArray, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import type { Tx } from '../../db/session.ts'
import type { ObsStatus } from '../cbs/cell.ts'
import { indicator } from '../table.ts'
import { withheldInEach, withheldRegions } from '../withhold.ts'
import type { Measure } from './define-indicators.ts'
import { keepApart, measured, type PlacedCell, type Reading, type Stored, storeFigures } from './store-figures.ts'
import { column } from './store-regions.ts'

/** An indicator, and for what its figures are withheld. */
export type Guarded = Pick<Measure, 'indicatorId' | 'disclosureThreshold' | 'numeratorId'>

/** The figures of one definition in one period: among these, a figure could tell another. */
interface Table {
  indicatorVersionId: string
  period: string
}

/** A figure with its true value, withheld or not. Null when nobody here knows it. */
interface StoredFigure {
  observationId: string
  /** The CBS code of its region, as it was measured. */
  region: string
  value: string | null
  /** What it was converted from, where it stands converted; else the value. */
  measured: string | null
  converted: boolean
  status: ObsStatus
  revision: number
  withheld: boolean
}

/** Whether it takes all figures of a table to know which of them are withheld. */
export const isGuarded = ({ disclosureThreshold, numeratorId }: Guarded): boolean => disclosureThreshold !== null || numeratorId !== null

/** Stores figures of guarded indicators, those that must be withheld as such; and withholds or tells others with them, where they change that. */
export async function storeGuarded(
  tx: Tx,
  reading: Reading,
  measures: readonly Measure[],
  cells: readonly PlacedCell[],
): Promise<Stored[]> {
  const stored: Stored[] = []
  for (const measure of countsFirst(measures)) {
    const own = cells.filter((cell) => cell.measure === measure)
    stored.push(await storeTable(tx, reading, measure, own))
  }
  return stored
}

async function storeTable(tx: Tx, reading: Reading, measure: Measure, cells: readonly PlacedCell[]): Promise<Stored> {
  const table = { indicatorVersionId: measure.indicatorVersionId, period: String(reading.year) }
  const before = new Map((await figuresOf(tx, table)).map((figure) => [figure.region, figure]))
  const coming = cells.filter((cell) => !staysConverted(before.get(cell.code), cell))
  const codes = new Set(coming.map(({ code }) => code))
  const others = [...before.values()].filter(({ region }) => !codes.has(region))
  const known = (region: string) => before.get(region)?.withheld ?? false
  const published = coming.map(({ code, value, status }) => ({
    region: code,
    value,
    measured: value,
    withheld: value === null ? status === 'SUPPRESSED' : known(code),
  }))
  const withheld = await regionsToWithhold(tx, measure, table, [...others, ...published])
  const stored = await storeFigures(
    tx,
    reading,
    cells.map((cell) => ({ ...cell, withheld: cell.value !== null && withheld.has(cell.code) })),
  )
  await restate(tx, others, withheld)
  return stored
}

/** A ratio follows its count. */
export const countsFirst = <T extends Guarded>(measures: readonly T[]): T[] =>
  measures.toSorted((a, b) => Number(a.numeratorId !== null) - Number(b.numeratorId !== null))

/** A figure of which the measured value is known, so that it can be converted. */
export interface Convertible extends Guarded, Table {
  code: string
  observationId: string
  revision: number
}

/** Stores a figure as converted, withheld where it must be; and withholds or tells others with it. */
export async function storeConverted(
  tx: Tx,
  figure: Convertible & { value: string },
  conversion: { id: string; regionVersionId: string },
): Promise<void> {
  const { observationId, value } = figure
  const figures = isGuarded(figure) ? await figuresOf(tx, figure) : []
  const coming = figures.map((each) => (each.observationId === observationId ? { ...each, value } : each))
  const withheld = await regionsToWithhold(tx, figure, figure, coming)
  const isWithheld = coming.some((each) => each.observationId === observationId && withheld.has(each.region))
  const revision = figure.revision + 1
  const told = sql`${isWithheld ? null : value}::numeric, ${isWithheld ? 'SUPPRESSED' : 'ESTIMATED'}::obs_status`
  // It came by no reading of a table.
  await tx.db.execute(sql`
    with observed as (
      update observation set (value, status) = (${told}), revision = ${revision}, region_version_id = ${conversion.regionVersionId},
        conversion_id = ${conversion.id}, recorded_at = now(), import_run_id = null
      where id = ${observationId}
    )
    insert into observation_revision (id, observation_id, revision, region_version_id, conversion_id, value, status)
    values (${uuidv7()}, ${observationId}, ${revision}, ${conversion.regionVersionId}, ${conversion.id}, ${told})`)
  if (isWithheld) await keepApart(tx, [{ observationId, revision, value, status: 'ESTIMATED' }])
  await restate(
    tx,
    figures.filter((each) => each.observationId !== observationId),
    withheld,
  )
}

/** A converted figure stands as long as its source tells what it was converted from. */
function staysConverted(figure: StoredFigure | undefined, { value }: PlacedCell): boolean {
  if (!figure?.converted) return false
  return value === null || figure.measured === null ? value === figure.measured : Number(value) === Number(figure.measured)
}

/** Withholds or tells the stored figures of an indicator and of the ratios made of it, as its threshold and numerator now have it. */
export async function withholdAnew(tx: Tx, changed: Guarded): Promise<void> {
  await withholdStored(tx, changed)
  await followCounts(tx, [changed.indicatorId])
}

/** Withholds or tells the stored ratios that are made of these counts, in one year or in all. */
export async function followCounts(tx: Tx, countIds: string[], year?: number): Promise<void> {
  const { id: indicatorId, disclosureThreshold, numeratorId } = indicator
  const ratios = await tx.db.select({ indicatorId, disclosureThreshold, numeratorId }).from(indicator).where(inArray(numeratorId, countIds))
  for (const ratio of ratios) await withholdStored(tx, ratio, year)
}

async function withholdStored(tx: Tx, changed: Guarded, year?: number): Promise<void> {
  for (const table of await tablesOf(tx, changed.indicatorId, year)) {
    const figures = await figuresOf(tx, table)
    await restate(tx, figures, await regionsToWithhold(tx, changed, table, figures))
  }
}

async function regionsToWithhold(
  tx: Tx,
  { disclosureThreshold, numeratorId }: Guarded,
  { period }: Table,
  figures: readonly Pick<StoredFigure, 'region' | 'value' | 'measured' | 'withheld'>[],
): Promise<Set<string>> {
  if (numeratorId !== null) return withheldOf(tx, numeratorId, period)
  if (disclosureThreshold === null) return new Set()
  const counted = (of: 'value' | 'measured') =>
    figures.map(({ region, withheld, [of]: value }) => ({ region, value: value === null ? null : Number(value), withheld }))
  if (figures.every(({ value, measured }) => value === measured)) return withheldRegions(counted('value'), disclosureThreshold)
  return withheldInEach([counted('value'), counted('measured')], disclosureThreshold)
}

/** Where a count is withheld, whoever withholds it. */
async function withheldOf({ db }: Tx, countId: string, period: string): Promise<Set<string>> {
  const { rows } = await db.execute<{ code: string }>(sql`
    select w.code from series s join observation o on o.series_id = s.id ${measured}
    join region_version w on w.id = coalesce(m.region_version_id, o.region_version_id)
    where s.indicator_id = ${countId} and o.period = ${period} and o.status = 'SUPPRESSED'`)
  return new Set(rows.map(({ code }) => code))
}

async function tablesOf({ db }: Tx, indicatorId: string, year: number | undefined): Promise<Table[]> {
  const inYear = year === undefined ? sql`` : sql`and o.period = ${String(year)}`
  const { rows } = await db.execute<{ definition: string; period: string }>(sql`
    select distinct s.indicator_version_id as definition, o.period from series s join observation o on o.series_id = s.id
    where s.indicator_id = ${indicatorId} ${inYear} order by 1, 2`)
  return rows.map(({ definition, period }) => ({ indicatorVersionId: definition, period }))
}

async function figuresOf({ db }: Tx, { indicatorVersionId, period }: Table): Promise<StoredFigure[]> {
  const { rows } = await db.execute<{ [field in keyof StoredFigure]: StoredFigure[field] }>(sql`
    select o.id as "observationId", w.code as region, coalesce(o.value, c.value) as value, coalesce(c.status, o.status) as status, o.revision,
      case when o.conversion_id is null then coalesce(o.value, c.value) else m.value end as measured, o.conversion_id is not null as converted,
      o.status = 'SUPPRESSED' as withheld
    from series s join observation o on o.series_id = s.id ${measured}
    join region_version w on w.id = coalesce(m.region_version_id, o.region_version_id)
    left join confidential_value c on c.observation_id = o.id and c.revision = o.revision
    where s.indicator_version_id = ${indicatorVersionId} and o.period = ${period}`)
  return rows
}

/** The next revision of each figure that is told and must not be, or the other way round. It stays a figure of the reading that it came by. */
async function restate(tx: Tx, figures: readonly StoredFigure[], withheld: ReadonlySet<string>): Promise<void> {
  const changed = figures
    .filter((figure) => figure.value !== null && withheld.has(figure.region) !== figure.withheld)
    .map((figure) => ({ ...figure, revision: figure.revision + 1, withheld: !figure.withheld }))
  if (changed.length === 0) return
  const pick = (type: string, of: (figure: StoredFigure) => unknown) => column(changed.map(of), type)
  await tx.db.execute(sql`
    with g as (
      select * from unnest(${pick('uuid', ({ observationId }) => observationId)}, ${pick('numeric', (figure) => (figure.withheld ? null : figure.value))},
        ${pick('obs_status', (figure) => (figure.withheld ? 'SUPPRESSED' : figure.status))}, ${pick('int', ({ revision }) => revision)},
        ${pick('uuid', uuidv7)}) g (id, value, status, number, revision)
    ), observed as (
      update observation o set value = g.value, status = g.status, revision = g.number, recorded_at = now() from g where o.id = g.id
    )
    insert into observation_revision (id, observation_id, revision, value, status, import_run_id)
    select g.revision, g.id, g.number, g.value, g.status, o.import_run_id from g join observation o on o.id = g.id`)
  await keepApart(
    tx,
    changed.filter((figure) => figure.withheld),
  )
}
