import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t from 'tap'
import { testDatabase } from './harness.ts'

/** Definer functions, each with its reason. */
const definers = [
  'enter(text,bytea)', // judges a credential, which nobody else may read
  'record_key_use(text[])', // notes the last use, which nobody else may write
  'record_ended_refusal(text,bytea,uuid,text,text,uuid,text)', // tells what was refused to who is admitted no more, which nobody else may
  'write_history()', // writes what a row was, which nobody else may write
  'led_actions()', // asked by policies of tables that the policies of parts look at
  'joined_actions()', // the same
  'reported_by_caller(uuid)', // asked by the policy of reports, at which the policy of sources looks
  'baseline_period(uuid)', // the year of a baseline that is withheld, never its value
  'membership_ends_parts()', // who ends a membership changes no part otherwise
  'action_always_led()', // whoever changes a lead, the whole of it is judged
  'found_texts(text,search_kind[])', // finds by an index what no policy lets an index find, and tells ids alone
  'keep_search_text()', // writes the words of what was written, which nobody else may write
  'keep_search_words()', // the same
  'organisation_of(uuid)', // tells whose principal it is, of which nobody else reads more
]

/** Tables that change and have no history: a key holds a secret, observations have revisions, an import run counts while it runs. */
const withoutHistory = ['api_key', 'observation', 'import_run']

/** Tables that the service cannot read at all: it asks a definer function. */
const unread = ['search_text', 'search_word']

/** Everything in the catalogue that would let a row past its policy; each rule as a query of offenders. */
const rules: Record<string, string> = {
  'a table without row security': `select relname from tables where not relrowsecurity`,
  'a table that exempts its owner': `select relname from tables where not relforcerowsecurity`,
  'a table without a policy to read it': `select relname from tables c where relname not in ('${unread.join("','")}') and not exists (select from pg_policy p where p.polrelid = c.oid and p.polcmd in ('r', '*') and p.polroles @> array['samenspel_app'::regrole::oid])`,
  'a policy that lets everything through': `select relname || '.' || polname from tables c join pg_policy p on p.polrelid = c.oid
    where not (p.polroles <@ array['samenspel_lookup'::regrole::oid])
      and (coalesce(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) in ('true', '(true)'))`,
  'a policy for everybody': `select relname || '.' || polname from tables c join pg_policy p on p.polrelid = c.oid where p.polroles @> array[0::oid]`,
  'a second policy for one command': `select relname || ' ' || p.polcmd::text from tables c join pg_policy p on p.polrelid = c.oid
    where p.polroles @> array['samenspel_app'::regrole::oid] group by relname, p.polcmd having count(*) > 1`,
  'a table that the runtime role owns': `select relname from tables where relowner = 'samenspel_app'::regrole`,
  'a right to delete, truncate, reference or trigger': `select relname || ' ' || privilege from tables c, unnest(array['DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) privilege
    where has_table_privilege('samenspel_app', c.oid, privilege)`,
  'a right to change whole rows': `select relname from tables c where has_table_privilege('samenspel_app', c.oid, 'UPDATE')`,
  'a right of everybody': `select relname from tables c, aclexplode(c.relacl) a where a.grantee = 0`,
  'a readable hash of a key': `select 'api_key.hash' where has_column_privilege('samenspel_app', 'api_key', 'hash', 'SELECT')`,
  'a role that is more than it should be': `select rolname from pg_roles where rolname in ('samenspel_app', 'samenspel_lookup') and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)`,
  'a right to create': `select 'schema' where has_schema_privilege('samenspel_app', 'public', 'CREATE') union all select 'database' where has_database_privilege('samenspel_app', current_database(), 'CREATE,TEMPORARY')`,
  'a definer function out of the list': `select p.oid::regprocedure::text from functions p where p.prosecdef and p.oid::regprocedure::text <> all ('{"${definers.join('","')}"}'::text[])`,
  'a definer function of another owner, or with a loose search path': `select p.oid::regprocedure::text from functions p where p.prosecdef
    and (p.proowner <> 'samenspel_lookup'::regrole or not coalesce(p.proconfig @> array['search_path=pg_catalog, public, pg_temp'], false))`,
  'a function that everybody may call': `select p.oid::regprocedure::text from functions p where p.proacl is null or exists (select from aclexplode(p.proacl) a where a.grantee = 0)`,
  'a stamped table that changes without a history': `select relname from tables c where has_any_column_privilege('samenspel_app', c.oid, 'UPDATE')
      and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'created_by')
      and not exists (select from pg_trigger g where g.tgrelid = c.oid and g.tgname = 'write_history') and relname not in ('${withoutHistory.join("','")}')`,
  'a history that lacks a column of its table': `select relname || '.' || a.attname from tables c join pg_trigger g on g.tgrelid = c.oid and g.tgname = 'write_history'
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where not exists (select from pg_attribute h where h.attrelid = to_regclass(relname || '_history') and h.attname = a.attname and h.atttypid = a.atttypid)`,
  'a history that may be written': `select relname from tables c where relname like '%\\_history'
    and (has_table_privilege('samenspel_app', c.oid, 'INSERT') or has_any_column_privilege('samenspel_app', c.oid, 'UPDATE'))`,
  'a history that is read by another rule than its table': `select c.relname from tables c join pg_policy p on p.polrelid = c.oid and p.polcmd = 'r' and p.polroles @> array['samenspel_app'::regrole::oid]
    join tables h on h.relname = c.relname || '_history' join pg_policy q on q.polrelid = h.oid and q.polcmd = 'r'
    where obj_description(q.oid, 'pg_policy') is distinct from pg_get_expr(p.polqual, p.polrelid)`,
  'a view that looks with its owner’s eyes': `select relname from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('v', 'm') and not coalesce(reloptions @> array['security_invoker=true'], false)`,
  'an unread table that is read': `select relname from tables c where relname in ('${unread.join("','")}') and has_any_column_privilege('samenspel_app', c.oid, 'SELECT, INSERT, UPDATE')`,
  'a readable sequence': `select relname from pg_class c where relnamespace = 'public'::regnamespace and case relkind when 'S' then has_sequence_privilege('samenspel_app', c.oid, 'SELECT') else false end`,
  // But for references to registers of a few rows, from which nothing is deleted.
  'a reference without an index': `select c.conrelid::regclass || '.' || a.attname from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
    where c.contype = 'f' and c.connamespace = 'public'::regnamespace
      and not exists (select from pg_index i where i.indrelid = c.conrelid and (i.indkey::int2[])[0] = c.conkey[1])
      and a.attname not in ('programme_id', 'import_run_id', 'data_source_id', 'region_version_id', 'indicator_version_id', 'plan_version_id', 'parent_id', 'latest_report_id', 'agreed_action_id', 'organisation_id')`,
}

