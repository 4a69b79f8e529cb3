import type { Mutation } from '../graphql/mutation.ts'
import { indicatorEntity } from '../indicator/read.ts'
import { uuidOf } from '../read/model.ts'
import { indicatorNameSdg } from './write.ts'

export const overviewMutations: Record<string, Mutation> = {
  indicatorNameSdg: {
    shows: 'indicator',
    entity: () => indicatorEntity,
    run: async (tx, actor, { id, input }) => ({
      id: await indicatorNameSdg(tx, actor, { ...(input as object), id: uuidOf('Indicator', id) }),
    }),
  },
}
