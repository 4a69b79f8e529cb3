import { eq, type SQL } from 'drizzle-orm'
import { actionEntity } from '../action/read.ts'
import type { action } from '../action/table.ts'
import { agendaThemeEntity } from '../agenda/read.ts'
import type { agendaTheme } from '../agenda/table.ts'
import { executionPlanEntity, planEntity, programmePlanEntity, strategicAgendaEntity } from '../plan/read.ts'
import type { plan } from '../plan/table.ts'
import { policyLinkEntity } from '../programme/read.ts'
import { policyKind, type policyLink } from '../programme/table.ts'
import { type ManyField, many } from '../read/model.ts'
import { policyAlignment } from './table.ts'

type Policy = typeof policyLink
type Alignment = typeof policyAlignment

/** What something aligns with. */
const policiesOf = <Side>(on: (side: Side, alignment: Alignment) => SQL): ManyField<Side> =>
  many<Side, Policy, Alignment>({
    to: () => policyLinkEntity,
    as: 'list',
    through: { table: policyAlignment, on },
    on: (_t, l, _args, x) => eq(l.id, x.policyLinkId),
    order: [{ sql: (l) => l.kind, type: 'policy_kind', values: policyKind.enumValues }],
    shared: true,
  })

for (const aligned of [planEntity, programmePlanEntity, strategicAgendaEntity, executionPlanEntity]) {
  aligned.fields.policyLinks = policiesOf<typeof plan>((t, x) => eq(x.planId, t.id))
}
agendaThemeEntity.fields.policyLinks = policiesOf<typeof agendaTheme>((t, x) => eq(x.agendaThemeId, t.id))
actionEntity.fields.policyLinks = policiesOf<typeof action>((t, x) => eq(x.actionId, t.id))

policyLinkEntity.fields.plans = many<Policy, typeof plan, Alignment>({
  to: () => planEntity,
  as: 'list',
  through: { table: policyAlignment, on: (t, x) => eq(x.policyLinkId, t.id) },
  on: (_t, p, _args, x) => eq(p.id, x.planId),
  order: [{ sql: (p) => p.startsOn, type: 'date' }],
  shared: true,
})
policyLinkEntity.fields.agendaThemes = many<Policy, typeof agendaTheme, Alignment>({
  to: () => agendaThemeEntity,
  as: 'list',
  through: { table: policyAlignment, on: (t, x) => eq(x.policyLinkId, t.id) },
  on: (_t, a, _args, x) => eq(a.id, x.agendaThemeId),
  order: [{ sql: (a) => a.createdAt, type: 'timestamptz' }],
  shared: true,
})
policyLinkEntity.fields.actions = many<Policy, typeof action, Alignment>({
  to: () => actionEntity,
  as: 'connection',
  through: { table: policyAlignment, on: (t, x) => eq(x.policyLinkId, t.id) },
  on: (_t, a, _args, x) => eq(a.id, x.actionId),
  order: [{ sql: (a) => a.ref, type: 'text' }],
  shared: true,
})
