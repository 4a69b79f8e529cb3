import type { Statement } from '../../db/session.ts'
import { actionUuid } from './find.ts'

/** Where one action stands, by its id or its reference: id, ref, status, progress, health, version. Two rows when a reference is not its alone. */
export function actionStatement(name: string): Statement {
  const uuid = actionUuid(name) ?? null
  const ref = uuid === null && /^[A-Z0-9-]{1,100}$/.test(name) ? name : null
  return {
    text: 'select a.id, a.ref, a.status, a.progress_percent, a.health, a.version from action a where a.id = $1::uuid or a.ref = $2::text limit 2',
    values: [uuid, ref],
  }
}

/** The stored answer to a batch of the caller's own organisation. */
export const batchStatement = (id: string): Statement => ({
  text: 'select b.answer from status_report_batch b where b.id = $1::uuid',
  values: [id],
})

/** How the reports of a batch stand by now, each by the place of its item. */
export const batchStandingsStatement = (id: string): Statement => ({
  text: `select i.item ->> 'index', r.standing from status_report_batch b cross join jsonb_array_elements(b.answer -> 'items') i (item)
    join status_report_event e on e.organisation_id = b.organisation_id and e.external_event_id = i.item ->> 'externalEventId'
    join status_report r on r.id = e.report_id where b.id = $1::uuid and i.item ->> 'disposition' <> 'REJECTED'`,
  values: [id],
})
