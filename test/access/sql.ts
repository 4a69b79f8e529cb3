import type pg from 'pg'
import type { Caller, Fixture, Row } from './fixture.ts'
import { canariesIn } from './fixture.ts'
import { changeable } from './matrix.ts'

/** What a caller can do with the rows of the fixture when it speaks SQL as the runtime role: rows by number. */
export interface Reach {
  read: Set<number>
  insert: Set<number>
  update: Set<number>
  /** By table, how many rows can be changed by one who does not look; `some` where a frozen row ended the attempt. */
  blind: Map<string, string>
  /** Anything that should not be: an unknown row, a canary in another row, an answer of another kind. */
  strange: string[]
}

const quoted = (name: string): string => `"${name}"`

/** The columns of a key that may be read; its hash may not. */
const keyColumns = 'id, key_id, principal_id, label, scopes, expires_at, revoked_at, last_used_at, version, created_at, created_by'

const entering = ({ credential }: Pick<Caller, 'credential'>): string =>
  credential.kind === 'public' ? 'select enter_public()' : `select enter('${credential.id}', '\\x${credential.hash.toString('hex')}')`

const keyOf = (row: Row, key: Record<string, unknown> = row.values): string =>
  Object.keys(row.key)
    .map((column) => String(key[column]))
    .join(' ')

export function byTable(rows: readonly Row[]): Map<string, Row[]> {
  const tables = new Map<string, Row[]>()
  for (const row of rows) {
    const known = tables.get(row.table)
    if (known === undefined) tables.set(row.table, [row])
    else known.push(row)
  }
  return tables
}

const reading = (table: string): string =>
  `select coalesce(json_agg(t), '[]')::text as rows from (select ${table === 'api_key' ? keyColumns : '*'} from ${quoted(table)}) t`

function updating(table: string, rows: readonly Row[]): string | undefined {
  const columns = changeable[table]
  if (columns === undefined) return undefined
  const set = columns.map((column) => `${quoted(column)} = ${quoted(table)}.${quoted(column)}`).join(', ')
  const key = Object.keys((rows[0] as Row).key)
    .map(quoted)
    .join(', ')
  return `with u as (update ${quoted(table)} set ${set} returning ${key}) select coalesce(json_agg(u), '[]')::text as rows from u`
}

/** What may be put into every row of a table without a look at any. Frozen rows refuse even that (below: some of them, not how many). */
const words = `'{"source": "nl", "nl": "x"}'`
const blindly: Readonly<Record<string, string>> = {
  organisation: `kind = 'OTHER'`,
  alliance_membership: `reason = 'x'`,
  principal: `label = 'x'`,
  role_grant: `ends_on = '2199-01-02'`,
  api_key: `label = 'x'`,
  programme: `ends_on = '2199-12-31'`,
  pillar: `name = ${words}`,
  theme: `name = ${words}`,
  sdg_goal: `name = ${words}`,
  result: `title = ${words}`,
  policy_link: `name = ${words}`,
  neighbourhood: `name = 'x'`,
  enrolment: `evidence = ${words}`,
  region: `name = 'x'`,
  region_version: `name = 'x'`,
  neighbourhood_region: 'ends_on = null',
  plan: `title = ${words}`,
  plan_version: 'content_hash = gen_random_uuid()::text',
  agenda_theme: `title = ${words}`,
  theme_link: 'ends_on = ends_on',
  agenda_step: `title = ${words}`,
  breakthrough: `resulting_change = ${words}`,
  financial_frame: 'structural_budget = 1',
  budget_line: 'revised = 1',
  capacity_agreement: 'fte = 1',
  work_stock_item: 'ends_on = ends_on',
  lesson_learned: `learnt_on = '2000-01-01'`,
  risk: `likelihood = 'HIGH'`,
  contribution: `starts_on = '2000-01-01'`,
  information_duty: `due_on = '2199-01-01'`,
  council_notice: `document = 'x'`,
  council_notice_duty: 'withdrawn = withdrawn',
  lobby_effort: `outcome_text = ${words}`,
  document: 'withdrawn = withdrawn',
  decision: `title = ${words}`,
  mandate: 'ends_on = ends_on',
  action: `health = 'AT_RISK'`,
  agreed_action: 'cross_domain = true',
  agreed_action_pillar: 'withdrawn = withdrawn',
  agreed_action_theme: 'withdrawn = withdrawn',
  agreed_action_sdg: 'withdrawn = withdrawn',
  agreed_action_result: 'withdrawn = withdrawn',
  action_participation: `ends_on = '2199-01-02'`,
  milestone: `title = ${words}`,
  action_relation: 'ended_on = ended_on',
  external_ref: 'external_id = gen_random_uuid()::text',
  status_report: `standing = 'QUARANTINED'`,
  data_source: `licence = 'x'`,
  indicator: 'decimals = 1',
  import_run: 'counts = null',
  observation: 'revision = 9',
  confidential_value: 'value = 1',
  baseline: 'value = 1',
  target: 'value = 1',
  participation_event: `held_on = '2199-01-01'`,
  monitoring_plan: `title = ${words}`,
  headline: 'indicator_id = gen_random_uuid()',
  publication_text: `summary = 'x', state = 'DRAFT'`,
}

