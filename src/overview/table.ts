import { index, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core'
import { madeOnce, may, stamps } from '../db/columns.ts'
import { indicator } from '../indicator/table.ts'
import { sdgGoal } from '../programme/table.ts'

/** An indicator tells of a Sustainable Development Goal. */
export const indicatorSdg = pgTable(
  'indicator_sdg',
  {
    indicatorId: uuid('indicator_id')
      .notNull()
      .references(() => indicator.id),
    sdgGoalId: uuid('sdg_goal_id')
      .notNull()
      .references(() => sdgGoal.id),
    ...stamps(),
  },
  (t) => [
    primaryKey({ columns: [t.indicatorId, t.sdgGoalId] }),
    index('indicator_sdg_goal').on(t.sdgGoalId),
    ...madeOnce('indicator_sdg', may('public'), may('statistics')),
  ],
)
