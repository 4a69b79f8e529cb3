import { sql } from 'drizzle-orm'
import { check, date, index, numeric, pgEnum, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { action } from '../action/table.ts'
import { id, localised, may, register, stamps } from '../db/columns.ts'

/** Read as the municipal budget is, by whoever sees what was agreed of the action. */
const shared = (table: string) =>
  sql`${may('agenda')} and exists (select 1 from agreed_action g where g.action_id = ${sql.raw(table)}.action_id)`

export const capacityState = pgEnum('capacity_state', ['REQUESTED', 'AGREED', 'REFUSED', 'ENDED'])

/**
 * What a unit of the municipality or a partner is asked to put into an action across domains, and whether its manager agreed (S43).
 * One state after the other, and only what is merely requested changes otherwise (trigger). A cross-domain action without one that is
 * agreed is legal and shown as a gap (invariant 28).
 */
export const capacityAgreement = pgTable(
  'capacity_agreement',
  {
    id: id(),
    actionId: uuid('action_id')
      .notNull()
      .references(() => action.id),
    unit: text('unit').notNull(),
    /** The role of who answers for the unit, never a person. */
    managerRole: localised('manager_role').notNull(),
    hours: numeric('hours', { precision: 9, scale: 2 }),
    fte: numeric('fte', { precision: 6, scale: 2 }),
    startsOn: date('starts_on', { mode: 'string' }).notNull(),
    endsOn: date('ends_on', { mode: 'string' }),
    state: capacityState('state').notNull().default('REQUESTED'),
    ...stamps(),
  },
  (t) => [
    check('capacity_agreement_unit', sql`length(${t.unit}) between 1 and 200`),
    // An address or a telephone number is personal data.
    check('capacity_agreement_role', sql`is_localised(${t.managerRole}) and ${t.managerRole}::text !~ '@|[0-9]{4}'`),
    check('capacity_agreement_effort', sql`num_nonnulls(${t.hours}, ${t.fte}) = 1 and ${t.hours} > 0 and ${t.fte} > 0`),
    check('capacity_agreement_period', sql`${t.endsOn} >= ${t.startsOn}`),
    index('capacity_agreement_action').on(t.actionId, t.state),
    ...register('capacity_agreement', shared('capacity_agreement'), may('team')),
  ],
)

/** Where an action stands in the work stock of a team, so that it joins what the team does already (S42). */
export const workStockItem = pgTable(
  'work_stock_item',
  {
    id: id(),
    actionId: uuid('action_id')
      .notNull()
      .references(() => action.id),
    unit: text('unit').notNull(),
    /** The team's own name or number for it. */
    reference: text('reference').notNull(),
    /** The last day on which it stood there. */
    endsOn: date('ends_on', { mode: 'string' }),
    ...stamps(),
  },
  (t) => [
    check('work_stock_item_sizes', sql`length(${t.unit}) between 1 and 200 and length(${t.reference}) between 1 and 200`),
    uniqueIndex('work_stock_item_once').on(t.actionId, t.unit, t.reference).where(sql`ends_on is null`),
    index('work_stock_item_action').on(t.actionId),
    ...register('work_stock_item', shared('work_stock_item'), may('team')),
  ],
)