/** Changes rows blindly and takes it back, table by table: how many there were, or the signal. */
const updatingBlindly = (tables: readonly string[]): string => `do $probe$
declare
  attempt text;
  outcomes text[] := '{}';
  reached bigint;
begin
  foreach attempt in array array[${tables.map((table) => `$$update ${quoted(table)} set ${blindly[table]}$$`).join(', ')}]::text[] loop
    begin
      execute attempt;
      get diagnostics reached = row_count;
      raise exception using errcode = 'SPEND', message = reached::text;
    exception when others then
      outcomes := array_append(outcomes, case sqlstate when 'SPEND' then sqlerrm when '42501' then '0' else 'some' end);
    end;
  end loop;
  perform set_config('access.blind', array_to_json(outcomes)::text, true);
end $probe$`

/**
 * Tries to insert rows that are there already: a policy or a grant refuses first (42501), else the key does (23505).
 * A trigger that refuses before any policy is asked (SP409, SP412, SP427, a check without a name) refuses as well.
 */
const inserting = `do $probe$
declare
  probe jsonb;
  outcomes text[] := '{}';
  outcome text;
  violated text;
begin
  for probe in select * from jsonb_array_elements(current_setting('access.probes')::jsonb) loop
    begin
      execute format('execute %I(%L)', 'probe_' || (probe ->> 'table'), probe -> 'values');
      outcome := 'inserted';
    exception when others then
      get stacked diagnostics violated = constraint_name;
      outcome := case when sqlstate = '23514' and violated = '' then 'trigger' else sqlstate end;
    end;
    outcomes := array_append(outcomes, (probe ->> 'n') || ' ' || outcome);
  end loop;
  perform set_config('access.outcomes', array_to_json(outcomes)::text, true);
end $probe$`

const refusals = new Set(['42501', 'SP409', 'SP412', 'SP427', 'trigger'])
const admissions = new Set(['inserted', '23505', '23P01', '23502', '23503', '23514'])

/** Rows that differ in nothing but names and ids of things that are alike themselves. */
const likeness = ({ values, key, n, ...facts }: Row): string =>
  facts.principal + JSON.stringify([facts, values]).replace(/canary-\d+|770\d{4}077|10:07:13\.7\d+|0190acce-[-0-9]+|\b\d+\b/gi, '')

/** The rows of which an insert is tried: of many that are alike, one. */
export function probed(rows: readonly Row[]): Row[] {
  const kinds = new Map(rows.filter((row) => row.insertable).map((row) => [likeness(row), row]))
  return [...kinds.values()]
}

/**
 * Makes a connection ready to try the inserts of some rows. Prepared, because planning would take ten times as long as refusing;
 * `again` when that was done for all of them and only the rows change.
 */
