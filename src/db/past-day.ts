import { sql } from 'drizzle-orm'
import { type Path, Problem } from '../errors.ts'
import type { Tx } from './session.ts'

/** The day given, or today; a register is of what has been. */
export async function pastDay(tx: Tx, given: string | null | undefined, path: Path): Promise<string> {
  const { rows } = await tx.db.execute<{ today: string }>(sql`select today()::text as today`)
  const { today } = rows[0] as { today: string }
  if (given != null && given > today) throw new Problem('BAD_USER_INPUT', 'This lies in the future', path)
  return given ?? today
}
