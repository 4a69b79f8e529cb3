import { eq, sql } from 'drizzle-orm'
import { date, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { planEntity, planVersionEntity } from '../plan/read.ts'
import type { plan, planVersion } from '../plan/table.ts'
import { type Entity, entity, leaf, one, root } from '../read/model.ts'

/** What is late, as far as the caller sees what it is about (a view over plan versions and duties). */
const overdueSignal = pgTable('overdue_signal', { id: uuid('id'), kind: text('kind'), planId: uuid('plan_id'), dueOn: date('due_on') })

type Signal = typeof overdueSignal

export const overdueSignalEntity: Entity = entity<Signal>({
  name: 'OverdueSignal',
  table: overdueSignal,
  node: false,
  fields: {
    kind: leaf('text', (t) => t.kind),
    dueOn: leaf('date', (t) => t.dueOn),
    daysLate: leaf('int', (t) => sql`((select today()) - ${t.dueOn})`),
    plan: one<Signal, typeof plan>({ to: () => planEntity, on: (t, p) => eq(p.id, t.planId) }),
    planVersion: one<Signal, typeof planVersion>({ to: () => planVersionEntity, on: (t, v) => eq(v.id, t.id) }),
  },
})

export const overdueRoots = {
  overdue: root<Signal>({
    to: () => overdueSignalEntity,
    as: 'list',
    on: () => sql`true`,
    order: [{ sql: (t) => t.dueOn, type: 'date' }],
  }),
}
