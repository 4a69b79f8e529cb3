import type { Mutation } from '../graphql/mutation.ts'
import { uuidOf } from '../read/model.ts'
import { capacityAgreementEntity, workStockItemEntity } from './read.ts'
import { capacityAgreementAdvance, capacityAgreementEdit, capacityAgreementRequest, workStockItemAdd, workStockItemEnd } from './write.ts'

const showsAgreement = { shows: 'capacityAgreement', entity: () => capacityAgreementEntity }
const showsItem = { shows: 'workStockItem', entity: () => workStockItemEntity }

export const capacityMutations: Record<string, Mutation> = {
  capacityAgreementRequest: {
    ...showsAgreement,
    run: async (tx, actor, { actionId, input }) => ({
      id: await capacityAgreementRequest(tx, actor, { ...(input as object), actionId: uuidOf('Action', actionId) }),
    }),
  },
  capacityAgreementEdit: {
    ...showsAgreement,
    run: async (tx, actor, { id, input }) => ({
      id: await capacityAgreementEdit(tx, actor, { ...(input as object), id: uuidOf('CapacityAgreement', id) }),
    }),
  },
  capacityAgreementAdvance: {
    ...showsAgreement,
    run: async (tx, actor, { id, input }) => ({
      id: await capacityAgreementAdvance(tx, actor, { ...(input as object), id: uuidOf('CapacityAgreement', id) }),
    }),
  },
  workStockItemAdd: {
    ...showsItem,
    run: async (tx, actor, { actionId, input }) => ({
      id: await workStockItemAdd(tx, actor, { ...(input as object), actionId: uuidOf('Action', actionId) }),
    }),
  },
  workStockItemEnd: {
    ...showsItem,
    run: async (tx, actor, { id, input }) => ({
      id: await workStockItemEnd(tx, actor, { ...(input as object), id: uuidOf('WorkStockItem', id) }),
    }),
  },
}
