import type { Mutation } from '../graphql/mutation.ts'
import { uuidOf } from '../read/model.ts'
import { lessonEntity } from './read.ts'
import { lessonEdit, lessonRecord } from './write.ts'

const shown = { shows: 'lessonLearned', entity: () => lessonEntity }

export const lessonMutations: Record<string, Mutation> = {
  lessonRecord: {
    ...shown,
    run: async (tx, actor, { subjectId, input }) => {
      const subject = {
        actionId: uuidOf('Action', subjectId),
        evaluationId: uuidOf('Evaluation', subjectId),
        programmeId: uuidOf('Programme', subjectId),
      }
      return { id: await lessonRecord(tx, actor, { ...(input as object), ...subject }) }
    },
  },
  lessonEdit: {
    ...shown,
    run: async (tx, actor, { id, input }) => ({
      id: await lessonEdit(tx, actor, { ...(input as object), id: uuidOf('LessonLearned', id) }),
    }),
  },
}
