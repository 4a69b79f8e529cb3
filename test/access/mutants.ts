import type pg from 'pg'
import type { Role } from './matrix.ts'
import type { Way } from './sql.ts'

/** One thing made wrong, and where that should show. */
export interface Mutant {
  name: string
  sql: string
  /** Where it would show first: rows of this table and of those whose policies look into it, in these ways; or the rights themselves. */
  table?: string
  ways: readonly Way[]
  /** Only who holds this role can notice. */
  role?: Exclude<Role, 'PUBLIC' | 'GRACE'>
  /** Tried as the owner, not as the runtime role. */
  owner?: true
}

interface Policy {
  table: string
  name: string
  command: 'r' | 'a' | 'w'
  role: string
  using: string | null
  check: string | null
}

const ways: Readonly<Record<Policy['command'], readonly Way[]>> = { r: ['read', 'update'], a: ['insert'], w: ['update', 'blind'] }

/** Parts of a rule, and what they become. */
const parts: readonly [RegExp, readonly string[]][] = [
  [/\( SELECT caller_may\('\w+'::text\) AS caller_may\)/g, ['true', 'false']],
  [/\((?:\w+\.)?\w+ = \( SELECT caller_(?:organisation|principal)\(\) AS caller_(?:organisation|principal)\)\)/g, ['true', 'false']],
  [/\((?:\w+\.)?\w+ = ANY \(ARRAY\[[^\]]+\]\)\)/g, ['true', 'false']],
  [/\((?:\w+\.)?\w+ (?:=|<>) '\w+'::\w+\)/g, ['true', 'false']],
  [/\(\w+\.\w+ = \w+\.\w+\)/g, ['true']],
]

/** The rule with each of its parts, one at a time, taken for true and for false. */
function variants(rule: string): { rule: string; part: string; as: string }[] {
  return parts.flatMap(([part, values]) =>
    [...rule.matchAll(part)].flatMap((match) =>
      values.map((as) => ({
        rule: rule.slice(0, match.index) + as + rule.slice(match.index + match[0].length),
        part: match[0],
        as,
      })),
    ),
  )
}

const short = (text: string): string =>
  text
    .replace(/\( SELECT (caller_\w+\([^)]*\)) AS \w+\)/g, '$1')
    .replace(/::\w+/g, '')
    .replace(/\s+/g, ' ')
    .slice(0, 120)

function ofPolicy({ table, name, command, role, using, check }: Policy): Mutant[] {
  const on = `${name} on ${table}`
  const common = { table, ways: ways[command] }
  const alter = (clause: string) => `alter policy ${on} ${clause}`
  const mutants: Mutant[] = [{ ...common, name: `drop ${on}`, sql: `drop policy ${on}` }]
  if (role !== 'samenspel_app') return mutants
  // Both clauses of an update say the same; where only one is mutated the other still holds, which is meant: both are needed.
  const clauses = [
    ...(using === null ? [] : [['using', using] as const]),
    ...(check === null || command === 'w' ? [] : [['with check', check] as const]),
  ]
  for (const [clause, rule] of clauses) {
    const whole = (text: string) => alter(command === 'w' ? `using (${text}) with check (${text})` : `${clause} (${text})`)
    mutants.push({ ...common, name: `${on}: true`, sql: whole('true') })
    for (const variant of variants(rule)) {
      mutants.push({ ...common, name: `${on}: ${short(variant.part)} is ${variant.as}`, sql: whole(variant.rule) })
    }
  }
  return mutants
}

/** A mutant of every rule that the database knows of who may do what. */
export async function mutantsOf(client: pg.ClientBase): Promise<Mutant[]> {
  const policies = await client.query<Policy>(`select c.relname as table, p.polname as name, p.polcmd as command, r.rolname as role,
      pg_get_expr(p.polqual, p.polrelid) as using, pg_get_expr(p.polwithcheck, p.polrelid) as check
    from pg_policy p join pg_class c on c.oid = p.polrelid join pg_roles r on r.oid = any (p.polroles) order by 1, 2`)
  const tables = await client.query<{ name: string; columns: string[]; changeable: string[] }>(`select c.relname as name,
      array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum) as columns,
      array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and has_column_privilege('samenspel_app', c.oid, a.attnum, 'update')) as changeable
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by 1`)
  return [
    ...policies.rows.flatMap(ofPolicy),
    ...tables.rows.flatMap((table) => ofTable(table)),
    ...ofRoles,
    ...(await ofCapabilities(client)),
    ...(await ofTheDoor(client)),
  ]
}

