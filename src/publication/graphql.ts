import type { Actor } from '../auth/actor.ts'
import type { Tx } from '../db/session.ts'
import type { Mutation } from '../graphql/mutation.ts'
import { uuidOf } from '../read/model.ts'
import { publicationTextEntity } from './read.ts'
import { publicationTextCreate, publicationTextEdit, publicationTextPublish, publicationTextReview } from './write.ts'

type Verb = (tx: Tx, actor: Actor, input: unknown) => Promise<{ textId: string }>

const ofText = (verb: Verb): Mutation => ({
  shows: 'publicationText',
  entity: () => publicationTextEntity,
  run: async (tx, actor, { id, input }) => {
    const { textId } = await verb(tx, actor, { ...(input as object), id: uuidOf('PublicationText', id) })
    return { id: textId }
  },
})

export const publicationMutations: Record<string, Mutation> = {
  publicationTextCreate: {
    shows: 'publicationText',
    entity: () => publicationTextEntity,
    run: async (tx, actor, { planVersionId, input }) => {
      const { textId } = await publicationTextCreate(tx, actor, {
        ...(input as object),
        planVersionId: uuidOf('PlanVersion', planVersionId),
      })
      return { id: textId }
    },
  },
  publicationTextEdit: ofText(publicationTextEdit),
  publicationTextReview: ofText(publicationTextReview),
  publicationTextPublish: ofText(publicationTextPublish),
}
