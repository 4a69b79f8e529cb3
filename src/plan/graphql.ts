import type { Mutation } from '../graphql/mutation.ts'
import { parseGlobalId } from '../read/model.ts'
import { planEntity } from './read.ts'
import { planSubmit } from './write.ts'

const planTypes: readonly string[] = ['ProgrammePlan', 'StrategicAgenda', 'ExecutionPlan']

/** The uuid of a plan's global id; one of another type names no plan. */
export function planIdOf(id: unknown): string | undefined {
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
}
