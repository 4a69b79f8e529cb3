import { sql } from 'drizzle-orm'
import { boolean, check, date, index, integer, pgEnum, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { agendaTheme } from '../agenda/table.ts'
import { callerOrganisation, id, localised, madeOnce, may, register, stamps } from '../db/columns.ts'
import { organisation } from '../organisation/table.ts'
import { programme } from '../programme/table.ts'

export const breakthroughLevel = pgEnum('breakthrough_level', ['NEIGHBOURHOOD', 'MUNICIPAL', 'REGIONAL', 'NATIONAL'])
export const breakthroughState = pgEnum('breakthrough_state', ['SIGNALLED', 'ANALYSED', 'ESCALATED', 'RESOLVED', 'ACCEPTED_AS_IS'])

/** The team and the portfolio holder, and an editor in the name of its own organisation. */
const ownWork = sql`${may('team')} or ${may('portfolio')} or (${may('edit')} and organisation_id = ${callerOrganisation})`
const ofBreakthrough = sql`exists (select 1 from breakthrough b where b.id = breakthrough_id)`

/** An obstacle that no partner can take away alone, with the organisation that sees to it. The council reads what is resolved. */
export const breakthrough = pgTable(
  'breakthrough',
  {
    id: id(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    agendaThemeId: uuid('agenda_theme_id').references(() => agendaTheme.id),
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisation.id),
    obstacle: localised('obstacle').notNull(),
    level: breakthroughLevel('level').notNull(),
    /** As its latest step left it (deferred trigger); one state after the other (trigger). */
    state: breakthroughState('state').notNull().default('SIGNALLED'),
    resultingChange: localised('resulting_change'),
    example: boolean('example').notNull().default(false),
    ...stamps(),
  },
  (t) => [
    check('breakthrough_texts', sql`is_localised(${t.obstacle}) and is_localised(${t.resultingChange})`),
    check('breakthrough_resolved_by_change', sql`${t.state} <> 'RESOLVED' or ${t.resultingChange} is not null`),
    index('breakthrough_programme').on(t.programmeId, t.state),
    index('breakthrough_theme').on(t.agendaThemeId),
    ...register('breakthrough', sql`${may('breakthroughs')} or (${may('council')} and state = 'RESOLVED')`, ownWork),
  ],
)

/** A breakthrough came to a state on a day; the first is that it was signalled. */
export const breakthroughStep = pgTable(
  'breakthrough_step',
  {
    id: id(),
    breakthroughId: uuid('breakthrough_id')
      .notNull()
      .references(() => breakthrough.id),
    number: integer('number').notNull(),
    state: breakthroughState('state').notNull(),
    takenOn: date('taken_on', { mode: 'string' }).notNull(),
    explanation: text('explanation'),
    ...stamps(),
  },
  (t) => [
    unique('breakthrough_step_number').on(t.breakthroughId, t.number),
    unique('breakthrough_step_state').on(t.breakthroughId, t.state),
    ...madeOnce(
      'breakthrough_step',
      ofBreakthrough,
      sql`${may('team')} or ${may('portfolio')} or (${may('edit')} and exists (select 1 from breakthrough b where b.id = breakthrough_id and b.organisation_id = ${callerOrganisation}))`,
    ),
  ],
)

export const lobbyAddressee = pgEnum('lobby_addressee', ['RIJK', 'PROVINCE', 'REGION', 'OTHER'])
export const lobbyOutcome = pgEnum('lobby_outcome', ['GRANTED', 'PARTLY_GRANTED', 'REFUSED', 'WITHDRAWN'])

/** Joint lobbying for a breakthrough, led by one organisation and supported by others. */
export const lobbyEffort = pgTable(
  'lobby_effort',
  {
    id: id(),
    breakthroughId: uuid('breakthrough_id')
      .notNull()
      .references(() => breakthrough.id),
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisation.id),
    addressee: lobbyAddressee('addressee').notNull(),
    request: localised('request').notNull(),
    startedOn: date('started_on', { mode: 'string' }).notNull(),
    outcome: lobbyOutcome('outcome'),
    outcomeOn: date('outcome_on', { mode: 'string' }),
    outcomeText: localised('outcome_text'),
    ...stamps(),
  },
  (t) => [
    check('lobby_effort_texts', sql`is_localised(${t.request}) and is_localised(${t.outcomeText})`),
    check('lobby_effort_outcome', sql`(${t.outcome} is null) = (${t.outcomeOn} is null) and ${t.outcomeOn} >= ${t.startedOn}`),
    index('lobby_effort_breakthrough').on(t.breakthroughId),
    ...register('lobby_effort', ofBreakthrough, ownWork),
  ],
)

/** An organisation stands behind a lobby; only its own editor, the team or the portfolio holder says so. */
export const lobbySupport = pgTable(
  'lobby_support',
  {
    lobbyEffortId: uuid('lobby_effort_id')
      .notNull()
      .references(() => lobbyEffort.id),
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisation.id),
    ...stamps(),
  },
  (t) => [
    primaryKey({ columns: [t.lobbyEffortId, t.organisationId] }),
    index('lobby_support_organisation').on(t.organisationId),
    ...madeOnce('lobby_support', sql`exists (select 1 from lobby_effort l where l.id = lobby_effort_id)`, ownWork),
  ],
)
