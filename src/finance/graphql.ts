import type { Mutation } from '../graphql/mutation.ts'
import { uuidOf } from '../read/model.ts'
import { budgetLineEntity, financialFrameEntity } from './read.ts'
import { budgetLineAdd, budgetLineRevise, financialFrameAdd, financialFrameEdit } from './write.ts'

export const financeMutations: Record<string, Mutation> = {
  financialFrameAdd: {
    shows: 'financialFrame',
    entity: () => financialFrameEntity,
    run: async (tx, actor, { input }) => ({ id: await financialFrameAdd(tx, actor, input) }),
  },
  financialFrameEdit: {
    shows: 'financialFrame',
    entity: () => financialFrameEntity,
    run: async (tx, actor, { id, input }) => ({
      id: await financialFrameEdit(tx, actor, { ...(input as object), id: uuidOf('FinancialFrame', id) }),
    }),
  },
  budgetLineAdd: {
    shows: 'budgetLine',
    entity: () => budgetLineEntity,
    run: async (tx, actor, { frameId, input }) => ({
      id: await budgetLineAdd(tx, actor, { ...(input as object), frameId: uuidOf('FinancialFrame', frameId) }),
    }),
  },
  budgetLineRevise: {
    shows: 'budgetLine',
    entity: () => budgetLineEntity,
    run: async (tx, actor, { id, input }) => ({
      id: await budgetLineRevise(tx, actor, { ...(input as object), id: uuidOf('BudgetLine', id) }),
    }),
  },
}