export async function setProbes(client: pg.ClientBase, rows: readonly Row[], again = false): Promise<void> {
  const probes = probed(rows)
    // A day that is known only to the database is any day here.
    .map(({ n, table, values }) => ({ n, table, values: JSON.parse(JSON.stringify(values).replaceAll('"$today"', '"2026-01-01"')) }))
  await client.query(`select set_config('access.probes', $1, false)`, [JSON.stringify(probes)])
  if (again) return
  await client.query('set plan_cache_mode = force_generic_plan; deallocate all')
  for (const [table, list] of byTable(rows)) {
    const columns = [...new Set(list.flatMap(({ values }) => Object.keys(values)))].map(quoted).join(', ')
    await client.query(
      `prepare ${quoted(`probe_${table}`)} (jsonb) as insert into ${quoted(table)} (${columns})
        select ${columns} from jsonb_populate_record(null::${quoted(table)}, $1)`,
    )
  }
}

/** `blind` changes rows without looking at them, so that no policy of reading stands before the one of changing. */
export const ways = ['read', 'insert', 'update', 'blind'] as const
export type Way = (typeof ways)[number]

/**
 * Enters as a caller, or as nobody at all, on a connection that already is the runtime role and in a transaction, and tries rows in some ways.
 * All in one round trip.
 */
export async function reachOf(
  client: pg.ClientBase,
  caller: Pick<Caller, 'credential'> | undefined,
  tables: ReadonlyMap<string, Row[]>,
  ways: readonly Way[],
): Promise<Reach> {
  const reach: Reach = { read: new Set(), insert: new Set(), update: new Set(), blind: new Map(), strange: [] }
  const reads = ways.includes('read') ? [...tables.keys()] : []
  const updates = ways.includes('update') ? [...tables.keys()].filter((name) => changeable[name]) : []
  const changed = ways.includes('blind') ? [...tables.keys()].filter((name) => changeable[name]) : []
  const statements = [
    caller ? entering(caller) : 'select',
    ...reads.map(reading),
    ...updates.map((name) => updating(name, tables.get(name) as Row[]) as string),
    ...(changed.length > 0 ? [updatingBlindly(changed), `select current_setting('access.blind') as rows`] : []),
    ...(ways.includes('insert') ? [inserting, `select current_setting('access.outcomes') as rows`] : []),
  ]
  const results = [await client.query(statements.join(';\n'))].flat() as pg.QueryResult<{ rows: string }>[]
  const [, ...answers] = results.map(({ rows }) => rows[0]?.rows ?? '[]')
  for (const name of reads) take(reach, reach.read, name, tables.get(name) as Row[], answers.shift() as string)
  for (const name of updates) take(reach, reach.update, name, tables.get(name) as Row[], answers.shift() as string)
  if (changed.length > 0) {
    answers.shift()
    const outcomes = JSON.parse(answers.shift() as string) as string[]
    reach.blind = new Map(changed.map((name, place) => [name, outcomes[place] as string]))
  }
  if (ways.includes('insert')) takeInserts(reach, JSON.parse(answers.at(-1) as string))
  return reach
}

function take(reach: Reach, into: Set<number>, table: string, rows: readonly Row[], text: string): void {
  const known = new Map(rows.map((row) => [keyOf(row), row.n]))
  const seen = new Set<number>()
  for (const found of JSON.parse(text) as Record<string, unknown>[]) {
    const n = known.get(keyOf(rows[0] as Row, found))
    if (n === undefined) reach.strange.push(`${table} has a row that is not of the fixture`)
    else seen.add(n)
  }
  for (const n of canariesIn(text)) if (!seen.has(n)) reach.strange.push(`${table} tells of row ${n}`)
  for (const n of seen) into.add(n)
}

function takeInserts(reach: Reach, outcomes: string[]): void {
  for (const [n, outcome] of outcomes.map((text) => text.split(' ') as [string, string])) {
    if (admissions.has(outcome)) reach.insert.add(Number(n))
    else if (!refusals.has(outcome)) reach.strange.push(`row ${n} cannot be probed: ${outcome}`)
  }
}

/** As `reachOf`, in a transaction of its own that is taken back; the signal of whoever is turned away. */
export async function reached(client: pg.ClientBase, fixture: Fixture, caller: Caller | undefined): Promise<Reach | string> {
  await client.query('begin')
  try {
    return await reachOf(client, caller, byTable(fixture.rows), ways)
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  } finally {
    await client.query('rollback')
  }
}
