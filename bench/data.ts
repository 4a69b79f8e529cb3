import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'

/** How much there is of everything. A run with `--quick` has fewer regions, so fewer observations; all else is the same. */
export const sizes = {
  organisations: 200,
  callers: 500,
  programmes: 20,
  neighbourhoods: 2_100,
  plans: 200,
  actions: 50,
  indicators: 120,
  years: 20,
}
export const regionsOf = (quick: boolean): number => (quick ? 125 : 1_050)
/** Plans follow each other in these neighbourhoods, five terms of two years in each. */
export const planned = sizes.plans / 5
export const firstYear = 2005

/** Rows are numbered from 1 and their ids follow from it, so that requests and scripts can name them. */
const kinds = {
  organisation: 1,
  principal: 2,
  programme: 3,
  neighbourhood: 4,
  plan: 5,
  planVersion: 6,
  action: 7,
  agreedAction: 8,
  report: 9,
  indicator: 10,
  region: 11,
  series: 12,
} as const

export function idOf(kind: keyof typeof kinds, number: number): string {
  return `01900000-${kinds[kind].toString(16).padStart(4, '0')}-7000-8${number
    .toString(16)
    .padStart(15, '0')
    .replace(/^(.{3})/, '$1-')}`
}

export interface Caller {
  /** What goes into `Authorization`. */
  key: string
  keyId: string
  hash: Buffer
}

/** The key of a caller, by number from 0. Keys of a database that lives as long as the measurement need not be secret. */
export function callerOf(number: number): Caller {
  const keyId = `bench${String(number).padStart(11, '0')}`
  const secret = String(number).padStart(43, '0')
  const body = `ssp_bench_${keyId}_${secret}`
  return { key: body + crc32(body).toString(16).padStart(8, '0'), keyId, hash: createHash('sha256').update(secret).digest() }
}

/** Of every twenty callers: one of the programme team, one auditor (reads what is public), the rest partners with several roles. */
export const teamEvery = 20

const text = (nl: string, en: string) => `jsonb_build_object('source', 'nl', 'nl', ${nl}, 'en', ${en})`

