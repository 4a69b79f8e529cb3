import { eq, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { agreedAction } from '../../action/table.ts'
import { actionRef, lockDraft, putInDraft, startParts } from '../../action/write/agreed.ts'
import { lockSteered, organisationsOn } from '../../action/write/steer.ts'
import { copyTags } from '../../action/write/tags.ts'
import { record } from '../../audit/record.ts'
import type { Actor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import type { Tx } from '../../db/session.ts'
import { Problem } from '../../errors.ts'
import { givenId, parsed } from '../../input.ts'
import { insertRelation } from './relate.ts'

const carrying = z.strictObject({ actionId: givenId, planId: givenId, ref: actionRef, lead: z.string().nullish() })

/**
 * Carries an action over to the draft of a later plan of its neighbourhood, once: a new action that continues it, with what is agreed of it and
 * who takes part in it today. What was reported of it stays where it is. Answers the id of the new action.
 */
export async function actionCarryOver(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'action.carryOver')
  const { actionId, planId, ref, lead: wantedLead } = parsed(carrying, input)
  // Held, so that of two who carry it over the second finds that it was.
  const from = await lockSteered(tx, actor, actionId, ['id'])
  const plan = await laterPlan(tx, from.id, planId)
  const draft = await lockDraft(tx, plan.id)
  await refuseSecond(tx, from.id, plan.id)

  const parts = await partsToday(tx, from.id)
  const leadSlug = wantedLead ?? parts.find(({ role }) => role === 'LEAD')?.slug
  if (leadSlug === undefined) throw new Problem('BAD_USER_INPUT', 'Nobody leads it today: say who will', ['lead'])
  const wrong: Problem[] = []
  const [lead] = await organisationsOn(tx, [{ slug: leadSlug, path: ['lead'] }], plan.startsOn, wrong)
  if (lead === undefined) throw wrong[0]
  const contributing = parts.filter(({ role, slug }) => role === 'CONTRIBUTING' && slug !== leadSlug)
  // Who is no member any more by then does not contribute any more.
  const contributors = await organisationsOn(
    tx,
    contributing.map(({ slug }) => ({ slug, path: [] })),
    plan.startsOn,
    [],
  )

  const agreed = await agreedOf(tx, from.id)
  const made = await putInDraft(tx, plan, draft, ref, fieldsOf(agreed))
  await copyTags(tx, agreed.id, made.agreedActionId)
  await startParts(tx, made.id, plan.startsOn, lead, contributors)
  await insertRelation(tx, { id: uuidv7(), actionId: made.id, kind: 'CONTINUES', relatedActionId: from.id })
  const after = { ref, planId: plan.id, continues: from.id }
  await record(tx, actor, { operation: 'actionCarryOver', subjectType: 'Action', subjectId: made.id, after })
  return made.id
}

interface LaterPlan {
  id: string
  programmeId: string
  startsOn: string
}

async function laterPlan(tx: Tx, actionId: string, planId: string | undefined): Promise<LaterPlan> {
  const { rows } = await tx.db.execute<Record<string, unknown> & LaterPlan & { follows: boolean }>(
    sql`select p.id, p.programme_id as "programmeId", p.starts_on::text as "startsOn",
        p.neighbourhood_id = own.neighbourhood_id and p.starts_on > own.ends_on as follows
      from plan p, action a join plan own on own.id = a.plan_id where a.id = ${actionId} and p.id = ${planId ?? null}`,
  )
  const [found] = rows
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such plan', ['planId'])
  if (!found.follows) throw new Problem('BAD_USER_INPUT', 'This is no later execution plan of its neighbourhood', ['planId'])
  return found
}

async function refuseSecond(tx: Tx, actionId: string, planId: string): Promise<void> {
  const { rows } = await tx.db.execute<{ ref: string }>(sql`select a.ref from action_relation r join action a on a.id = r.action_id
    where r.related_action_id = ${actionId} and r.kind = 'CONTINUES' and r.ended_on is null and a.plan_id = ${planId}`)
  if (rows[0]) throw new Problem('CONFLICT', `It was carried over as ${rows[0].ref}`, ['planId'])
}

interface Part {
  slug: string
  role: string
}

async function partsToday(tx: Tx, actionId: string): Promise<Part[]> {
  const { rows } = await tx.db.execute<Record<string, unknown> & Part>(
    sql`select o.slug, p.role from action_participation p join organisation o on o.id = p.organisation_id
      where p.action_id = ${actionId} and p.starts_on <= today() and (p.ends_on is null or p.ends_on > today()) order by o.slug`,
  )
  return rows
}

type Agreed = typeof agreedAction.$inferSelect

/** What counts now of what was agreed. */
async function agreedOf(tx: Tx, actionId: string): Promise<Agreed> {
  const [found] = await tx.db
    .select()
    .from(agreedAction)
    .where(eq(agreedAction.id, sql`(select a.agreed_action_id from action a where a.id = ${actionId})`))
  return found as Agreed
}

const fieldsOf = ({ title, description, kind, scale, plannedStartOn, plannedEndOn, crossDomain }: Agreed) => ({
  title,
  description,
  kind,
  scale,
  plannedStartOn,
  plannedEndOn,
  crossDomain,
})
