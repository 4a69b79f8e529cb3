import { and, eq, getTableColumns } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { record } from '../../audit/record.ts'
import type { Actor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import type { Tx } from '../../db/session.ts'
import { Problem, VersionConflict } from '../../errors.ts'
import { canonical, dutchText, givenId, parsed } from '../../input.ts'
import { plan, planVersion } from '../../plan/table.ts'
import { expectedVersion, findPlan, planId } from '../../plan/write.ts'
import { action, actionKind, actionParticipation, actionScale, agreedAction } from '../table.ts'
import { lockSteered, organisationsOn } from './steer.ts'
import { changedTags, setTags, tagIds, tagLists } from './tags.ts'

const day = z.iso.date()
const period = z
  .strictObject({ startsOn: day.nullish(), endsOn: day.nullish() })
  .refine(({ startsOn, endsOn }) => !startsOn || !endsOn || startsOn <= endsOn, { message: 'It ends before it begins', path: ['endsOn'] })

const agreed = {
  title: dutchText(500),
  description: dutchText(10_000).nullish(),
  kind: z.enum(actionKind.enumValues),
  scale: z.enum(actionScale.enumValues),
  planned: period.nullish(),
  crossDomain: z.boolean(),
}

export const actionRef = z
  .string()
  .max(100)
  .regex(/^[A-Z0-9]+(-[A-Z0-9]+)*$/, 'Capitals and digits, in words joined by hyphens')

const creation = z.strictObject({
  ...agreed,
  planId,
  ref: actionRef,
  lead: z.string(),
  contributors: z.array(z.string().max(100)).max(50),
  partsStartOn: day.nullish(),
  ...tagLists,
})

/** Puts a new action in the draft of an execution plan, with who leads it and what it serves (S18-S21). Answers its id. */
export async function createAction(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'action.create')
  const given = parsed(creation, input)
  const of = await findPlan(tx, given.planId)
  const draft = await lockDraft(tx, of.id)

  const startsOn = given.partsStartOn ?? of.startsOn
  const wrong: Problem[] = []
  const tags = await tagIds(tx, given, of.programmeId, wrong)
  const [lead, ...contributors] = await organisationsOn(
    tx,
    [given.lead, ...given.contributors].map((slug, place) => ({ slug, path: place === 0 ? ['lead'] : ['contributors', place - 1] })),
    startsOn,
    wrong,
  )
  if (wrong.length > 0 || lead === undefined) throw new Problem('BAD_USER_INPUT', wrong[0]?.message, wrong[0]?.path, wrong)

  const fields = { ...columnsOf(given), title: given.title, scale: given.scale }
  const { id, agreedActionId } = await putInDraft(tx, of, draft, given.ref, fields)
  await setTags(tx, agreedActionId, tags)
  await startParts(tx, id, startsOn, lead, contributors)
  await record(tx, actor, { operation: 'actionCreate', subjectType: 'Action', subjectId: id, after: given })
  return id
}

/** The draft of a plan, held so that what is put in it comes before it is submitted. */
export async function lockDraft(tx: Tx, ofPlan: string): Promise<{ id: string; number: number }> {
  const [draft] = await tx.db
    .select({ id: planVersion.id, number: planVersion.number })
    .from(planVersion)
    .where(and(eq(planVersion.planId, ofPlan), eq(planVersion.state, 'DRAFT')))
    .for('update')
  if (draft === undefined) throw new Problem('PLAN_STATE', 'The plan has no draft', ['planId'])
  return draft
}

type Fields = typeof agreedAction.$inferInsert

/** A new action, with what the draft says of it. */
export async function putInDraft(
  tx: Tx,
  of: { id: string; programmeId: string },
  draft: { id: string; number: number },
  ref: string,
  fields: Pick<Fields, 'title' | 'scale'> & Partial<Fields>,
): Promise<{ id: string; agreedActionId: string }> {
  const id = uuidv7()
  const agreedActionId = uuidv7()
  const made = await tx.db
    .insert(action)
    .values({ id, programmeId: of.programmeId, planId: of.id, ref, agreedActionId })
    .onConflictDoNothing({ target: [action.programmeId, action.ref] })
    .returning({ id: action.id })
  if (made.length === 0) throw new Problem('CONFLICT', 'An action with this ref is on record', ['ref'])
  await tx.db.insert(agreedAction).values({
    ...fields,
    id: agreedActionId,
    actionId: id,
    planId: of.id,
    planVersionId: draft.id,
    versionState: 'DRAFT',
    versionNumber: draft.number,
  })
  return { id, agreedActionId }
}

