import type { Actor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import type { Tx } from '../../db/session.ts'
import { type Outcome, recordReports } from './record-reports.ts'
import { readTypedReport } from './report-input.ts'

/**
 * Records one report. `input` has the fields of a pushed report, checked here; `externalEventId` may be absent.
 * What is wrong with it is told in `errors`. Told by a system it counts as pushed.
 */
export async function recordStatus(tx: Tx, actor: Actor, input: unknown): Promise<Outcome> {
  authorise(actor, 'action.recordStatus')
  const pushed = !actor.roles.some((role) => role === 'PARTNER_EDITOR' || role === 'PROGRAMME_TEAM')
  const [outcome] = await recordReports(tx, actor, [readTypedReport(input)], { pushed, operation: 'actionRecordStatus' })
  return outcome as Outcome
}
