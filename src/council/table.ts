import { sql } from 'drizzle-orm'
import { boolean, check, date, index, pgEnum, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { id, insertPolicy, localised, may, readPolicy, register, stamps, updatePolicy } from '../db/columns.ts'
import { planVersion } from '../plan/table.ts'
import { programme } from '../programme/table.ts'

/** Who tells the council, who answers for it, and the council itself. */
const told = sql`${may('team')} or ${may('portfolio')} or ${may('council')}`

/**
 * That the council is still to be told of an adopted plan version, or has been (S51, S52). Adoption opens it (trigger on `plan_version`),
 * one for each version, whose id it has. What it says of the adoption is the decision's (trigger). Fulfilled by a notice, so its state is derived.
 */
export const informationDuty = pgTable(
  'information_duty',
  {
    id: uuid('id')
      .primaryKey()
      .references(() => planVersion.id),
    adoptedOn: date('adopted_on', { mode: 'string' }).notNull().default(sql`today()`),
    /** Thirty days after the adoption, unless set otherwise. */
    dueOn: date('due_on', { mode: 'string' }).notNull().default(sql`today()`),
    ...stamps(),
  },
  (t) => [
    check('information_duty_due', sql`${t.dueOn} >= ${t.adoptedOn}`),
    readPolicy('information_duty', told),
    // Whoever brings a version into force opens its duty.
    insertPolicy('information_duty', sql`${may('team')} or ${may('portfolio')}`),
    updatePolicy('information_duty', may('team')),
  ],
)

export const noticeKind = pgEnum('notice_kind', ['RIB', 'COMMITTEE_MEETING', 'SITE_VISIT', 'WRITTEN'])

/** The council was told something, by letter, in a meeting or on a visit (S53, S54). */
export const councilNotice = pgTable(
  'council_notice',
  {
    id: id(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    kind: noticeKind('kind').notNull(),
    subject: localised('subject').notNull(),
    /** When the council was told; of what is written and not sent yet, nothing. Never in the future (trigger). */
    informedOn: date('informed_on', { mode: 'string' }),
    /** Its number in the records of the council. */
    reference: text('reference'),
    /** Where the document is to be found. */
    document: text('document'),
    example: boolean('example').notNull().default(false),
    ...stamps(),
  },
  (t) => [
    check('council_notice_subject', sql`is_localised(${t.subject})`),
    check('council_notice_held', sql`${t.kind} in ('RIB', 'WRITTEN') or ${t.informedOn} is not null`),
    unique('council_notice_reference').on(t.programmeId, t.reference),
    index('council_notice_informed').on(t.programmeId, t.informedOn),
    ...register('council_notice', told, may('team')),
  ],
)

/** A notice fulfils a duty, as soon as it has a date; one dated before the adoption never does (triggers on both ends, invariant 6). */
export const councilNoticeDuty = pgTable(
  'council_notice_duty',
  {
    councilNoticeId: uuid('council_notice_id')
      .notNull()
      .references(() => councilNotice.id),
    informationDutyId: uuid('information_duty_id')
      .notNull()
      .references(() => informationDuty.id),
    /** It was about another duty after all: what it was is history, and it fulfils this one no more. */
    withdrawn: boolean('withdrawn').notNull().default(false),
    ...stamps(),
  },
  (t) => [
    primaryKey({ columns: [t.councilNoticeId, t.informationDutyId] }),
    index('council_notice_duty_duty').on(t.informationDutyId),
    ...register('council_notice_duty', told, may('team')),
  ],
)
