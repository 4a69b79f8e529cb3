import { eq, type SQL, sql } from 'drizzle-orm'
import { planEntity, planVersionEntity } from '../plan/read.ts'
import { type plan, planVersion } from '../plan/table.ts'
import { type Entity, entity, leaf, localised, many, one, root } from '../read/model.ts'
import { councilNotice, councilNoticeDuty, informationDuty } from './table.ts'

type Duty = typeof informationDuty
type Notice = typeof councilNotice

const mayTell = sql`(select caller_may('team')) is true`

/** The day on which the council was first told; nothing while it has not been. */
const fulfilledOn = (t: Duty): SQL =>
  sql`(select min(n.informed_on) from council_notice_duty x join council_notice n on n.id = x.council_notice_id where x.information_duty_id = ${t.id} and not x.withdrawn)`
const state = (t: Duty): SQL => sql`(case when ${fulfilledOn(t)} is null then 'OPEN' else 'FULFILLED' end)`
const overdue = (t: Duty): SQL => sql`(${t.dueOn} < (select today()) and ${fulfilledOn(t)} is null)`

export const informationDutyEntity: Entity = entity<Duty>({
  name: 'InformationDuty',
  table: informationDuty,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    adoptedOn: leaf('date', (t) => t.adoptedOn),
    dueOn: leaf('date', (t) => t.dueOn),
    state: leaf('text', state),
    fulfilledOn: leaf('date', fulfilledOn),
    overdue: leaf('boolean', overdue),
    planVersion: one<Duty, typeof planVersion>({ to: () => planVersionEntity, on: (t, v) => eq(v.id, t.id) }),
    plan: one<Duty, typeof plan, typeof planVersion>({
      to: () => planEntity,
      through: { table: planVersion, on: (t, v) => eq(v.id, t.id) },
      on: (_t, p, _args, v) => eq(p.id, v.planId),
    }),
    notices: many<Duty, Notice, typeof councilNoticeDuty>({
      to: () => councilNoticeEntity,
      as: 'list',
      through: { table: councilNoticeDuty, on: (t, x) => sql`${x.informationDutyId} = ${t.id} and not ${x.withdrawn}` },
      on: (_t, n, _args, x) => eq(n.id, x.councilNoticeId),
      order: [{ sql: (n) => n.createdAt, type: 'timestamptz' }],
      shared: true,
    }),
    viewerCanReschedule: leaf('boolean', () => mayTell),
  },
})

export const councilNoticeEntity: Entity = entity<Notice>({
  name: 'CouncilNotice',
  table: councilNotice,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    kind: leaf('text', (t) => t.kind),
    subject: localised((t) => t.subject),
    informedOn: leaf('date', (t) => t.informedOn),
    reference: leaf('text', (t) => t.reference),
    document: leaf('text', (t) => t.document),
    example: leaf('boolean', (t) => t.example),
    duties: many<Notice, Duty, typeof councilNoticeDuty>({
      to: () => informationDutyEntity,
      as: 'list',
      through: { table: councilNoticeDuty, on: (t, x) => sql`${x.councilNoticeId} = ${t.id} and not ${x.withdrawn}` },
      on: (_t, d, _args, x) => eq(d.id, x.informationDutyId),
      order: [{ sql: (d) => d.adoptedOn, type: 'date' }],
      shared: true,
    }),
    viewerCanCorrect: leaf('boolean', () => mayTell),
  },
})

planVersionEntity.fields.informationDuty = one<typeof planVersion, Duty>({ to: () => informationDutyEntity, on: (t, d) => eq(d.id, t.id) })

export const councilEntities = [informationDutyEntity, councilNoticeEntity]

export const councilRoots = {
  informationDuties: root<Duty>({
    to: () => informationDutyEntity,
    as: 'connection',
    on: () => sql`true`,
    order: [{ sql: (d) => d.dueOn, type: 'date' }],
    filters: {
      state: (d, test) => test(state(d), 'text'),
      overdue: (d, test) => test(overdue(d), 'boolean'),
    },
  }),
  councilNotices: root<Notice>({
    to: () => councilNoticeEntity,
    as: 'connection',
    on: () => sql`true`,
    // What is still to be sent comes last.
    order: [{ sql: (n) => sql`coalesce(${n.informedOn}, '-infinity')`, type: 'date', descending: true }],
    filters: { kind: (n, test) => test(n.kind, 'notice_kind') },
  }),
}
