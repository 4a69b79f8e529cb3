import { sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import type { Tx } from '../../db/session.ts'
import type { Cell } from '../cbs/cell.ts'
import type { KwbRow } from '../cbs/reader.ts'
import type { Measure } from './define-indicators.ts'
import type { ChangedCell } from './import-kwb.ts'
import { column } from './store-regions.ts'

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

interface PlacedCell extends Cell {
  code: string
  /** Which of the measures, counted from 1 as PostgreSQL does. */
  measure: number
}

/** Writes the figures of some regions, each as a first revision or as the next of one that differs. */
export async function storeFigures(tx: Tx, figures: Figures): Promise<Stored> {
  const cells = figures.rows.flatMap((row) =>
    figures.measures.map(({ topicKey }, at): PlacedCell => ({ code: row.regionCode, measure: at + 1, ...row.cells(topicKey) })),
  )
  await makeSeries(tx, figures, cells)
  const { created, revised } = await writeCells(tx, figures, cells)
  const changes = revised.map(({ measure, ...cell }) => ({ indicator: figures.measures[measure - 1]?.code ?? '', ...cell }))
  const missing = cells.filter((cell) => cell.value === null).length
  return { created, unchanged: cells.length - created - changes.length, missing, changes }
}

async function makeSeries(tx: Tx, { measures }: Figures, cells: readonly PlacedCell[]): Promise<void> {
  await tx.db.execute(sql`insert into series (id, indicator_id, indicator_version_id, region_id)
    select g.id, (${column(ofMeasures(measures, 'indicatorId'), 'uuid')})[g.measure],
      (${column(ofMeasures(measures, 'indicatorVersionId'), 'uuid')})[g.measure], r.id
    from unnest(${column(cells.map(uuidv7), 'uuid')}, ${column(ofCells(cells, 'code'), 'text')}, ${column(ofCells(cells, 'measure'), 'int')})
      g (id, code, measure) join region r on r.code = g.code
    on conflict (indicator_version_id, region_id) do nothing`)
}

const ofMeasures = (measures: readonly Measure[], key: keyof Measure) => measures.map((measure) => measure[key])
const ofCells = (cells: readonly PlacedCell[], key: keyof PlacedCell) => cells.map((cell) => cell[key])

type Written = { created: number; revised: (Omit<ChangedCell, 'indicator'> & { measure: number })[] }

/** One statement, so that what is compared is what is written. A cell without a series would break a constraint, not be left out. */
async function writeCells(tx: Tx, { measures, year, dataSourceId, importRunId }: Figures, cells: readonly PlacedCell[]): Promise<Written> {
  const { rows } = await tx.db.execute<Written>(sql`
    with given as (
      select g.*, s.id as series_id, v.id as region_version_id
      from unnest(${column(cells.map(uuidv7), 'uuid')}, ${column(cells.map(uuidv7), 'uuid')}, ${column(ofCells(cells, 'code'), 'text')},
        ${column(ofCells(cells, 'measure'), 'int')}, ${column(ofCells(cells, 'value'), 'numeric')}, ${column(ofCells(cells, 'status'), 'obs_status')})
        g (observation_id, revision_id, code, measure, value, status)
      left join region r on r.code = g.code
      left join region_version v on v.region_id = r.id and v.year = ${year}::int
      left join series s on s.region_id = r.id and s.indicator_version_id = (${column(ofMeasures(measures, 'indicatorVersionId'), 'uuid')})[g.measure]
    ), differing as (
      select g.*, o.id as known_id, o.value as known_value, o.status as known_status, coalesce(o.revision, 0) as known_revision
      from given g left join observation o on o.series_id = g.series_id and o.period = ${String(year)}
      where (o.value, o.status) is distinct from (g.value, g.status)
    ), created as (
      insert into observation (id, series_id, period, region_version_id, value, status, data_source_id, import_run_id)
      select observation_id, series_id, ${String(year)}, region_version_id, value, status, ${dataSourceId}::uuid, ${importRunId}::uuid
      from differing where known_id is null returning id
    ), changed as (
      update observation o set value = d.value, status = d.status, revision = d.known_revision + 1, recorded_at = now(),
        region_version_id = d.region_version_id, data_source_id = ${dataSourceId}::uuid, import_run_id = ${importRunId}::uuid
      from differing d where o.id = d.known_id returning o.id
    ), recorded as (
      insert into observation_revision (id, observation_id, revision, value, status, import_run_id)
      select revision_id, coalesce(known_id, observation_id), known_revision + 1, value, status, ${importRunId}::uuid from differing
    )
    select (select count(*)::int from created) as created,
      coalesce((select json_agg(json_build_object('measure', measure, 'region', code, 'period', ${String(year)}::text,
        'before', json_build_object('value', known_value::text, 'status', known_status, 'revision', known_revision),
        'after', json_build_object('value', value::text, 'status', status, 'revision', known_revision + 1)) order by code, measure)
        from differing where known_id is not null), '[]') as revised`)
  return rows[0] as Written
}
