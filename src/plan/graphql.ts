import type { Actor } from '../auth/actor.ts'
import type { Tx } from '../db/session.ts'
import type { Mutation } from '../graphql/mutation.ts'
import { parseGlobalId, uuidOf } from '../read/model.ts'
import { documentEntity, planEntity, planVersionEntity } from './read.ts'
import { planCreate } from './write/create.ts'
import { documentAttach, documentWithdraw } from './write/document.ts'
import { planDraftStart, planVersionEdit } from './write/draft.ts'
import { type PlanChange, planReturn, planSubmit, planWithdraw } from './write.ts'

const planTypes: readonly string[] = ['ProgrammePlan', 'StrategicAgenda', 'ExecutionPlan']

/** The uuid of a plan's global id; one of another type names no plan. */
export function planIdOf(id: unknown): string | undefined {
  const parsed = parseGlobalId(String(id))
  return parsed && planTypes.includes(parsed.type) ? parsed.uuid : undefined
}

/** A verb on a plan that is named by its id. */
const onPlan = (verb: (tx: Tx, actor: Actor, input: unknown) => Promise<PlanChange>): Mutation => ({
  shows: 'plan',
  entity: () => planEntity,
  run: async (tx, actor, { id, input }) => {
    const { planId } = await verb(tx, actor, { ...(input as object), planId: planIdOf(id) })
    return { id: planId }
  },
})

export const planMutations: Record<string, Mutation> = {
  planCreate: {
    shows: 'plan',
    entity: () => planEntity,
    run: async (tx, actor, { input }) => {
      const { planId } = await planCreate(tx, actor, input)
      return { id: planId }
    },
  },
  planDraftStart: onPlan(planDraftStart),
  planSubmit: onPlan(planSubmit),
  planReturn: onPlan(planReturn),
  planWithdraw: onPlan(planWithdraw),
  planVersionEdit: {
    shows: 'planVersion',
    entity: () => planVersionEntity,
    run: async (tx, actor, { id, input }) => ({
      id: await planVersionEdit(tx, actor, { ...(input as object), id: uuidOf('PlanVersion', id) }),
    }),
  },
  documentAttach: {
    shows: 'document',
    entity: () => documentEntity,
    run: async (tx, actor, { planVersionId, input }) => ({
      id: await documentAttach(tx, actor, { ...(input as object), planVersionId: uuidOf('PlanVersion', planVersionId) }),
    }),
  },
  documentWithdraw: {
    shows: 'document',
    entity: () => documentEntity,
    run: async (tx, actor, { id, input }) => ({
      id: await documentWithdraw(tx, actor, { ...(input as object), id: uuidOf('Document', id) }),
    }),
  },
}
