import type { Mutation } from '../graphql/mutation.ts'
import { uuidOf } from '../read/model.ts'
import { breakthroughEntity, lobbyEffortEntity } from './read.ts'
import { breakthroughAdvance, breakthroughSignal, lobbyConclude, lobbyStart, lobbySupportAdd } from './write.ts'

export const breakthroughMutations: Record<string, Mutation> = {
  breakthroughSignal: {
    shows: 'breakthrough',
    entity: () => breakthroughEntity,
    run: async (tx, actor, { input }) => {
      const { agendaThemeId, ...rest } = input as { agendaThemeId?: string | null }
      const theme = agendaThemeId == null ? null : (uuidOf('AgendaTheme', agendaThemeId) ?? agendaThemeId)
      return { id: await breakthroughSignal(tx, actor, { ...rest, agendaThemeId: theme }) }
    },
  },
  breakthroughAdvance: {
    shows: 'breakthrough',
    entity: () => breakthroughEntity,
    run: async (tx, actor, { id, input }) => ({
      id: await breakthroughAdvance(tx, actor, { ...(input as object), id: uuidOf('Breakthrough', id) }),
    }),
  },
  lobbyStart: {
    shows: 'lobbyEffort',
    entity: () => lobbyEffortEntity,
    run: async (tx, actor, { breakthroughId, input }) => ({
      id: await lobbyStart(tx, actor, { ...(input as object), breakthroughId: uuidOf('Breakthrough', breakthroughId) }),
    }),
  },
  lobbySupportAdd: {
    shows: 'lobbyEffort',
    entity: () => lobbyEffortEntity,
    run: async (tx, actor, { id, input }) => ({
      id: await lobbySupportAdd(tx, actor, { ...(input as object | null), id: uuidOf('LobbyEffort', id) }),
    }),
  },
  lobbyConclude: {
    shows: 'lobbyEffort',
    entity: () => lobbyEffortEntity,
    run: async (tx, actor, { id, input }) => ({
      id: await lobbyConclude(tx, actor, { ...(input as object), id: uuidOf('LobbyEffort', id) }),
    }),
  },
}
