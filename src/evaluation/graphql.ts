import type { Mutation } from '../graphql/mutation.ts'
import { uuidOf } from '../read/model.ts'
import { evaluationEntity, monitoringPlanEntity } from './read.ts'
import { evaluationRecord, monitoringPlanAdvance, monitoringPlanDraft } from './write.ts'

export const evaluationMutations: Record<string, Mutation> = {
  monitoringPlanDraft: {
    shows: 'monitoringPlan',
    entity: () => monitoringPlanEntity,
    run: async (tx, actor, { input }) => ({ id: await monitoringPlanDraft(tx, actor, input) }),
  },
  monitoringPlanAdvance: {
    shows: 'monitoringPlan',
    entity: () => monitoringPlanEntity,
    run: async (tx, actor, { id, input }) => ({
      id: await monitoringPlanAdvance(tx, actor, { ...(input as object), id: uuidOf('MonitoringPlan', id) }),
    }),
  },
  evaluationRecord: {
    shows: 'evaluation',
    entity: () => evaluationEntity,
    run: async (tx, actor, { monitoringPlanId, input }) => ({
      id: await evaluationRecord(tx, actor, { ...(input as object), monitoringPlanId: uuidOf('MonitoringPlan', monitoringPlanId) }),
    }),
  },
}
