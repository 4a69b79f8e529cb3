import { sql } from 'drizzle-orm'
import { check, index, integer, numeric, pgEnum, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { id, localised, may, register, stamps } from '../db/columns.ts'
import { programme } from '../programme/table.ts'

const amount = (name: string) => numeric(name, { precision: 14, scale: 2 })

/**
 * What the municipality sets aside for a calendar year, and how much of it is planned. Municipal money alone: partners contribute apart.
 * Everybody reads these totals; the lines below them are the alliance's.
 */
export const financialFrame = pgTable(
  'financial_frame',
  {
    id: id(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    year: integer('year').notNull(),
    structuralBudget: amount('structural_budget').notNull(),
    /** The sum of its lines, which the lines keep (trigger); at commit never above the structural budget (deferred trigger). */
    planned: amount('planned').notNull().default('0'),
    ...stamps(),
  },
  (t) => [
    unique('financial_frame_year').on(t.programmeId, t.year),
    check('financial_frame_amounts', sql`${t.structuralBudget} >= 0 and ${t.planned} >= 0`),
    ...register('financial_frame', may('public'), may('team')),
  ],
)

export const budgetCategory = pgEnum('budget_category', ['STAFF', 'ACTIVITIES', 'SUBSIDY', 'COMMUNICATION', 'RESEARCH', 'OTHER'])
/** IATI budget status, codes 1 and 2 in this order. */
export const budgetStatus = pgEnum('budget_status', ['INDICATIVE', 'COMMITTED'])

/** A line of a year's municipal budget. What is revised counts; else what was planned first. */
export const budgetLine = pgTable(
  'budget_line',
  {
    id: id(),
    frameId: uuid('frame_id')
      .notNull()
      .references(() => financialFrame.id),
    category: budgetCategory('category').notNull(),
    name: localised('name').notNull(),
    original: amount('original').notNull(),
    revised: amount('revised'),
    status: budgetStatus('status').notNull().default('INDICATIVE'),
    /** Where the programme plan accounts for it: its chapter. */
    chapter: text('chapter').notNull(),
    ...stamps(),
  },
  (t) => [
    check('budget_line_name', sql`is_localised(${t.name})`),
    check('budget_line_amounts', sql`${t.original} >= 0 and ${t.revised} >= 0`),
    index('budget_line_frame').on(t.frameId, t.category),
    ...register('budget_line', may('agenda'), may('team')),
  ],
)
