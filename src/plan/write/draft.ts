import { desc, eq, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { record } from '../../audit/record.ts'
import type { Actor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import { before, changed, hold } from '../../db/hold.ts'
import type { Tx } from '../../db/session.ts'
import { Problem, VersionConflict } from '../../errors.ts'
import { dutchText, givenId, parsed } from '../../input.ts'
import { type PlanState, plan, planVersion } from '../table.ts'
import { expectedVersion, findPlan, type PlanChange, planId } from '../write.ts'

const text = dutchText(20_000)
const edit = z.strictObject({
  id: givenId,
  expectedVersion,
  ambitions: text.nullish(),
  objectives: text.nullish(),
  approach: text.nullish(),
  guidingPrinciples: z.array(dutchText(2000)).max(50).nullish(),
})

/** Changes the texts of a draft; what was returned is a draft again. What is not given stays. Answers the version's id. */
export async function planVersionEdit(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'plan.edit')
  const { id, expectedVersion: expected, ...given } = parsed(edit, input)
  const row = await hold(tx, planVersion, id, expected, 'plan version')
  if (row.state !== 'DRAFT' && row.state !== 'RETURNED') throw new Problem('PLAN_STATE', `A version that is ${row.state} is frozen`, ['id'])
  const change = changed(row, { ...given, state: 'DRAFT' })
  if (Object.keys(change).length === 0) return row.id
  await tx.db.update(planVersion).set(change).where(eq(planVersion.id, row.id))
  const told = { subjectType: 'PlanVersion', subjectId: row.id, before: before(row, change), after: change }
  await record(tx, actor, { operation: 'planVersionEdit', ...told })
  return row.id
}

const start = z.strictObject({ planId, expectedVersion })

/** States in which a version is still on its way to a decision; a plan has one such version at most. */
const underWay: readonly PlanState[] = ['DRAFT', 'SUBMITTED', 'RETURNED']

/** Begins the next draft of a plan with what its adopted version says and agrees; of a plan that never had one, with its latest version. */
export async function planDraftStart(tx: Tx, actor: Actor, input: unknown): Promise<PlanChange> {
  authorise(actor, 'plan.startDraft')
  const given = parsed(start, input)
  const of = await findPlan(tx, given.planId)
  if (of.endsOn < of.today) throw new Problem('PLAN_STATE', 'The term of the plan is over')
  // Of two who begin at once the second finds the first one's draft.
  await tx.db.select({ id: plan.id }).from(plan).where(eq(plan.id, of.id)).for('update')
  const versions = await tx.db.select().from(planVersion).where(eq(planVersion.planId, of.id)).orderBy(desc(planVersion.number))
  const [latest] = versions
  if (latest === undefined || versions.some(({ state }) => underWay.includes(state)))
    throw new Problem('PLAN_STATE', 'The plan has a version under way')
  const base = versions.find(({ state }) => state === 'ADOPTED') ?? latest
  if (base.version !== given.expectedVersion) {
    const stale = { table: 'plan_version', id: base.id, base: given.expectedVersion, shows: of.id }
    throw new VersionConflict(base.version, ['expectedVersion'], stale)
  }
  const { ambitions, objectives, approach, guidingPrinciples } = base
  const draft = { id: uuidv7(), planId: of.id, number: latest.number + 1, basedOnId: base.id }
  await tx.db.insert(planVersion).values({ ...draft, ambitions, objectives, approach, guidingPrinciples })
  await copyAgreed(tx, base.id, draft)
  await record(tx, actor, { operation: 'planDraftStart', subjectType: 'PlanVersion', subjectId: draft.id, after: draft })
  return { planId: of.id, planVersionId: draft.id }
}

/** What the base agrees of each action, for the draft to change. Actions are children of the plan, so they are named by their tables. */
async function copyAgreed(tx: Tx, baseId: string, { id, number }: { id: string; number: number }): Promise<void> {
  const { rows } = await tx.db.execute<{ id: string }>(
    sql`select id from agreed_action where plan_version_id = ${baseId} and not withdrawn`,
  )
  if (rows.length === 0) return
  const copies = sql`json_to_recordset(${JSON.stringify(rows.map(({ id: of }) => ({ id: uuidv7(), of })))}::json) as c (id uuid, of uuid)`
  await tx.db.execute(sql`
    insert into agreed_action select copy.* from ${copies} join agreed_action g on g.id = c.of
      cross join lateral jsonb_populate_record(g, jsonb_build_object(
        'id', c.id, 'plan_version_id', ${id}::text, 'version_state', 'DRAFT', 'version_number', ${number}::int)) copy`)
  for (const tag of ['pillar', 'theme', 'sdg_goal', 'result'] as const) {
    const link = sql.identifier(`agreed_action_${tag === 'sdg_goal' ? 'sdg' : tag}`)
    const tagged = sql.identifier(`${tag}_id`)
    await tx.db.execute(sql`insert into ${link} (agreed_action_id, ${tagged})
      select c.id, l.${tagged} from ${copies} join ${link} l on l.agreed_action_id = c.of and not l.withdrawn`)
  }
}
