import pg from 'pg'
import { makeKey } from '../../src/auth/key.ts'
import type { Role } from '../../src/auth/permissions.ts'

/** The day it is in this database, so that the same seed reads the same on every day. */
const today = '2026-06-15'

/** Texts by language; `%` stands for what the text is of. */
const localised: readonly Record<string, string>[] = [
  { source: 'nl', nl: '%' },
  { source: 'nl', nl: '% op orde', en: '% in order' },
  { source: 'en', en: '% at first in English', de: '% auf Deutsch' },
  { source: 'nl', nl: '%', en: '%', 'en-GB': '% colour', ar: 'حي %', tr: '% İlçe ı' },
  { source: 'nl', nl: 'Aanhaling "%" en \\ schuin / regel\neinde\ttab \u0001\u001f\u007f', en: '% \u2028\u2029 🏘️ 𝒳 é e\u0301' },
  { source: 'nl', nl: '', en: '' },
  { source: 'de', de: 'Straße %', 'zh-Hant': '% 社區', nl: '% wonen' },
  { source: 'en-GB', 'en-GB': '% neighbourhood', fr: '% quartier, « sûr »' },
]

const words: readonly string[] = [
  '%',
  'Gelijk',
  'Gelijk',
  '“%” é ß İ ı \u00a0',
  '"%" \\ / \b\f\n\r\t \u0001\u001f\u007f',
  '社區 % 🏘️👩‍👧 𝒳',
  "Robert'); -- % $1 {} \\u0041",
  '{"json": "%"}',
]

/** Somebody with a key of its own, beside the demo keys: several roles, none today, or not let in at all. */
const extras: readonly { label: string; slug: string; roles: readonly Role[]; ended?: boolean; refused?: boolean }[] = [
  { label: 'several@woonpunt', slug: 'woonpunt', roles: ['PARTNER_READER', 'PARTNER_EDITOR', 'BI_READER'] },
  { label: 'several@gemeente-maastricht', slug: 'gemeente-maastricht', roles: ['PROGRAMME_TEAM', 'RESEARCH_STATISTICS', 'ADMIN'] },
  { label: 'none@trajekt', slug: 'trajekt', roles: ['PARTNER_EDITOR'], ended: true },
  { label: 'left@org-05', slug: 'org-05', roles: ['PARTNER_EDITOR'], refused: true },
]

export interface Actor {
  name: string
  /** Absent for the public. */
  key: string | undefined
  /** The organisation it acts for. */
  organisation: string | undefined
  /** `enter` does not let it in. */
  refused: boolean
}

/** A mark in a text that only one organisation may read. */
export const canaryOf = (organisation: string): string => `canary-of-${organisation}-alone`

/**
 * Makes of a seeded database one in which there is something to get wrong: hundreds of rows with equal sort keys, hidden versions, notes of every
 * audience, characters that need escaping, nulls, and rows that point to nothing, so that a null stands where the schema forbids one.
 */
export async function enrich(superuserUrl: string, keys: Readonly<Record<string, string>>): Promise<Actor[]> {
  const client = new pg.Client({ connectionString: superuserUrl })
  await client.connect()
  try {
    await client.query('begin')
    await client.query(`create or replace function today() returns date language sql stable parallel safe return date '${today}'`)
    await client.query(`set local session_replication_role = replica`)
    await client.query(`update role_grant set starts_on = '2025-01-01'`)
    await client.query(`create temp table localised_text on commit drop as select n - 1 as n, texts from unnest($1::jsonb[]) with ordinality u (texts, n)`, [
      localised.map((texts) => JSON.stringify(texts)),
    ])
    await client.query(`create temp table word on commit drop as select n - 1 as n, word from unnest($1::text[]) with ordinality u (word, n)`, [words])
    for (const statement of helpers) await client.query(statement)
    for (const statement of rows) await client.query(statement)
    const made = []
    for (const extra of extras) made.push(await admit(client, extra))
    for (const helper of ['u(text)', 'texts(text, bigint)', 'words(text, bigint)']) await client.query(`drop function diff_${helper}`)
    await client.query('commit')
    await client.query('analyze')
    return [
      { name: 'public', key: undefined, organisation: undefined, refused: false },
      ...Object.entries(keys).map(([name, key]) => ({ name, key, organisation: name.split('@')[1], refused: false })),
      ...made,
      { name: 'nobody', key: makeKey('demo').key, organisation: undefined, refused: true },
    ]
  } finally {
    await client.end()
  }
}

