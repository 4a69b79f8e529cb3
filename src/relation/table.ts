import { sql } from 'drizzle-orm'
import { check, date, foreignKey, index, pgEnum, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { action, ledByCaller, seesAction } from '../action/table.ts'
import { id, localised, may, register, stamps } from '../db/columns.ts'

export const relationKind = pgEnum('relation_kind', ['FOLLOWS', 'PART_OF', 'COUPLED_WITH', 'CONTINUES'])

/**
 * What an action has to do with another action, or with works that somebody else keeps a register of (S40). It is made once and ended, never
 * changed (trigger); those that hold and lead somewhere (all but COUPLED_WITH) never lead back to where they began (trigger).
 * Seen by who sees both ends.
 */
export const actionRelation = pgTable(
  'action_relation',
  {
    id: id(),
    actionId: uuid('action_id')
      .notNull()
      .references(() => action.id),
    kind: relationKind('kind').notNull(),
    relatedActionId: uuid('related_action_id').references(() => action.id),
    /** The system or the owner that knows the works by the reference. */
    worksSource: text('works_source'),
    worksReference: text('works_reference'),
    worksDescription: localised('works_description'),
    endedOn: date('ended_on', { mode: 'string' }),
    /** A copy of the action's own (the trigger `of_plan` makes it), by which an index tells that it was carried over to that plan. */
    planId: uuid('plan_id'),
    ...stamps(),
  },
  (t) => [
    check('action_relation_of_two', sql`${t.relatedActionId} <> ${t.actionId}`),
    check(
      'action_relation_target',
      sql`num_nonnulls(${t.worksSource}, ${t.worksReference}, ${t.worksDescription}) = case when ${t.relatedActionId} is null then 3 else 0 end`,
    ),
    check('action_relation_works', sql`length(${t.worksSource}) between 1 and 200 and length(${t.worksReference}) between 1 and 200`),
    check('action_relation_description', sql`is_localised(${t.worksDescription})`),
    uniqueIndex('action_relation_once').on(t.actionId, t.kind, t.relatedActionId).where(sql`ended_on is null`),
    uniqueIndex('action_relation_works_once').on(t.actionId, t.kind, t.worksSource, t.worksReference).where(sql`ended_on is null`),
    // One action of a plan at most continues another: it is carried over once.
    foreignKey({ columns: [t.actionId, t.planId], foreignColumns: [action.id, action.planId], name: 'action_relation_of_plan' }),
    uniqueIndex('action_relation_continued_once').on(t.relatedActionId, t.planId).where(sql`kind = 'CONTINUES' and ended_on is null`),
    // Coupled is coupled from either side.
    uniqueIndex('action_relation_coupled_once')
      .on(sql`least(action_id, related_action_id)`, sql`greatest(action_id, related_action_id)`)
      .where(sql`kind = 'COUPLED_WITH' and related_action_id is not null and ended_on is null`),
    index('action_relation_related').on(t.relatedActionId),
    ...register(
      'action_relation',
      sql`${seesAction('action_relation')} and (related_action_id is null or ${seesAction('action_relation', 'related_action_id')})`,
      sql`${may('team')} or (${may('edit')} and ${ledByCaller})`,
    ),
  ],
)
