import { type SQL, sql } from 'drizzle-orm'
import type { PrincipalActor } from '../../auth/actor.ts'
import type { Tx } from '../../db/session.ts'
import { parseGlobalId } from '../../read/model.ts'
import type { Current, Report, Standing } from '../status.ts'
import type { actionStatus, health, participationRole, reportStanding } from '../table.ts'
import type { ActionSelector } from './report-input.ts'

async function rowsOf<T extends Record<string, unknown>>(tx: Tx, query: SQL): Promise<T[]> {
  const { rows } = await tx.db.execute(query)
  return rows as T[]
}

const inUtc = (instant: SQL): SQL => sql`to_char((${instant}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

export interface Turn {
  /** The database's clock, by which everything in this transaction is judged. */
  now: string
  latestAllowed: string
  /** Of a partner that has left, only what happened before this day is still taken. */
  memberUntil: string | null
}

/**
 * Waits for the organisation's earlier reports to be in, so that a repeated event id is always seen. All that follows looks rows up by index:
 * a connection keeps the plan of a foreign key's check, and one made while reports were few would scan them all for each new one.
 */
export async function takeTurn(tx: Tx, { organisationId }: PrincipalActor): Promise<Turn> {
  const rows = await rowsOf<{ now: string; latest: string; until: string | null }>(
    tx,
    sql`select pg_advisory_xact_lock(hashtextextended(${`status reports of ${organisationId}`}, 0)),
      ${inUtc(sql`now()`)} as now, ${inUtc(sql`now() + interval '5 minutes'`)} as latest,
      (select max(m.ends_on) from alliance_membership m where m.organisation_id = ${organisationId}
        having bool_and(coalesce(m.ends_on <= today(), false)))::text as until,
      set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`,
  )
  const [{ now, latest, until }] = rows as [(typeof rows)[0]]
  return { now, latestAllowed: latest, memberUntil: until }
}

export interface LockedAction {
  id: string
  ref: string
  current: Current
}

export interface FoundAction extends LockedAction {
  /** Whether the caller reads it today, or only took part in it on earlier days. */
  read: boolean
}

interface ActionRow extends Record<string, unknown> {
  id: string
  ref: string
  status: Current['status']
  progress_percent: number | null
  health: Current['health']
  latest_report_id: string | null
  actual_start_on: string | null
  actual_end_on: string | null
}

const actionColumns = sql.raw('a.id, a.ref, a.status, a.progress_percent, a.health, a.latest_report_id, a.actual_start_on, a.actual_end_on')

const lockedAction = (row: ActionRow): LockedAction => ({
  id: row.id,
  ref: row.ref,
  current: {
    status: row.status,
    progressPercent: row.progress_percent,
    health: row.health,
    latestReportId: row.latest_report_id,
    actualStartOn: row.actual_start_on,
    actualEndOn: row.actual_end_on,
  },
})

export const keyOf = (selector: ActionSelector): string => JSON.stringify(selector)

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The uuid that a client's id of an action stands for: the opaque id, or the uuid itself. */
export function actionUuid(id: string): string | undefined {
  if (uuid.test(id.toLowerCase())) return id.toLowerCase()
  const named = parseGlobalId(id)
  return named?.type === 'Action' ? named.uuid : undefined
}

/** From here to the end of the transaction, what the caller's organisation took part in on earlier days counts as what it takes part in today. */
export async function beginReporting(tx: Tx): Promise<void> {
  await tx.db.execute(sql`select begin_reporting()`)
}

/** After its reports are admitted, a system in its grace sees what their actions' status follows from; everyone else sees it already. */
export async function seeWhatFolds(tx: Tx, { inGrace }: PrincipalActor): Promise<void> {
  if (inGrace) await tx.db.execute(sql`select see_what_folds()`)
}

/**
 * The actions that selectors name and the caller reads, and those of the others in which its organisation took part on earlier days; by selector.
 * Only who leaves a report behind finds those others: a dry run would ask, without a trace, what became of them since.
 */
export async function findReported(tx: Tx, selectors: readonly ActionSelector[], dryRun: boolean): Promise<Map<string, FoundAction>> {
  const read = await findActions(tx, selectors)
  await beginReporting(tx)
  const others = dryRun ? [] : selectors.filter((selector) => !read.has(keyOf(selector)))
  return others.length === 0 ? read : new Map([...read, ...(await findActions(tx, others, false))])
}

/** The actions that selectors name and the caller may see, by selector. External ids are those of the caller's own organisation. */
export async function findActions(tx: Tx, selectors: Iterable<ActionSelector>, read = true): Promise<Map<string, FoundAction>> {
  const wanted = new Map([...selectors].map((selector) => [keyOf(selector), selector]))
  const list = [...wanted].map(([key, selector]) => ({
    key,
    system: 'system' in selector ? selector.system : null,
    externalId: 'externalId' in selector ? selector.externalId : null,
    ref: 'ref' in selector ? selector.ref : null,
    id: 'id' in selector ? (actionUuid(selector.id) ?? null) : null,
  }))
  const rows = await rowsOf<ActionRow & { key: string }>(
    tx,
    sql`with wanted as materialized (
        select * from json_to_recordset(${JSON.stringify(list)}::json) w (key text, system text, "externalId" text, ref text, id uuid)
      ), named as (
        select w.key, w.id from wanted w where w.id is not null
        union all
        select w.key, x.action_id from wanted w join external_ref x
          on x.organisation_id = (select caller_organisation()) and x.system = w.system and x.external_id = w."externalId"
        union all
        -- A reference is unique in its programme; one that two programmes use names no action.
        select w.key, (array_agg(b.id))[1] from programme p cross join wanted w join action b on b.programme_id = p.id and b.ref = w.ref
        group by w.key having count(*) = 1
      )
      select n.key, ${actionColumns} from named n join action a on a.id = n.id`,
  )
  return new Map(rows.map((row) => [row.key, { ...lockedAction(row), read }]))
}

/** Locks the actions whose status is about to be told, in one order for everyone, and reads them as they are now. */
export async function lockActions(tx: Tx, ids: readonly string[]): Promise<LockedAction[]> {
  const rows = await rowsOf<ActionRow>(
    tx,
    sql`select ${actionColumns} from action a where a.id = any(${sql.param(ids)}::uuid[]) order by a.id for no key update`,
  )
  return rows.map(lockedAction)
}

export interface Part {
  role: (typeof participationRole.enumValues)[number]
  startsOn: string
  endsOn: string | null
}

/** What the caller's organisation does in each action, ever. */
export async function findParts(tx: Tx, actor: PrincipalActor, actionIds: readonly string[]): Promise<Map<string, Part[]>> {
  const rows = await rowsOf<{ action_id: string; role: Part['role']; starts_on: string; ends_on: string | null }>(
    tx,
    sql`select p.action_id, p.role, p.starts_on, p.ends_on from action_participation p
      where p.organisation_id = ${actor.organisationId} and p.action_id = any(${sql.param(actionIds)}::uuid[])`,
  )
  const parts = new Map<string, Part[]>(actionIds.map((id) => [id, []]))
  for (const row of rows) parts.get(row.action_id)?.push({ role: row.role, startsOn: row.starts_on, endsOn: row.ends_on })
  return parts
}

export interface KnownEvent {
  fingerprint: string
  /** As it was given when the event first came. */
  answer: unknown
}

/** The organisation's earlier reports with these event ids. */
export async function findEvents(tx: Tx, actor: PrincipalActor, eventIds: readonly string[]): Promise<Map<string, KnownEvent>> {
  const rows = await rowsOf<{ external_event_id: string; fingerprint: string; answer: unknown }>(
    tx,
    sql`select e.external_event_id, e.fingerprint, e.answer from status_report_event e
      where e.organisation_id = ${actor.organisationId} and e.external_event_id = any(${sql.param(eventIds)}::text[])`,
  )
  return new Map(rows.map(({ external_event_id, ...known }) => [external_event_id, known]))
}

export interface StoredReport extends Report {
  standing: Standing
}

interface ReportRow extends Record<string, unknown> {
  id: string
  action_id: string
  standing: (typeof reportStanding.enumValues)[number]
  admitted: boolean
  status: (typeof actionStatus.enumValues)[number]
  progress_percent: number | null
  health: (typeof health.enumValues)[number] | null
  effective_at: string
  source_sequence: string | null
  tie_break: string
  pushed: boolean
  has_narrative: boolean
}

/** Before every report, so that an action's whole history is found. */
export const theBeginning = '0001-01-01T00:00:00Z'

/**
 * The earlier reports of actions that nobody took back or set aside, by action; only of those where one of them is as late as the earliest that now comes in,
 * because after all others the action stands where its row says it does.
 */
export async function findHistories(tx: Tx, earliest: ReadonlyMap<string, string>): Promise<Map<string, StoredReport[]>> {
  const rows = await rowsOf<ReportRow>(
    tx,
    sql`select r.* from unnest(${sql.param([...earliest.keys()])}::uuid[], ${sql.param([...earliest.values()])}::timestamptz[]) w (action_id, earliest)
      cross join lateral (
        select r.id, r.action_id, r.standing, r.admitted, r.status, r.progress_percent, r.health, ${inUtc(sql`r.effective_at`)} as effective_at,
          s.source_sequence, s.tie_break, s.pushed, s.has_narrative
        from status_report r join status_report_source s on s.report_id = r.id
        where r.action_id = w.action_id and (r.subject = 'ACTION' or r.admitted) and r.standing in ('ACCEPTED', 'QUARANTINED')
        offset 0 -- one action at a time, by its index, whatever the planner knows of the tables
      ) r
      where w.earliest <= (select max(l.effective_at) from status_report l where l.action_id = w.action_id and (l.subject = 'ACTION' or l.admitted))`,
  )
  const histories = new Map<string, StoredReport[]>()
  for (const row of rows) {
    const history = histories.get(row.action_id)
    if (history === undefined) histories.set(row.action_id, [storedReport(row)])
    else history.push(storedReport(row))
  }
  return histories
}

/** One that was admitted counts as if its receiver had told it, and explained it. */
const storedReport = (row: ReportRow): StoredReport => ({
  id: row.id,
  subject: 'ACTION',
  standing: row.standing,
  status: row.status,
  progressPercent: row.progress_percent,
  health: row.health,
  effectiveAt: row.effective_at,
  sourceSequence: row.source_sequence === null ? null : BigInt(row.source_sequence),
  tieBreak: row.tie_break,
  pushed: row.pushed && !row.admitted,
  hasNarrative: row.has_narrative || row.admitted,
})
