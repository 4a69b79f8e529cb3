import { type SQL, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import type { Tx } from '../../db/session.ts'
import type { Cell, ObsStatus } from '../cbs/cell.ts'
import type { KwbRow } from '../cbs/reader.ts'
import type { Measure } from './define-indicators.ts'
import { column, type Place } from './store-regions.ts'

/** Plain decimal text, or null with the status that explains it. */
export interface Figure {
  value: string | null
  status: string
  revision: number
}

export interface ChangedCell {
  indicator: string
  region: string
  period: string
  before: Figure
  after: Figure
}

/** What the figures of one reading share. */
export interface Reading {
  year: number
  /** None of them is final yet. */
  open: boolean
  dataSourceId: string
  importRunId: string
}

export interface Stored {
  created: number
  unchanged: number
  missing: number
  changes: ChangedCell[]
}

export interface PlacedCell extends Pick<Cell, 'value' | 'status'> {
  code: string
  place: Place
  measure: Measure
  /** Kept apart as a confidential value; told is only that there is one. */
  withheld: boolean
}

/** A cell that is not what is stored, and what that is. Its series and observation have their ids, be they new ones. */
interface DifferingCell extends PlacedCell {
  seriesId: string
  isNewSeries: boolean
  observationId: string
  known: Figure | undefined
}

/** Writes the figures of some regions, each as a first revision or as the next of one that differs. */
export async function storeFigures(tx: Tx, reading: Reading, cells: readonly PlacedCell[]): Promise<Stored> {
  const differing = await compare(tx, reading, cells)
  const created = differing.filter(({ known }) => known === undefined)
  const revised = differing.filter(({ known }) => known !== undefined)
  await create(tx, reading, created)
  await revise(tx, reading, revised)
  await keepApart(
    tx,
    differing.filter(({ withheld }) => withheld).map((cell) => ({ ...cell, revision: revisionOf(cell) })),
  )
  return {
    created: created.length,
    unchanged: cells.length - differing.length,
    missing: cells.filter(({ value }) => value === null).length,
    changes: revised.map((cell) => changeOf(cell, reading.year)),
  }
}

/** The cells of a row, as published; those of an open year are final in none of them. */
export function cellsOf(row: KwbRow, place: Place, measures: readonly Measure[], open: boolean): PlacedCell[] {
  return measures.map((measure) => {
    const { value, status } = row.cells(measure.topicKey)
    return { code: row.regionCode, place, measure, withheld: false, value, status: open && status === 'NORMAL' ? 'PROVISIONAL' : status }
  })
}

const toldValue = ({ withheld, value }: PlacedCell): string | null => (withheld ? null : value)
const toldStatus = ({ withheld, status }: PlacedCell): ObsStatus => (withheld ? 'SUPPRESSED' : status)

const revisionOf = ({ known }: DifferingCell): number => (known?.revision ?? 0) + 1

const changeOf = (cell: DifferingCell, year: number): ChangedCell => ({
  indicator: cell.measure.code,
  region: cell.code,
  period: String(year),
  before: cell.known as Figure,
  after: { value: toldValue(cell), status: toldStatus(cell), revision: revisionOf(cell) },
})

function pick<T>(cells: readonly T[], type: string, of: (cell: T) => unknown): SQL {
  return column(cells.map(of), type)
}

const regions = (cells: readonly PlacedCell[]): SQL => pick(cells, 'uuid', ({ place }) => place.regionId)
const regionVersions = (cells: readonly PlacedCell[]): SQL => pick(cells, 'uuid', ({ place }) => place.regionVersionId)
const indicators = (cells: readonly PlacedCell[]): SQL => pick(cells, 'uuid', ({ measure }) => measure.indicatorId)
const definitions = (cells: readonly PlacedCell[]): SQL => pick(cells, 'uuid', ({ measure }) => measure.indicatorVersionId)
const values = (cells: readonly PlacedCell[]): SQL => pick(cells, 'numeric', toldValue)
const statuses = (cells: readonly PlacedCell[]): SQL => pick(cells, 'obs_status', toldStatus)
const trueValues = (cells: readonly PlacedCell[]): SQL => pick(cells, 'numeric', ({ withheld, value }) => (withheld ? value : null))
const trueStatuses = (cells: readonly PlacedCell[]): SQL => pick(cells, 'obs_status', ({ withheld, status }) => (withheld ? status : null))
const series = (cells: readonly DifferingCell[]): SQL => pick(cells, 'uuid', ({ seriesId }) => seriesId)
const observations = (cells: readonly DifferingCell[]): SQL => pick(cells, 'uuid', ({ observationId }) => observationId)

/** `m`: what an observation `o` that stands converted was converted from, the latest figure of its source, withheld or not. Of a value that is kept apart no longer, its former states tell. */
export const measured = sql`left join lateral (
  select r.region_version_id, coalesce(r.value, k.value) as value from observation_revision r
  left join confidential_value_as_known k on k.observation_id = r.observation_id and k.revision = r.revision
  where o.conversion_id is not null and r.observation_id = o.id and r.conversion_id is null order by r.revision desc limit 1) m on true`

type Compared = { at: number; series: string | null; observation: string | null; value: string | null; status: string; revision: number }

/**
 * Each cell looks up its own by key (`limit` keeps it so): statistics of tables that are just being filled mislead the planner to worse. What was
 * converted differs where its source tells another value than it was converted from; what that is worth says nothing of an estimate.
 */
async function compare(tx: Tx, { year }: Reading, cells: readonly PlacedCell[]): Promise<DifferingCell[]> {
  const { rows } = await tx.db.execute<Compared>(sql`
    select g.at::int, s.id as series, o.id as observation, o.value, o.status, o.revision
    from unnest(${regions(cells)}, ${definitions(cells)}, ${values(cells)}, ${statuses(cells)}, ${trueValues(cells)}, ${trueStatuses(cells)})
      with ordinality g (region, definition, value, status, true_value, true_status, at)
    left join lateral (select id from series where region_id = g.region and indicator_version_id = g.definition limit 1) s on true
    left join lateral (select * from observation where series_id = s.id and period = ${String(year)} limit 1) o on true
    left join confidential_value c on c.observation_id = o.id and c.revision = o.revision
    ${measured}
    where case when o.conversion_id is null then (o.value, o.status, c.value, c.status) is distinct from (g.value, g.status, g.true_value, g.true_status)
      else m.value is distinct from coalesce(g.value, g.true_value) end order by g.at`)
  return rows.map(({ at, series: known, observation, value, status, revision }) => ({
    ...(cells[at - 1] as PlacedCell),
    seriesId: known ?? uuidv7(),
    isNewSeries: known === null,
    observationId: observation ?? uuidv7(),
    known: observation === null ? undefined : { value, status, revision },
  }))
}

/** Series that are not there yet, observations and their first revisions, from one sending of what they share. */
async function create(tx: Tx, { year, dataSourceId, importRunId }: Reading, cells: readonly DifferingCell[]): Promise<void> {
  if (cells.length === 0) return
  await tx.db.execute(sql`
    with g as (
      select * from unnest(${series(cells)}, ${pick(cells, 'bool', (cell) => cell.isNewSeries)}, ${indicators(cells)}, ${definitions(cells)},
        ${regions(cells)}, ${observations(cells)}, ${regionVersions(cells)}, ${values(cells)}, ${statuses(cells)}, ${pick(cells, 'uuid', uuidv7)})
        g (series, is_new_series, indicator, definition, region, observation, region_version, value, status, revision)
    ), made as (
      insert into series (id, indicator_id, indicator_version_id, region_id)
      select series, indicator, definition, region from g where is_new_series
    ), observed as (
      insert into observation (id, series_id, period, region_version_id, value, status, data_source_id, import_run_id)
      select observation, series, ${String(year)}, region_version, value, status, ${dataSourceId}::uuid, ${importRunId}::uuid from g
    )
    insert into observation_revision (id, observation_id, revision, region_version_id, value, status, import_run_id)
    select revision, observation, 1, region_version, value, status, ${importRunId}::uuid from g`)
}

/** The next revision of each; the ones before stay. A conversion of what its source has revised holds no longer. */
async function revise(tx: Tx, { dataSourceId, importRunId }: Reading, cells: readonly DifferingCell[]): Promise<void> {
  if (cells.length === 0) return
  await tx.db.execute(sql`
    with g as (
      select * from unnest(${observations(cells)}, ${regionVersions(cells)}, ${values(cells)}, ${statuses(cells)},
        ${pick(cells, 'int', revisionOf)}, ${pick(cells, 'uuid', uuidv7)}) g (id, region_version, value, status, number, revision)
    ), observed as (
      update observation o set region_version_id = g.region_version, conversion_id = null, value = g.value, status = g.status, revision = g.number,
        recorded_at = now(), data_source_id = ${dataSourceId}::uuid, import_run_id = ${importRunId}::uuid
      from g where o.id = g.id
    )
    insert into observation_revision (id, observation_id, revision, region_version_id, value, status, import_run_id)
    select revision, id, number, region_version, value, status, ${importRunId}::uuid from g`)
}

/** The true value behind a revision that is withheld. */
export interface TrueValue extends Pick<Cell, 'value' | 'status'> {
  observationId: string
  revision: number
}

/** Keeps true values where Research & Statistics alone reads them. */
export async function keepApart(tx: Tx, kept: readonly TrueValue[]): Promise<void> {
  if (kept.length === 0) return
  await tx.db.execute(sql`
    insert into confidential_value (observation_id, revision, value, status)
    select * from unnest(${pick(kept, 'uuid', ({ observationId }) => observationId)}, ${pick(kept, 'int', ({ revision }) => revision)},
      ${pick(kept, 'numeric', ({ value }) => value)}, ${pick(kept, 'obs_status', ({ status }) => status)})
    on conflict (observation_id) do update set revision = excluded.revision, value = excluded.value, status = excluded.status`)
}
