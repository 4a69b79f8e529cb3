import type { Mutation } from '../graphql/mutation.ts'
import { uuidOf } from '../read/model.ts'
import { councilNoticeEntity, informationDutyEntity } from './read.ts'
import { councilNoticeCorrect, councilNoticeRecord, councilNoticeUnlinkDuty, informationDutyReschedule } from './write.ts'

/** The input with the uuids of the duties it names. */
function withDuties(input: unknown): object {
  const { dutyIds, ...rest } = input as { dutyIds: readonly string[] }
  return { ...rest, dutyIds: dutyIds.map((id) => uuidOf('InformationDuty', id)) }
}

export const councilMutations: Record<string, Mutation> = {
  councilNoticeRecord: {
    shows: 'councilNotice',
    entity: () => councilNoticeEntity,
    run: async (tx, actor, { input }) => ({ id: await councilNoticeRecord(tx, actor, withDuties(input)) }),
  },
  councilNoticeCorrect: {
    shows: 'councilNotice',
    entity: () => councilNoticeEntity,
    run: async (tx, actor, { id, input }) => ({
      id: await councilNoticeCorrect(tx, actor, { ...withDuties(input), id: uuidOf('CouncilNotice', id) }),
    }),
  },
  councilNoticeUnlinkDuty: {
    shows: 'councilNotice',
    entity: () => councilNoticeEntity,
    run: async (tx, actor, { id, input }) => {
      const { dutyId, ...rest } = input as { dutyId: string }
      const given = { ...rest, id: uuidOf('CouncilNotice', id), dutyId: uuidOf('InformationDuty', dutyId) }
      return { id: await councilNoticeUnlinkDuty(tx, actor, given) }
    },
  },
  informationDutyReschedule: {
    shows: 'informationDuty',
    entity: () => informationDutyEntity,
    run: async (tx, actor, { id, input }) => ({
      id: await informationDutyReschedule(tx, actor, { ...(input as object), id: uuidOf('InformationDuty', id) }),
    }),
  },
}
