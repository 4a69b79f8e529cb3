import { type SQL, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import type { Tx } from '../../db/session.ts'
import type { KwbRow, RegionChange } from '../cbs/reader.ts'

/** A whole column as one parameter, so that a statement is the same for one row and for a hundred thousand. */
export const column = (values: readonly unknown[], type: string): SQL => sql`${sql.param(values)}::${sql.raw(type)}[]`

const changes: Record<RegionChange, string> = { 1: 'NONE', 2: 'RECODED', 3: 'REDRAWN' }

/** A region, and as it was drawn in one year. */
export interface Place {
  regionId: string
  regionVersionId: string
}

/** Regions by their code, and each as it was drawn in this year. A region goes by the name of its latest year. */
export async function storeRegions({ db }: Tx, year: number, rows: readonly KwbRow[]): Promise<Map<string, Place>> {
  const pick = (type: string, of: (row: KwbRow) => unknown) => column(rows.map(of), type)
  const ids = () => pick('uuid', uuidv7)
  const codes = pick('text', (row) => row.regionCode)
  const names = pick('text', (row) => row.regionName)
  const types = pick('region_type', (row) => row.regionType)
  const changed = pick('region_change', ({ changeCode }) => changeCode && changes[changeCode])
  await db.execute(sql`insert into region (id, code, type, name)
    select * from unnest(${ids()}, ${codes}, ${types}, ${names}) on conflict (code) do nothing`)
  // A file without the column of changes does not take back what another said.
  await db.execute(sql`insert into region_version (id, region_id, year, code, name, change)
    select g.id, r.id, ${year}::int, g.code, g.name, g.change
    from unnest(${ids()}, ${codes}, ${names}, ${changed}) g (id, code, name, change) join region r on r.code = g.code
    on conflict (region_id, year) do update set name = excluded.name, change = coalesce(excluded.change, region_version.change)
      where region_version.name <> excluded.name or region_version.change is distinct from coalesce(excluded.change, region_version.change)`)
  await db.execute(sql`update region r set name = v.name from region_version v
    where r.code = any(${codes}) and v.region_id = r.id and v.year = ${year} and v.name <> r.name
      and not exists (select from region_version later where later.region_id = r.id and later.year > v.year)`)
  const { rows: stored } = await db.execute<{ code: string } & Record<keyof Place, string>>(sql`
    select r.code, r.id as "regionId", v.id as "regionVersionId"
    from region r join region_version v on v.region_id = r.id and v.year = ${year} where r.code = any(${codes})`)
  return new Map(stored.map(({ code, ...place }) => [code, place]))
}
