import { type SQL, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import type { Tx } from '../../db/session.ts'
import type { Cell } from '../cbs/cell.ts'
import type { KwbRow } from '../cbs/reader.ts'
import type { Measure } from './define-indicators.ts'
import { column } from './store-regions.ts'

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
  measure: Measure
}

/** A cell that is not what is stored, and what that is; with the id of its observation, be it a new one. */
interface DifferingCell extends PlacedCell {
  id: string
  hasSeries: boolean
  known: Figure | undefined
}

/** Writes the figures of some regions, each as a first revision or as the next of one that differs. */
export async function storeFigures(tx: Tx, figures: Figures): Promise<Stored> {
  const cells = figures.rows.flatMap((row) =>
    figures.measures.map((measure): PlacedCell => ({ code: row.regionCode, measure, ...row.cells(measure.topicKey) })),
  )
  const differing = await compare(tx, figures, cells)
  const created = differing.filter(({ known }) => known === undefined)
  const revised = differing.filter(({ known }) => known !== undefined)
  await makeSeries(
    tx,
    created.filter(({ hasSeries }) => !hasSeries),
  )
  await create(tx, figures, created)
  await revise(tx, figures, revised)
  await keepRevisions(tx, figures, differing)
  return {
    created: created.length,
    unchanged: cells.length - differing.length,
    missing: cells.filter(({ value }) => value === null).length,
    changes: revised.map((cell) => changeOf(cell, figures.year)),
  }
}

const revisionOf = ({ known }: DifferingCell): number => (known?.revision ?? 0) + 1

const changeOf = (cell: DifferingCell, year: number): ChangedCell => ({
  indicator: cell.measure.code,
  region: cell.code,
  period: String(year),
  before: cell.known as Figure,
  after: { value: cell.value, status: cell.status, revision: revisionOf(cell) },
})

/** The place of a cell: what is the series of region `g.code` and definition `g.measure`. */
const seriesOf = sql.raw('join region r on r.code = g.code join series s on s.region_id = r.id and s.indicator_version_id = g.measure')

const codes = (cells: readonly PlacedCell[]): SQL => pick(cells, 'text', ({ code }) => code)
const definitions = (cells: readonly PlacedCell[]): SQL => pick(cells, 'uuid', ({ measure }) => measure.indicatorVersionId)
const values = (cells: readonly PlacedCell[]): SQL => pick(cells, 'numeric', ({ value }) => value)
const statuses = (cells: readonly PlacedCell[]): SQL => pick(cells, 'obs_status', ({ status }) => status)

function pick<T>(cells: readonly T[], type: string, of: (cell: T) => unknown): SQL {
  return column(cells.map(of), type)
}

async function compare(tx: Tx, { year }: Figures, cells: readonly PlacedCell[]): Promise<DifferingCell[]> {
  const { rows } = await tx.db.execute<{ at: number; series: boolean; id: string | null } & Figure>(sql`
    select g.at::int, s.id is not null as series, o.id, o.value, o.status, o.revision
    from unnest(${codes(cells)}, ${definitions(cells)}, ${values(cells)}, ${statuses(cells)})
      with ordinality g (code, measure, value, status, at)
    left join (region r join series s on s.region_id = r.id) on r.code = g.code and s.indicator_version_id = g.measure
    left join observation o on o.series_id = s.id and o.period = ${String(year)}
    where (o.value, o.status) is distinct from (g.value, g.status) order by g.at`)
  return rows.map(({ at, series, id, value, status, revision }) => ({
    ...(cells[at - 1] as PlacedCell),
    id: id ?? uuidv7(),
    hasSeries: series,
    known: id === null ? undefined : { value, status, revision },
  }))
}

async function makeSeries(tx: Tx, cells: readonly DifferingCell[]): Promise<void> {
  if (cells.length === 0) return
  await tx.db.execute(sql`insert into series (id, indicator_id, indicator_version_id, region_id)
    select g.id, g.indicator, g.measure, r.id
    from unnest(${pick(cells, 'uuid', uuidv7)}, ${codes(cells)}, ${pick(cells, 'uuid', ({ measure }) => measure.indicatorId)}, ${definitions(cells)})
      g (id, code, indicator, measure) join region r on r.code = g.code`)
}

async function create(tx: Tx, { year, dataSourceId, importRunId }: Figures, cells: readonly DifferingCell[]): Promise<void> {
  if (cells.length === 0) return
  await tx.db.execute(sql`insert into observation (id, series_id, period, region_version_id, value, status, data_source_id, import_run_id)
    select g.id, s.id, ${String(year)}, v.id, g.value, g.status, ${dataSourceId}::uuid, ${importRunId}::uuid
    from unnest(${pick(cells, 'uuid', ({ id }) => id)}, ${codes(cells)}, ${definitions(cells)}, ${values(cells)}, ${statuses(cells)})
      g (id, code, measure, value, status)
    ${seriesOf} join region_version v on v.region_id = r.id and v.year = ${year}`)
}

async function revise(tx: Tx, { year, dataSourceId, importRunId }: Figures, cells: readonly DifferingCell[]): Promise<void> {
  if (cells.length === 0) return
  await tx.db.execute(sql`update observation o set value = g.value, status = g.status, revision = g.revision, recorded_at = now(),
      region_version_id = v.id, data_source_id = ${dataSourceId}::uuid, import_run_id = ${importRunId}::uuid
    from unnest(${pick(cells, 'uuid', ({ id }) => id)}, ${codes(cells)}, ${values(cells)}, ${statuses(cells)}, ${pick(cells, 'int', revisionOf)})
      g (id, code, value, status, revision)
    join region r on r.code = g.code join region_version v on v.region_id = r.id and v.year = ${year}
    where o.id = g.id`)
}

async function keepRevisions(tx: Tx, { importRunId }: Figures, cells: readonly DifferingCell[]): Promise<void> {
  if (cells.length === 0) return
  await tx.db.execute(sql`insert into observation_revision (id, observation_id, revision, value, status, import_run_id)
    select g.*, ${importRunId}::uuid
    from unnest(${pick(cells, 'uuid', uuidv7)}, ${pick(cells, 'uuid', ({ id }) => id)}, ${pick(cells, 'int', revisionOf)}, ${values(cells)}, ${statuses(cells)}) g`)
}
