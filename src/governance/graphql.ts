import type { Mutation } from '../graphql/mutation.ts'
import { planIdOf } from '../plan/graphql.ts'
import { planEntity } from '../plan/read.ts'
import { parseGlobalId, uuidOf } from '../read/model.ts'
import { decisionEntity } from './read.ts'
import { planAmend } from './write/amend.ts'
import { decisionCorrect } from './write/correct.ts'
import { decisionRecord } from './write/record.ts'
import { planAdopt } from './write.ts'

interface PointInput {
  planVersionId?: string | null
  grants?: { planId: string } | null
  revokes?: { mandateId: string } | null
}

/** The uuids of a point's global ids. */
const known = ({ planVersionId, grants, revokes, ...rest }: PointInput) => ({
  ...rest,
  planVersionId: planVersionId && (uuidOf('PlanVersion', planVersionId) ?? planVersionId),
  grants: grants && { ...grants, planId: planIdOf(grants.planId) },
  revokes: revokes && { ...revokes, mandateId: uuidOf('Mandate', revokes.mandateId) },
})

export const governanceMutations: Record<string, Mutation> = {
  planAmend: {
    shows: 'plan',
    entity: () => planEntity,
    run: async (tx, actor, { id, input }) => {
      const { mandateId, ...rest } = input as { mandateId: string }
      const { planId } = await planAmend(tx, actor, { ...rest, planId: planIdOf(id), mandateId: uuidOf('Mandate', mandateId) })
      return { id: planId }
    },
  },
  decisionRecord: {
    shows: 'decision',
    entity: () => decisionEntity,
    run: async (tx, actor, { input }) => {
      const { points, ...rest } = input as { points: PointInput[] }
      return { id: await decisionRecord(tx, actor, { ...rest, points: points.map(known) }) }
    },
  },
  decisionCorrect: {
    shows: 'decision',
    entity: () => decisionEntity,
    run: async (tx, actor, { id, input }) => ({
      id: await decisionCorrect(tx, actor, { ...(input as object), id: uuidOf('Decision', id) }),
    }),
  },
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
