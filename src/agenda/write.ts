import { eq, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { record } from '../audit/record.ts'
import type { Actor } from '../auth/actor.ts'
import { authorise } from '../auth/permissions.ts'
import { before, changed, hold } from '../db/hold.ts'
import type { Tx } from '../db/session.ts'
import { Problem } from '../errors.ts'
import { dutchText, givenId, parsed } from '../input.ts'
import { organisationOf } from '../organisation/write.ts'
import { plan } from '../plan/table.ts'
import { theme } from '../programme/table.ts'
import { agendaScope, agendaStep, agendaStepKind, agendaStepState, agendaTheme, themeLink } from './table.ts'

const expectedVersion = z.int().min(1)
const title = dutchText(500)
const text = dutchText(10_000)

const newTheme = z.strictObject({
  agendaId: givenId,
  scope: z.enum(agendaScope.enumValues),
  title,
  text: text.nullish(),
  theme: z.string().nullish(),
})

/** Takes a theme up in a strategic agenda. */
export async function agendaThemeAdd(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'agenda.write')
  const { agendaId, theme: code, ...given } = parsed(newTheme, input)
  const agenda = await agendaOf(tx, agendaId)
  const row = { ...given, id: uuidv7(), planId: agenda.id, themeId: await themeOf(tx, agenda.programmeId, code) }
  await tx.db.insert(agendaTheme).values(row)
  await record(tx, actor, { operation: 'agendaThemeAdd', subjectType: 'AgendaTheme', subjectId: row.id, after: row })
  return row.id
}

const themeEdit = z.strictObject({
  id: givenId,
  expectedVersion,
  scope: z.enum(agendaScope.enumValues).nullish(),
  title: title.nullish(),
  text: text.nullish(),
})

export async function agendaThemeEdit(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'agenda.write')
  const { id, expectedVersion: expected, ...given } = parsed(themeEdit, input)
  const row = await hold(tx, agendaTheme, id, expected, 'theme of an agenda')
  const change = changed(row, given)
  if (Object.keys(change).length === 0) return row.id
  await tx.db.update(agendaTheme).set(change).where(eq(agendaTheme.id, row.id))
  const told = { subjectType: 'AgendaTheme', subjectId: row.id, before: before(row, change), after: change }
  await record(tx, actor, { operation: 'agendaThemeEdit', ...told })
  return row.id
}

async function agendaOf(tx: Tx, id: string | undefined): Promise<{ id: string; programmeId: string }> {
  const [found] =
    id === undefined
      ? []
      : await tx.db.select({ id: plan.id, programmeId: plan.programmeId, kind: plan.kind }).from(plan).where(eq(plan.id, id))
  if (found?.kind !== 'STRATEGIC_AGENDA') throw new Problem('NOT_FOUND', 'No such agenda', ['agendaId'])
  return found
}

async function themeOf(tx: Tx, programmeId: string, code: string | null | undefined): Promise<string | null> {
  if (code == null) return null
  const [found] = await tx.db
    .select({ id: theme.id })
    .from(theme)
    .where(sql`${theme.programmeId} = ${programmeId} and ${theme.code} = ${code}`)
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such theme', ['theme'])
  return found.id
}

const newLink = z.strictObject({
  agendaThemeId: givenId,
  planId: z.uuid().nullish(),
  actionId: z.uuid().nullish(),
  startsOn: z.iso.date().nullish(),
  endsOn: z.iso.date().nullish(),
})

/** Takes a theme up in an execution plan or an action: while both hold, or a part of that time. */
export async function themeLinkMake(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'agenda.write')
  const { agendaThemeId, planId = null, actionId = null, ...given } = parsed(newLink, input)
  if ((planId === null) === (actionId === null)) throw new Problem('BAD_USER_INPUT', 'Name an execution plan or an action', ['planId'])
  const shared = await sharedTerm(tx, agendaThemeId, planId, actionId)
  const row = { id: uuidv7(), agendaThemeId: shared.agendaThemeId, planId, actionId, ...withinTerm(shared, given) }
  await tx.db.insert(themeLink).values(row)
  await record(tx, actor, { operation: 'themeLinkMake', subjectType: 'ThemeLink', subjectId: row.id, after: row })
  return row.id
}

const linkEnd = z.strictObject({ id: givenId, expectedVersion, endsOn: z.iso.date() })