/** Set-based, in an order in which every row finds its parents. */
const statements = (regions: number): [string, string][] => [
  [
    'ids',
    `create schema bench;
    create function bench.id(kind int, n bigint) returns uuid language sql immutable parallel safe
      return ('01900000' || lpad(to_hex(kind), 4, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid;
    create function bench.pick(n bigint, among bigint) returns bigint language sql immutable parallel safe
      return 1 + (hashint8(n)::bigint & 2147483647) % among;
    grant usage on schema bench to samenspel_app`,
  ],
  [
    'organisations and callers',
    `insert into organisation (id, slug, name, kind)
      select bench.id(1, i), 'organisatie-' || i, 'Organisatie nummer ' || i,
        case when i = 1 then 'MUNICIPALITY'::organisation_kind else (array['HOUSING_ASSOCIATION', 'WELFARE', 'CARE', 'MENTAL_HEALTH', 'RESIDENTS_GROUP'])[1 + i % 5]::organisation_kind end
      from generate_series(1, ${sizes.organisations}) i;
    insert into principal (id, organisation_id, kind, label)
      select bench.id(2, k), bench.id(1, case when k % ${teamEvery} < 2 then 1 else 1 + k % ${sizes.organisations} end), 'MACHINE', 'caller ' || k
      from generate_series(0, ${sizes.callers - 1}) k;
    insert into role_grant (id, principal_id, role, starts_on)
      select bench.id(20, k), bench.id(2, k), case when k % ${teamEvery} = 0 then 'PROGRAMME_TEAM' when k % ${teamEvery} = 1 then 'AUDITOR'
          when k % ${teamEvery} < 5 then 'BI_READER' when k % ${teamEvery} < 11 then 'PARTNER_READER'
          when k % ${teamEvery} < 17 then 'PARTNER_EDITOR' else 'PARTNER_SYSTEM' end::role, '2025-01-01'
      from generate_series(0, ${sizes.callers - 1}) k;
    insert into api_key (id, key_id, principal_id, label, hash)
      select bench.id(21, k), 'bench' || lpad(k::text, 11, '0'), bench.id(2, k), 'caller ' || k, sha256(convert_to(lpad(k::text, 43, '0'), 'UTF8'))
      from generate_series(0, ${sizes.callers - 1}) k`,
  ],
  [
    'programmes',
    `insert into programme (id, code, name, summary, starts_on, ends_on)
      select bench.id(3, i), 'P' || lpad(i::text, 2, '0'), ${text(`'Programma ' || i`, `'Programme ' || i`)},
        ${text(`repeat('Een langjarig programma voor leefbare wijken. ', 4)`, `repeat('A long-term programme for liveable neighbourhoods. ', 4)`)}, '2025-01-01', '2044-12-31'
      from generate_series(1, ${sizes.programmes}) i;
    insert into pillar (id, programme_id, code, position, name)
      select bench.id(22, p * 10 + i), bench.id(3, p), 'PIJLER_' || i, i, ${text(`'Pijler ' || i || ' van programma ' || p`, `'Pillar ' || i || ' of programme ' || p`)}
      from generate_series(1, ${sizes.programmes}) p, generate_series(1, 3) i;
    insert into theme (id, programme_id, code, name)
      select bench.id(23, p * 10 + i), bench.id(3, p), 'thema-' || i, ${text(`'Thema ' || i || ' samenleven'`, `'Theme ' || i || ' living together'`)}
      from generate_series(1, ${sizes.programmes}) p, generate_series(0, 7) i;
    insert into result (id, programme_id, pillar_id, code, type, horizon, title)
      select bench.id(24, p * 10 + i), bench.id(3, p), bench.id(22, p * 10 + 1 + i % 3), 'R' || i, 'OUTCOME', 'LONG',
        ${text(`'Resultaat ' || i || ' van programma ' || p || ': meer bewoners voelen zich thuis'`, `'Result ' || i || ' of programme ' || p || ': more residents feel at home'`)}
      from generate_series(1, ${sizes.programmes}) p, generate_series(1, 5) i;
    insert into sdg_goal (id, number, name) select bench.id(25, i), i, ${text(`'Doel ' || i`, `'Goal ' || i`)} from generate_series(1, 17) i;
    insert into programme_sdg (programme_id, sdg_goal_id) select bench.id(3, p), bench.id(25, i) from generate_series(1, ${sizes.programmes}) p, generate_series(1, 12) i;
    insert into alliance_membership (id, programme_id, organisation_id, type, starts_on)
      select bench.id(26, i), bench.id(3, 1), bench.id(1, i), 'CORE', '2025-01-01' from generate_series(2, ${sizes.organisations}) i`,
  ],
  [
    'neighbourhoods and regions',
    `insert into neighbourhood (id, slug, name) select bench.id(4, i), 'wijk-' || i, 'Wijk ' || i from generate_series(1, ${sizes.neighbourhoods}) i;
    insert into enrolment (id, programme_id, neighbourhood_id, starts_on)
      select bench.id(27, p * 10000 + i), bench.id(3, p), bench.id(4, i), '2025-01-01' from generate_series(1, ${planned}) i, lateral (select 1 + i % ${sizes.programmes} as p) x;
    insert into region (id, code, type, name) select bench.id(11, r), 'BU' || lpad(r::text, 8, '0'), 'BU', 'Buurt ' || r from generate_series(1, ${regions}) r;
    insert into region_version (id, region_id, year, code, name, change)
      select bench.id(28, r * 100 + y), bench.id(11, r), ${firstYear - 1} + y, 'BU' || lpad(r::text, 8, '0'), 'Buurt ' || r, 'NONE' from generate_series(1, ${regions}) r, generate_series(1, ${sizes.years}) y;
    insert into neighbourhood_region (id, neighbourhood_id, region_id, main, starts_on)
      select bench.id(29, i), bench.id(4, i), bench.id(11, i), true, '2025-01-01' from generate_series(1, least(${regions}, ${sizes.neighbourhoods})) i`,
  ],
  [
    'plans',
    `insert into plan (id, programme_id, kind, neighbourhood_id, title, starts_on, ends_on)
      select bench.id(5, i), bench.id(3, 1 + (1 + i % ${planned}) % ${sizes.programmes}), 'EXECUTION_PLAN', bench.id(4, 1 + i % ${planned}),
        ${text(`'Uitvoeringsplan ' || i || ' voor de wijk'`, `'Execution plan ' || i || ' for the neighbourhood'`)}, make_date(y, 1, 1), make_date(y + 1, 12, 31)
      from generate_series(1, ${sizes.plans}) i, lateral (select (2025 + 2 * ((i - 1) / ${planned}))::int as y) x;
    insert into plan_version (id, plan_id, number, state, ambitions, submitted_at, effective_from, snapshot, content_hash)
      select bench.id(6, i), bench.id(5, i), 1, 'ADOPTED', ${text(`repeat('Wat bewoners en partners in twee jaar doen. ', 6)`, `repeat('What residents and partners will do in two years. ', 6)`)},
        '2024-11-01', p.starts_on, '{}', encode(sha256(convert_to(i::text, 'UTF8')), 'hex')
      from generate_series(1, ${sizes.plans}) i join plan p on p.id = bench.id(5, i)`,
  ],
  [
    'actions',
    `create temporary table numbered as
      select (i - 1) * ${sizes.actions} + a as n, i as plan, a from generate_series(1, ${sizes.plans}) i, generate_series(1, ${sizes.actions}) a;
    insert into action (id, programme_id, plan_id, ref, agreed_action_id, status, progress_percent, health, latest_report_id, actual_start_on)
      select bench.id(7, n), p.programme_id, p.id, 'W' || lpad(plan::text, 3, '0') || '-' || lpad(a::text, 2, '0'), bench.id(8, n),
        (array['IMPLEMENTATION', 'IMPLEMENTATION', 'PIPELINE', 'CLOSED', 'FINALISATION'])[1 + a % 5]::action_status, (n * 7) % 101,
        (array['ON_TRACK', 'AT_RISK', 'OFF_TRACK'])[1 + n % 3]::health, bench.id(9, n * 10 + 5), '2025-02-01'
      from numbered join plan p on p.id = bench.id(5, plan) order by n;
    insert into agreed_action (id, action_id, plan_id, plan_version_id, version_state, version_number, title, description, kind, scale, planned_start_on, planned_end_on)
      select bench.id(8, n), bench.id(7, n), bench.id(5, plan), bench.id(6, plan), 'ADOPTED', 1,
        ${text(`'Actie ' || a || ' van plan ' || plan || ' met de bewoners'`, `'Action ' || a || ' of plan ' || plan || ' with the residents'`)},
        ${text(`repeat('Een concrete stap die partners hier samen zetten. ', 3)`, `repeat('A concrete step that partners take together here. ', 3)`)},
        'ACTION', 'NEIGHBOURHOOD', p.starts_on + a, p.ends_on - a
      from numbered join plan p on p.id = bench.id(5, plan) order by n;
    insert into agreed_action_pillar (agreed_action_id, pillar_id)
      select g.id, i.id from numbered join agreed_action g on g.id = bench.id(8, n) join plan p on p.id = g.plan_id join pillar i on i.programme_id = p.programme_id and i.position = 1 + n % 3;
    insert into agreed_action_theme (agreed_action_id, theme_id)
      select g.id, t.id from numbered join agreed_action g on g.id = bench.id(8, n) join plan p on p.id = g.plan_id
        join theme t on t.programme_id = p.programme_id and t.code in ('thema-' || n % 8, 'thema-' || (n % 8 + n % 2) % 8);
    insert into agreed_action_result (agreed_action_id, result_id)
      select g.id, r.id from numbered join agreed_action g on g.id = bench.id(8, n) join plan p on p.id = g.plan_id join result r on r.programme_id = p.programme_id and r.code = 'R' || 1 + n % 5;
    insert into agreed_action_sdg (agreed_action_id, sdg_goal_id) select bench.id(8, n), bench.id(25, 1 + n % 17) from numbered;
    -- A lead, in every tenth action after an earlier one; two or three contributors.
    insert into action_participation (id, action_id, organisation_id, role, starts_on, ends_on)
      select bench.id(30, n * 10), bench.id(7, n), bench.id(1, bench.pick(n, ${sizes.organisations})), 'LEAD'::participation_role,
        case when n % 10 = 0 then date '2025-06-01' else date '2025-01-01' end, null::date from numbered
      union all
      select bench.id(30, n * 10 + 1), bench.id(7, n), bench.id(1, 1 + (bench.pick(n, ${sizes.organisations}) + 9) % ${sizes.organisations}), 'LEAD', '2025-01-01', '2025-06-01' from numbered where n % 10 = 0
      union all
      select bench.id(30, n * 10 + 1 + c), bench.id(7, n), bench.id(1, 1 + (bench.pick(n, ${sizes.organisations}) + c * 31) % ${sizes.organisations}), 'CONTRIBUTING', '2025-01-01', null
      from numbered, generate_series(1, 3) c where c <= 2 + n % 2
      order by 1`,
  ],
  [
    'status reports',
    `insert into status_report (id, action_id, subject, standing, status, progress_percent, health, effective_at, recorded_at)
      select bench.id(9, n * 10 + s), bench.id(7, n), 'ACTION', 'ACCEPTED', case when s = 5 then t.status else 'PIPELINE'::action_status end, (n * 7) % 101, 'ON_TRACK', at, at
      from generate_series(1, 5) s, numbered, lateral (select timestamptz '2025-01-15 09:00:00Z' + s * interval '30 days' + n * interval '1 minute' as at) x, action t
      where t.id = bench.id(7, n) order by s, n;
    insert into status_report_source (report_id, organisation_id, pushed, source_sequence, tie_break, has_narrative)
      select bench.id(9, n * 10 + s), bench.id(1, bench.pick(n, ${sizes.organisations})), true, s, md5((n * 10 + s)::text), n % 5 > 0 from generate_series(1, 5) s, numbered order by s, n;
    -- The words of a report have audiences of their own: what a caller reads of a plan depends on who it is.
    insert into status_report_narrative (report_id, action_id, organisation_id, narrative, visibility)
      select bench.id(9, n * 10 + s), bench.id(7, n), bench.id(1, bench.pick(n, ${sizes.organisations})), 'Bericht ' || s || ', gestuurd door het systeem van de partner',
        (case when s < 5 and n % 4 = 0 then 'OWN_ORGANISATION' else (array['PUBLIC', 'ALLIANCE', 'ALLIANCE', 'ACTION_PARTIES', 'PROGRAMME_TEAM'])[1 + (n * 3 + n / 50) % 5] end)::visibility
      from generate_series(1, 5) s, numbered where n % 5 > 0 order by s, n`,
  ],
  [
    'indicators and series',
    `insert into data_source (id, code, publisher, title, licence) values (bench.id(31, 1), '00000NED', 'Bench', 'Generated figures', 'CC0');
    insert into indicator (id, programme_id, pillar_id, code, name, unit, measure, aggregation, decimals)
      select bench.id(10, i), bench.id(3, 1 + i % ${sizes.programmes}), bench.id(22, (1 + i % ${sizes.programmes}) * 10 + 1 + i % 3), 'IND' || lpad(i::text, 3, '0'),
        ${text(`'Indicator ' || i || ', aandeel van de bewoners'`, `'Indicator ' || i || ', share of residents'`)}, ${text(`'procent'`, `'percent'`)}, 'PERCENTAGE', 'MEAN', 2
      from generate_series(1, ${sizes.indicators}) i;
    insert into indicator_version (id, indicator_id, number, starts_on) select bench.id(32, i), bench.id(10, i), 1, '2005-01-01' from generate_series(1, ${sizes.indicators}) i;
    insert into series (id, indicator_id, indicator_version_id, region_id)
      select bench.id(12, i * 10000 + r), bench.id(10, i), bench.id(32, i), bench.id(11, r) from generate_series(1, ${sizes.indicators}) i, generate_series(1, ${regions}) r;
    insert into target (id, indicator_version_id, series_id, period, value)
      select bench.id(33, (i * 10000 + r) * 10 + y), bench.id(32, i), bench.id(12, i * 10000 + r), (2020 + 5 * y)::text, round((60 + 20 * cos(i + r))::numeric, 1)
      from generate_series(1, ${sizes.indicators}) i, generate_series(1, least(${regions}, 200)) r, generate_series(1, 2) y`,
  ],
]

