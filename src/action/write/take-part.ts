import { eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type Change, record } from '../../audit/record.ts'
import type { Actor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import type { Tx } from '../../db/session.ts'
import { Problem, VersionConflict } from '../../errors.ts'
import { givenId, parsed } from '../../input.ts'
import { expectedVersion } from '../../plan/write.ts'
import { actionParticipation } from '../table.ts'
import { countChange, lockSteered, organisationsOn } from './steer.ts'

const handOver = z.strictObject({ actionId: givenId, expectedVersion, to: z.string(), on: z.iso.date() })

/** Hands the lead over on a day: the one before stops when the other starts, so that there is one on every day. Answers the action's id. */
export async function handOverLead(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'action.changeParts')
  const given = parsed(handOver, input)
  const found = await lockSteered(tx, actor, given.actionId, ['id'])
  if (found.version !== given.expectedVersion) throw new VersionConflict(found.version, ['expectedVersion'])
  const to = await organisationOn(tx, given.to, 'to', given.on)
  const parts = await tx.db.select().from(actionParticipation).where(eq(actionParticipation.actionId, found.id))
  const lead = parts.find((part) => part.role === 'LEAD' && holdsOn(part, given.on))
  if (lead?.organisationId === to) return found.id
  if (lead?.startsOn === given.on) throw new Problem('CONFLICT', 'Its lead begins on that very day', ['on'])
  if (lead === undefined && parts.some((part) => part.role === 'LEAD' && part.startsOn > given.on))
    throw new Problem('BAD_USER_INPUT', 'Nobody led it yet on that day', ['on'])

  // As long as its lead of today still is: the one who hands it over writes nothing of it afterwards.
  await countChange(tx, found.id)
  if (lead) await endPart(tx, lead.id, given.on)
  await endOther(tx, parts, to, given.on)
  await tx.db
    .insert(actionParticipation)
    .values({ actionId: found.id, organisationId: to, role: 'LEAD', startsOn: given.on, endsOn: lead?.endsOn ?? null })
  const before = { lead: lead?.organisationId ?? null }
  await record(tx, actor, partsChange('actionHandOverLead', found.id, before, { lead: to, on: given.on }))
  return found.id
}

interface PartOn {
  id: string
  organisationId: string
  startsOn: string
  endsOn: string | null
}

const holdsOn = ({ startsOn, endsOn }: PartOn, day: string): boolean => startsOn <= day && (endsOn === null || endsOn > day)

/** An organisation has one part at a time: as a lead it no longer contributes. */
async function endOther(tx: Tx, parts: readonly PartOn[], organisationId: string, on: string): Promise<void> {
  const other = parts.find((part) => part.organisationId === organisationId && (part.endsOn === null || part.endsOn > on))
  if (other === undefined) return
  if (other.startsOn >= on) throw new Problem('CONFLICT', 'It has another part in the action from that day on', ['to'])
  await endPart(tx, other.id, on)
}

async function endPart(tx: Tx, id: string, endsOn: string): Promise<void> {
  await tx.db.update(actionParticipation).set({ endsOn }).where(eq(actionParticipation.id, id))
}

const partsChange = (operation: string, subjectId: string, before: object | undefined, after: object): Change => ({
  operation,
  subjectType: 'Action',
  subjectId,
  before,
  after,
})

async function organisationOn(tx: Tx, slug: string, field: string, day: string): Promise<string> {
  const wrong: Problem[] = []
  const [organisationId] = await organisationsOn(tx, [{ slug, path: [field] }], day, wrong)
  if (organisationId === undefined) throw wrong[0]
  return organisationId
}

const start = z.strictObject({
  actionId: givenId,
  organisation: z.string(),
  role: z.enum(['CONTRIBUTING', 'FUNDING'], 'A lead is handed over'),
  startsOn: z.iso.date(),
})

/** Lets an organisation contribute or fund from a day on. Answers the action's id. */
export async function startPart(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'action.changeParts')
  const { role, startsOn, ...given } = parsed(start, input)
  const found = await lockSteered(tx, actor, given.actionId, ['actionId'])
  const organisationId = await organisationOn(tx, given.organisation, 'organisation', startsOn)
  const { rows } = await tx.db.execute(sql`select from action_participation p where p.action_id = ${found.id}
    and p.organisation_id = ${organisationId} and (p.ends_on is null or p.ends_on > ${startsOn})`)
  if (rows.length > 0) throw new Problem('CONFLICT', 'It takes part on that day or later', ['organisation'])
  await tx.db.insert(actionParticipation).values({ actionId: found.id, organisationId, role, startsOn })
  await countChange(tx, found.id)
  await record(tx, actor, partsChange('participationStart', found.id, undefined, { organisationId, role, startsOn }))
  return found.id
}

const end = z.strictObject({ participationId: givenId, expectedVersion, endsOn: z.iso.date() })

/** Ends a part that is not the lead's. Answers the action's id. */
export async function endParticipation(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'action.changeParts')
  const { participationId, endsOn, ...given } = parsed(end, input)
  const [part] =
    participationId === undefined ? [] : await tx.db.select().from(actionParticipation).where(eq(actionParticipation.id, participationId))
  if (part === undefined) throw new Problem('NOT_FOUND', 'No such part', ['id'])
  const found = await lockSteered(tx, actor, part.actionId, ['id'])
  // Read again, now that nobody else changes it.
  const [held] = await tx.db.select().from(actionParticipation).where(eq(actionParticipation.id, part.id))
  const { version, role, startsOn } = held ?? part
  if (version !== given.expectedVersion) throw new VersionConflict(version, ['expectedVersion'])
  if (role === 'LEAD') throw new Problem('BAD_USER_INPUT', 'A lead is handed over', ['id'])
  if (endsOn <= startsOn) throw new Problem('BAD_USER_INPUT', 'It ends before it began', ['endsOn'])
  await endPart(tx, part.id, endsOn)
  await countChange(tx, found.id)
  await record(
    tx,
    actor,
    partsChange('participationEnd', found.id, { endsOn: part.endsOn }, { organisationId: part.organisationId, endsOn }),
  )
  return found.id
}
