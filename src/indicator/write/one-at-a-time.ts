import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/session.ts'
import { Problem } from '../../errors.ts'

const lockKey = 7_264_003

/** Two at once would both find a figure new, or not see what the other withholds. The second is told so, and does not wait for minutes. */
export async function oneAtATime(tx: Tx): Promise<void> {
  const { rows } = await tx.db.execute<{ alone: boolean }>(sql`select pg_try_advisory_xact_lock(${lockKey}) as alone`)
  if (!rows[0]?.alone) throw new Problem('CONFLICT', 'Figures are being recorded already')
}
