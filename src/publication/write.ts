import { and, eq, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { record } from '../audit/record.ts'
import type { Actor, PrincipalActor } from '../auth/actor.ts'
import { authorise } from '../auth/permissions.ts'
import type { Tx } from '../db/session.ts'
import { Problem, VersionConflict } from '../errors.ts'
import { parsed } from '../input.ts'
import { neighbourhood } from '../neighbourhood/table.ts'
import { plan, planVersion } from '../plan/table.ts'
import { publication, publicationText } from './table.ts'

const known = z.uuid().optional().catch(undefined)
const expectedVersion = z.int().min(1)
const words = (longest: number) => z.string().trim().min(1).max(longest)
const described = words(200).refine((author) => !/@|[0-9]{4}/.test(author), 'Describes the author; an address or a number is personal data')

const signed = (text: { foreword?: string | null; forewordAuthor?: string | null }): boolean =>
  (text.foreword == null) === (text.forewordAuthor == null)
const unsigned = { path: ['forewordAuthor'], message: 'A foreword and its author go together' }

const creation = z
  .strictObject({
    planVersionId: known,
    neighbourhood: z.string(),
    language: z.string().regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/),
    summary: words(20_000),
    foreword: words(20_000).nullish(),
    forewordAuthor: described.nullish(),
    example: z.boolean().optional(),
  })
  .refine(signed, unsigned)

/** Writes the text of a publication in one more language; the first text makes the publication. */
export async function publicationTextCreate(tx: Tx, actor: Actor, input: unknown): Promise<{ textId: string }> {
  authorise(actor, 'publication.write')
  const { planVersionId, neighbourhood: slug, example, ...text } = parsed(creation, input)
  const publicationId = await publicationOf(tx, planVersionId, slug, example)
  const id = uuidv7()
  const made = await tx.db
    .insert(publicationText)
    .values({ id, publicationId, ...text })
    .onConflictDoNothing({ target: [publicationText.publicationId, publicationText.language] })
    .returning({ id: publicationText.id })
  if (made.length === 0) throw new Problem('CONFLICT', 'There is a text in this language', ['language'])
  // The words of a draft have an audience of their own, which the audit trail has not.
  await recordText(tx, actor, 'publicationTextCreate', id, undefined, { publicationId, language: text.language, state: 'DRAFT' })
  return { textId: id }
}

async function publicationOf(tx: Tx, planVersionId: string | undefined, slug: string, example = false): Promise<string> {
  const [place] = await tx.db.select({ id: neighbourhood.id }).from(neighbourhood).where(eq(neighbourhood.slug, slug))
  if (place === undefined) throw new Problem('NOT_FOUND', 'No such neighbourhood', ['neighbourhood'])
  const [version] =
    planVersionId === undefined
      ? []
      : await tx.db
          .select({ id: planVersion.id, kind: plan.kind, neighbourhoodId: plan.neighbourhoodId })
          .from(planVersion)
          .innerJoin(plan, eq(plan.id, planVersion.planId))
          .where(eq(planVersion.id, planVersionId))
  if (version === undefined) throw new Problem('NOT_FOUND', 'No such plan version', ['planVersionId'])
  const ofItsOwn = version.kind === 'EXECUTION_PLAN' && version.neighbourhoodId === place.id
  if (version.kind !== 'PROGRAMME_PLAN' && !ofItsOwn) {
    throw new Problem('BAD_USER_INPUT', 'Only the programme plan and the own execution plan are published for a neighbourhood', [
      'planVersionId',
    ])
  }
  await tx.db
    .insert(publication)
    .values({ planVersionId: version.id, neighbourhoodId: place.id, example })
    .onConflictDoNothing({ target: [publication.planVersionId, publication.neighbourhoodId] })
  const [found] = await tx.db
    .select({ id: publication.id })
    .from(publication)
    .where(and(eq(publication.planVersionId, version.id), eq(publication.neighbourhoodId, place.id)))
  return (found as { id: string }).id
}

const edit = z
  .strictObject({
    id: known,
    expectedVersion,
    summary: words(20_000),
    foreword: words(20_000).nullish(),
    forewordAuthor: described.nullish(),
  })
  .refine(signed, unsigned)

/** Replaces the words of a text, which is a draft again: what is changed has to be reviewed. */
export async function publicationTextEdit(tx: Tx, actor: Actor, input: unknown): Promise<{ textId: string }> {
  authorise(actor, 'publication.write')
  const given = parsed(edit, input)
  const { id, state } = await lockText(tx, given.id, given.expectedVersion)
  if (state === 'OUTDATED') throw new Problem('IMMUTABLE', 'The text is outdated; write one for the version that holds')
  const { summary, foreword = null, forewordAuthor = null } = given
  await tx.db.update(publicationText).set({ summary, foreword, forewordAuthor, state: 'DRAFT' }).where(eq(publicationText.id, id))
  await recordText(tx, actor, 'publicationTextEdit', id, { state }, { state: 'DRAFT' })
  return { textId: id }
}

const step = z.strictObject({ id: known, expectedVersion })

/** Marks a draft as read by a second pair of eyes. */
export async function publicationTextReview(tx: Tx, actor: Actor, input: unknown): Promise<{ textId: string }> {
  authorise(actor, 'publication.write')
  const given = parsed(step, input)
  return move(tx, actor, 'publicationTextReview', await lockText(tx, given.id, given.expectedVersion), 'DRAFT', 'REVIEWED')
}

/** Makes a reviewed text public: of an adopted version, and Dutch before its translations. */
export async function publicationTextPublish(tx: Tx, actor: Actor, input: unknown): Promise<{ textId: string }> {
  authorise(actor, 'publication.write')
  const given = parsed(step, input)
  const text = await lockText(tx, given.id, given.expectedVersion)
  if (text.versionState !== 'ADOPTED') throw new Problem('PLAN_STATE', 'Only what is said of an adopted version is published')
  if (text.language !== 'nl' && !(await inDutch(tx, text.publicationId))) throw new Problem('CONFLICT', 'The Dutch text is published first')
  return move(tx, actor, 'publicationTextPublish', text, 'REVIEWED', 'PUBLISHED')
}

type State = (typeof publicationText.$inferSelect)['state']
type Text = typeof publicationText.$inferSelect

async function move(tx: Tx, actor: PrincipalActor, operation: string, { id, state }: Text, from: State, to: State) {
  if (state !== from) throw new Problem('TRANSITION_NOT_ALLOWED', `The text is ${state}, not ${from}`)
  await tx.db.update(publicationText).set({ state: to }).where(eq(publicationText.id, id))
  await recordText(tx, actor, operation, id, { state: from }, { state: to })
  return { textId: id }
}

/** A text, held until the transaction ends. */
async function lockText(tx: Tx, id: string | undefined, expected: number): Promise<Text> {
  const [found] = id === undefined ? [] : await tx.db.select().from(publicationText).where(eq(publicationText.id, id)).for('update')
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such text', ['id'])
  if (found.version !== expected) throw new VersionConflict(found.version, ['expectedVersion'])
  return found
}

async function inDutch(tx: Tx, publicationId: string): Promise<boolean> {
  const { rows } = await tx.db.execute(
    sql`select 1 from publication_text where publication_id = ${publicationId} and language = 'nl' and state = 'PUBLISHED'`,
  )
  return rows.length > 0
}

const recordText = (tx: Tx, actor: PrincipalActor, operation: string, subjectId: string, before: unknown, after: unknown): Promise<void> =>
  record(tx, actor, { operation, subjectType: 'PublicationText', subjectId, before, after })