/** Who leads a new action, and who contributes to it. */
export async function startParts(tx: Tx, actionId: string, startsOn: string, lead: string, contributors: readonly string[]): Promise<void> {
  await tx.db
    .insert(actionParticipation)
    .values([
      { actionId, organisationId: lead, role: 'LEAD' as const, startsOn },
      ...contributors.map((organisationId) => ({ actionId, organisationId, role: 'CONTRIBUTING' as const, startsOn })),
    ])
}

const edit = z.strictObject({
  actionId: givenId,
  expectedVersion,
  ...z.object(agreed).partial().shape,
  pillars: tagLists.pillars.nullish(),
  themes: tagLists.themes.nullish(),
  sdgs: tagLists.sdgs.nullish(),
  results: tagLists.results.nullish(),
})

/**
 * Changes what the draft of its plan says of an action; what is not given stays, a list of tags is replaced as a whole.
 * What an action counts for is for the programme team to say. Answers the action's id.
 */
export async function editAgreed(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'action.editAgreed')
  const given = parsed(edit, input)
  const { id } = await lockSteered(tx, actor, given.actionId, ['id'])
  const draft = await lockAgreed(tx, id, given.expectedVersion)
  const tags = await changedTags(tx, draft.id, given)
  if (Object.keys(tags.after).length > 0) authorise(actor, 'action.tag')
  const wrong: Problem[] = []
  const wanted = await tagIds(tx, tags.after, draft.programmeId, wrong)
  if (wrong.length > 0) throw new Problem('BAD_USER_INPUT', wrong[0]?.message, wrong[0]?.path, wrong)
  const fields = columnsOf(given)
  const changed = Object.entries(fields).filter(([field, value]) => !isSame(value, draft[field as keyof typeof fields]))
  if (changed.length === 0 && Object.keys(tags.after).length === 0) return id
  const after = Object.fromEntries(changed) as typeof fields
  await setTags(tx, draft.id, wanted)
  // A change of tags alone counts as one of the draft.
  await tx.db
    .update(agreedAction)
    .set({ crossDomain: draft.crossDomain, ...after })
    .where(eq(agreedAction.id, draft.id))
  const before = Object.fromEntries(changed.map(([field]) => [field, draft[field as keyof typeof fields]]))
  const told = { before: { ...before, ...tags.before }, after: { ...after, ...tags.after } }
  await record(tx, actor, { operation: 'actionEditAgreed', subjectType: 'Action', subjectId: id, ...told })
  return id
}

/** What the draft of its plan agrees of an action, locked. */
async function lockAgreed(tx: Tx, actionId: string, expected: number) {
  const [draft] = await tx.db
    .select({ ...getTableColumns(agreedAction), programmeId: plan.programmeId })
    .from(agreedAction)
    .innerJoin(plan, eq(plan.id, agreedAction.planId))
    .where(and(eq(agreedAction.actionId, actionId), eq(agreedAction.versionState, 'DRAFT'), eq(agreedAction.withdrawn, false)))
    .for('update', { of: agreedAction })
  if (draft === undefined) throw new Problem('PLAN_STATE', 'No draft of its plan holds this action', ['id'])
  if (draft.version !== expected) throw new VersionConflict(draft.version, ['expectedVersion'])
  return draft
}

const removal = z.strictObject({ actionId: givenId, expectedVersion })

/** Takes an action out of the draft of its plan; what was adopted of it stays in force until the draft is. Answers the action's id. */
export async function removeFromDraft(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'action.removeFromDraft')
  const given = parsed(removal, input)
  const { id } = await lockSteered(tx, actor, given.actionId, ['id'])
  const draft = await lockAgreed(tx, id, given.expectedVersion)
  await tx.db.update(agreedAction).set({ withdrawn: true }).where(eq(agreedAction.id, draft.id))
  await record(tx, actor, {
    operation: 'actionRemoveFromDraft',
    subjectType: 'Action',
    subjectId: id,
    before: { planVersionId: draft.planVersionId },
  })
  return id
}

const isSame = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b)

type Given = Partial<z.output<z.ZodObject<typeof agreed>>>

/** The columns of what was given; nothing of what was not. */
function columnsOf({ title, description, kind, scale, planned, crossDomain }: Given) {
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(kind === undefined ? {} : { kind }),
    ...(scale === undefined ? {} : { scale }),
    ...(planned === undefined ? {} : { plannedStartOn: planned?.startsOn ?? null, plannedEndOn: planned?.endsOn ?? null }),
    ...(crossDomain === undefined ? {} : { crossDomain }),
  }
}
