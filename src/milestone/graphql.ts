import type { Mutation } from '../graphql/mutation.ts'
import { uuidOf } from '../read/model.ts'
import { milestoneEntity } from './read.ts'
import { milestoneAdd, milestoneEdit, milestoneReach } from './write.ts'

const shown = { shows: 'milestone', entity: () => milestoneEntity }

export const milestoneMutations: Record<string, Mutation> = {
  milestoneAdd: {
    ...shown,
    run: async (tx, actor, { actionId, input }) => ({
      id: await milestoneAdd(tx, actor, { ...(input as object), actionId: uuidOf('Action', actionId) }),
    }),
  },
  milestoneEdit: {
    ...shown,
    run: async (tx, actor, { id, input }) => ({
      id: await milestoneEdit(tx, actor, { ...(input as object), id: uuidOf('Milestone', id) }),
    }),
  },
  milestoneReach: {
    ...shown,
    run: async (tx, actor, { id, input }) => ({
      id: await milestoneReach(tx, actor, { ...(input as object), id: uuidOf('Milestone', id) }),
    }),
  },
}
