import { sql } from 'drizzle-orm'
import { check, date, index, pgEnum, pgTable, uuid } from 'drizzle-orm/pg-core'
import { callerOrganisation, id, localised, may, register, stamps } from '../db/columns.ts'
import { organisation } from '../organisation/table.ts'
import { programme } from '../programme/table.ts'

export const riskType = pgEnum('risk_type', ['TRUST', 'PLANNING', 'CAPACITY', 'FINANCE', 'OTHER'])
export const riskLevel = pgEnum('risk_level', ['LOW', 'MEDIUM', 'HIGH'])
/** In this order: a risk goes forward only. */
export const riskState = pgEnum('risk_state', ['OPEN', 'MITIGATED', 'CLOSED'])

/** What may go wrong in the programme, with the organisation that sees to it (S57). Not for the public, the council or BI. */
export const risk = pgTable(
  'risk',
  {
    id: id(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisation.id),
    type: riskType('type').notNull(),
    description: localised('description').notNull(),
    effect: localised('effect').notNull(),
    likelihood: riskLevel('likelihood').notNull(),
    impact: riskLevel('impact').notNull(),
    /** Open at first; never back, and what is closed stays as it was (trigger). */
    state: riskState('state').notNull().default('OPEN'),
    recordedOn: date('recorded_on', { mode: 'string' }).notNull(),
    ...stamps(),
  },
  (t) => [
    check('risk_texts', sql`is_localised(${t.description}) and is_localised(${t.effect})`),
    index('risk_programme').on(t.programmeId, t.recordedOn),
    ...register('risk', may('risks'), sql`${may('team')} or (${may('edit')} and organisation_id = ${callerOrganisation})`),
  ],
)
