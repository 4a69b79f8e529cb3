import type { Mutation } from '../graphql/mutation.ts'
import { parseGlobalId } from '../read/model.ts'
import { membershipEntity, organisationEntity } from './read.ts'
import { allianceJoin, allianceLeave, organisationCreate } from './write/alliance.ts'

/** The uuid of a global id of this type; one of another type names nothing. */
function uuidOf(id: unknown, type: string): string | undefined {
  const named = parseGlobalId(String(id))
  return named?.type === type ? named.uuid : undefined
}

export const organisationMutations: Record<string, Mutation> = {
  organisationCreate: {
    shows: 'organisation',
    entity: () => organisationEntity,
    run: async (tx, actor, { input }) => ({ id: await organisationCreate(tx, actor, input) }),
  },
  allianceJoin: {
    shows: 'membership',
    entity: () => membershipEntity,
    run: async (tx, actor, { organisationId, input }) => ({
      id: await allianceJoin(tx, actor, { ...(input as object), organisationId: uuidOf(organisationId, 'Organisation') }),
    }),
  },
  allianceLeave: {
    shows: 'membership',
    entity: () => membershipEntity,
    run: async (tx, actor, { id, input }) => ({
      id: await allianceLeave(tx, actor, { ...(input as object), id: uuidOf(id, 'AllianceMembership') }),
    }),
  },
}
