import { getTableName, sql } from 'drizzle-orm'
import { integer, jsonb, type PgTable, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { actionEntity, participationEntity } from '../action/read.ts'
import { capacityAgreementEntity } from '../capacity/read.ts'
import { contributionEntity } from '../contribution/read.ts'
import { councilNoticeEntity, informationDutyEntity } from '../council/read.ts'
import { decisionEntity, mandateEntity } from '../governance/read.ts'
import { baselineEntity, dataSourceEntity, indicatorEntity, targetEntity } from '../indicator/read.ts'
import { lessonEntity } from '../lesson/read.ts'
import { milestoneEntity } from '../milestone/read.ts'
import { enrolmentEntity, neighbourhoodEntity, regionEntity } from '../neighbourhood/read.ts'
import { membershipEntity, organisationEntity } from '../organisation/read.ts'
import type { organisation } from '../organisation/table.ts'
import {
  documentEntity,
  executionPlanEntity,
  planEntity,
  planVersionEntity,
  programmePlanEntity,
  strategicAgendaEntity,
} from '../plan/read.ts'
import { pillarEntity, policyLinkEntity, programmeEntity, resultEntity, themeEntity } from '../programme/read.ts'
import { type Entity, entity, leaf, type ManyField, many, one } from '../read/model.ts'
import { relationEntity } from '../relation/read.ts'
import { riskEntity } from '../risk/read.ts'
import { fieldsOf } from './fields.ts'

// The views that every table with a history has (the procedure `keep_history` makes them).
const editsOf = (table: string) =>
  pgTable(`${table}_edit`, {
    id: uuid('id'),
    subjectId: uuid('subject_id'),
    version: integer('version'),
    at: timestamp('at', { withTimezone: true, mode: 'string' }),
    organisationId: uuid('organisation_id'),
  })
const fieldEditsOf = (table: string) =>
  pgTable(`${table}_field_edit`, {
    id: uuid('id'),
    subjectId: uuid('subject_id'),
    version: integer('version'),
    field: text('field'),
    before: jsonb('before'),
    after: jsonb('after'),
  })

type Edits = ReturnType<typeof editsOf>
type FieldEdits = ReturnType<typeof fieldEditsOf>
type Subject = { id: unknown; version: unknown }

/** What was changed of an entity: each state it was brought to, the latest first. */
function historyOf(subject: Entity): ManyField<Subject> {
  const table = getTableName(subject.table)
  const names = sql`${JSON.stringify(fieldsOf(subject))}::jsonb`
  const change = entity<FieldEdits>({
    name: 'FieldChange',
    table: fieldEditsOf(table),
    node: false,
    fields: {
      field: leaf('text', (f) => sql`(${names} ->> ${f.field})`),
      before: leaf('text', (f) => sql`(${f.before} #>> '{}')`),
      after: leaf('text', (f) => sql`(${f.after} #>> '{}')`),
    },
  })
  const entry = entity<Edits>({
    name: 'HistoryEntry',
    table: editsOf(table),
    node: false,
    fields: {
      version: leaf('int', (e) => e.version),
      changedAt: leaf('datetime', (e) => e.at),
      changedBy: one<Edits, typeof organisation>({ to: () => organisationEntity, on: (e, o) => sql`${o.id} = ${e.organisationId}` }),
      changes: many<Edits, FieldEdits>({
        to: () => change,
        as: 'list',
        on: (e, f) => sql`${f.subjectId} = ${e.subjectId} and ${f.version} = ${e.version} and ${names} ? ${f.field}`,
        order: [{ sql: (f) => sql`${f.field}`, type: 'text' }],
      }),
    },
  })
  return many<Subject, Edits>({
    to: () => entry,
    as: 'connection',
    // Of a row as it was known at a moment, what had been made of it by then.
    on: (t, e) => sql`${e.subjectId} = ${t.id} and ${e.version} <= ${t.version}`,
    order: [{ sql: (e) => sql`${e.version}`, type: 'int', descending: true }],
  })
}

/** What changes and is told of has a history. */
const subjects: readonly Entity<PgTable>[] = [
  actionEntity,
  baselineEntity,
  capacityAgreementEntity,
  contributionEntity,
  councilNoticeEntity,
  dataSourceEntity,
  decisionEntity,
  documentEntity,
  enrolmentEntity,
  executionPlanEntity,
  indicatorEntity,
  informationDutyEntity,
  lessonEntity,
  riskEntity,
  mandateEntity,
  membershipEntity,
  milestoneEntity,
  neighbourhoodEntity,
  organisationEntity,
  participationEntity,
  pillarEntity,
  planEntity,
  planVersionEntity,
  policyLinkEntity,
  programmeEntity,
  programmePlanEntity,
  regionEntity,
  relationEntity,
  resultEntity,
  strategicAgendaEntity,
  targetEntity,
  themeEntity,
]
for (const subject of subjects) subject.fields.history = historyOf(subject)
