import type { Mutation } from '../graphql/mutation.ts'
import { planIdOf } from '../plan/graphql.ts'
import { planEntity } from '../plan/read.ts'
import { parseGlobalId } from '../read/model.ts'
import { planAdopt } from './write.ts'

export const governanceMutations: Record<string, Mutation> = {
  planAdopt: {
    shows: 'plan',
    entity: () => planEntity,
    run: async (tx, actor, { id, input }) => {
      const { decisionPointId, ...rest } = input as { decisionPointId?: string | null }
      const point = decisionPointId == null ? undefined : (parseGlobalId(decisionPointId)?.uuid ?? decisionPointId)
      const { planId } = await planAdopt(tx, actor, { ...rest, planId: planIdOf(id), decisionPointId: point })
      return { id: planId }
    },
  },
}
