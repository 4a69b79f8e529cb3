import { type SQL, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import type { Tx } from '../../db/session.ts'
import type { KwbRow, RegionChange } from '../cbs/reader.ts'

/** A whole column as one parameter, so that a statement is the same for one row and for a hundred thousand. */
export const column = (values: readonly unknown[], type: string): SQL => sql`${sql.param(values)}::${sql.raw(type)}[]`

const changes: Record<RegionChange, string> = { 1: 'NONE', 2: 'RECODED', 3: 'REDRAWN' }

/** Regions by their code, and each as it was drawn in this year. A region goes by the name of its latest year. */
export async function storeRegions(tx: Tx, year: number, rows: readonly KwbRow[]): Promise<void> {
  const ids = () => column(rows.map(uuidv7), 'uuid')
  const codes = column(
    rows.map((row) => row.regionCode),
    'text',
  )
  const names = column(
    rows.map((row) => row.regionName),
    'text',
  )
  const types = column(
    rows.map((row) => row.regionType),
    'region_type',
  )
  const changed = column(
    rows.map(({ changeCode }) => changeCode && changes[changeCode]),
    'region_change',
  )
  await tx.db.execute(sql`insert into region (id, code, type, name)
    select * from unnest(${ids()}, ${codes}, ${types}, ${names}) on conflict (code) do nothing`)
  // A file without the column of changes does not take back what another said.
  await tx.db.execute(sql`insert into region_version (id, region_id, year, name, change)
    select g.id, r.id, ${year}::int, g.name, g.change
    from unnest(${ids()}, ${codes}, ${names}, ${changed}) g (id, code, name, change) join region r on r.code = g.code
    on conflict (region_id, year) do update set name = excluded.name, change = coalesce(excluded.change, region_version.change)
      where region_version.name <> excluded.name or region_version.change is distinct from coalesce(excluded.change, region_version.change)`)
  await tx.db.execute(sql`update region r set name = v.name from region_version v
    where r.code = any(${codes}) and v.region_id = r.id and v.year = ${year} and v.name <> r.name
      and not exists (select from region_version later where later.region_id = r.id and later.year > v.year)`)
}