async function admit(client: pg.Client, { label, slug, roles, ended, refused = false }: (typeof extras)[number]): Promise<Actor> {
  const { key, keyId, hash } = makeKey('demo')
  await client.query(`insert into principal (id, organisation_id, kind, label) select diff_u($1), o.id, 'MACHINE', $1 from organisation o where o.slug = $2`, [
    label,
    slug,
  ])
  await client.query(
    `insert into role_grant (id, principal_id, role, starts_on, ends_on) select diff_u($1 || role), diff_u($1), role, '2025-01-01', $3 from unnest($2::role[]) role`,
    [label, roles, ended ? '2026-01-01' : null],
  )
  await client.query(`insert into api_key (id, key_id, principal_id, label, hash) values (diff_u('key ' || $1), $2, diff_u($1), $1, $3)`, [label, keyId, hash])
  return { name: label, key, organisation: slug, refused }
}

const helpers = [
  `create function diff_u(text) returns uuid language sql immutable return md5('differential ' || $1)::uuid`,
  `create function diff_texts(label text, n bigint) returns jsonb language sql stable as
    $$ select replace(texts::text, '%', label)::jsonb from localised_text t where t.n = $2 % ${localised.length} $$`,
  `create function diff_words(label text, n bigint) returns text language sql stable as
    $$ select replace(word, '%', label) from word w where w.n = $2 % ${words.length} $$`,
]

const alliance = `array['servatius', 'woonpunt', 'trajekt', 'envida', 'mondriaan', 'provincie-limburg', 'gemeente-maastricht']`
/** The organisation with a place in the alliance's list. */
const member = (n: string) => `(select o.id from organisation o where o.slug = (${alliance})[1 + (${n}) % 7])`
const visibilityOf = (n: string) => `(array['ALLIANCE', 'ACTION_PARTIES', 'OWN_ORGANISATION', 'PUBLIC', 'PROGRAMME_TEAM'])[1 + (${n})]`
const slugOf = (n: string) => `(${alliance})[1 + (${n}) % 7]`
/** Only the text of what nobody else may read holds the mark. */
const marked = (n: string, visibility: string) =>
  `case ${visibility} when 'OWN_ORGANISATION' then 'canary-of-' || ${slugOf(n)} || '-alone ' else '' end`

