import { eq, sql } from 'drizzle-orm'
import { programmeEntity } from '../programme/read.ts'
import type { programme } from '../programme/table.ts'
import { type Entity, entity, leaf, localised, many, one } from '../read/model.ts'
import { budgetCategory, budgetLine, financialFrame } from './table.ts'

type Frame = typeof financialFrame
type Line = typeof budgetLine

export const financialFrameEntity: Entity = entity<Frame>({
  name: 'FinancialFrame',
  table: financialFrame,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    year: leaf('int', (t) => t.year),
    structuralBudget: leaf('decimal', (t) => t.structuralBudget),
    planned: leaf('decimal', (t) => t.planned),
    remaining: leaf('decimal', (t) => sql`${t.structuralBudget} - ${t.planned}`),
    lines: many<Frame, Line>({
      to: () => budgetLineEntity,
      as: 'list',
      on: (t, l) => eq(l.frameId, t.id),
      order: [
        { sql: (l) => l.category, type: 'budget_category', values: budgetCategory.enumValues },
        { sql: (l) => l.createdAt, type: 'timestamptz' },
      ],
    }),
  },
})

export const budgetLineEntity: Entity = entity<Line>({
  name: 'BudgetLine',
  table: budgetLine,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    category: leaf('text', (t) => t.category),
    name: localised((t) => t.name),
    original: leaf('decimal', (t) => t.original),
    revised: leaf('decimal', (t) => t.revised),
    status: leaf('text', (t) => t.status),
    chapter: leaf('text', (t) => t.chapter),
    frame: one<Line, Frame>({ to: () => financialFrameEntity, on: (t, f) => eq(f.id, t.frameId) }),
  },
})

programmeEntity.fields.financialFrames = many<typeof programme, Frame>({
  to: () => financialFrameEntity,
  as: 'list',
  on: (t, f) => eq(f.programmeId, t.id),
  order: [{ sql: (f) => f.year, type: 'int' }],
})

export const financeEntities = [financialFrameEntity, budgetLineEntity]
