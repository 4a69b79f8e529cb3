import { sql } from 'drizzle-orm'
import { before, type EventSource, eventId, objectId } from '../read/event.ts'
import { everAdopted } from './table.ts'

/** A version of a plan comes into force. */
export const planEvents: readonly EventSource[] = [
  {
    types: {
      'plan.adopted': 'The first version of a plan that is adopted',
      'plan.amended': 'A later version is adopted, by a decision or under a mandate',
    },
    rows: sql`
      select ${eventId("'plan'", 's.id', 's.version')} as id, s.updated_at as at,
        case when exists (select from plan_version b where b.plan_id = s.plan_id and b.number < s.number and ${everAdopted('b.state')})
          then 'plan.amended' else 'plan.adopted' end as type,
        case s.plan_kind when 'PROGRAMME_PLAN' then ${objectId('ProgrammePlan', 's.plan_id')}
          when 'STRATEGIC_AGENDA' then ${objectId('StrategicAgenda', 's.plan_id')} else ${objectId('ExecutionPlan', 's.plan_id')} end as subject,
        json_build_object('planVersionId', ${objectId('PlanVersion', 's.id')}, 'number', s.number, 'effectiveFrom', s.effective_from, 'contentHash', s.content_hash) as data
      from plan_version_as_known s
      where s.state = 'ADOPTED' and ${before('plan_version', 'state')} is distinct from 'ADOPTED'`,
  },
]
