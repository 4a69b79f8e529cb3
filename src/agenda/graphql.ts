import type { Mutation } from '../graphql/mutation.ts'
import { uuidOf } from '../read/model.ts'
import { agendaStepEntity, agendaThemeEntity, themeLinkEntity } from './read.ts'
import { agendaStepAdd, agendaStepEdit, agendaThemeAdd, agendaThemeEdit, themeLinkEnd, themeLinkMake } from './write.ts'

/** A given id of a type as a uuid; one of another type is left as it is, which is no uuid. */
const optional = (type: string, id: string | null | undefined): string | null => (id == null ? null : (uuidOf(type, id) ?? id))

export const agendaMutations: Record<string, Mutation> = {
  agendaThemeAdd: {
    shows: 'agendaTheme',
    entity: () => agendaThemeEntity,
    run: async (tx, actor, { agendaId, input }) => ({
      id: await agendaThemeAdd(tx, actor, { ...(input as object), agendaId: uuidOf('StrategicAgenda', agendaId) }),
    }),
  },
  agendaThemeEdit: {
    shows: 'agendaTheme',
    entity: () => agendaThemeEntity,
    run: async (tx, actor, { id, input }) => ({
      id: await agendaThemeEdit(tx, actor, { ...(input as object), id: uuidOf('AgendaTheme', id) }),
    }),
  },
  themeLinkMake: {
    shows: 'themeLink',
    entity: () => themeLinkEntity,
    run: async (tx, actor, { agendaThemeId, input }) => {
      const { planId, actionId, ...rest } = input as { planId?: string | null; actionId?: string | null }
      const target = { planId: optional('ExecutionPlan', planId), actionId: optional('Action', actionId) }
      return { id: await themeLinkMake(tx, actor, { ...rest, ...target, agendaThemeId: uuidOf('AgendaTheme', agendaThemeId) }) }
    },
  },
  themeLinkEnd: {
    shows: 'themeLink',
    entity: () => themeLinkEntity,
    run: async (tx, actor, { id, input }) => ({
      id: await themeLinkEnd(tx, actor, { ...(input as object), id: uuidOf('ThemeLink', id) }),
    }),
  },
  agendaStepAdd: {
    shows: 'agendaStep',
    entity: () => agendaStepEntity,
    run: async (tx, actor, { agendaThemeId, input }) => ({
      id: await agendaStepAdd(tx, actor, { ...(input as object), agendaThemeId: uuidOf('AgendaTheme', agendaThemeId) }),
    }),
  },
  agendaStepEdit: {
    shows: 'agendaStep',
    entity: () => agendaStepEntity,
    run: async (tx, actor, { id, input }) => ({
      id: await agendaStepEdit(tx, actor, { ...(input as object), id: uuidOf('AgendaStep', id) }),
    }),
  },
}
