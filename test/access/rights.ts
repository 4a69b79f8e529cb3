import type pg from 'pg'
import { changeable } from './matrix.ts'

const relations = `pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm', 'f', 'p')`

/** What the runtime role may do with one table, or with all, whatever the rows: as text, so that two times can be compared. */
export async function rightsOn(client: pg.ClientBase, table: string | undefined, role = 'samenspel_app'): Promise<string> {
  const { rows } = await client.query<{ said: string }>(
    `with relations as materialized (select * from ${relations} and ($2::text is null or c.relname = $2))
     select format('%s %s', p, c.relname) as said from relations c, unnest(array['insert', 'delete', 'truncate', 'references', 'trigger']) p
       where has_table_privilege($1::regrole::oid, c.oid, p)
     union all
     select format('%s %s.%s', p, c.relname, a.attname) from relations c join pg_attribute a on a.attrelid = c.oid, unnest(array['select', 'update', 'references']) p
       where a.attnum > 0 and not a.attisdropped and has_column_privilege($1::regrole::oid, c.oid, a.attnum, p)
     union all
     select format('all %s %s', x.privilege_type, c.relname) from relations c, aclexplode(c.relacl) x where x.grantee = 0
     union all
     select format('owns %s', c.relname) from relations c where c.relowner = $1::regrole
     order by 1`,
    [role, table],
  )
  return rows.map(({ said }) => said).join('\n')
}

/** What the runtime role is and may do apart from tables. */
export async function rightsElsewhere(client: pg.ClientBase, role = 'samenspel_app'): Promise<string> {
  const { rows } = await client.query<{ said: string }>(
    `select format('owns %s', p.oid::regprocedure) as said from pg_proc p where p.proowner = $1::regrole
     union all
     select format('definer %s of %s', p.oid::regprocedure, p.proowner::regrole) from pg_proc p where p.prosecdef and p.pronamespace = 'public'::regnamespace
     union all
     select format('is %s', m.roleid::regrole) from pg_auth_members m where m.member = $1::regrole
     union all
     select format('%s on %s', p, n.nspname) from pg_namespace n, unnest(array['create', 'usage']) p
       where n.nspname !~ '^pg_' and has_schema_privilege($1::regrole::oid, n.oid, p)
     union all
     select format('%s on the database', p) from unnest(array['create', 'temporary']) p where has_database_privilege($1::regrole::oid, current_database(), p)
     union all
     select format('super %s bypass %s createrole %s createdb %s replication %s', r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb, r.rolreplication)
       from pg_roles r where r.rolname = $1::regrole::text
     order by 1`,
    [role],
  )
  return rows.map(({ said }) => said).join('\n')
}

/** What the runtime role is to have elsewhere, and nothing else. */
const elsewhere = [
  'definer action_always_led() of samenspel_lookup',
  'definer baseline_period(uuid) of samenspel_lookup',
  'definer enter(text,bytea) of samenspel_lookup',
  'definer found_texts(text,search_kind[]) of samenspel_lookup',
  'definer joined_actions() of samenspel_lookup',
  'definer keep_search_text() of samenspel_lookup',
  'definer keep_search_words() of samenspel_lookup',
  'definer led_actions() of samenspel_lookup',
  'definer membership_ends_parts() of samenspel_lookup',
  'definer organisation_of(uuid) of samenspel_lookup',
  'definer record_ended_refusal(text,bytea,uuid,text,text,uuid,text) of samenspel_lookup',
  'definer record_key_use(text[]) of samenspel_lookup',
  'definer reported_by_caller(uuid) of samenspel_lookup',
  'definer write_history() of samenspel_lookup',
  'super f bypass f createrole f createdb f replication f',
  'usage on information_schema',
  'usage on public',
]

/** Rights that the runtime role has or lacks against the matrix: it reads all but hashes and the words of a search, inserts where there is no history to keep, and changes what verbs change. */
export async function wrongRights(client: pg.ClientBase, table?: string): Promise<string[]> {
  const { rows } = await client.query<{ table: string; column: string; insertable: boolean }>(
    `select c.relname as table, a.attname as column, c.relkind <> 'v' and c.relname !~ '_history$' as insertable from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') and a.attnum > 0 and not a.attisdropped and c.relname not in ('search_text', 'search_word') and ($1::text is null or c.relname = $1)`,
    [table],
  )
  const wanted = new Set([
    ...elsewhere,
    ...rows.filter(({ insertable }) => insertable).map((row) => `insert ${row.table}`),
    ...rows.filter(({ column }) => column !== 'hash').map((row) => `select ${row.table}.${row.column}`),
    ...rows.filter((row) => changeable[row.table]?.includes(row.column)).map((row) => `update ${row.table}.${row.column}`),
  ])
  const held = new Set([await rightsOn(client, table), await rightsElsewhere(client)].flatMap((text) => text.split('\n')).filter(Boolean))
  return [
    ...[...held].filter((right) => !wanted.has(right)).map((right) => `has ${right}`),
    ...[...wanted].filter((right) => !held.has(right)).map((right) => `lacks ${right}`),
  ].sort()
}
