import type { Mutation } from '../graphql/mutation.ts'
import { uuidOf } from '../read/model.ts'
import { policyLinkEntity, programmeEntity, resultEntity, themeEntity } from './read.ts'
import { policyLinkAdd, programmeExtend, resultAdd, resultEdit, themeAdd } from './write.ts'

export const programmeMutations: Record<string, Mutation> = {
  programmeExtend: {
    shows: 'programme',
    entity: () => programmeEntity,
    run: async (tx, actor, { code, input }) => ({ id: await programmeExtend(tx, actor, { ...(input as object), code }) }),
  },
  themeAdd: {
    shows: 'theme',
    entity: () => themeEntity,
    run: async (tx, actor, { input }) => ({ id: await themeAdd(tx, actor, input) }),
  },
  resultAdd: {
    shows: 'result',
    entity: () => resultEntity,
    run: async (tx, actor, { input }) => ({ id: await resultAdd(tx, actor, input) }),
  },
  resultEdit: {
    shows: 'result',
    entity: () => resultEntity,
    run: async (tx, actor, { id, input }) => ({ id: await resultEdit(tx, actor, { ...(input as object), id: uuidOf('Result', id) }) }),
  },
  policyLinkAdd: {
    shows: 'policyLink',
    entity: () => policyLinkEntity,
    run: async (tx, actor, { input }) => ({ id: await policyLinkAdd(tx, actor, input) }),
  },
}
