import { and, eq, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { record } from '../audit/record.ts'
import type { Actor } from '../auth/actor.ts'
import { authorise } from '../auth/permissions.ts'
import { before, changed, hold } from '../db/hold.ts'
import type { Tx } from '../db/session.ts'
import { Problem } from '../errors.ts'
import { dutchText, givenId, parsed } from '../input.ts'
import { pillar, policyKind, policyLink, programme, result, resultHorizon, resultType, theme } from './table.ts'

const code = z.string().default('VW')
const expectedVersion = z.int().min(1)

const newTheme = z.strictObject({
  programme: code,
  code: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'Must be lower case words with hyphens between them'),
  name: dutchText(200),
})

/** Adds a theme to the programme's open list. */
export async function themeAdd(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'theme.add')
  const { programme: ofProgramme, ...given } = parsed(newTheme, input)
  const row = { ...given, id: uuidv7(), programmeId: await programmeOf(tx, ofProgramme) }
  const made = await tx.db.insert(theme).values(row).onConflictDoNothing().returning({ id: theme.id })
  if (made.length === 0) throw new Problem('CONFLICT', 'The programme has a theme with this code', ['code'])
  await record(tx, actor, { operation: 'themeAdd', subjectType: 'Theme', subjectId: row.id, after: row })
  return row.id
}

const newResult = z.strictObject({
  programme: code,
  code: z.string().regex(/^[A-Z0-9]+(_[A-Z0-9]+)*$/, 'Must be capitals and digits with low lines between them'),
  type: z.enum(resultType.enumValues),
  horizon: z.enum(resultHorizon.enumValues),
  title: dutchText(2000),
  pillar: z.string().nullish(),
  parent: z.string().nullish(),
})

/** Adds an objective (IATI result), under a pillar and under another result where it serves one. */
export async function resultAdd(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'result.write')
  const { programme: ofProgramme, pillar: underPillar, parent, ...given } = parsed(newResult, input)
  const programmeId = await programmeOf(tx, ofProgramme)
  const pillarId = await pillarOf(tx, programmeId, underPillar)
  const parentId = await parentOf(tx, programmeId, parent)
  const row = { ...given, id: uuidv7(), programmeId, pillarId, parentId }
  const made = await tx.db.insert(result).values(row).onConflictDoNothing().returning({ id: result.id })
  if (made.length === 0) throw new Problem('CONFLICT', 'The programme has a result with this code', ['code'])
  await record(tx, actor, { operation: 'resultAdd', subjectType: 'Result', subjectId: row.id, after: row })
  return row.id
}

const resultChange = z.strictObject({
  id: givenId,
  expectedVersion,
  title: dutchText(2000).nullish(),
  pillar: z.string().nullish(),
  parent: z.string().nullish(),
})

export async function resultEdit(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'result.write')
  const { id, expectedVersion: expected, title, pillar: underPillar, parent } = parsed(resultChange, input)
  const row = await hold(tx, result, id, expected, 'result')
  const pillarId = await pillarOf(tx, row.programmeId, underPillar)
  const parentId = await parentOf(tx, row.programmeId, parent)
  if (parentId !== null && (await serves(tx, parentId, row.id))) {
    throw new Problem('BAD_USER_INPUT', 'A result does not serve itself', ['parent'])
  }
  const change = changed(row, { title, pillarId, parentId })
  if (Object.keys(change).length === 0) return row.id
  await tx.db.update(result).set(change).where(eq(result.id, row.id))
  const told = { subjectType: 'Result', subjectId: row.id, before: before(row, change), after: change }
  await record(tx, actor, { operation: 'resultEdit', ...told })
  return row.id
}

/** Whether a result is another, or serves it by way of any number of others. */
async function serves(tx: Tx, id: string, other: string): Promise<boolean> {
  const { rows } = await tx.db.execute(sql`
    with recursive up (id) as (select ${id}::uuid union select r.parent_id from result r join up on r.id = up.id where r.parent_id is not null)
    select 1 from up where id = ${other}`)
  return rows.length > 0
}

