import { eq } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { record } from '../../audit/record.ts'
import type { Actor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import { hold } from '../../db/hold.ts'
import type { Tx } from '../../db/session.ts'
import { type Path, Problem } from '../../errors.ts'
import { dutchText, givenId, parsed } from '../../input.ts'
import { document, documentKind, type PlanState, planVersion } from '../table.ts'
import { expectedVersion } from '../write.ts'

const attachment = z.strictObject({
  planVersionId: givenId,
  kind: z.enum(documentKind.enumValues),
  title: dutchText(500),
  mediaType: z.string().regex(/^[a-z]+\/[a-z0-9.+-]+$/, 'Must be a media type'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'Must be 64 hexadecimal digits'),
  url: z.url({ protocol: /^https$/ }).max(2000),
})

/** Attaches a document to a version that is not adopted yet: where it is, and by its hash exactly which it is. Answers its id. */
export async function documentAttach(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'document.attach')
  const { planVersionId, ...given } = parsed(attachment, input)
  const of = await stillOpen(tx, planVersionId, ['planVersionId'])
  const row = { ...given, id: uuidv7(), planVersionId: of }
  const made = await tx.db.insert(document).values(row).onConflictDoNothing().returning({ id: document.id })
  if (made.length === 0) throw new Problem('CONFLICT', 'The version has this document', ['sha256'])
  await record(tx, actor, { operation: 'documentAttach', subjectType: 'Document', subjectId: row.id, after: row })
  return row.id
}

const withdrawal = z.strictObject({ id: givenId, expectedVersion })

/** Takes a document back from a version that is not adopted yet. Answers its id. */
export async function documentWithdraw(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'document.attach')
  const given = parsed(withdrawal, input)
  const row = await hold(tx, document, given.id, given.expectedVersion, 'document')
  await stillOpen(tx, row.planVersionId, ['id'])
  if (row.withdrawn) return row.id
  await tx.db.update(document).set({ withdrawn: true }).where(eq(document.id, row.id))
  const told = { subjectType: 'Document', subjectId: row.id, before: { withdrawn: false }, after: { withdrawn: true } }
  await record(tx, actor, { operation: 'documentWithdraw', ...told })
  return row.id
}

const open: readonly PlanState[] = ['DRAFT', 'SUBMITTED', 'RETURNED']

/** The id of a version that is on its way to a decision, held so that it stays so. */
async function stillOpen(tx: Tx, id: string | undefined, path: Path): Promise<string> {
  const [found] =
    id === undefined
      ? []
      : await tx.db.select({ id: planVersion.id, state: planVersion.state }).from(planVersion).where(eq(planVersion.id, id)).for('update')
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such plan version', path)
  if (!open.includes(found.state)) throw new Problem('IMMUTABLE', 'What was attached to an adopted version stays as it is', path)
  return found.id
}