function ofTable({ name, columns, changeable }: { name: string; columns: string[]; changeable: string[] }): Mutant[] {
  const rights: Mutant[] = ['delete', 'truncate', 'references', 'trigger'].map((right) => ({
    name: `grant ${right} on ${name}`,
    sql: `grant ${right} on ${name} to samenspel_app`,
    table: name,
    ways: [],
  }))
  const columnGrants: Mutant[] = columns
    .filter((column) => !changeable.includes(column))
    .map((column) => ({
      name: `grant update (${column}) on ${name}`,
      sql: `grant update (${column}) on ${name} to samenspel_app`,
      table: name,
      ways: [],
    }))
  const columnRevokes: Mutant[] = changeable.map((column) => ({
    name: `revoke update (${column}) on ${name}`,
    sql: `revoke update (${column}) on ${name} from samenspel_app`,
    table: name,
    ways: ['update'],
  }))
  return [
    { name: `${name} without row security`, sql: `alter table ${name} disable row level security`, table: name, ways: ['read'] },
    { name: `${name} not forced`, sql: `alter table ${name} no force row level security`, table: name, ways: ['read'], owner: true },
    {
      name: `revoke select on ${name}`,
      sql: `revoke select on ${name} from samenspel_app; revoke select (${columns}) on ${name} from samenspel_app`,
      table: name,
      ways: ['read'],
    },
    ...(name.endsWith('_history')
      ? [{ name: `grant insert on ${name}`, sql: `grant insert on ${name} to samenspel_app`, table: name, ways: [] }]
      : [{ name: `revoke insert on ${name}`, sql: `revoke insert on ${name} from samenspel_app`, table: name, ways: ['insert'] as const }]),
    { name: `grant select on ${name} to all`, sql: `grant select on ${name} to public`, table: name, ways: [] },
    { name: `give ${name} to the runtime role`, sql: `alter table ${name} owner to samenspel_app`, table: name, ways: [] },
    { name: `grant update on ${name}`, sql: `grant update on ${name} to samenspel_app`, table: name, ways: [] },
    ...(columns.includes('hash')
      ? [{ name: `grant select (hash) on ${name}`, sql: `grant select (hash) on ${name} to samenspel_app`, table: name, ways: [] }]
      : []),
    ...rights,
    ...columnGrants,
    ...columnRevokes,
  ]
}

const ofRoles: readonly Mutant[] = [
  'alter role samenspel_app bypassrls',
  'alter role samenspel_app superuser',
  'alter role samenspel_app createrole',
  'alter role samenspel_app createdb',
  'grant samenspel_lookup to samenspel_app',
  'grant create on schema public to samenspel_app',
  'grant create on schema public to public',
  'alter function enter(text, bytea) owner to samenspel_app',
  'alter function record_key_use(text[]) security invoker',
  'alter function record_ended_refusal(text, bytea, uuid, text, text, uuid, text) security invoker',
  'grant pg_read_all_data to samenspel_app',
].map((sql) => ({ name: sql, sql, ways: [] }))

/** Each role with each capability that it has taken away, and each that it has not given to it. */
async function ofCapabilities(client: pg.ClientBase): Promise<Mutant[]> {
  const { rows } = await client.query<{ role: NonNullable<Mutant['role']>; capability: string; has: boolean }>(
    `select r::text as role, c as capability, position(',' || c || ',' in capabilities(array[r])) > 0 as has
     from unnest(enum_range(null::role)) r,
       (select distinct unnest(string_to_array(trim(both ',' from capabilities(enum_range(null::role))), ','))) every(c)
     -- Of no consequence until a policy asks for it.
     where exists (select from pg_policy p where concat(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) like '%caller\\_may(''' || c || '''%')
     and c <> 'public' order by 1, 2`,
  )
  return rows.map(({ role, capability, has }) => {
    // What the function answers, with one word more or less for the holders of one role.
    const answer = has ? `replace(answer, ',${capability},', ',')` : `answer || '${capability},'`
    return {
      name: `${role} ${has ? 'without' : 'with'} ${capability}`,
      sql: `alter function capabilities(role[]) rename to capabilities_before;
        create function capabilities(roles role[]) returns text language plpgsql immutable as $$
        declare answer text := capabilities_before(roles);
        begin return case when '${role}' = any (roles) then ${answer} else answer end; end $$;
        grant execute on function capabilities(role[]) to samenspel_app, samenspel_lookup`,
      ways: ['read', 'update', 'blind', 'insert'],
      role,
    }
  })
}

