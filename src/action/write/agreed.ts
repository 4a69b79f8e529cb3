import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { record } from '../../audit/record.ts'
import type { Actor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import type { Tx } from '../../db/session.ts'
import { Problem, VersionConflict } from '../../errors.ts'
import { canonical, dutchText, givenId, parsed } from '../../input.ts'
import { planVersion } from '../../plan/table.ts'
import { expectedVersion, findPlan, planId } from '../../plan/write.ts'
import {
  action,
  actionKind,
  actionParticipation,
  actionScale,
  agreedAction,
  agreedActionPillar,
  agreedActionResult,
  agreedActionSdg,
  agreedActionTheme,
} from '../table.ts'
import { lockSteered, organisationsOn } from './steer.ts'

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

const codes = z.array(z.string().max(100)).max(50)
const creation = z.strictObject({
  ...agreed,
  planId,
  ref: z
    .string()
    .max(100)
    .regex(/^[A-Z0-9]+(-[A-Z0-9]+)*$/, 'Capitals and digits, in words joined by hyphens'),
  lead: z.string(),
  contributors: codes,
  partsStartOn: day.nullish(),
  pillars: codes,
  themes: codes,
  sdgs: z.array(z.int()).max(50),
  results: codes,
})

/** Puts a new action in the draft of an execution plan, with who leads it and what it serves (S18-S21). Answers its id. */
export async function createAction(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'action.create')
  const given = parsed(creation, input)
  const plan = await findPlan(tx, given.planId)
  const [draft] = await tx.db
    .select({ id: planVersion.id, number: planVersion.number })
    .from(planVersion)
    .where(and(eq(planVersion.planId, plan.id), eq(planVersion.state, 'DRAFT')))
    .for('update')
  if (draft === undefined) throw new Problem('PLAN_STATE', 'The plan has no draft', ['planId'])

  const startsOn = given.partsStartOn ?? plan.startsOn
  const wrong: Problem[] = []
  const within = sql`programme_id = ${plan.programmeId}`
  const pillars = await idsOf(tx, 'pillar', 'code', given.pillars, 'pillars', wrong, within)
  const themes = await idsOf(tx, 'theme', 'code', given.themes, 'themes', wrong, within)
  const sdgs = await idsOf(tx, 'sdg_goal', 'number', given.sdgs, 'sdgs', wrong)
  const results = await idsOf(tx, 'result', 'code', given.results, 'results', wrong, within)
  const [lead, ...contributors] = await organisationsOn(
    tx,
    [given.lead, ...given.contributors].map((slug, place) => ({ slug, path: place === 0 ? ['lead'] : ['contributors', place - 1] })),
    startsOn,
    wrong,
  )
  if (wrong.length > 0 || lead === undefined) throw new Problem('BAD_USER_INPUT', wrong[0]?.message, wrong[0]?.path, wrong)

  const id = uuidv7()
  const agreedActionId = uuidv7()
  const made = await tx.db
    .insert(action)
    .values({ id, programmeId: plan.programmeId, planId: plan.id, ref: given.ref, agreedActionId })
    .onConflictDoNothing({ target: [action.programmeId, action.ref] })
    .returning({ id: action.id })
  if (made.length === 0) throw new Problem('CONFLICT', 'An action with this ref is on record', ['ref'])
  await tx.db.insert(agreedAction).values({
    id: agreedActionId,
    actionId: id,
    planId: plan.id,
    planVersionId: draft.id,
    versionState: 'DRAFT',
    versionNumber: draft.number,
    ...columnsOf(given),
    title: given.title,
    scale: given.scale,
  })
  await tag(tx, agreedActionPillar, pillars, (pillarId) => ({ agreedActionId, pillarId }))
  await tag(tx, agreedActionTheme, themes, (themeId) => ({ agreedActionId, themeId }))
  await tag(tx, agreedActionSdg, sdgs, (sdgGoalId) => ({ agreedActionId, sdgGoalId }))
  await tag(tx, agreedActionResult, results, (resultId) => ({ agreedActionId, resultId }))
  await tx.db
    .insert(actionParticipation)
    .values([
      { actionId: id, organisationId: lead, role: 'LEAD' as const, startsOn },
      ...contributors.map((organisationId) => ({ actionId: id, organisationId, role: 'CONTRIBUTING' as const, startsOn })),
    ])
  await record(tx, actor, { operation: 'actionCreate', subjectType: 'Action', subjectId: id, after: given })
  return id
}

/** The ids of a list's codes; each that is not there is told with its place. */
async function idsOf(
  tx: Tx,
  table: string,
  key: string,
  values: readonly (string | number)[],
  field: string,
  wrong: Problem[],
  within: SQL = sql`true`,
): Promise<string[]> {
  if (values.length === 0) return []
  const column = sql.identifier(key)
  const { rows } = await tx.db.execute<{ id: string; key: string }>(
    sql`select id, ${column}::text as key from ${sql.identifier(table)} where ${within} and ${column}::text = any(${sql.param(values.map(String))}::text[])`,
  )
  const known = new Map(rows.map((row) => [row.key, row.id]))
  for (const [place, value] of values.entries())
    if (!known.has(String(value))) wrong.push(new Problem('BAD_USER_INPUT', `There is no "${value}"`, [field, place]))
  return [...known.values()]
}

async function tag<T extends PgTable>(tx: Tx, table: T, ids: readonly string[], row: (id: string) => T['$inferInsert']): Promise<void> {
  if (ids.length > 0) await tx.db.insert(table).values(ids.map(row))
}

const edit = z.strictObject({ actionId: givenId, expectedVersion, ...z.object(agreed).partial().shape })

/** Changes what the draft of its plan says of an action; what is not given stays. Answers the action's id. */
export async function editAgreed(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'action.editAgreed')
  const given = parsed(edit, input)
  const { id } = await lockSteered(tx, actor, given.actionId, ['id'])
  const [draft] = await tx.db
    .select()
    .from(agreedAction)
    .where(and(eq(agreedAction.actionId, id), eq(agreedAction.versionState, 'DRAFT')))
    .for('update')
  if (draft === undefined) throw new Problem('PLAN_STATE', 'No draft of its plan holds this action', ['id'])
  if (draft.version !== given.expectedVersion) throw new VersionConflict(draft.version, ['expectedVersion'])
  const wanted = columnsOf(given)
  const changed = Object.entries(wanted).filter(([field, value]) => !isSame(value, draft[field as keyof typeof wanted]))
  if (changed.length === 0) return id
  const after = Object.fromEntries(changed) as typeof wanted
  await tx.db.update(agreedAction).set(after).where(eq(agreedAction.id, draft.id))
  const before = Object.fromEntries(changed.map(([field]) => [field, draft[field as keyof typeof wanted]]))
  await record(tx, actor, { operation: 'actionEditAgreed', subjectType: 'Action', subjectId: id, before, after })
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
