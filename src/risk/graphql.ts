import type { Mutation } from '../graphql/mutation.ts'
import { uuidOf } from '../read/model.ts'
import { riskEntity } from './read.ts'
import { riskEdit, riskRecord } from './write.ts'

const shown = { shows: 'risk', entity: () => riskEntity }

export const riskMutations: Record<string, Mutation> = {
  riskRecord: {
    ...shown,
    run: async (tx, actor, { input }) => ({ id: await riskRecord(tx, actor, input) }),
  },
  riskEdit: {
    ...shown,
    run: async (tx, actor, { id, input }) => ({ id: await riskEdit(tx, actor, { ...(input as object), id: uuidOf('Risk', id) }) }),
  },
}
