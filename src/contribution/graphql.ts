import type { Mutation } from '../graphql/mutation.ts'
import { uuidOf } from '../read/model.ts'
import { contributionEntity } from './read.ts'
import { contributionEdit, contributionRecord, contributionWithdraw } from './write.ts'

const shown = { shows: 'contribution', entity: () => contributionEntity }

export const contributionMutations: Record<string, Mutation> = {
  contributionRecord: {
    ...shown,
    run: async (tx, actor, { actionId, input }) => ({
      id: await contributionRecord(tx, actor, { ...(input as object), actionId: uuidOf('Action', actionId) }),
    }),
  },
  contributionEdit: {
    ...shown,
    run: async (tx, actor, { id, input }) => ({
      id: await contributionEdit(tx, actor, { ...(input as object), id: uuidOf('Contribution', id) }),
    }),
  },
  contributionWithdraw: {
    ...shown,
    run: async (tx, actor, { id, input }) => ({
      id: await contributionWithdraw(tx, actor, { ...(input as object), id: uuidOf('Contribution', id) }),
    }),
  },
}
