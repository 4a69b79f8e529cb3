import type { Actor } from '../auth/actor.ts'
import type { Tx } from '../db/session.ts'
import type { Mutation } from '../graphql/mutation.ts'
import { parseGlobalId } from '../read/model.ts'
import { publicationTextEntity } from './read.ts'
import { publicationTextCreate, publicationTextEdit, publicationTextPublish, publicationTextReview } from './write.ts'

type Verb = (tx: Tx, actor: Actor, input: unknown) => Promise<{ textId: string }>

/** The uuid of a global id of a type; an id of another names nothing. */
function uuidOf(type: string, id: unknown): string | undefined {
  const parsed = parseGlobalId(String(id))
  return parsed?.type === type ? parsed.uuid : undefined
}

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
