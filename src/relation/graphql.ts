import { actionEntity } from '../action/read.ts'
import type { Mutation } from '../graphql/mutation.ts'
import { planIdOf } from '../plan/graphql.ts'
import { uuidOf } from '../read/model.ts'
import { relationEntity } from './read.ts'
import { actionCarryOver } from './write/carry-over.ts'
import { actionRelate, actionUnrelate } from './write/relate.ts'

const shown = { shows: 'relation', entity: () => relationEntity }

/** The input with the uuid of the action it names, if it names one. */
function withRelated(input: unknown): object {
  const { relatedActionId, ...rest } = input as { relatedActionId?: string | null }
  return relatedActionId == null ? rest : { ...rest, related: { actionId: uuidOf('Action', relatedActionId) } }
}

export const relationMutations: Record<string, Mutation> = {
  actionRelate: {
    ...shown,
    run: async (tx, actor, { actionId, input }) => ({
      id: await actionRelate(tx, actor, { ...withRelated(input), actionId: uuidOf('Action', actionId) }),
    }),
  },
  actionUnrelate: {
    ...shown,
    run: async (tx, actor, { id, input }) => ({
      id: await actionUnrelate(tx, actor, { ...(input as object), id: uuidOf('ActionRelation', id) }),
    }),
  },
  actionCarryOver: {
    shows: 'action',
    entity: () => actionEntity,
    run: async (tx, actor, { id, input }) => {
      const { planId, ...rest } = input as { planId: string }
      return { id: await actionCarryOver(tx, actor, { ...rest, planId: planIdOf(planId), actionId: uuidOf('Action', id) }) }
    },
  },
}
