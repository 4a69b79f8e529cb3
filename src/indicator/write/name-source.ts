import { sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import type { Tx } from '../../db/session.ts'
import type { KwbTable } from '../cbs/reader.ts'

/** The source that a table is, by its id at the publisher. Its title and terms follow the publisher's. */
export async function nameSource(tx: Tx, table: KwbTable): Promise<string> {
  // CC BY asks that the source be named with the licence.
  const licence = `${table.licence}, bron: ${table.source}`
  await tx.db.execute(sql`insert into data_source (id, code, publisher, title, licence)
    values (${uuidv7()}, ${table.tableId}, ${table.source}, ${table.title}, ${licence})
    on conflict (code) do update set publisher = excluded.publisher, title = excluded.title, licence = excluded.licence
      where (data_source.publisher, data_source.title, data_source.licence) <> (excluded.publisher, excluded.title, excluded.licence)`)
  const { rows } = await tx.db.execute<{ id: string }>(sql`select id from data_source where code = ${table.tableId}`)
  return (rows[0] as { id: string }).id
}
