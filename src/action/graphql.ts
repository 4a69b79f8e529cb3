import { type Path, Problem } from '../errors.ts'
import type { Mutation, UserError } from '../graphql/mutation.ts'
import { planIdOf } from '../plan/graphql.ts'
import { parseGlobalId } from '../read/model.ts'
import { actionEntity, noteEntity, statusReportEntity } from './read.ts'
import { createAction, editAgreed, removeFromDraft } from './write/agreed.ts'
import { createNote } from './write/create-note.ts'
import { recordStatus } from './write/record-status.ts'
import type { Fault } from './write/report-input.ts'
import { endParticipation, handOverLead, startPart } from './write/take-part.ts'
import { acceptReport, discardReport, retractStatus } from './write/withdraw-report.ts'

/** A report names its action; the mutation has the id for that. */
const argumentPath = ([field, ...rest]: Path): Path => (field === undefined ? [] : [field === 'action' ? 'id' : field, ...rest])

const told = ({ code, message, path }: Fault): UserError => ({ code, message, path: argumentPath(path) })

/** The uuid of a global id of this type; one of another type names nothing. */
function uuidOf(id: unknown, type: string): string | undefined {
  const named = parseGlobalId(String(id))
  return named?.type === type ? named.uuid : undefined
}

/** A verb that answers the action it changed. */
const showsAction = (run: (...given: Parameters<Mutation['run']>) => Promise<string>): Mutation => ({
  shows: 'action',
  entity: () => actionEntity,
  run: async (...given) => ({ id: await run(...given) }),
})

export const actionMutations: Record<string, Mutation> = {
  actionCreate: showsAction((tx, actor, { planId, input }) => createAction(tx, actor, { ...(input as object), planId: planIdOf(planId) })),
  actionEditAgreed: showsAction((tx, actor, { id, input }) =>
    editAgreed(tx, actor, { ...(input as object), actionId: uuidOf(id, 'Action') }),
  ),
  actionRemoveFromDraft: showsAction((tx, actor, { id, input }) =>
    removeFromDraft(tx, actor, { ...(input as object), actionId: uuidOf(id, 'Action') }),
  ),
  actionHandOverLead: showsAction((tx, actor, { id, input }) =>
    handOverLead(tx, actor, { ...(input as object), actionId: uuidOf(id, 'Action') }),
  ),
  participationStart: showsAction((tx, actor, { actionId, input }) =>
    startPart(tx, actor, { ...(input as object), actionId: uuidOf(actionId, 'Action') }),
  ),
  participationEnd: showsAction((tx, actor, { id, input }) =>
    endParticipation(tx, actor, { ...(input as object), participationId: uuidOf(id, 'ActionParticipation') }),
  ),
  actionRecordStatus: {
    shows: 'action',
    entity: () => actionEntity,
    run: async (tx, actor, { id, input }) => {
      const report = Object.fromEntries(Object.entries(input as object).filter(([, value]) => value !== null))
      const { actionId, disposition, errors } = await recordStatus(tx, actor, {
        effectiveAt: new Date().toISOString(),
        ...report,
        action: { id },
      })
      if (actionId === undefined) throw rejected(errors)
      return { id: actionId, fields: { disposition }, userErrors: errors.map(told) }
    },
  },
  statusReportRetract: {
    shows: 'report',
    entity: () => statusReportEntity,
    run: async (tx, actor, { id, input }) => {
      const { reportId } = await retractStatus(tx, actor, { ...(input as object), reportId: uuidOf(id, 'StatusReport') })
      return { id: reportId }
    },
  },
  statusReportDiscard: {
    shows: 'report',
    entity: () => statusReportEntity,
    run: async (tx, actor, { id, input }) => ({
      id: await discardReport(tx, actor, { ...(input as object), reportId: uuidOf(id, 'StatusReport') }),
    }),
  },
  statusReportAccept: {
    shows: 'report',
    entity: () => statusReportEntity,
    run: async (tx, actor, { id, input }) => ({
      id: await acceptReport(tx, actor, { ...(input as object), reportId: uuidOf(id, 'StatusReport') }),
    }),
  },
  noteCreate: {
    shows: 'note',
    entity: () => noteEntity,
    run: async (tx, actor, { actionId, input }) => {
      const parsed = parseGlobalId(String(actionId))
      const { noteId } = await createNote(tx, actor, { ...(input as object), actionId: parsed?.type === 'Action' ? parsed.uuid : '' })
      return { id: noteId }
    },
  },
}

function rejected(errors: readonly Fault[]): Problem {
  const problems = errors.map(({ code, message, path }) => new Problem(code, message, argumentPath(path)))
  return new Problem('BAD_USER_INPUT', undefined, [], problems)
}
