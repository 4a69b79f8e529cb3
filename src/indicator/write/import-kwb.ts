import { eq, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { record } from '../../audit/record.ts'
import type { Actor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import type { Tx } from '../../db/session.ts'
import { Problem } from '../../errors.ts'
import { type FailedMapping, resolveMappings } from '../cbs/mapping.ts'
import type { KwbRow, KwbTable } from '../cbs/reader.ts'
import { importRun } from '../table.ts'
import { defineIndicators, type Measure } from './define-indicators.ts'
import { nameSource } from './name-source.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { type ChangedCell, cellsOf, type PlacedCell, type Stored, storeFigures } from './store-figures.ts'
import { type Place, storeRegions } from './store-regions.ts'
import { followCounts, isGuarded, storeGuarded } from './withhold-figures.ts'

export interface ImportOptions {
  /** What the publisher calls this state of the table; the moment of its last change when not given. */
  release?: string
  /** Which regions to take; all of them when not given. */
  regions?: (region: Pick<KwbRow, 'regionCode' | 'municipalityCode'>) => boolean
  /** Regions stored, and regions in the whole table where the publisher tells; a file may hold fewer. */
  progress?: (done: number, total: number | undefined) => void
}

/** `created + revised + unchanged` is every cell that was read; `missing` of them have no value. */
export type ImportCounts = Record<'regions' | 'created' | 'revised' | 'unchanged' | 'missing', number>

export interface ImportedTable {
  importRunId: string
  table: string
  year: number
  release: string
  counts: ImportCounts
  /** The first of the cells that were revised; `counts.revised` says how many there are. */
  changes: ChangedCell[]
}

const changesTold = 1_000

/** Bounds what is in memory and how long one statement takes: 500 regions of 17 measures are less than a second of work. */
const regionsAtOnce = 500

/**
 * Stores the mapped measures of a table: what is new, and a new revision of what differs. What is as it was stays untouched, so the same
 * file again changes nothing. Throws FailedMapping before anything is written.
 */
export async function importKwb(tx: Tx, actor: Actor, table: KwbTable, options: ImportOptions = {}): Promise<ImportedTable> {
  authorise(actor, 'indicator.import')
  const resolved = resolveMappings(table.topics)
  await oneAtATime(tx)
  const run = await beginRun(tx, table, options)
  const measures = await defineIndicators(tx, resolved, table.year)
  // Which of the guarded figures are withheld is known when all are there.
  const told = measures.filter((measure) => !isGuarded(measure))
  const guarded = measures.filter(isGuarded)
  const reading = { year: table.year, ...run }
  const counts: ImportCounts = { regions: 0, created: 0, revised: 0, unchanged: 0, missing: 0 }
  const changes: ChangedCell[] = []
  const count = (stored: Stored) => {
    for (const kind of ['created', 'unchanged', 'missing'] as const) counts[kind] += stored[kind]
    counts.revised += stored.changes.length
    changes.push(...stored.changes.slice(0, changesTold - changes.length))
  }
  const waiting: PlacedCell[] = []
  for await (const rows of chunks(table.rows(), options.regions)) {
    const places = await storeRegions(tx, table.year, rows)
    const cells = (of: readonly Measure[]) => rows.flatMap((row) => cellsOf(row, places.get(row.regionCode) as Place, of, run.open))
    count(await storeFigures(tx, reading, cells(told)))
    waiting.push(...cells(guarded))
    counts.regions += rows.length
    options.progress?.(counts.regions, table.rowCount)
  }
  if (counts.regions === 0) throw new Problem('BAD_USER_INPUT', 'No region of the table was chosen', ['regions'])
  for (const stored of await storeGuarded(tx, reading, guarded, waiting)) count(stored)
  await followCounts(
    tx,
    measures.map(({ indicatorId }) => indicatorId),
    table.year,
  )
  await tx.db.update(importRun).set({ state: 'DONE', counts, finishedAt: sql`clock_timestamp()` }).where(eq(importRun.id, run.importRunId))
  const summary = { table: table.tableId, year: table.year, release: releaseOf(table, options), counts }
  await record(tx, actor, {
    operation: 'indicatorImport',
    subjectType: 'ImportRun',
    subjectId: run.importRunId,
    after: { ...summary, files: table.files },
  })
  return { importRunId: run.importRunId, ...summary, changes }
}

/** Keeps on record that a table could not be imported, in a transaction of its own: the one that failed wrote nothing. */
export async function recordFailedImport(
  tx: Tx,
  actor: Actor,
  table: KwbTable,
  failed: FailedMapping,
  options: Pick<ImportOptions, 'release'> = {},
): Promise<{ importRunId: string }> {
  authorise(actor, 'indicator.import')
  const dataSourceId = await nameSource(tx, table)
  const importRunId = uuidv7()
  // The table counts; so each measure that found no column, or several, counts for one.
  const counts = { unmapped: failed.indicators.length, ...Object.fromEntries(failed.indicators.map((code) => [`unmapped:${code}`, 1])) }
  const release = releaseOf(table, options)
  await tx.db
    .insert(importRun)
    .values({ id: importRunId, dataSourceId, release, state: 'FAILED', counts, finishedAt: sql`clock_timestamp()` })
  await record(tx, actor, {
    operation: 'indicatorImport',
    subjectType: 'ImportRun',
    subjectId: importRunId,
    after: { table: table.tableId, year: table.year, release, state: 'FAILED', unmapped: failed.errors.map(({ message }) => message) },
  })
  return { importRunId }
}

const releaseOf = (table: KwbTable, { release }: Pick<ImportOptions, 'release'>): string => release ?? table.modified

interface Run {
  dataSourceId: string
  importRunId: string
  open: boolean
}

async function beginRun(tx: Tx, table: KwbTable, options: ImportOptions): Promise<Run> {
  // A connection keeps the plan of a foreign key's check, and one made while a table was small would scan it for each row.
  await tx.db.execute(sql`select set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`)
  const dataSourceId = await nameSource(tx, table)
  const importRunId = uuidv7()
  const release = releaseOf(table, options)
  const open = !table.final && (await completions(tx, dataSourceId, release)) < completionsOfYear
  await tx.db.insert(importRun).values({ id: importRunId, dataSourceId, release, open, state: 'RUNNING' })
  return { dataSourceId, importRunId, open }
}

/** A year comes in instalments, a quarter each: after its first release and three later ones nothing more is expected, also where nobody calls it final. */
const completionsOfYear = 3

/** How many releases of a table came after its first, this one among them. */
async function completions({ db }: Tx, dataSourceId: string, release: string): Promise<number> {
  const { rows } = await db.execute<{ others: number }>(sql`select count(distinct release)::int as others from import_run
    where data_source_id = ${dataSourceId} and state = 'DONE' and release <> ${release}`)
  return rows[0]?.others ?? 0
}

async function* chunks(rows: AsyncIterable<KwbRow>, chosen: ImportOptions['regions']): AsyncGenerator<KwbRow[]> {
  let chunk: KwbRow[] = []
  for await (const row of rows) {
    if (chosen && !chosen(row)) continue
    chunk.push(row)
    if (chunk.length < regionsAtOnce) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}
