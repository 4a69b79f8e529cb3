import type { Mutation } from '../graphql/mutation.ts'
import { neighbourhoodEntity, regionConversionEntity } from '../neighbourhood/read.ts'
import { uuidOf } from '../read/model.ts'
import { indicatorEntity } from './read.ts'
import { neighbourhoodChooseHeadlines } from './write/choose-headlines.ts'
import { regionConversionRecord } from './write/record-conversion.ts'
import { indicatorSetDisclosure } from './write/set-disclosure.ts'

interface Disclosed {
  threshold?: number | null
  numeratorId?: string | null
}

interface ConversionInput {
  fromVersionId: string
  toVersionId: string
  figures: { indicatorVersionId: string }[]
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
  regionConversionRecord: {
    shows: 'regionConversion',
    entity: () => regionConversionEntity,
    run: async (tx, actor, { input }) => {
      const { fromVersionId, toVersionId, figures, ...rest } = input as ConversionInput
      const given = {
        ...rest,
        fromVersionId: uuidOf('RegionVersion', fromVersionId),
        toVersionId: uuidOf('RegionVersion', toVersionId),
        figures: figures.map((figure) => ({ ...figure, indicatorVersionId: uuidOf('IndicatorVersion', figure.indicatorVersionId) })),
      }
      return { id: await regionConversionRecord(tx, actor, given) }
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
