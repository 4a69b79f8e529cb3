import { eq } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { action } from '../action/table.ts'
import { agendaTheme } from '../agenda/table.ts'
import { record } from '../audit/record.ts'
import type { Actor } from '../auth/actor.ts'
import { authorise } from '../auth/permissions.ts'
import type { Tx } from '../db/session.ts'
import { Problem } from '../errors.ts'
import { givenId, parsed } from '../input.ts'
import { plan } from '../plan/table.ts'
import { policyLink } from '../programme/table.ts'
import { policyAlignment } from './table.ts'

const alignment = z.strictObject({
  id: givenId,
  planId: z.uuid().nullish(),
  agendaThemeId: z.uuid().nullish(),
  actionId: z.uuid().nullish(),
})

const sides = { planId: plan, agendaThemeId: agendaTheme, actionId: action } as const

/** Says that a plan, a theme of an agenda or an action aligns with policy outside the programme. Saying so again changes nothing. */
export async function policyAlign(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'policy.align')
  const { id, ...given } = parsed(alignment, input)
  const [side, ...more] = (Object.keys(sides) as (keyof typeof sides)[]).filter((name) => given[name] != null)
  if (side === undefined || more.length > 0) throw new Problem('BAD_USER_INPUT', 'Name one plan, theme or action', ['planId'])
  const [policy] = id === undefined ? [] : await tx.db.select({ id: policyLink.id }).from(policyLink).where(eq(policyLink.id, id))
  if (policy === undefined) throw new Problem('NOT_FOUND', 'No such policy', ['id'])
  const table = sides[side]
  const aligned = given[side] as string
  const found = await tx.db.select({ id: table.id }).from(table).where(eq(table.id, aligned))
  if (found.length === 0) throw new Problem('NOT_FOUND', 'Not found', [side])
  const made = await tx.db
    .insert(policyAlignment)
    .values({ id: uuidv7(), policyLinkId: policy.id, [side]: aligned })
    .onConflictDoNothing()
    .returning({ id: policyAlignment.id })
  if (made.length === 0) return policy.id
  await record(tx, actor, { operation: 'policyAlign', subjectType: 'PolicyLink', subjectId: policy.id, after: { [side]: aligned } })
  return policy.id
}