/** Says until when a link holds; the link itself stays on record. */
export async function themeLinkEnd(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'agenda.write')
  const { id, expectedVersion: expected, endsOn } = parsed(linkEnd, input)
  const row = await hold(tx, themeLink, id, expected, 'link')
  if (row.endsOn === endsOn) return row.id
  withinTerm(await sharedTerm(tx, row.agendaThemeId, row.planId, row.actionId), { startsOn: row.startsOn, endsOn })
  await tx.db.update(themeLink).set({ endsOn }).where(eq(themeLink.id, row.id))
  const told = { subjectType: 'ThemeLink', subjectId: row.id, before: { endsOn: row.endsOn }, after: { endsOn } }
  await record(tx, actor, { operation: 'themeLinkEnd', ...told })
  return row.id
}

interface SharedTerm {
  agendaThemeId: string
  startsOn: string
  endsOn: string
}

/** The days on which the agenda of a theme and the plan that would take it up both hold. */
async function sharedTerm(tx: Tx, themeId: string | undefined, planId: string | null, actionId: string | null): Promise<SharedTerm> {
  const { rows } = await tx.db.execute<{ theme: string; target: string | null; starts_on: string | null; ends_on: string | null }>(sql`
    select t.id as theme, p.id as target, greatest(a.starts_on, p.starts_on)::text as starts_on, least(a.ends_on, p.ends_on)::text as ends_on
    from agenda_theme t join plan a on a.id = t.plan_id left join plan p on p.kind = 'EXECUTION_PLAN'
      and p.id = coalesce(${planId}::uuid, (select x.plan_id from action x where x.id = ${actionId}::uuid))
    where t.id = ${themeId ?? null}::uuid`)
  const [found] = rows
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such theme of an agenda', ['agendaThemeId'])
  if (found.target === null) throw new Problem('NOT_FOUND', 'No such execution plan or action', [planId === null ? 'actionId' : 'planId'])
  return { agendaThemeId: found.theme, startsOn: found.starts_on as string, endsOn: found.ends_on as string }
}

/** The days given, or all that are shared, if the link holds on no day that is not. */
function withinTerm(shared: SharedTerm, given: { startsOn?: string | null; endsOn?: string | null }): { startsOn: string; endsOn: string } {
  const { startsOn, endsOn } = shared
  if (startsOn > endsOn) throw new Problem('LINK_OUTSIDE_TERM')
  const link = { startsOn: given.startsOn ?? startsOn, endsOn: given.endsOn ?? endsOn }
  const message = `They both hold from ${startsOn} to ${endsOn}`
  if (link.startsOn < startsOn || link.startsOn > endsOn) throw new Problem('LINK_OUTSIDE_TERM', message, ['startsOn'])
  if (link.endsOn < startsOn || link.endsOn > endsOn) throw new Problem('LINK_OUTSIDE_TERM', message, ['endsOn'])
  if (link.endsOn < link.startsOn) throw new Problem('BAD_USER_INPUT', 'A link ends after it starts', ['endsOn'])
  return link
}

const newStep = z.strictObject({
  agendaThemeId: givenId,
  kind: z.enum(agendaStepKind.enumValues),
  title,
  owner: z.string(),
  dueOn: z.iso.date().nullish(),
})

/** Adds a joint step or an opportunity to a theme. */
export async function agendaStepAdd(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'agenda.write')
  const { agendaThemeId, owner, ...given } = parsed(newStep, input)
  const [ofTheme] =
    agendaThemeId === undefined ? [] : await tx.db.select({ id: agendaTheme.id }).from(agendaTheme).where(eq(agendaTheme.id, agendaThemeId))
  if (ofTheme === undefined) throw new Problem('NOT_FOUND', 'No such theme of an agenda', ['agendaThemeId'])
  const row = { ...given, id: uuidv7(), agendaThemeId: ofTheme.id, organisationId: await organisationOf(tx, owner, ['owner']) }
  await tx.db.insert(agendaStep).values(row)
  await record(tx, actor, { operation: 'agendaStepAdd', subjectType: 'AgendaStep', subjectId: row.id, after: row })
  return row.id
}

const stepEdit = z.strictObject({
  id: givenId,
  expectedVersion,
  title: title.nullish(),
  owner: z.string().nullish(),
  state: z.enum(agendaStepState.enumValues).nullish(),
  dueOn: z.iso.date().nullish(),
})

export async function agendaStepEdit(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'agenda.write')
  const { id, expectedVersion: expected, owner, ...given } = parsed(stepEdit, input)
  const row = await hold(tx, agendaStep, id, expected, 'step')
  const organisationId = owner == null ? null : await organisationOf(tx, owner, ['owner'])
  const change = changed(row, { ...given, organisationId })
  if (Object.keys(change).length === 0) return row.id
  await tx.db.update(agendaStep).set(change).where(eq(agendaStep.id, row.id))
  const told = { subjectType: 'AgendaStep', subjectId: row.id, before: before(row, change), after: change }
  await record(tx, actor, { operation: 'agendaStepEdit', ...told })
  return row.id
}
