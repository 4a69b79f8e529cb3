import { type SQL, sql } from 'drizzle-orm'
import type { PrincipalActor } from '../../auth/actor.ts'
import type { Tx } from '../../db/session.ts'
import type { Current, Report, Standing } from '../status.ts'
import type { ReportInput } from './report-input.ts'

/** A report on its way in: what the fold needs of it, and the rest that its sender said. */
export interface NewReport extends Report {
  actionId: string
  input: ReportInput
  fingerprint: string
}

export interface JudgedReport extends NewReport {
  standing: Standing
  late: boolean
  /** What its sender is told, kept for a repetition. */
  answer: unknown
}

/** Rows as one parameter, so that a statement is the same for one and for ten thousand. */
const rows = (list: readonly unknown[], columns: string): SQL =>
  sql`json_to_recordset(${JSON.stringify(list)}::json) as r (${sql.raw(columns)})`

/** Writes reports, each in its parts: what everyone may read of it, who told it, by which id, and the words. */
export async function insertReports(tx: Tx, actor: PrincipalActor, reports: readonly JudgedReport[]): Promise<void> {
  if (reports.length === 0) return
  await tx.db.execute(sql`
    with r as materialized (select * from ${rows(
      reports.map(rowOf),
      `id uuid, "actionId" uuid, subject report_subject, standing report_standing, late boolean, status action_status, "progressPercent" int, health health,
        "effectiveAt" timestamptz, pushed boolean, "sourceSequence" bigint, "tieBreak" text, "eventId" text, fingerprint text, answer jsonb,
        narrative text, visibility visibility`,
    )}), report as (
      insert into status_report (id, action_id, subject, standing, late, status, progress_percent, health, effective_at)
      select r.id, r."actionId", r.subject, r.standing, r.late, r.status, r."progressPercent", r.health, r."effectiveAt" from r
    ), source as (
      insert into status_report_source (report_id, organisation_id, pushed, source_sequence, tie_break, has_narrative)
      select r.id, ${actor.organisationId}, r.pushed, r."sourceSequence", r."tieBreak", r.narrative is not null from r
    ), event as (
      insert into status_report_event (report_id, organisation_id, external_event_id, fingerprint, answer)
      select r.id, ${actor.organisationId}, r."eventId", r.fingerprint, r.answer from r where r."eventId" is not null
    )
    insert into status_report_narrative (report_id, action_id, organisation_id, narrative, visibility)
    select r.id, r."actionId", ${actor.organisationId}, r.narrative, r.visibility from r where r.narrative is not null`)
}

/** Field by field: what the statement does not read is not sent, and to copy the rest of a report costs more than to write it out. */
const rowOf = (report: JudgedReport) => ({
  id: report.id,
  actionId: report.actionId,
  subject: report.subject,
  standing: report.standing,
  late: report.late,
  status: report.status,
  progressPercent: report.progressPercent,
  health: report.health,
  effectiveAt: report.effectiveAt,
  pushed: report.pushed,
  sourceSequence: report.sourceSequence?.toString(),
  tieBreak: report.tieBreak,
  eventId: report.input.externalEventId,
  fingerprint: report.fingerprint,
  answer: report.answer,
  narrative: report.input.narrative,
  visibility: report.input.visibility,
})

/** Writes where actions now stand: the projection of their reports. */
export async function updateActions(tx: Tx, changed: ReadonlyMap<string, Current>): Promise<void> {
  if (changed.size === 0) return
  await tx.db.execute(sql`update action a set status = r.status, progress_percent = r."progressPercent", health = r.health,
      latest_report_id = r."latestReportId", actual_start_on = r."actualStartOn", actual_end_on = r."actualEndOn"
    from ${rows(
      [...changed].map(([id, current]) => ({ id, ...current })),
      `id uuid, status action_status, "progressPercent" int, health health, "latestReportId" uuid, "actualStartOn" date, "actualEndOn" date`,
    )} where a.id = r.id`)
}

/** Writes how the fold now judges earlier reports. */
export async function updateStandings(tx: Tx, changed: ReadonlyMap<string, Standing>): Promise<void> {
  if (changed.size === 0) return
  await tx.db.execute(sql`update status_report s set standing = r.standing
    from ${rows(
      [...changed].map(([id, standing]) => ({ id, standing })),
      'id uuid, standing report_standing',
    )} where s.id = r.id`)
}
