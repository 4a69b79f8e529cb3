import { eq, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { record } from '../../audit/record.ts'
import type { Actor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import type { Tx } from '../../db/session.ts'
import { Problem, VersionConflict } from '../../errors.ts'
import { givenId, parsed } from '../../input.ts'
import { programme } from '../../programme/table.ts'
import { allianceMembership, membershipType, organisation, organisationKind } from '../table.ts'

const words = z.string().trim().min(1).max(1000)

const newOrganisation = z.strictObject({
  slug: z
    .string()
    .max(100)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'Lower case letters and digits, in words joined by hyphens'),
  name: z.string().trim().min(1).max(200),
  kind: z.enum(organisationKind.enumValues),
})

/** Enters an organisation in the register, member of the alliance or not (S19). Answers its id. */
export async function organisationCreate(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'alliance.manage')
  const given = parsed(newOrganisation, input)
  const organisationId = uuidv7()
  const made = await tx.db
    .insert(organisation)
    .values({ id: organisationId, ...given })
    .onConflictDoNothing({ target: organisation.slug })
    .returning({ id: organisation.id })
  if (made.length === 0) throw new Problem('CONFLICT', 'An organisation with this slug is on record', ['slug'])
  await record(tx, actor, { operation: 'organisationCreate', subjectType: 'Organisation', subjectId: organisationId, after: given })
  return organisationId
}

const joining = z.strictObject({
  organisationId: givenId,
  programme: z.string(),
  type: z.enum(membershipType.enumValues),
  startsOn: z.iso.date(),
  reason: words.nullish(),
})

/** Begins a membership of the alliance on a day (S08). Answers its id. */
export async function allianceJoin(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'alliance.manage')
  const { organisationId, programme: code, type, startsOn, reason } = parsed(joining, input)
  const [of] =
    organisationId === undefined
      ? []
      : await tx.db.select({ id: organisation.id }).from(organisation).where(eq(organisation.id, organisationId))
  if (of === undefined) throw new Problem('NOT_FOUND', 'No such organisation', ['organisationId'])
  const [programmeOf] = await tx.db.select({ id: programme.id }).from(programme).where(eq(programme.code, code))
  if (programmeOf === undefined) throw new Problem('NOT_FOUND', 'No such programme', ['programme'])
  const membership = { organisationId: of.id, programmeId: programmeOf.id, type, startsOn, reason: reason ?? null }
  const membershipId = uuidv7()
  const { rows } = await tx.db.execute(sql`select from alliance_membership m where m.organisation_id = ${of.id}
    and m.programme_id = ${programmeOf.id} and (m.ends_on is null or m.ends_on > ${startsOn})`)
  if (rows.length > 0) throw new Problem('CONFLICT', 'It is a member on that day or later', ['startsOn'])
  await tx.db.insert(allianceMembership).values({ id: membershipId, ...membership })
  await record(tx, actor, { operation: 'allianceJoin', subjectType: 'AllianceMembership', subjectId: membershipId, after: membership })
  return membershipId
}

const leaving = z.strictObject({
  id: givenId,
  expectedVersion: z.int().min(1),
  endsOn: z.iso.date(),
  reason: words.nullish(),
  pushGraceUntil: z.iso.datetime({ offset: true }).nullish(),
})

/**
 * Ends a membership on a day, the first without access. The database ends the organisation's parts in actions with it, in the same transaction;
 * those it led need a lead. What it wrote stays under its name. Answers the membership's id.
 */
export async function allianceLeave(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'alliance.manage')
  const given = parsed(leaving, input)
  const [found] =
    given.id === undefined ? [] : await tx.db.select().from(allianceMembership).where(eq(allianceMembership.id, given.id)).for('update')
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such membership', ['id'])
  if (found.version !== given.expectedVersion) throw new VersionConflict(found.version, ['expectedVersion'])
  if (found.endsOn !== null) throw new Problem('CONFLICT', `The membership ends on ${found.endsOn}`, ['endsOn'])
  if (given.endsOn < found.startsOn) throw new Problem('BAD_USER_INPUT', 'It ends before it began', ['endsOn'])
  const { endsOn, pushGraceUntil = null } = given
  const reason = given.reason ?? found.reason
  await tx.db.update(allianceMembership).set({ endsOn, reason, pushGraceUntil }).where(eq(allianceMembership.id, found.id))
  await record(tx, actor, {
    operation: 'allianceLeave',
    subjectType: 'AllianceMembership',
    subjectId: found.id,
    before: { endsOn: null, reason: found.reason },
    after: { endsOn, reason, pushGraceUntil },
  })
  return found.id
}
