import { eq } from 'drizzle-orm'
import type { Tx } from '../../db/session.ts'
import { Problem } from '../../errors.ts'
import { action } from '../table.ts'

/** The action that is named, if the caller sees it. */
export async function findAction(tx: Tx, id: string | undefined): Promise<string> {
  const [found] = id === undefined ? [] : await tx.db.select({ id: action.id }).from(action).where(eq(action.id, id))
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such action', ['actionId'])
  return found.id
}