async function offenders(client: pg.Client, rule: string): Promise<string[]> {
  const { rows } =
    await client.query(`with tables as (select * from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')),
    functions as (select p.* from pg_proc p where p.pronamespace = 'public'::regnamespace and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e'))
    ${rule}`)
  return rows.map((row) => String(Object.values(row)[0]))
}

t.test('the catalogue lets no row past its policy', async (t) => {
  const db = await testDatabase(t)
  const client = new pg.Client({ connectionString: db.superuserUrl })
  await client.connect()
  t.teardown(() => client.end())

  for (const [what, rule] of Object.entries(rules)) t.same(await offenders(client, rule), [], `there is not ${what}`)

  t.test('and each rule finds what it is for', async (t) => {
    const bad = `bad_${randomBytes(4).toString('hex')}`
    const cases: [rule: string, ...statements: string[]][] = [
      ['a table without row security', `create table ${bad} (id int)`],
      ['a table that exempts its owner', `create table ${bad} (id int)`, `alter table ${bad} enable row level security`],
      ['a table without a policy to read it', `create table ${bad} (id int)`],
      ['a policy that lets everything through', `create table ${bad} (id int)`, `create policy p on ${bad} to samenspel_app using (true)`],
      ['a policy for everybody', `create table ${bad} (id int)`, `create policy p on ${bad} using (id = 1)`],
      ['a second policy for one command', `create policy p on programme for select to samenspel_app using (code = 'X')`],
      [
        'a table that the runtime role owns',
        `create table ${bad} (id int)`,
        `grant create on schema public to samenspel_app`,
        `alter table ${bad} owner to samenspel_app`,
      ],
      ['a right to delete, truncate, reference or trigger', 'grant delete on programme to samenspel_app'],
      ['a right to change whole rows', 'grant update on programme to samenspel_app'],
      ['a right of everybody', 'grant select on programme to public'],
      ['a readable hash of a key', 'grant select on api_key to samenspel_app'],
      ['a role that is more than it should be', 'alter role samenspel_app createrole'],
      ['a right to create', 'grant create on schema public to samenspel_app'],
      ['a definer function out of the list', `create function ${bad}() returns int language sql security definer return 1`],
      ['a definer function of another owner, or with a loose search path', 'alter function enter(text, bytea) reset search_path'],
      ['a function that everybody may call', `create function ${bad}() returns int language sql return 1`],
      ['a stamped table that changes without a history', 'drop trigger write_history on plan'],
      ['a history that lacks a column of its table', `alter table plan add column ${bad} int`],
      ['a history that may be written', 'grant insert on plan_history to samenspel_app'],
      [
        'a history that is read by another rule than its table',
        'alter policy plan_read on plan using (caller_may($$public$$) and caller_may($$team$$))',
      ],
      ['a view that looks with its owner’s eyes', `create view ${bad} as select 1 as x`],
      ['an unread table that is read', 'grant select (id) on search_text to samenspel_app'],
      ['a readable sequence', `create sequence ${bad}`, `grant select on sequence ${bad} to samenspel_app`],
      ['a reference without an index', `create table ${bad} (note_id uuid references note (id))`],
    ]
    t.same(cases.map(([rule]) => rule).sort(), Object.keys(rules).sort(), 'every rule is tried')
    for (const [rule, ...statements] of cases) {
      await client.query('begin')
      for (const statement of statements) await client.query(statement)
      t.ok((await offenders(client, rules[rule] as string)).length > 0, rule)
      await client.query('rollback')
    }
  })
})
