import type { PrincipalActor } from '../auth/actor.ts'
import { roles, scopes, scopesOf } from '../auth/permissions.ts'
import { install, type Tx } from '../db/session.ts'
import { createKey, type IssuedKey, type ListedKey, listKeys, revokeKey, rotateKey } from '../organisation/write.ts'
import type { Call, Command, Result } from './command.ts'
import { atPlace, ownerOf } from './place.ts'

/** As the owner of the database, who may make keys when there is none yet. */
const asOwner = <T>({ config }: Call, verb: (tx: Tx, actor: PrincipalActor) => Promise<T>): Promise<T> =>
  atPlace(config, (place) => install(ownerOf(place), (tx, actor) => verb(tx, { ...actor, scopes: scopesOf(actor.roles) })))

const owned = 'Needs DATABASE_OWNER_URL, or the embedded database.'

export const keyCreate: Command = {
  name: 'key create',
  usage: '--organisation <slug> --role <ROLE>… --label <text> [--scope <scope>…] [--expires <date>]',
  summary: `Makes a machine of an organisation, and its key. The key is shown this once.
--role      ${roles.join(', ')}; may be repeated
--scope     ${scopes.join(', ')}; may be repeated; those that serve the roles when none is given
--expires   the last day, 2027-12-31, or a moment, 2027-12-31T12:00:00Z
${owned}`,
  options: {
    organisation: { type: 'string' },
    role: { type: 'string', multiple: true },
    label: { type: 'string' },
    scope: { type: 'string', multiple: true },
    expires: { type: 'string' },
  },
  run: async (call) => {
    const scope = call.list('scope')
    const input = {
      organisationSlug: call.required('organisation'),
      roles: call.list('role'),
      label: call.required('label'),
      scopes: scope.length > 0 ? scope : null,
      expiresAt: endOf(call.optional('expires')),
    }
    return shown(await asOwner(call, (tx, actor) => createKey(tx, actor, input)))
  },
}

/** A day is meant to its end. */
const endOf = (expires: string | undefined): string | null =>
  expires && /^\d{4}-\d\d-\d\d$/.test(expires) ? `${expires}T23:59:59Z` : (expires ?? null)

function shown(made: IssuedKey): Result {
  const until = made.expiresAt ? `until ${made.expiresAt}` : 'without end'
  return {
    json: made,
    lines: [
      made.key,
      `Key ${made.keyId} (${made.label}) is valid ${until}, for ${made.scopes.join(', ') || 'reading'}. Keep it: it is not shown again.`,
    ],
  }
}

export const keyList: Command = {
  name: 'key list',
  usage: '[--organisation <slug>]',
  summary: `Lists the keys, newest first; never what is secret of them.
${owned}`,
  options: { organisation: { type: 'string' } },
  run: async (call) => {
    const keys = await asOwner(call, (tx, actor) => listKeys(tx, actor, { organisationSlug: call.optional('organisation') }))
    return { json: keys, lines: inColumns([['KEY', 'ORGANISATION', 'ROLES', 'LABEL', 'STATE', 'LAST USED'], ...keys.map(rowOf)]) }
  },
}

const rowOf = (key: ListedKey): string[] => [
  key.keyId,
  key.organisationSlug,
  key.roles.join(','),
  key.label,
  stateOf(key),
  key.lastUsedAt ?? 'never',
]

function stateOf({ revokedAt, expiresAt }: ListedKey): string {
  if (revokedAt) return `revoked ${revokedAt}`
  if (!expiresAt) return 'valid'
  return Date.parse(expiresAt) > Date.now() ? `until ${expiresAt}` : `expired ${expiresAt}`
}

function inColumns(rows: readonly string[][]): string[] {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? []
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

export const keyRotate: Command = {
  name: 'key rotate',
  usage: '<key id> [--overlap <hours>]',
  summary: `Makes a second key for the same machine. The first ends after the overlap, a day when none is given.
${owned}`,
  operands: 1,
  options: { overlap: { type: 'string' } },
  run: async (call) => {
    const overlap = call.optional('overlap')
    const input = { keyId: call.operands[0], ...(overlap !== undefined && { overlapHours: Number(overlap) }) }
    return shown(await asOwner(call, (tx, actor) => rotateKey(tx, actor, input)))
  },
}

export const keyRevoke: Command = {
  name: 'key revoke',
  usage: '<key id>',
  summary: `Ends a key at once.
${owned}`,
  operands: 1,
  run: async (call) => {
    const revoked = await asOwner(call, (tx, actor) => revokeKey(tx, actor, { keyId: call.operands[0] }))
    return { json: revoked, lines: [`Key ${revoked.keyId} is revoked.`] }
  },
}