/** What the doors of identity judge, each part left out. */
const judged: readonly [name: string, found: RegExp, replaced: string][] = [
  ['any secret', /and sha256\(k\.hash\) = sha256\(given_hash\)/, ''],
  ['any key', /k\.key_id = given_key_id and/, ''],
  ['revoked keys', /and k\.revoked_at is null/, ''],
  ['expired keys', /and \(k\.expires_at is null or k\.expires_at > now\(\)\)/, ''],
  ['disabled principals', /and not p\.disabled/, ''],
  ['roles before they start', /g\.starts_on <= \w+(?:\(\))?/, 'true'],
  ['roles after they ended', /\(g\.ends_on is null or g\.ends_on > \w+(?:\(\))?\)/, 'true'],
  ['roles of others', /g\.principal_id = [\w.]+/, 'true'],
  ['members of once', /\(m\.ends_on is null or m\.ends_on > \w+(?:\(\))?\)/, 'true'],
  ['members of others', /m\.organisation_id = [\w.]+/, 'true'],
  ['grace for ever', /and m\.push_grace_until > now\(\)/, ''],
  ['grace for every role', /'PARTNER_SYSTEM' = any \(held\) and/, ''],
  ['all that a system has, in grace', /held_capabilities := ',public,own,push,';/, ''],
  ['no organisation', /set_config\('app\.organisation', [^,]+,/, `set_config('app.organisation', '',`],
  ['no principal', /set_config\('app\.principal', [^,]+,/, `set_config('app.principal', '',`],
  ['no capabilities', /set_config\('app\.capabilities', held_capabilities,/, `set_config('app.capabilities', '',`],
]

async function ofTheDoor(client: pg.ClientBase): Promise<Mutant[]> {
  const { rows } = await client.query<{ enter: string; public: string }>(
    `select pg_get_functiondef('enter(text, bytea)'::regprocedure) as enter, pg_get_functiondef('enter_public()'::regprocedure) as public`,
  )
  const [{ enter, public: enterPublic }] = rows as [(typeof rows)[0]]
  return [
    ...(await ofParts(client)),
    ...judged.map(([name, found, replaced]) => {
      const sql = enter.replace(found, replaced)
      if (sql === enter) throw new Error(`enter judges ${name} no more in these words`)
      return { name: `enter: ${name}`, sql, ways: ['read', 'update', 'blind', 'insert'] as const }
    }),
    { name: 'the public is the alliance', sql: enterPublic.replace(`',public,'`, `',public,content,'`), ways: ['read'] },
    { name: 'the public is nobody', sql: enterPublic.replace(`',public,'`, `''`), ways: ['read'] },
  ]
}

/** Whose parts open an action to a system, each part of it left out. */
async function ofParts(client: pg.ClientBase): Promise<Mutant[]> {
  const { rows } = await client.query<{ joined: string }>(`select pg_get_functiondef('joined_actions()'::regprocedure) as joined`)
  const [{ joined }] = rows as [(typeof rows)[0]]
  const left: [name: string, found: RegExp][] = [
    ['parts of others', /p\.organisation_id = caller_organisation\(\)/],
    ['parts before they start', /p\.starts_on <= today\(\)/],
    ['parts after they ended', /\(?p\.ends_on IS NULL\)? OR \(?p\.ends_on > today\(\)\)?/i],
    ['parts of who left the alliance', /caller_may\('member'::text\)/],
  ]
  return left.map(([name, found]) => {
    const sql = joined.replace(found, 'true')
    if (sql === joined) throw new Error(`joined_actions judges ${name} no more in these words`)
    return { name: `joined_actions: ${name}`, sql, ways: ['read', 'update', 'blind', 'insert'] as const }
  })
}

/**
 * Mutants that change nothing anybody could notice, each with its reason; every other survivor is a hole in the tests.
 */
export const equivalent: readonly [RegExp, string][] = [
  [/^search_(text|word) without row security$|^revoke (select|insert) on search_(text|word)$/, 'The service has no right to them'],
  [/^note_read on note: caller_may\('push'\) is true$/, 'Who reads notes and no drafts is a system, which may push'],
  [/^action_update on action: caller_may\('reporting'\) is false$/, 'Held by who records reports alone: test/former-party.test.ts'],
  [/^AUDITOR with (audit|own_audit)$/, 'An auditor reads every entry already'],
  [/^PROGRAMME_TEAM with communicate$/, 'Whatever takes who communicates takes the programme team'],
  [/^(PROGRAMME_TEAM|PORTFOLIO_HOLDER) with council$/, 'Whatever takes the council takes both'],
  [/^(PROGRAMME_TEAM|PORTFOLIO_HOLDER) with (party_)?contributions$/, 'Both read every contribution already'],
  [/^PARTNER_EDITOR with push$/, 'Whatever takes who may push takes who may edit'],
  [/^(external_ref|note)_(insert|update) on \w+: caller_may\('own'\) is true$/, 'Who may edit or push has rows of its own'],
  [
    /^(action|action_participation|agreed_action_\w+|note|status_report|status_report_source|status_report_narrative)_read on \w+: caller_may\('drafts'\) is false$/,
    'A short cut: who reads drafts reads what is agreed of every action, so every action, report and note',
  ],
  [
    /^(COMMUNICATION|PARTNER_EDITOR|PARTNER_READER|PORTFOLIO_HOLDER|PROGRAMME_TEAM|RESEARCH_STATISTICS) without content$/,
    'Who reads drafts reads every action and report already',
  ],
]
