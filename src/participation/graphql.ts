import type { Mutation } from '../graphql/mutation.ts'
import { uuidOf } from '../read/model.ts'
import { participationEventEntity } from './read.ts'
import { participationEventCorrect, participationEventRecord } from './write.ts'

export const participationMutations: Record<string, Mutation> = {
  participationEventRecord: {
    shows: 'participationEvent',
    entity: () => participationEventEntity,
    run: async (tx, actor, { input }) => {
      const { planVersionId, ...rest } = input as { planVersionId?: string | null }
      const version = planVersionId == null ? null : (uuidOf('PlanVersion', planVersionId) ?? planVersionId)
      return { id: await participationEventRecord(tx, actor, { ...rest, planVersionId: version }) }
    },
  },
  participationEventCorrect: {
    shows: 'participationEvent',
    entity: () => participationEventEntity,
    run: async (tx, actor, { id, input }) => ({
      id: await participationEventCorrect(tx, actor, { ...(input as object), id: uuidOf('ParticipationEvent', id) }),
    }),
  },
}