const rows: readonly string[] = [
  `insert into programme (id, code, name, summary, starts_on, ends_on)
    select diff_u('P' || i), 'P' || i, diff_texts('Programma ' || i, i), case when i = 3 then diff_texts('Kort ' || i, i + 1) end, '2020-01-01', '2060-12-31'
    from generate_series(2, 4) i`,
  `insert into pillar (id, programme_id, code, position, name)
    select diff_u('pillar ' || i), diff_u('P2'), 'PIJLER-' || i, i, diff_texts('Pijler ' || i, i) from generate_series(1, 3) i`,
  `insert into theme (id, programme_id, code, name) select diff_u('theme ' || i), p.id, 'thema-' || i, diff_texts('Thema ' || i, i)
    from generate_series(1, 8) i join programme p on p.code = case when i % 4 = 0 then 'P2' else 'VW' end`,
  `insert into programme_sdg (programme_id, sdg_goal_id) select diff_u('P2'), g.id from sdg_goal g where g.number % 3 = 0`,
  `insert into result (id, programme_id, pillar_id, parent_id, code, type, horizon, title)
    select diff_u('result ' || i), p.id, case when i % 3 = 0 then null else (select l.id from pillar l order by l.code, l.id limit 1 offset i % 6) end,
      case when i = 5 then diff_u('nothing') when i > 2 then diff_u('result ' || i / 2) end, 'RESULTAAT-' || i,
      (array['OUTPUT', 'OUTCOME', 'IMPACT', 'OTHER'])[1 + i % 4]::result_type, (array['SHORT', 'LONG'])[1 + i % 2]::result_horizon, diff_texts('Resultaat ' || i, i)
    from generate_series(1, 14) i join programme p on p.code = case when i % 5 = 0 then 'P2' else 'VW' end`,
  `insert into policy_link (id, programme_id, kind, name, starts_on, ends_on)
    select diff_u('policy ' || i), p.id, (array['IZA', 'GALA', 'WORKS'])[1 + i % 3]::policy_kind, diff_texts('Beleid ' || i, i),
      case when i % 2 = 0 then '2020-01-01'::date end, case when i % 3 = 0 then '2030-01-01'::date end
    from generate_series(1, 7) i, programme p where p.code in ('VW', 'P3')`,

  `insert into organisation (id, slug, name, kind)
    select diff_u('organisation ' || i), 'org-' || lpad(i::text, 2, '0'), case when i = 9 then '' else diff_words('Stichting ' || i, i) end,
      (array['HOUSING_ASSOCIATION', 'WELFARE', 'CARE', 'RESIDENTS_GROUP', 'OTHER'])[1 + i % 5]::organisation_kind
    from generate_series(1, 26) i`,
  // At home in two programmes at once, not yet, no longer, and of an organisation that is not there.
  `insert into alliance_membership (id, programme_id, organisation_id, type, starts_on, ends_on)
    select diff_u('membership ' || i), p.id, o.id, (array['CORE', 'ASSOCIATED'])[1 + i % 2]::membership_type,
      case i % 4 when 2 then '2026-12-01'::date else '2025-01-01'::date + (i % 3) end, case i % 4 when 1 then '2026-02-01'::date end
    from generate_series(1, 16) i join organisation o on o.slug = 'org-' || lpad(i::text, 2, '0') join programme p on p.code = case when i % 5 = 0 then 'P2' else 'VW' end`,
  `insert into alliance_membership (id, programme_id, organisation_id, type, starts_on, ends_on) values
    (diff_u('membership of nobody'), diff_u('P3'), diff_u('nobody'), 'CORE', '2025-01-01', null),
    (diff_u('membership before'), diff_u('P3'), ${member('1')}, 'ASSOCIATED', '2021-01-01', '2022-01-01')`,

  `insert into region (id, code, type, name)
    select diff_u('region ' || i), 'BU0935' || lpad((50 + i)::text, 4, '0'), 'BU', diff_words('Buurt ' || i, i) from generate_series(1, 8) i`,
  `insert into region_version (id, region_id, year, name, change)
    select diff_u('region version ' || i || ' ' || year), diff_u('region ' || i), year, diff_words('Buurt ' || i, i + year),
      (array['NONE', 'RECODED', 'REDRAWN', null])[1 + (i + year) % 4]::region_change
    from generate_series(1, 8) i, generate_series(2019, 2025) year where (i + year) % 3 > 0`,
  `insert into neighbourhood (id, slug, name)
    select diff_u('neighbourhood ' || i), 'wijk-' || lpad(i::text, 2, '0'), case when i = 7 then '' else diff_words('Wijk ' || i, i) end from generate_series(1, 12) i`,
  `insert into enrolment (id, programme_id, neighbourhood_id, starts_on, ends_on, evidence)
    select diff_u('enrolment ' || i), p.id, diff_u('neighbourhood ' || i), case when i % 6 = 5 then '2027-01-01'::date else '2025-01-01' end,
      case when i % 6 = 4 then '2026-01-01'::date end, case when i % 3 > 0 then diff_texts('Urgentie ' || i, i) end
    from generate_series(1, 11) i join programme p on p.code = 'VW'`,
  `insert into neighbourhood_region (id, neighbourhood_id, region_id, main, starts_on, ends_on)
    select diff_u('link ' || i || ' ' || r), diff_u('neighbourhood ' || i), diff_u('region ' || r), r = 1 + i % 8,
      case when (i + r) % 4 = 0 then '2026-01-01'::date else '2020-01-01' end, case when (i + r) % 5 = 0 then '2026-03-01'::date end
    from generate_series(1, 12) i, generate_series(1, 8) r where (i * r) % 3 < 2 and r <= 1 + i % 8`,

  // Every state, more versions than one, a plan without any, a second plan of the same neighbourhood, and plans that point to nothing.
  `insert into plan (id, programme_id, kind, neighbourhood_id, title, starts_on, ends_on)
    select diff_u('plan ' || i || ' ' || year), p.id, 'EXECUTION_PLAN', diff_u('neighbourhood ' || i), diff_texts('Plan ' || i || ' ' || year, i + year / 2),
      make_date(year, 1, 1), make_date(year + 1, 12, 31)
    from programme p, generate_series(1, 12) i, generate_series(2023, 2027, 2) year where p.code = 'VW' and (i + year / 2) % 3 > 0`,
  `insert into plan (id, programme_id, kind, neighbourhood_id, title, starts_on, ends_on)
    select diff_u('agenda ' || i), diff_u('P' || i), 'STRATEGIC_AGENDA', null, diff_texts('Agenda ' || i, i), '2025-01-01', '2029-12-31' from generate_series(2, 3) i`,
  `insert into plan (id, programme_id, kind, neighbourhood_id, title, starts_on, ends_on)
    select diff_u('agenda later'), p.id, 'STRATEGIC_AGENDA', null, diff_texts('Agenda later', 2), '2030-01-01', '2034-12-31' from programme p where p.code = 'VW'
    union all select diff_u('plan of no neighbourhood'), p.id, 'EXECUTION_PLAN', diff_u('nothing'), diff_texts('Nergens', 1), '2025-01-01', '2026-12-31' from programme p where p.code = 'VW'
    union all select diff_u('plan of no programme'), diff_u('nothing'), 'PROGRAMME_PLAN', null, diff_texts('Nooit', 3), '2025-01-01', '2026-12-31'`,
  `create temp table planned on commit drop as
    select p.id as plan_id, row_number() over (order by p.starts_on, p.id) as n from plan p where p.id not in (select v.plan_id from plan_version v)`,
  `insert into plan_version (id, plan_id, number, state, ambitions, objectives, approach, submitted_at, effective_from, content_hash)
    select diff_u('version ' || t.plan_id || ' ' || v.number), t.plan_id, v.number, v.state::plan_state, case when n % 3 > 0 then diff_texts('Ambitie ' || n, n) end,
      case when n % 2 > 0 then diff_texts('Doel ' || n, n + v.number) end, case when n % 4 > 0 then diff_texts('Aanpak ' || n, n + 2) end,
      case when v.state <> 'DRAFT' then '2025-03-01 09:30:00.12345+00'::timestamptz + n * interval '1 hour' end,
      case when v.state in ('ADOPTED', 'SUPERSEDED', 'EXPIRED') then case when n % 5 = 0 then '2026-12-01'::date else '2025-02-01'::date + v.number end end,
      case when v.state in ('ADOPTED', 'SUPERSEDED', 'EXPIRED') then md5(n::text) || md5('b' || n) end
    from planned t, lateral (values
      (0, 1, 'ADOPTED'), (1, 1, 'SUBMITTED'), (2, 1, 'ADOPTED'), (2, 2, 'DRAFT'), (3, 1, 'SUPERSEDED'), (3, 2, 'ADOPTED'), (3, 3, 'SUBMITTED'),
      (4, 1, 'DRAFT'), (5, 1, 'RETURNED'), (5, 2, 'WITHDRAWN'), (6, 1, 'EXPIRED'), (8, 1, 'ADOPTED'), (8, 2, 'RETURNED')) v (kind, number, state)
    where v.kind = t.n % 9`,

  `create temp table made on commit drop as
    select p.id as plan_id, i, row_number() over (order by p.starts_on, p.id, i) as n from plan p join planned t on t.plan_id = p.id, generate_series(1, 6) i
    where p.kind = 'EXECUTION_PLAN' and i <= 2 + t.n % 5`,
  `insert into made select p.id, 1, 900 from plan p where p.kind = 'PROGRAMME_PLAN' and p.id <> diff_u('plan of no programme')
    union all select diff_u('nothing'), 1, 901`,
  `insert into agreed_action (id, action_id, plan_id, plan_version_id, version_state, version_number, title, description, kind, scale, planned_start_on, planned_end_on, cross_domain)
    select diff_u('agreed ' || m.n || ' ' || v.number), diff_u('action ' || m.n), m.plan_id, v.id, v.state, v.number, diff_texts('Actie ' || m.n, m.n),
      case when m.n % 3 > 0 then diff_texts('Wat er gebeurt ' || m.n, m.n + v.number) end,
      (array['ACTION', 'INITIATIVE', 'OPPORTUNITY', 'POINT_OF_ATTENTION'])[1 + m.n % 4]::action_kind,
      (array['RESIDENT_INITIATIVE', 'STREET_OR_BLOCK', 'NEIGHBOURHOOD', 'CROSS_NEIGHBOURHOOD', 'AREA_DEVELOPMENT'])[1 + m.n % 5]::action_scale,
      case when m.n % 4 > 0 then '2025-03-01'::date + m.n::int end, case when m.n % 5 > 0 then '2026-03-01'::date + m.n::int end, m.n % 2 = 0
    from made m join plan_version v on v.plan_id = m.plan_id`,
  `insert into action (id, programme_id, plan_id, ref, agreed_action_id, status, progress_percent, health, actual_start_on, actual_end_on, example, version, created_at, updated_at)
    select diff_u('action ' || m.n), p.id, m.plan_id, 'W' || lpad((m.n / 7)::text, 2, '0') || '-' || m.n,
      case when m.n % 7 > 0 then (select g.id from agreed_action g where g.action_id = diff_u('action ' || m.n)
        order by case when m.n % 5 = 0 then -g.version_number else g.version_number end limit 1) end,
      (array['PIPELINE', 'IMPLEMENTATION', 'FINALISATION', 'CLOSED', 'CANCELLED', 'SUSPENDED'])[1 + m.n % 6]::action_status,
      case when m.n % 3 > 0 then (m.n * 20) % 101 end, (array['ON_TRACK', 'AT_RISK', 'OFF_TRACK', 'UNKNOWN'])[1 + m.n % 4]::health,
      case when m.n % 2 = 0 then '2025-05-01'::date + m.n::int % 9 end, case when m.n % 6 = 3 then '2026-01-01'::date end, false, 1 + m.n::int % 3,
      '2026-01-01', '2026-01-01 00:00:00.000001+00'::timestamptz + (m.n % 6) * interval '1 day 1.5 seconds'
    from made m join programme p on p.code = 'VW'`,
  // The same ref and the same code in two programmes.
  `insert into action (id, programme_id, plan_id, ref, agreed_action_id) select diff_u('same ref'), diff_u('P2'), a.plan_id, a.ref, a.agreed_action_id from action a where a.ref = 'POT-2025-02'`,
  `insert into agreed_action_pillar (agreed_action_id, pillar_id)
    select g.id, p.id from agreed_action g join made m on diff_u('action ' || m.n) = g.action_id, (select id, row_number() over (order by code) as r from pillar) p where (m.n + p.r) % 4 = 0`,
  `insert into agreed_action_theme (agreed_action_id, theme_id)
    select g.id, p.id from agreed_action g join made m on diff_u('action ' || m.n) = g.action_id, (select id, row_number() over (order by code) as r from theme) p where (m.n + p.r) % 5 = 0`,
  `insert into agreed_action_sdg (agreed_action_id, sdg_goal_id)
    select g.id, p.id from agreed_action g join made m on diff_u('action ' || m.n) = g.action_id, sdg_goal p where (m.n + p.number) % 6 = 0`,
  `insert into agreed_action_result (agreed_action_id, result_id)
    select g.id, p.id from agreed_action g join made m on diff_u('action ' || m.n) = g.action_id, (select id, row_number() over (order by code) as r from result) p where (m.n + p.r) % 7 = 0`,

  `insert into action_participation (id, action_id, organisation_id, role, starts_on, ends_on)
    select diff_u('lead ' || m.n || ' ' || t.part), diff_u('action ' || m.n), ${member('m.n + t.part')}, 'LEAD', t.starts_on, t.ends_on
    from made m, lateral (values (0, '2025-01-01'::date, case when m.n % 3 = 0 then '2026-01-01'::date end), (1, '2026-01-01', case when m.n % 2 = 0 then '2026-05-01'::date end)) t (part, starts_on, ends_on)
    where t.part = 0 or m.n % 3 = 0`,
  `insert into action_participation (id, action_id, organisation_id, role, starts_on, ends_on)
    select diff_u('part ' || m.n || ' ' || t.part), diff_u('action ' || m.n), ${member('m.n + t.part')},
      (array['CONTRIBUTING', 'CONTRIBUTING', 'FUNDING'])[1 + (m.n + t.part) % 3]::participation_role,
      case when t.part = 3 then '2026-12-01'::date else '2025-01-01'::date end, case when t.part = 4 then '2026-02-01'::date end
    from made m, generate_series(2, 6) t (part) where (m.n + t.part) % 4 > 0`,
  `insert into action_participation (id, action_id, organisation_id, role, starts_on) select diff_u('part of nobody ' || m.n), diff_u('action ' || m.n), diff_u('nobody'), 'FUNDING', '2025-06-01' from made m where m.n % 31 = 5`,

  `insert into status_report (id, action_id, subject, standing, status, progress_percent, health, effective_at, recorded_at)
    select diff_u('report ' || m.n || ' ' || r), diff_u('action ' || m.n), (array['ACTION', 'ACTION', 'CONTRIBUTION', 'UNRELATED'])[1 + (m.n + r) % 4]::report_subject,
      case when (m.n + r) % 5 = 0 then 'QUARANTINED' else 'ACCEPTED' end::report_standing,
      (array['PIPELINE', 'IMPLEMENTATION', 'FINALISATION', 'CLOSED', 'CANCELLED', 'SUSPENDED'])[1 + (m.n + r) % 6]::action_status,
      case when r % 3 > 0 then (m.n * r) % 101 end, (array['ON_TRACK', 'AT_RISK', null, 'OFF_TRACK'])[1 + (m.n + r) % 4]::health,
      '2026-03-01 10:00:00+00'::timestamptz + (r / 2) * interval '1 hour 0.100001 seconds', '2026-03-02 00:00:00.5+00'::timestamptz + r * interval '1 second'
    from made m, generate_series(1, 6) r where r <= m.n % 7`,
  `update action a set latest_report_id = (select r.id from status_report r where r.action_id = a.id order by r.effective_at desc, r.id limit 1) where a.id in (select diff_u('action ' || n) from made where n % 4 > 0)`,
  `insert into status_report_source (report_id, organisation_id, pushed, tie_break, has_narrative)
    select diff_u('report ' || m.n || ' ' || r), case when m.n % 23 = 1 then diff_u('nobody') else ${member('m.n + r')} end, false, 'x', true
    from made m, generate_series(1, 6) r where r <= m.n % 7 and (m.n + r) % 9 > 0`,
  `insert into status_report_narrative (report_id, action_id, organisation_id, narrative, visibility)
    select diff_u('report ' || m.n || ' ' || r), diff_u('action ' || m.n), ${member('m.n + r')},
      ${marked('m.n + r', visibilityOf('(m.n + r * 2) % 5'))} || diff_words('verhaal ' || m.n || ' ' || r, m.n + r), ${visibilityOf('(m.n + r * 2) % 5')}::visibility
    from made m, generate_series(1, 6) r where r <= m.n % 7 and (m.n + r) % 6 > 0`,
  `insert into note (id, action_id, organisation_id, body, visibility, created_at)
    select diff_u('note ' || a.n || ' ' || i), a.id, case when (a.n + i) % 29 = 3 then diff_u('nobody') else ${member('a.n + i')} end,
      ${marked('a.n + i', visibilityOf('(a.n + i * 2) % 3'))} || diff_words('notitie ' || a.n || ' ' || i, a.n + i), ${visibilityOf('(a.n + i * 2) % 3')}::visibility,
      '2026-04-01 12:00:00+00'::timestamptz + (i / 3) * interval '1 day 0.000001 seconds'
    from (select id, row_number() over (order by ref, id) as n from action) a, generate_series(1, 7) i where i <= a.n % 8`,

  `insert into decision (id, programme_id, reference, body, decided_on, outcome, title, example)
    select diff_u('decision ' || i), p.id, diff_words('B-' || i, i) || i, (array['COLLEGE', 'PORTFOLIO_HOLDER', 'COUNCIL', 'ALLIANCE'])[1 + i % 4]::decision_body, '2025-02-01'::date + (i % 5),
      (array['CONFORM', 'CONFORM_WITH_CHANGES', 'HELD_OVER', 'REJECTED'])[1 + i % 4]::decision_outcome, diff_texts('Besluit ' || i, i), i % 2 = 0
    from generate_series(1, 27) i join programme p on p.code = 'VW'`,
  `insert into decision_point (id, decision_id, number, type, outcome, text, plan_version_id)
    select diff_u('point ' || i || ' ' || k), case when i = 13 then diff_u('nothing') else diff_u('decision ' || i) end, k,
      (case when v.id is not null and k = 1 then 'ADOPTION' else (array['MANDATE_GRANT', 'AMENDMENT', 'TAKEN_NOTE'])[1 + (i + k) % 3] end)::decision_type,
      'CONFORM', diff_texts('Punt ' || i || '.' || k, i + k), v.id
    from generate_series(1, 27) i, generate_series(1, 3) k left join lateral (select v.id from plan_version v order by v.state, v.id limit 1 offset (i * k) % 40) v on k < 3
    where k <= i % 4`,
  `insert into mandate (id, decision_point_id, plan_id, holder, kinds, starts_on, ends_on)
    select diff_u('mandate ' || p.id || k), p.id, coalesce((select v.plan_id from plan_version v where v.id = p.plan_version_id), diff_u('nothing')),
      (array['PORTFOLIO_HOLDER', 'PROGRAMME_TEAM'])[k]::role, (array['ACCENT', 'SUPPLEMENT', 'CHANGE'])[1:1 + (p.number + k) % 3]::amendment_kind[],
      '2025-06-24', case when k = 2 then '2026-06-24'::date end
    from decision_point p, generate_series(1, 2) k where p.number > k - 1 and p.id in (select diff_u('point ' || i || ' ' || n) from generate_series(1, 27) i, generate_series(1, 3) n)`,

  `insert into data_source (id, code, publisher, title, licence) select diff_u('source ' || i), 'bron-' || i, diff_words('Uitgever ' || i, i + 3), diff_words('Tabel ' || i, i), 'CC BY 4.0' from generate_series(1, 3) i`,
  `insert into indicator (id, programme_id, pillar_id, code, name, definition, unit, measure, ascending, aggregation, decimals, disclosure_threshold)
    select diff_u('indicator ' || i), p.id, case when i % 3 > 0 then (select l.id from pillar l order by l.code limit 1 offset i % 6) end,
      case when i = 1 then 'inwoners' else 'diff-' || i end, diff_texts('Indicator ' || i, i), case when i % 2 = 0 then diff_texts('Definitie ' || i, i + 1) end, diff_texts('eenheid', i),
      (array['UNIT', 'PERCENTAGE', 'NOMINAL', 'ORDINAL', 'QUALITATIVE'])[1 + i % 5]::measure, (array[true, false, null])[1 + i % 3], 'SUM', i % 4, case when i % 2 = 0 then 5 end
    from generate_series(1, 7) i join programme p on p.code = case when i = 1 then 'P2' else 'VW' end`,
  `insert into indicator_version (id, indicator_id, number, starts_on) select diff_u('definition ' || i || ' ' || v), diff_u('indicator ' || i), v, '2020-01-01' from generate_series(1, 7) i, generate_series(1, 2) v`,
  // Two definitions in one region: two series with the same sort key.
  `insert into series (id, indicator_id, indicator_version_id, region_id)
    select diff_u('series ' || i || ' ' || v || ' ' || r), diff_u('indicator ' || i), diff_u('definition ' || i || ' ' || v), diff_u('region ' || r)
    from generate_series(1, 7) i, generate_series(1, 2) v, generate_series(1, 8) r where (i + r) % 3 = 0 and (v = 1 or r % 2 = 0)`,
  `insert into series (id, indicator_id, indicator_version_id, region_id) values (diff_u('series of nowhere'), diff_u('indicator 2'), diff_u('definition 2 1'), diff_u('nothing'))`,
  `create temp table figure on commit drop as select s.id as series_id, s.region_id, y as year, row_number() over (order by s.id, y) as n
    from series s, generate_series(2019, 2024) y where s.indicator_id in (select diff_u('indicator ' || i) from generate_series(1, 7) i)`,
  `insert into observation (id, series_id, period, region_version_id, value, status, revision, recorded_at, data_source_id)
    select diff_u('observation ' || n), series_id, year::text, coalesce((select v.id from region_version v where v.region_id = f.region_id order by v.year limit 1), diff_u('nothing')),
      case when n % 6 < 4 then (array[0, -0.50, 12345678901234567890.123456789, 1e-7, 100, 3.14000])[1 + n % 6]::numeric end,
      (array['NORMAL', 'PROVISIONAL', 'ESTIMATED', 'BREAK', 'SUPPRESSED', 'MISSING'])[1 + n % 6]::obs_status, 1 + n::int % 3, '2026-02-01 00:00:00+00'::timestamptz + n * interval '1 minute 0.01 seconds',
      case when n % 37 = 2 then diff_u('nothing') else diff_u('source ' || (1 + n % 3)) end
    from figure f where n % 11 > 0`,
  `insert into confidential_value (observation_id, value) select diff_u('observation ' || n), n * 1.5 from figure where n % 6 = 4 and n % 11 > 0`,
  `insert into observation_revision (id, observation_id, revision, value, status, recorded_at)
    select diff_u('revision ' || n || ' ' || r), diff_u('observation ' || n), r, n * r, 'NORMAL', '2026-01-01' from figure, generate_series(1, 3) r where n % 11 > 0 and r <= 1 + n % 3`,
  `insert into target (id, indicator_version_id, series_id, period, value, example)
    select diff_u('target ' || s.id || y), s.indicator_version_id, s.id, y::text, y - 2000.5, y % 2 = 0 from series s, generate_series(2025, 2028) y where s.id in (select series_id from figure) and ascii(s.id::text) % 2 = 0`,
  `insert into baseline (id, indicator_version_id, series_id, period, value) select diff_u('baseline ' || s.id), s.indicator_version_id, s.id, '2019', 7.70 from series s where s.id in (select series_id from figure) and ascii(s.id::text) % 3 = 0`,
]
