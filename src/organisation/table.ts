import { sql } from 'drizzle-orm'
import { boolean, check, date, index, pgEnum, pgPolicy, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core'
import { roles } from '../auth/permissions.ts'
import {
  bytea,
  callerOrganisation,
  callerPrincipal,
  id,
  insertPolicy,
  lookup,
  may,
  readPolicy,
  register,
  stamps,
  updatePolicy,
} from '../db/columns.ts'
import { programme } from '../programme/table.ts'

export const organisationKind = pgEnum('organisation_kind', [
  'MUNICIPALITY',
  'PROVINCE',
  'HOUSING_ASSOCIATION',
  'WELFARE',
  'CARE',
  'MENTAL_HEALTH',
  'RESIDENTS_GROUP',
  'OTHER',
])

/** Who takes part, member of the alliance or not: partners, the municipality, residents' groups. A public register. */
export const organisation = pgTable(
  'organisation',
  {
    id: id(),
    slug: text('slug').notNull().unique(),
    name: text('name').notNull(),
    kind: organisationKind('kind').notNull(),
    ...stamps(),
  },
  (t) => [
    check('organisation_slug_form', sql`${t.slug} ~ '^[a-z0-9]+(-[a-z0-9]+)*$'`),
    ...register('organisation', may('public'), may('admin')),
    pgPolicy('organisation_lookup', { for: 'select', to: lookup, using: sql`true` }),
  ],
)

export const membershipType = pgEnum('membership_type', ['CORE', 'ASSOCIATED'])

/** Membership of the alliance is dated; `endsOn` is the first day without access. No overlap per organisation (exclusion constraint). */
export const allianceMembership = pgTable(
  'alliance_membership',
  {
    id: id(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisation.id),
    type: membershipType('type').notNull(),
    startsOn: date('starts_on', { mode: 'string' }).notNull(),
    endsOn: date('ends_on', { mode: 'string' }),
    reason: text('reason'),
    /** A system may still push late reports until then, after the membership has ended. */
    pushGraceUntil: timestamp('push_grace_until', { withTimezone: true, mode: 'string' }),
    ...stamps(),
  },
  (t) => [
    check('alliance_membership_order', sql`${t.endsOn} is null or ${t.endsOn} >= ${t.startsOn}`),
    index('alliance_membership_organisation').on(t.organisationId),
    index('alliance_membership_programme').on(t.programmeId, t.startsOn),
    ...register('alliance_membership', may('public'), may('admin')),
    pgPolicy('alliance_membership_lookup', { for: 'select', to: lookup, using: sql`true` }),
  ],
)

export const principalKind = pgEnum('principal_kind', ['PERSON', 'MACHINE'])

/** Somebody or something that can call. Belongs to exactly one organisation and can act for no other. */
export const principal = pgTable(
  'principal',
  {
    id: id(),
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisation.id),
    kind: principalKind('kind').notNull(),
    label: text('label').notNull(),
    disabled: boolean('disabled').notNull().default(false),
    ...stamps(),
  },
  () => [
    readPolicy('principal', sql`id = ${callerPrincipal} or ${may('admin')}`),
    insertPolicy('principal', may('admin')),
    updatePolicy('principal', may('admin')),
    pgPolicy('principal_lookup', { for: 'select', to: lookup, using: sql`true` }),
  ],
)

export const role = pgEnum('role', roles)

/** A role of a principal, within its own organisation, between two dates. */
export const roleGrant = pgTable(
  'role_grant',
  {
    id: id(),
    principalId: uuid('principal_id')
      .notNull()
      .references(() => principal.id),
    role: role('role').notNull(),
    startsOn: date('starts_on', { mode: 'string' }).notNull().default(sql`today()`),
    endsOn: date('ends_on', { mode: 'string' }),
    ...stamps(),
  },
  (t) => [
    index('role_grant_principal').on(t.principalId),
    readPolicy('role_grant', sql`principal_id = ${callerPrincipal} or ${may('admin')}`),
    insertPolicy('role_grant', may('admin')),
    updatePolicy('role_grant', may('admin')),
    pgPolicy('role_grant_lookup', { for: 'select', to: lookup, using: sql`true` }),
  ],
)

/** A credential of a machine. Only the hash of its secret is kept, and the runtime role cannot read that column. */
export const apiKey = pgTable(
  'api_key',
  {
    id: id(),
    /** The public part of the key, by which it is looked up. */
    keyId: text('key_id').notNull(),
    principalId: uuid('principal_id')
      .notNull()
      .references(() => principal.id),
    label: text('label').notNull(),
    hash: bytea('hash').notNull(),
    scopes: text('scopes').array().notNull().default(sql`'{}'`),
    expiresAt: timestamp('expires_at', { withTimezone: true, mode: 'string' }),
    revokedAt: timestamp('revoked_at', { withTimezone: true, mode: 'string' }),
    lastUsedAt: timestamp('last_used_at', { withTimezone: true, mode: 'string' }),
    ...stamps(),
  },
  (t) => [
    unique('api_key_key_id').on(t.keyId),
    index('api_key_principal').on(t.principalId),
    readPolicy('api_key', sql`principal_id = ${callerPrincipal} or ${may('admin')}`),
    insertPolicy('api_key', may('admin')),
    updatePolicy('api_key', may('admin')),
    pgPolicy('api_key_lookup', { for: 'select', to: lookup, using: sql`true` }),
    pgPolicy('api_key_use', { for: 'update', to: lookup, using: sql`true`, withCheck: sql`true` }),
  ],
)

/** Used where a row belongs to the caller's own organisation. */
export const ownOrganisation = sql`(organisation_id = ${callerOrganisation} and ${may('own')})`