/** Year by year, as figures arrive. */
const observations = (
  regions: number,
  year: number,
): string => `insert into observation (id, series_id, period, region_version_id, value, status, data_source_id)
  select bench.id(34, (i * 10000 + r) * 100 + ${year}), bench.id(12, i * 10000 + r), '${firstYear - 1 + year}', bench.id(28, r * 100 + ${year}),
    round((50 + 40 * sin(i * r + ${year}))::numeric, 2), case when ${year} = ${sizes.years} then 'PROVISIONAL' else 'NORMAL' end::obs_status, bench.id(31, 1)
  from generate_series(1, ${sizes.indicators}) i, generate_series(1, ${regions}) r order by i, r`

/**
 * What PostGraphile needs to ask the same: filters through relations, parts of a series, and long texts in one language (short ones it takes whole: that is
 * faster for it). Plain SQL functions that PostgreSQL inlines.
 */
const functions = `
  create function bench_actions(neighbourhood text, statuses action_status[]) returns setof action language sql stable as $$
    select a.* from action a where a.status = any (statuses)
      and exists (select from plan p join neighbourhood n on n.id = p.neighbourhood_id where p.id = a.plan_id and n.slug = neighbourhood)
    order by a.ref, a.id $$;
  create function bench_indicators(codes text[]) returns setof indicator language sql stable as $$ select i.* from indicator i where i.code = any (codes) order by i.code $$;
  create function indicator_series_in(i indicator, regions text[]) returns setof series language sql stable as $$
    select s.* from series s join region r on r.id = s.region_id where s.indicator_id = i.id and r.code = any (regions) order by r.code $$;
  create function series_figures(s series, periods text[]) returns setof observation language sql stable as $$
    select o.* from observation o where o.series_id = s.id and o.period = any (periods) order by o.period $$;
  create function series_goals(s series) returns setof target language sql stable as $$ select t.* from target t where t.series_id = s.id order by t.period $$;
  create function agreed_action_description_in(g agreed_action, language text) returns text language sql stable
    return coalesce(g.description ->> language, g.description ->> (g.description ->> 'source'))`

