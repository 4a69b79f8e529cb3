import { sql } from 'drizzle-orm'
import { check, date, index, pgEnum, pgTable, uuid } from 'drizzle-orm/pg-core'
import { action } from '../action/table.ts'
import { callerOrganisation, id, localised, may, register, stamps } from '../db/columns.ts'
import { evaluation } from '../evaluation/table.ts'
import { organisation } from '../organisation/table.ts'
import { programme } from '../programme/table.ts'

export const lessonEffect = pgEnum('lesson_effect', ['SIMPLIFICATION', 'EFFECTIVENESS'])

/**
 * What an organisation learnt of an action, an evaluation or the programme, and what that makes simpler or more effective (S44). The alliance
 * shares it: whoever reads its drafts reads it, not the public, the council, BI or a machine. Its organisation alone writes it.
 */
export const lessonLearned = pgTable(
  'lesson_learned',
  {
    id: id(),
    actionId: uuid('action_id').references(() => action.id),
    evaluationId: uuid('evaluation_id').references(() => evaluation.id),
    programmeId: uuid('programme_id').references(() => programme.id),
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisation.id),
    effect: lessonEffect('effect').notNull(),
    learnt: localised('learnt').notNull(),
    learntOn: date('learnt_on', { mode: 'string' }).notNull(),
    ...stamps(),
  },
  (t) => [
    check('lesson_learned_one_subject', sql`num_nonnulls(${t.actionId}, ${t.evaluationId}, ${t.programmeId}) = 1`),
    check('lesson_learned_learnt', sql`is_localised(${t.learnt})`),
    index('lesson_learned_action').on(t.actionId, t.learntOn),
    index('lesson_learned_evaluation').on(t.evaluationId, t.learntOn),
    index('lesson_learned_programme').on(t.programmeId, t.learntOn),
    ...register('lesson_learned', may('drafts'), sql`organisation_id = ${callerOrganisation} and (${may('edit')} or ${may('team')})`),
  ],
)
