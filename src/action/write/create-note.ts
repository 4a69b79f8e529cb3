import { sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { record } from '../../audit/record.ts'
import type { Actor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import type { Tx } from '../../db/session.ts'
import { Problem } from '../../errors.ts'
import { parsed } from '../../input.ts'
import { note } from '../table.ts'
import { findAction } from './find-action.ts'

const newNote = z.object({
  /** An id that cannot be one names no action, which is the same as one that is hidden. */
  actionId: z.uuid().optional().catch(undefined),
  body: z.string().trim().min(1).max(10_000),
  visibility: z.enum(['ALLIANCE', 'ACTION_PARTIES', 'OWN_ORGANISATION']),
})

/** Writes a note in the name of the caller's organisation. A note for the parties is for a party to write. */
export async function createNote(tx: Tx, actor: Actor, input: unknown): Promise<{ noteId: string }> {
  authorise(actor, 'note.create')
  const { body, visibility, ...given } = parsed(newNote, input)
  const actionId = await findAction(tx, given.actionId)
  if (visibility === 'ACTION_PARTIES' && !(await isParty(tx, actor.organisationId, actionId))) {
    throw new Problem('REPORTER_NOT_PARTY', 'Only a party to the action writes for its parties', ['visibility'])
  }
  const noteId = uuidv7()
  await tx.db.insert(note).values({ id: noteId, actionId, organisationId: actor.organisationId, body, visibility })
  // The text itself has an audience of its own, which the audit trail has not.
  await record(tx, actor, { operation: 'noteCreate', subjectType: 'Note', subjectId: noteId, after: { actionId, visibility } })
  return { noteId }
}

/** Today, as for whoever reads what is for the parties. */
async function isParty(tx: Tx, organisationId: string, actionId: string): Promise<boolean> {
  const { rows } =
    await tx.db.execute(sql`select 1 from action_participation where action_id = ${actionId} and organisation_id = ${organisationId}
    and starts_on <= today() and (ends_on is null or ends_on > today())`)
  return rows.length > 0
}
