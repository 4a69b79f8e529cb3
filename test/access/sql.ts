import type pg from 'pg'
import type { Caller, Fixture, Row } from './fixture.ts'
import { canariesIn } from './fixture.ts'
import { changeable } from './matrix.ts'

/** What a caller can do with the rows of the fixture when it speaks SQL as the runtime role: rows by number. */
export interface Reach {
  read: Set<number>
  insert: Set<number>
  update: Set<number>
  /** Anything that should not be: an unknown row, a canary in another row, an answer of another kind. */
  strange: string[]
}

const quoted = (name: string): string => `"${name}"`

/** The columns of a key that may be read; its hash may not. */
const keyColumns = 'id, key_id, principal_id, label, scopes, expires_at, revoked_at, last_used_at, version, created_at, created_by'

const entering = ({ credential }: Caller): string =>
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

/**
 * Tries to insert rows that are there already: a policy or a grant refuses first (42501), else the key does (23505).
 * A state that freezes a row for everyone (SP409, SP412) tells nothing of a policy and counts as refused.
 */
const inserting = `do $probe$
declare
  probe jsonb;
  columns text;
  outcomes jsonb := '{}';
begin
  for probe in select * from jsonb_array_elements(current_setting('access.probes')::jsonb) loop
    begin
      select string_agg(quote_ident(c), ', ') into columns from jsonb_object_keys(probe -> 'values') c;
      execute format('insert into %1$I (%2$s) select %2$s from jsonb_populate_record(null::%1$I, $1)', probe ->> 'table', columns) using probe -> 'values';
      outcomes := outcomes || jsonb_build_object(probe ->> 'n', 'inserted');
    exception when others then
      outcomes := outcomes || jsonb_build_object(probe ->> 'n', sqlstate);
    end;
  end loop;
  perform set_config('access.outcomes', outcomes::text, true);
end $probe$`

const refusals = new Set(['42501', 'SP409', 'SP412'])
const admissions = new Set(['inserted', '23505', '23P01', '23503', '23514'])

/** The probes of some rows, to be set once on a connection. */
export async function setProbes(client: pg.ClientBase, rows: readonly Row[]): Promise<void> {
  const probes = rows
    .filter((row) => row.insertable)
    // A day that is known only to the database is any day here.
    .map(({ n, table, values }) => ({ n, table, values: JSON.parse(JSON.stringify(values).replaceAll('"$today"', '"2026-01-01"')) }))
  await client.query(`select set_config('access.probes', $1, false)`, [JSON.stringify(probes)])
}

export interface Wanted {
  tables: readonly string[]
  /** Also try to insert and update. */
  writes: boolean
}

/** Enters as a caller, on a connection that already is the runtime role and in a transaction, and tries everything. */
export async function reachOf(client: pg.ClientBase, caller: Caller, tables: Map<string, Row[]>, writes: boolean): Promise<Reach> {
  const reach: Reach = { read: new Set(), insert: new Set(), update: new Set(), strange: [] }
  const names = [...tables.keys()]
  const updates = writes ? names.filter((name) => changeable[name]) : []
  const statements = [
    entering(caller),
    ...names.map(reading),
    ...updates.map((name) => updating(name, tables.get(name) as Row[]) as string),
    ...(writes ? [inserting, `select current_setting('access.outcomes') as rows`] : []),
  ]
  const results = (await client.query(statements.join(';\n'))) as unknown as pg.QueryResult<{ rows: string }>[]
  const [, ...answers] = results.map(({ rows }) => rows[0]?.rows ?? '[]')
  for (const [place, name] of names.entries()) take(reach, reach.read, name, tables.get(name) as Row[], answers[place] as string)
  for (const [place, name] of updates.entries()) {
    take(reach, reach.update, name, tables.get(name) as Row[], answers[names.length + place] as string)
  }
  if (writes) takeInserts(reach, JSON.parse(answers.at(-1) as string))
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

function takeInserts(reach: Reach, outcomes: Record<string, string>): void {
  for (const [n, outcome] of Object.entries(outcomes)) {
    if (admissions.has(outcome)) reach.insert.add(Number(n))
    else if (!refusals.has(outcome)) reach.strange.push(`row ${n} cannot be probed: ${outcome}`)
  }
}

/** As `reachOf`, in a transaction of its own that is taken back. A caller who is turned away reaches nothing. */
export async function reached(client: pg.ClientBase, fixture: Fixture, caller: Caller, writes = true): Promise<Reach | string> {
  await client.query('begin')
  try {
    return await reachOf(client, caller, byTable(fixture.rows), writes)
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  } finally {
    await client.query('rollback')
  }
}
