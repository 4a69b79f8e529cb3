import { sql } from 'drizzle-orm'
import { check, index, pgTable, unique, uuid } from 'drizzle-orm/pg-core'
import { action, seesAction } from '../action/table.ts'
import { agendaTheme } from '../agenda/table.ts'
import { id, madeOnce, may, stamps } from '../db/columns.ts'
import { plan } from '../plan/table.ts'
import { policyLink } from '../programme/table.ts'

/** A plan, a theme of an agenda or an action aligns with policy outside the programme. Read by who reads what aligns. */
export const policyAlignment = pgTable(
  'policy_alignment',
  {
    id: id(),
    policyLinkId: uuid('policy_link_id')
      .notNull()
      .references(() => policyLink.id),
    planId: uuid('plan_id').references(() => plan.id),
    agendaThemeId: uuid('agenda_theme_id').references(() => agendaTheme.id),
    actionId: uuid('action_id').references(() => action.id),
    ...stamps(),
  },
  (t) => [
    check('policy_alignment_one_side', sql`num_nonnulls(${t.planId}, ${t.agendaThemeId}, ${t.actionId}) = 1`),
    unique('policy_alignment_plan').on(t.planId, t.policyLinkId),
    unique('policy_alignment_theme').on(t.agendaThemeId, t.policyLinkId),
    unique('policy_alignment_action').on(t.actionId, t.policyLinkId),
    index('policy_alignment_policy').on(t.policyLinkId),
    ...madeOnce(
      'policy_alignment',
      sql`exists (select 1 from plan p where p.id = policy_alignment.plan_id)
        or exists (select 1 from agenda_theme t where t.id = policy_alignment.agenda_theme_id)
        or ${seesAction('policy_alignment')}`,
      may('team'),
    ),
  ],
)
