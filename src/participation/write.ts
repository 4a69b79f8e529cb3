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
import { neighbourhood } from '../neighbourhood/table.ts'
import { organisationOf } from '../organisation/write.ts'
import { planVersion } from '../plan/table.ts'
import { programme } from '../programme/table.ts'
import { participationEvent } from './table.ts'

const held = z.iso.date()
const text = dutchText(10_000)
const group = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine((described) => !/@|[0-9]{4}/.test(described), 'Describes the group; an address or a number is personal data')

const newEvent = z
  .strictObject({
    programme: z.string(),
    planVersionId: z.string().nullish(),
    neighbourhood: z.string().nullish(),
    heldOn: held,
    organisation: z.string().nullish(),
    residentGroup: group.nullish(),
    subject: dutchText(500),
    outcome: text.nullish(),
  })
  .refine(({ planVersionId, neighbourhood }) => planVersionId != null || neighbourhood != null, {
    path: ['neighbourhood'],
    message: 'Is about a plan version or a neighbourhood',
  })
  .refine(({ organisation, residentGroup }) => (organisation == null) !== (residentGroup == null), {
    path: ['residentGroup'],
    message: 'An organisation or a group of residents took part, not both',
  })

/** Records who brought something to a plan version or a neighbourhood, and what it led to. */
export async function participationEventRecord(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'participation.write')
  const { programme: code, planVersionId, neighbourhood: slug, organisation, ...given } = parsed(newEvent, input)
  const [of] = await tx.db.select({ id: programme.id, today: sql<string>`today()::text` }).from(programme).where(eq(programme.code, code))
  if (of === undefined) throw new Problem('NOT_FOUND', 'No such programme', ['programme'])
  const row = {
    ...given,
    id: uuidv7(),
    programmeId: of.id,
    planVersionId: planVersionId == null ? null : await versionOf(tx, planVersionId),
    neighbourhoodId: slug == null ? null : await neighbourhoodOf(tx, slug),
    organisationId: organisation == null ? null : await organisationOf(tx, organisation, ['organisation']),
  }
  if (row.heldOn > of.today) throw new Problem('BAD_USER_INPUT', 'It has not been held yet', ['heldOn'])
  await tx.db.insert(participationEvent).values(row)
  await record(tx, actor, { operation: 'participationEventRecord', subjectType: 'ParticipationEvent', subjectId: row.id, after: row })
  return row.id
}

const correction = z.strictObject({
  id: givenId,
  expectedVersion: z.int().min(1),
  heldOn: held.nullish(),
  subject: dutchText(500).nullish(),
  outcome: text.nullish(),
})

/** Corrects what was recorded, or tells what it has led to since; what it was stays in its history (S62). */
export async function participationEventCorrect(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'participation.write')
  const { id, expectedVersion, ...given } = parsed(correction, input)
  const row = await hold(tx, participationEvent, id, expectedVersion, 'participation event')
  const change = changed(row, given)
  if (Object.keys(change).length === 0) return row.id
  await tx.db.update(participationEvent).set(change).where(eq(participationEvent.id, row.id))
  await record(tx, actor, {
    operation: 'participationEventCorrect',
    subjectType: 'ParticipationEvent',
    subjectId: row.id,
    before: before(row, change),
    after: change,
  })
  return row.id
}

async function versionOf(tx: Tx, id: string): Promise<string> {
  const known = givenId.parse(id)
  const [found] = known === undefined ? [] : await tx.db.select({ id: planVersion.id }).from(planVersion).where(eq(planVersion.id, known))
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such plan version', ['planVersionId'])
  return found.id
}

async function neighbourhoodOf(tx: Tx, slug: string): Promise<string> {
  const [found] = await tx.db.select({ id: neighbourhood.id }).from(neighbourhood).where(eq(neighbourhood.slug, slug))
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such neighbourhood', ['neighbourhood'])
  return found.id
}