const newPolicy = z
  .strictObject({
    programme: code,
    kind: z.enum(policyKind.enumValues),
    name: dutchText(500),
    startsOn: z.iso.date().nullish(),
    endsOn: z.iso.date().nullish(),
  })
  .refine(({ startsOn, endsOn }) => startsOn == null || endsOn == null || startsOn <= endsOn, {
    message: 'A term ends after it starts',
    path: ['endsOn'],
  })

/** Names policy outside the programme, with its own term as far as known. */
export async function policyLinkAdd(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'policy.align')
  const { programme: ofProgramme, ...given } = parsed(newPolicy, input)
  const row = { ...given, id: uuidv7(), programmeId: await programmeOf(tx, ofProgramme) }
  await tx.db.insert(policyLink).values(row)
  await record(tx, actor, { operation: 'policyLinkAdd', subjectType: 'PolicyLink', subjectId: row.id, after: row })
  return row.id
}

const extension = z.strictObject({
  code: z.string(),
  expectedVersion,
  endsOn: z.iso.date(),
  /** The reference of the decision that extends it. */
  decision: z.string(),
})

/** Extends the term of the programme by a decision on record that does so. It is never shortened. */
export async function programmeExtend(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'programme.extend')
  const given = parsed(extension, input)
  const [found] = await tx.db.select({ id: programme.id }).from(programme).where(eq(programme.code, given.code))
  const row = await hold(tx, programme, found?.id, given.expectedVersion, 'programme')
  if (given.endsOn <= row.endsOn) throw new Problem('BAD_USER_INPUT', `It lasts until ${row.endsOn} already`, ['endsOn'])
  if (!(await isExtendedBy(tx, row.id, given.decision))) {
    throw new Problem('DECISION_REQUIRED', 'No decision with this reference extends the programme', ['decision'])
  }
  await tx.db.update(programme).set({ endsOn: given.endsOn }).where(eq(programme.id, row.id))
  const told = { subjectType: 'Programme', subjectId: row.id, before: { endsOn: row.endsOn } }
  await record(tx, actor, { operation: 'programmeExtend', ...told, after: { endsOn: given.endsOn, decision: given.decision } })
  return row.id
}

/** Decisions are a child of the programme, so they are asked for by their tables' names. */
async function isExtendedBy(tx: Tx, programmeId: string, reference: string): Promise<boolean> {
  const { rows } = await tx.db.execute(sql`
    select 1 from decision d join decision_point p on p.decision_id = d.id
    where d.programme_id = ${programmeId} and d.reference = ${reference} and d.decided_on <= today()
      and p.type = 'EXTENSION' and p.outcome in ('CONFORM', 'CONFORM_WITH_CHANGES')`)
  return rows.length > 0
}

/** The id of the programme with this code. */
export async function programmeOf(tx: Tx, withCode: string): Promise<string> {
  const [found] = await tx.db.select({ id: programme.id }).from(programme).where(eq(programme.code, withCode))
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such programme', ['programme'])
  return found.id
}

async function pillarOf(tx: Tx, programmeId: string, withCode: string | null | undefined): Promise<string | null> {
  if (withCode == null) return null
  const [found] = await tx.db
    .select({ id: pillar.id })
    .from(pillar)
    .where(and(eq(pillar.programmeId, programmeId), eq(pillar.code, withCode)))
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such pillar', ['pillar'])
  return found.id
}

async function parentOf(tx: Tx, programmeId: string, withCode: string | null | undefined): Promise<string | null> {
  if (withCode == null) return null
  const [found] = await tx.db
    .select({ id: result.id })
    .from(result)
    .where(and(eq(result.programmeId, programmeId), eq(result.code, withCode)))
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such result', ['parent'])
  return found.id
}
