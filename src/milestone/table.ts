import { sql } from 'drizzle-orm'
import { check, date, index, integer, pgTable, uuid } from 'drizzle-orm/pg-core'
import { action, ledByCaller, seesAction } from '../action/table.ts'
import { id, localised, may, register, stamps } from '../db/columns.ts'

/**
 * A step in the planning of an action (mijlpaal, S55): when it is planned, and when it was reached, which is never in the future (trigger).
 * An operational fact and no part of what was agreed: changing it amends no plan. Who sees the action sees its milestones.
 */
export const milestone = pgTable(
  'milestone',
  {
    id: id(),
    actionId: uuid('action_id')
      .notNull()
      .references(() => action.id),
    /** Its place among the milestones of the action; those in one place stand as they were made. */
    position: integer('position').notNull(),
    title: localised('title').notNull(),
    plannedOn: date('planned_on', { mode: 'string' }).notNull(),
    reachedOn: date('reached_on', { mode: 'string' }),
    ...stamps(),
  },
  (t) => [
    check('milestone_title', sql`is_localised(${t.title})`),
    check('milestone_position', sql`${t.position} between 1 and 1000`),
    index('milestone_action').on(t.actionId, t.position),
    ...register('milestone', seesAction('milestone'), sql`${may('team')} or (${may('edit')} and ${ledByCaller})`),
  ],
)
