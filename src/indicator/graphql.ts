import type { Mutation } from '../graphql/mutation.ts'
import { neighbourhoodEntity } from '../neighbourhood/read.ts'
import { neighbourhoodChooseHeadlines } from './write/choose-headlines.ts'

export const indicatorMutations: Record<string, Mutation> = {
  neighbourhoodChooseHeadlines: {
    shows: 'neighbourhood',
    entity: () => neighbourhoodEntity,
    run: async (tx, actor, { slug, input }) => {
      const { neighbourhoodId } = await neighbourhoodChooseHeadlines(tx, actor, { ...(input as object), slug })
      return { id: neighbourhoodId }
    },
  },
}