/**
 * Fills a migrated database, the same at every run. By a superuser and without triggers (`replica`): they would refuse plans that are adopted at birth, and
 * rows that a set-based insert makes are consistent by construction. Exclusion and check constraints still judge each row.
 */
export async function generate(superuserUrl: string, regions: number, progress: (line: string) => void): Promise<void> {
  const db = drizzle({
    connection: { connectionString: superuserUrl, max: 1, options: '-c session_replication_role=replica -c synchronous_commit=off' },
  })
  try {
    for (const [what, text] of statements(regions)) {
      progress(`data: ${what}`)
      await db.execute(sql.raw(text))
    }
    for (let year = 1; year <= sizes.years; year++) {
      progress(`data: observations, year ${year} of ${sizes.years}`)
      await db.execute(sql.raw(observations(regions, year)))
    }
    await db.execute(sql.raw(functions))
    progress('data: vacuum analyze')
    await db.execute(sql.raw('vacuum analyze'))
  } finally {
    await db.$client.end()
  }
}

/** How many rows lie in the larger tables, for the table of results. */
export async function counted(superuserUrl: string): Promise<Record<string, number>> {
  const db = drizzle({ connection: { connectionString: superuserUrl, max: 1 } })
  try {
    const { rows } = await db.execute(
      sql.raw(
        'select (select count(*) from action) as action, (select count(*) from status_report) as status_report, (select count(*) from observation) as observation',
      ),
    )
    return Object.fromEntries(Object.entries(rows[0] as Record<string, string>).map(([name, count]) => [name, Number(count)]))
  } finally {
    await db.$client.end()
  }
}
