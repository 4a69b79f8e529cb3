import type { Mutation } from '../graphql/mutation.ts'
import { planIdOf } from '../plan/graphql.ts'
import { policyLinkEntity } from '../programme/read.ts'
import { uuidOf } from '../read/model.ts'
import { policyAlign } from './write.ts'

interface Aligned {
  planId?: string | null
  agendaThemeId?: string | null
  actionId?: string | null
}

/** A given id as a uuid; one of another type is left as it is, which is no uuid. */
const optional = (id: string | null | undefined, read: (id: string) => string | undefined) => (id == null ? null : (read(id) ?? id))

export const alignmentMutations: Record<string, Mutation> = {
  policyAlign: {
    shows: 'policyLink',
    entity: () => policyLinkEntity,
    run: async (tx, actor, { id, input }) => {
      const { planId, agendaThemeId, actionId } = input as Aligned
      const aligned = {
        planId: optional(planId, planIdOf),
        agendaThemeId: optional(agendaThemeId, (given) => uuidOf('AgendaTheme', given)),
        actionId: optional(actionId, (given) => uuidOf('Action', given)),
      }
      return { id: await policyAlign(tx, actor, { id: uuidOf('PolicyLink', id), ...aligned }) }
    },
  },
}
