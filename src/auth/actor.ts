import type { Role } from './permissions.ts'

/** Everybody who can call: nobody in particular, or a principal of one organisation with its roles. */
export type Actor = PublicActor | PrincipalActor

export interface PublicActor {
  kind: 'PUBLIC'
  roles: readonly []
}

export interface PrincipalActor {
  kind: 'PERSON' | 'MACHINE'
  principalId: string
  organisationId: string
  organisationSlug: string
  label: string
  roles: readonly Role[]
  scopes: readonly string[]
  /** A system whose organisation left the alliance, in the time that it was given to push what came late. */
  inGrace: boolean
}

/** The row that `enter` answers → the actor it admitted. */
export function actorOf(row: readonly (string | null)[]): Actor {
  const [principalId, organisationId, organisationSlug, label, kind, roles, scopes, inGrace] = row
  if (!principalId) return { kind: 'PUBLIC', roles: [] }
  return {
    kind: kind as PrincipalActor['kind'],
    principalId,
    organisationId: organisationId as string,
    organisationSlug: organisationSlug as string,
    label: label as string,
    roles: (roles ? roles.split(',') : []) as Role[],
    scopes: scopes ? scopes.split(',') : [],
    inGrace: inGrace === 't',
  }
}
