import type { Mutation } from '../graphql/mutation.ts'
import { parseGlobalId } from '../read/model.ts'
import { planEntity } from './read.ts'
import { planAdopt, planSubmit } from './write.ts'

const planTypes: readonly string[] = ['ProgrammePlan', 'StrategicAgenda', 'ExecutionPlan']

/** The uuid of a plan's global id; one of another type names no plan. */
function planIdOf(id: unknown): string | undefined {
  const parsed = parseGlobalId(String(id))
  return parsed && planTypes.includes(parsed.type) ? parsed.uuid : undefined
}

export const planMutations: Record<string, Mutation> = {
  planSubmit: {
    shows: 'plan',
    entity: () => planEntity,
    run: async (tx, actor, { id, input }) => {
      const { planId } = await planSubmit(tx, actor, { ...(input as object), planId: planIdOf(id) })
      return { id: planId }
    },
  },
  planAdopt: {
    shows: 'plan',
    entity: () => planEntity,
    run: async (tx, actor, { id, input }) => {
      const { decisionPointId, ...rest } = input as { decisionPointId?: string }
      const point = decisionPointId == null ? undefined : (parseGlobalId(decisionPointId)?.uuid ?? decisionPointId)
      const { planId } = await planAdopt(tx, actor, { ...rest, planId: planIdOf(id), decisionPointId: point })
      return { id: planId }
    },
  },
}
