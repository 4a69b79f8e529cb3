import { type SQL, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import type { Tx } from '../../db/session.ts'
import type { Cell } from '../cbs/cell.ts'
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

interface Figures {
  rows: readonly KwbRow[]
  places: ReadonlyMap<string, Place>
  measures: readonly Measure[]
  year: number
  dataSourceId: string
  importRunId: string
}

interface Stored {
  created: number
  unchanged: number
  missing: number
  changes: ChangedCell[]
}

interface PlacedCell extends Pick<Cell, 'value' | 'status'> {
  code: string
  place: Place
  measure: Measure
}

/** A cell that is not what is stored, and what that is. Its series and observation have their ids, be they new ones. */
interface DifferingCell extends PlacedCell {
  seriesId: string
  isNewSeries: boolean
  observationId: string
  known: Figure | undefined
}

/** Writes the figures of some regions, each as a first revision or as the next of one that differs. */
export async function storeFigures(tx: Tx, figures: Figures): Promise<Stored> {
  const cells = figures.rows.flatMap((row) => cellsOf(row, figures))
  const differing = await compare(tx, figures, cells)
  const created = differing.filter(({ known }) => known === undefined)
  const revised = differing.filter(({ known }) => known !== undefined)
  await create(tx, figures, created)
  await revise(tx, figures, revised)
  return {
    created: created.length,
    unchanged: cells.length - differing.length,
    missing: cells.filter(({ value }) => value === null).length,
    changes: revised.map((cell) => changeOf(cell, figures.year)),
  }
}

function cellsOf(row: KwbRow, { places, measures }: Figures): PlacedCell[] {
  const place = places.get(row.regionCode) as Place
  return measures.map((measure) => ({ code: row.regionCode, place, measure, ...row.cells(measure.topicKey) }))
}

const revisionOf = ({ known }: DifferingCell): number => (known?.revision ?? 0) + 1

const changeOf = (cell: DifferingCell, year: number): ChangedCell => ({
  indicator: cell.measure.code,
  region: cell.code,
  period: String(year),
  before: cell.known as Figure,
  after: { value: cell.value, status: cell.status, revision: revisionOf(cell) },
})

function pick<T>(cells: readonly T[], type: string, of: (cell: T) => unknown): SQL {
  return column(cells.map(of), type)
}

const regions = (cells: readonly PlacedCell[]): SQL => pick(cells, 'uuid', ({ place }) => place.regionId)
const regionVersions = (cells: readonly PlacedCell[]): SQL => pick(cells, 'uuid', ({ place }) => place.regionVersionId)
const indicators = (cells: readonly PlacedCell[]): SQL => pick(cells, 'uuid', ({ measure }) => measure.indicatorId)
const definitions = (cells: readonly PlacedCell[]): SQL => pick(cells, 'uuid', ({ measure }) => measure.indicatorVersionId)
const values = (cells: readonly PlacedCell[]): SQL => pick(cells, 'numeric', ({ value }) => value)
const statuses = (cells: readonly PlacedCell[]): SQL => pick(cells, 'obs_status', ({ status }) => status)
const series = (cells: readonly DifferingCell[]): SQL => pick(cells, 'uuid', ({ seriesId }) => seriesId)
const observations = (cells: readonly DifferingCell[]): SQL => pick(cells, 'uuid', ({ observationId }) => observationId)

type Compared = { at: number; series: string | null; observation: string | null; value: string | null; status: string; revision: number }

/** Each cell looks up its own by key (`limit` keeps it so): statistics of tables that are just being filled mislead the planner to worse. */
async function compare(tx: Tx, { year }: Figures, cells: readonly PlacedCell[]): Promise<DifferingCell[]> {
  const { rows } = await tx.db.execute<Compared>(sql`
    select g.at::int, s.id as series, o.id as observation, o.value, o.status, o.revision
    from unnest(${regions(cells)}, ${definitions(cells)}, ${values(cells)}, ${statuses(cells)})
      with ordinality g (region, definition, value, status, at)
    left join lateral (select id from series where region_id = g.region and indicator_version_id = g.definition limit 1) s on true
    left join lateral (select * from observation where series_id = s.id and period = ${String(year)} limit 1) o on true
    where (o.value, o.status) is distinct from (g.value, g.status) order by g.at`)
  return rows.map(({ at, series: known, observation, value, status, revision }) => ({
    ...(cells[at - 1] as PlacedCell),
    seriesId: known ?? uuidv7(),
    isNewSeries: known === null,
    observationId: observation ?? uuidv7(),
    known: observation === null ? undefined : { value, status, revision },
  }))
}

/** Series that are not there yet, observations and their first revisions, from one sending of what they share. */
async function create(tx: Tx, { year, dataSourceId, importRunId }: Figures, cells: readonly DifferingCell[]): Promise<void> {
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
    insert into observation_revision (id, observation_id, revision, value, status, import_run_id)
    select revision, observation, 1, value, status, ${importRunId}::uuid from g`)
}

/** The next revision of each; the ones before stay. */
async function revise(tx: Tx, { dataSourceId, importRunId }: Figures, cells: readonly DifferingCell[]): Promise<void> {
  if (cells.length === 0) return
  await tx.db.execute(sql`
    with g as (
      select * from unnest(${observations(cells)}, ${regionVersions(cells)}, ${values(cells)}, ${statuses(cells)},
        ${pick(cells, 'int', revisionOf)}, ${pick(cells, 'uuid', uuidv7)}) g (id, region_version, value, status, number, revision)
    ), observed as (
      update observation o set region_version_id = g.region_version, value = g.value, status = g.status, revision = g.number,
        recorded_at = now(), data_source_id = ${dataSourceId}::uuid, import_run_id = ${importRunId}::uuid
      from g where o.id = g.id
    )
    insert into observation_revision (id, observation_id, revision, value, status, import_run_id)
    select revision, id, number, value, status, ${importRunId}::uuid from g`)
}
