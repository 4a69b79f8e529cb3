import type { Mutation } from '../graphql/mutation.ts'
import { neighbourhoodEntity } from '../neighbourhood/read.ts'
import { uuidOf } from '../read/model.ts'
import { indicatorEntity } from './read.ts'
import { neighbourhoodChooseHeadlines } from './write/choose-headlines.ts'
import { indicatorSetDisclosure } from './write/set-disclosure.ts'

interface Disclosed {
  threshold?: number | null
  numeratorId?: string | null
}

export const indicatorMutations: Record<string, Mutation> = {
  indicatorSetDisclosure: {
    shows: 'indicator',
    entity: () => indicatorEntity,
    run: async (tx, actor, { id, input }) => {
      const { threshold, numeratorId } = input as Disclosed
      // What cannot be an id is left as it is, and refused as none.
      const numerator = numeratorId == null ? null : (uuidOf('Indicator', numeratorId) ?? numeratorId)
      return { id: await indicatorSetDisclosure(tx, actor, { id: uuidOf('Indicator', id), threshold, numeratorId: numerator }) }
    },
  },
  neighbourhoodChooseHeadlines: {
    shows: 'neighbourhood',
    entity: () => neighbourhoodEntity,
    run: async (tx, actor, { slug, input }) => {
      const { neighbourhoodId } = await neighbourhoodChooseHeadlines(tx, actor, { ...(input as object), slug })
      return { id: neighbourhoodId }
    },
  },
}
