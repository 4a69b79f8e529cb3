import { and, asc, desc, eq, isNull, type SQL, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { record } from '../audit/record.ts'
import type { Actor } from '../auth/actor.ts'
import { makeKey } from '../auth/key.ts'
import { authorise, type Role, roles, scopes, scopesOf } from '../auth/permissions.ts'
import type { Tx } from '../db/session.ts'
import { type Path, Problem } from '../errors.ts'
import { parsed } from '../input.ts'
import { apiKey, organisation, principal, roleGrant } from './table.ts'

export interface KeyRequest extends KeyTerms {
  organisationId: string
  roles: readonly Role[]
  /** Marks the key itself: `ssp_<environment>_…`. */
  environment: string
}

export interface IssuedKey extends KeyTerms {
  id: string
  keyId: string
  /** Shown this once. */
  key: string
}

/** Makes a machine with its roles and a key for each request, in three statements however many there are. */
export async function issueKeys(tx: Tx, requests: readonly KeyRequest[]): Promise<IssuedKey[]> {
  const machines = requests.map((request) => ({ ...request, id: uuidv7() }))
  await tx.db
    .insert(principal)
    .values(machines.map(({ id, organisationId, label }) => ({ id, organisationId, label, kind: 'MACHINE' as const })))
  await tx.db.insert(roleGrant).values(machines.flatMap(({ id, roles: held }) => held.map((role) => ({ principalId: id, role }))))
  return insertKeys(
    tx,
    machines.map(({ id, ...request }) => ({ ...request, principalId: id })),
  )
}

interface KeyTerms {
  label: string
  scopes: readonly string[]
  expiresAt: string | null
}

async function insertKeys(tx: Tx, wanted: readonly (KeyTerms & { principalId: string; environment: string })[]): Promise<IssuedKey[]> {
  const made = wanted.map((terms) => ({ ...terms, id: uuidv7(), ...makeKey(terms.environment) }))
  await tx.db.insert(apiKey).values(made.map(({ scopes: granted, ...row }) => ({ ...row, scopes: [...granted] })))
  return made.map(({ id, keyId: publicPart, key, label, scopes: granted, expiresAt }) => ({
    id,
    keyId: publicPart,
    key,
    label,
    scopes: granted,
    expiresAt,
  }))
}

const environment = z
  .string()
  .regex(/^[a-z]{2,8}$/, 'Must be two to eight lower-case letters')
  .default('live')
const keyId = z.string().trim().min(1).max(100)
const instant = z.iso.datetime({ offset: true })
/** A moment still to come. */
const later = instant.refine((text) => Date.parse(text) > Date.now(), 'Must lie in the future')

const creation = z.strictObject({
  organisationSlug: z.string().min(1).max(100),
  roles: z
    .array(z.enum(roles))
    .min(1)
    .transform((held) => [...new Set(held)]),
  label: z.string().trim().min(1).max(200),
  scopes: z.array(z.enum(scopes)).nullish(),
  expiresAt: later.nullish(),
  environment,
})

/** A key for a new machine of an organisation. The scopes are those that serve its roles, unless told. */
export async function createKey(tx: Tx, actor: Actor, input: unknown): Promise<IssuedKey> {
  authorise(actor, 'key.manage')
  const { organisationSlug, ...wanted } = parsed(creation, input)
  const [owner] = await tx.db.select({ id: organisation.id }).from(organisation).where(eq(organisation.slug, organisationSlug))
  if (owner === undefined) throw new Problem('NOT_FOUND', 'No such organisation', ['organisationSlug'])
  const granted = wanted.scopes ?? scopesOf(wanted.roles)
  const request = { ...wanted, organisationId: owner.id, scopes: granted, expiresAt: wanted.expiresAt ?? null }
  const [made] = (await issueKeys(tx, [request])) as [IssuedKey]
  await record(tx, actor, keyCreated(made, { organisation: organisationSlug, roles: wanted.roles }))
  return made
}

/** What may be told of a new key afterwards. */
export const keyCreated = ({ id, key: _secret, ...told }: IssuedKey, more: object = {}) => ({
  operation: 'keyCreate',
  subjectType: 'ApiKey',
  subjectId: id,
  after: { ...told, ...more },
})

export interface ListedKey {
  keyId: string
  organisationSlug: string
  label: string
  roles: Role[]
  scopes: string[]
  createdAt: string
  expiresAt: string | null
  revokedAt: string | null
  lastUsedAt: string | null
}

const listing = z.strictObject({ organisationSlug: z.string().nullish() })

/** The keys there are, newest first; never what is secret of them. */
export async function listKeys(tx: Tx, actor: Actor, input: unknown = {}): Promise<ListedKey[]> {
  authorise(actor, 'key.manage')
  const { organisationSlug } = parsed(listing, input)
  return tx.db
    .select({
      keyId: apiKey.keyId,
      organisationSlug: organisation.slug,
      label: apiKey.label,
      roles: rolesToday,
      scopes: apiKey.scopes,
      createdAt: iso<string>(sql`${apiKey.createdAt}`),
      expiresAt: iso(sql`${apiKey.expiresAt}`),
      revokedAt: iso(sql`${apiKey.revokedAt}`),
      lastUsedAt: iso(sql`${apiKey.lastUsedAt}`),
    })
    .from(apiKey)
    .innerJoin(principal, eq(principal.id, apiKey.principalId))
    .innerJoin(organisation, eq(organisation.id, principal.organisationId))
    .where(organisationSlug ? eq(organisation.slug, organisationSlug) : undefined)
    .orderBy(desc(apiKey.createdAt), asc(apiKey.label))
}

/** An instant as ISO 8601. */
const iso = <T extends string | null = string | null>(instantOf: SQL): SQL<T> => sql<T>`to_json(${instantOf}) #>> '{}'`

const rolesToday: SQL<Role[]> = sql`array(select g.role::text from role_grant g
  where g.principal_id = ${principal.id} and g.starts_on <= today() and (g.ends_on is null or g.ends_on > today()) order by g.role)`

const rotation = z.strictObject({
  keyId,
  overlapHours: z
    .number()
    .min(0)
    .max(24 * 90)
    .default(24),
  environment,
})

/** A second key for the same machine, valid as long as the first was meant to be; the first ends when the overlap does. */
export async function rotateKey(tx: Tx, actor: Actor, input: unknown): Promise<IssuedKey> {
  authorise(actor, 'key.manage')
  const { keyId: old, overlapHours, environment: env } = parsed(rotation, input)
  const known = await findKey(tx, old)
  if (known.ended) throw new Problem('CONFLICT', 'The key is revoked or expired; create a new one', ['keyId'])
  const { principalId, label, scopes: granted, renewedUntil } = known
  const [made] = (await insertKeys(tx, [{ principalId, label, scopes: granted, expiresAt: renewedUntil, environment: env }])) as [IssuedKey]
  const overlap = sql`least(${apiKey.expiresAt}, now() + make_interval(secs => ${overlapHours * 3600}))`
  await tx.db.update(apiKey).set({ expiresAt: overlap }).where(eq(apiKey.id, known.id))
  await record(tx, actor, keyCreated(made, { replaces: old }), {
    operation: 'keyRotate',
    subjectType: 'ApiKey',
    subjectId: known.id,
    after: { replacedBy: made.keyId, overlapHours },
  })
  return made
}

const revocation = z.strictObject({ keyId })

/** Ends a key at once. Ending it again changes nothing. */
export async function revokeKey(tx: Tx, actor: Actor, input: unknown): Promise<{ keyId: string }> {
  authorise(actor, 'key.manage')
  const { keyId: old } = parsed(revocation, input)
  const { id } = await findKey(tx, old)
  const ended = await tx.db
    .update(apiKey)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(apiKey.id, id), isNull(apiKey.revokedAt)))
    .returning({ id: apiKey.id })
  if (ended.length > 0) await record(tx, actor, { operation: 'keyRevoke', subjectType: 'ApiKey', subjectId: id, after: { revoked: true } })
  return { keyId: old }
}

async function findKey(tx: Tx, byKeyId: string) {
  const [known] = await tx.db
    .select({
      id: apiKey.id,
      principalId: apiKey.principalId,
      label: apiKey.label,
      scopes: apiKey.scopes,
      ended: sql<boolean>`${apiKey.revokedAt} is not null or coalesce(${apiKey.expiresAt} <= now(), false)`,
      renewedUntil: iso(sql`now() + (${apiKey.expiresAt} - ${apiKey.createdAt})`),
    })
    .from(apiKey)
    .where(eq(apiKey.keyId, byKeyId))
  if (known === undefined) throw new Problem('NOT_FOUND', 'No such key', ['keyId'])
  return known
}

/** The id of the organisation with this slug. */
export async function organisationOf(tx: Tx, slug: string, path: Path): Promise<string> {
  const [found] = await tx.db.select({ id: organisation.id }).from(organisation).where(eq(organisation.slug, slug))
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such organisation', path)
  return found.id
}
