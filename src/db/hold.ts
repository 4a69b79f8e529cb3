import { eq, getTableName } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { Problem, VersionConflict } from '../errors.ts'
import { canonical } from '../input.ts'
import type { Tx } from './session.ts'

type Versioned = PgTable & { id: PgColumn; version: PgColumn }

/** The row that a verb is about to change, held until the transaction ends. What the caller may not change is not there. */
export async function hold<T extends Versioned>(
  tx: Tx,
  table: T,
  id: string | undefined,
  expected: number,
  what: string,
): Promise<T['$inferSelect']> {
  const [found] =
    id === undefined
      ? []
      : await tx.db
          .select()
          .from(table as PgTable)
          .where(eq(table.id, id))
          .for('update')
  if (found === undefined) throw new Problem('NOT_FOUND', `No such ${what}`, ['id'])
  const row = found as T['$inferSelect'] & { id: string; version: number }
  if (row.version !== expected)
    throw new VersionConflict(row.version, ['expectedVersion'], { table: getTableName(table), id: row.id, base: expected })
  return row
}

/** The given fields that are another than the row has; what is left out, or null, stays as it is. */
export function changed<Row extends object>(row: Row, given: { [Name in keyof Row]?: Row[Name] | null | undefined }): Partial<Row> {
  const names = Object.keys(given) as (keyof Row)[]
  return Object.fromEntries(
    names.filter((name) => given[name] != null && canonical(given[name]) !== canonical(row[name])).map((name) => [name, given[name]]),
  ) as Partial<Row>
}

/** The fields of a row as they were, by the names of what changes. */
export const before = <Row extends object>(row: Row, change: Partial<Row>): Partial<Row> =>
  Object.fromEntries((Object.keys(change) as (keyof Row)[]).map((name) => [name, row[name]])) as Partial<Row>
