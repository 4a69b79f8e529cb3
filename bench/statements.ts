import type { TextRow } from '../src/db/session.ts'
import { globalId, parseGlobalId } from '../src/read/model.ts'
import { firstYear, planned, sizes } from './data.ts'
import type { QueryName } from './queries.ts'

/** The four answers by hand, as someone writes them who knows the tables, the wanted language and the shape beforehand. */
interface ByHand {
  /** A variable → the text of each parameter. */
  values(variables: Record<string, unknown>): string[]
  /** Plain rows, and how they become the value of `data`. */
  flat: readonly string[]
  assemble(rows: readonly (readonly TextRow[])[]): string
  /** One statement that returns the value of `data` as text. */
  json: string
  /** For pgbench: variables to draw, and an expression for each parameter. */
  draw: string
  expressions: readonly string[]
}

type Value = string | null | undefined

const escaped = /["\\\u0000-\u001f\ud800-\udfff]/
const quoted = (text: Value): string =>
  text === null || text === undefined ? 'null' : escaped.test(text) ? JSON.stringify(text) : `"${text}"`
const bare = (text: Value): string => text ?? 'null'
const textIn = (text: Value): string => (text === null || text === undefined ? 'null' : `{"text":${quoted(text)}}`)
const idOf = (type: string, uuid: Value): string => `"${globalId(type, uuid as string)}"`
const instant = (text: Value): string => `"${(text as string).slice(0, 10)}T${(text as string).slice(11).replace('+00', 'Z')}"`
const uuidOf = (id: unknown): string => parseGlobalId(String(id))?.uuid ?? '00000000-0000-0000-0000-000000000000'
const listOf = (items: unknown): string => `{${(items as string[]).map((item) => `"${item}"`).join(',')}}`

/** Rows by their first column, each already written. */
function grouped(rows: readonly TextRow[], write: (row: TextRow) => string): Map<string, string> {
  const groups = new Map<string, string>()
  for (const row of rows) {
    const known = groups.get(row[0] as string)
    groups.set(row[0] as string, known === undefined ? write(row) : `${known},${write(row)}`)
  }
  return groups
}

const nl = (texts: string): string => `coalesce(${texts} ->> 'nl', ${texts} ->> (${texts} ->> 'source'))`
const current = (part: string): string =>
  `${part}.starts_on <= (select today()) and (${part}.ends_on is null or ${part}.ends_on > (select today()))`

const leadJoin = `left join action_participation l on l.action_id = a.id and l.role = 'LEAD' and ${current('l')}
  left join organisation o on o.id = l.organisation_id`
const neighbourhoodOfAction = `exists (select from plan p join neighbourhood n on n.id = p.neighbourhood_id where p.id = a.plan_id and n.slug = $1::text)`

const themeRow = (row: TextRow): string => `{"code":${quoted(row[1])},"name":${textIn(row[2])}}`
const organisationRow = (row: TextRow): string => `{"slug":${quoted(row[1])},"name":${quoted(row[2])}}`
const lead = (slug: Value, name: Value): string => (slug === null ? 'null' : `{"slug":${quoted(slug)},"name":${quoted(name)}}`)

const themesJson = `(select coalesce(json_agg(row_to_json(y)), '[]') from (
    select t.code, json_build_object('text', ${nl('t.name')}) "name" from agreed_action_theme k join theme t on t.id = k.theme_id where k.agreed_action_id = a.agreed_action_id order by t.code) y) "themes"`
const leadJson = `case when o.id is not null then json_build_object('slug', o.slug, 'name', o.name) end "lead"`

export const byHand: Record<QueryName, ByHand> = {
  plan: {
    values: ({ id }) => [uuidOf(id)],
    flat: [
      `select p.id, ${nl('p.title')}, p.starts_on, p.ends_on, n.slug, n.name from plan p join neighbourhood n on n.id = p.neighbourhood_id
        where p.id = $1::uuid and p.kind = 'EXECUTION_PLAN'`,
      `select a.id, a.ref, ${nl('g.title')}, ${nl('g.description')}, a.status, a.progress_percent, g.planned_start_on, g.planned_end_on, o.slug, o.name,
          r.status, r.effective_at, w.narrative
        from action a left join agreed_action g on g.id = a.agreed_action_id ${leadJoin}
          left join status_report r on r.id = a.latest_report_id left join status_report_narrative w on w.report_id = r.id
        where a.plan_id = $1::uuid order by a.ref limit 50`,
      `select c.action_id, o.slug, o.name from action a join action_participation c on c.action_id = a.id and c.role = 'CONTRIBUTING' and ${current('c')}
          join organisation o on o.id = c.organisation_id where a.plan_id = $1::uuid order by o.slug`,
      `select a.id, t.code, ${nl('t.name')} from action a join agreed_action_theme k on k.agreed_action_id = a.agreed_action_id join theme t on t.id = k.theme_id
        where a.plan_id = $1::uuid order by t.code`,
    ],
    assemble: ([plans, actions, contributors, themes]) => {
      const plan = plans?.[0]
      if (plan === undefined) return '{"plan":null}'
      const contributing = grouped(contributors as TextRow[], organisationRow)
      const themed = grouped(themes as TextRow[], themeRow)
      let nodes = ''
      for (const [id, ref, title, description, status, progress, from, to, slug, name, reported, at, narrative] of actions as TextRow[]) {
        nodes += `${nodes === '' ? '' : ','}{"id":${idOf('Action', id)},"ref":${quoted(ref)},"title":${textIn(title)},"description":${textIn(description)},"status":"${status}","progressPercent":${bare(progress)},"planned":{"startsOn":${quoted(from)},"endsOn":${quoted(to)}},"lead":${lead(slug, name)},"contributors":[${contributing.get(id as string) ?? ''}],"latestStatus":${
          reported === null ? 'null' : `{"status":"${reported}","effectiveAt":${instant(at)},"narrative":${quoted(narrative)}}`
        },"themes":[${themed.get(id as string) ?? ''}]}`
      }
      const [id, title, startsOn, endsOn, slug, name] = plan
      return `{"plan":{"id":${idOf('ExecutionPlan', id)},"title":${textIn(title)},"term":{"startsOn":"${startsOn}","endsOn":"${endsOn}"},"neighbourhood":${lead(slug, name)},"actions":{"nodes":[${nodes}]}}}`
    },
    json: `select json_build_object('plan', (select row_to_json(x) from (select p.id, json_build_object('text', ${nl('p.title')}) "title",
        json_build_object('startsOn', p.starts_on, 'endsOn', p.ends_on) "term", json_build_object('slug', n.slug, 'name', n.name) "neighbourhood",
        json_build_object('nodes', (select coalesce(json_agg(row_to_json(z)), '[]') from (
          select a.id, a.ref, json_build_object('text', ${nl('g.title')}) "title", json_build_object('text', ${nl('g.description')}) "description", a.status,
            a.progress_percent "progressPercent", json_build_object('startsOn', g.planned_start_on, 'endsOn', g.planned_end_on) "planned", ${leadJson},
            (select coalesce(json_agg(row_to_json(y)), '[]') from (select o.slug, o.name from action_participation c join organisation o on o.id = c.organisation_id
              where c.action_id = a.id and c.role = 'CONTRIBUTING' and ${current('c')} order by o.slug) y) "contributors",
            (select row_to_json(y) from (select r.status, r.effective_at "effectiveAt", (select w.narrative from status_report_narrative w where w.report_id = r.id) "narrative"
              from status_report r where r.id = a.latest_report_id) y) "latestStatus",
            ${themesJson}
          from action a left join agreed_action g on g.id = a.agreed_action_id ${leadJoin}
          where a.plan_id = p.id order by a.ref limit 50) z)) "actions"
        from plan p join neighbourhood n on n.id = p.neighbourhood_id where p.id = $1::uuid and p.kind = 'EXECUTION_PLAN') x))::text`,
    draw: `\\set n random(1, ${sizes.plans})`,
    expressions: ['bench.id(5, :n)'],
  },
  list: {
    values: ({ neighbourhood, statuses }) => [String(neighbourhood), listOf(statuses)],
    flat: [
      `select count(*) from action a where ${neighbourhoodOfAction} and a.status = any ($2::action_status[])`,
      `select a.id, a.ref, ${nl('g.title')}, a.status, o.slug, o.name from action a left join agreed_action g on g.id = a.agreed_action_id ${leadJoin}
        where ${neighbourhoodOfAction} and a.status = any ($2::action_status[]) order by a.ref, a.id limit 51`,
      `select a.id, t.code, ${nl('t.name')} from (select a.id, a.agreed_action_id from action a where ${neighbourhoodOfAction} and a.status = any ($2::action_status[]) order by a.ref, a.id limit 50) a
          join agreed_action_theme k on k.agreed_action_id = a.agreed_action_id join theme t on t.id = k.theme_id order by t.code`,
    ],
    assemble: ([count, rows, themes]) => {
      const actions = rows as TextRow[]
      const more = actions.length > 50
      const page = more ? actions.slice(0, 50) : actions
      const themed = grouped(themes as TextRow[], themeRow)
      let nodes = ''
      for (const [id, ref, title, status, slug, name] of page)
        nodes += `${nodes === '' ? '' : ','}{"id":${idOf('Action', id)},"ref":${quoted(ref)},"title":${textIn(title)},"status":"${status}","lead":${lead(slug, name)},"themes":[${themed.get(id as string) ?? ''}]}`
      const end = page.at(-1)
      const cursor = end === undefined ? 'null' : `"${Buffer.from(`${end[1]} ${end[0]}`).toString('base64url')}"`
      return `{"actions":{"totalCount":${count?.[0]?.[0]},"nodes":[${nodes}],"pageInfo":{"endCursor":${cursor},"hasNextPage":${more}}}}`
    },
    json: `select json_build_object('actions', json_build_object(
        'totalCount', (select count(*) from action a where ${neighbourhoodOfAction} and a.status = any ($2::action_status[])),
        'nodes', coalesce(json_agg(z.node order by z.ref, z.id) filter (where z.n <= 50), '[]'),
        'pageInfo', json_build_object('endCursor', max(z.ref) filter (where z.n <= 50), 'hasNextPage', count(*) > 50)))::text
      from (select a.ref, a.id, row_number() over (order by a.ref, a.id) n, (select row_to_json(y) from (
          select a.id, a.ref, json_build_object('text', ${nl('g.title')}) "title", a.status, ${leadJson}, ${themesJson}) y) node
        from action a left join agreed_action g on g.id = a.agreed_action_id ${leadJoin}
        where ${neighbourhoodOfAction} and a.status = any ($2::action_status[]) order by a.ref, a.id limit 51) z`,
    draw: `\\set n random(1, ${planned})\n\\set s random(1, 4)`,
    expressions: [`('wijk-' || :n)`, `array[(enum_range(null::action_status))[:s], 'IMPLEMENTATION']`],
  },
  series: {
    values: ({ codes, regions, periods }) => [listOf(codes), listOf(regions), listOf(periods)],
    flat: [
      `select i.id, i.code, ${nl('i.name')}, ${nl('i.unit')} from indicator i where i.code = any ($1::text[]) order by i.code limit 10`,
      `select s.indicator_id, s.id, r.code, r.name from series s join region r on r.id = s.region_id join indicator i on i.id = s.indicator_id
        where i.code = any ($1::text[]) and r.code = any ($2::text[]) order by r.code`,
      `select o.series_id, o.period, o.value, o.status from series s join region r on r.id = s.region_id join indicator i on i.id = s.indicator_id join observation o on o.series_id = s.id
        where i.code = any ($1::text[]) and r.code = any ($2::text[]) and o.period = any ($3::text[]) order by o.series_id, o.period`,
      `select t.series_id, t.period, t.value from series s join region r on r.id = s.region_id join indicator i on i.id = s.indicator_id join target t on t.series_id = s.id
        where i.code = any ($1::text[]) and r.code = any ($2::text[]) order by t.series_id, t.period`,
    ],
    assemble: ([indicators, series, observations, targets]) => {
      const observed = grouped(
        observations as TextRow[],
        (row) => `{"period":"${row[1]}","value":${row[2] === null ? 'null' : `"${row[2]}"`},"status":"${row[3]}"}`,
      )
      const aimed = grouped(targets as TextRow[], (row) => `{"period":"${row[1]}","value":"${row[2]}"}`)
      const told = grouped(
        series as TextRow[],
        ([, id, code, name]) =>
          `{"region":{"code":${quoted(code)},"name":${quoted(name)}},"observations":[${observed.get(id as string) ?? ''}],"targets":[${aimed.get(id as string) ?? ''}]}`,
      )
      const nodes = (indicators as TextRow[]).map(
        ([id, code, name, unit]) =>
          `{"id":${idOf('Indicator', id)},"code":${quoted(code)},"name":${textIn(name)},"unit":${textIn(unit)},"series":[${told.get(id as string) ?? ''}]}`,
      )
      return `{"indicators":{"nodes":[${nodes.join(',')}]}}`
    },
    json: `select json_build_object('indicators', json_build_object('nodes', coalesce(json_agg(row_to_json(x)), '[]')))::text from (
        select i.id, i.code, json_build_object('text', ${nl('i.name')}) "name", json_build_object('text', ${nl('i.unit')}) "unit",
          (select coalesce(json_agg(row_to_json(y)), '[]') from (select json_build_object('code', r.code, 'name', r.name) "region",
              (select coalesce(json_agg(row_to_json(z)), '[]') from (select o.period, o.value::text, o.status from observation o where o.series_id = s.id and o.period = any ($3::text[]) order by o.period) z) "observations",
              (select coalesce(json_agg(row_to_json(z)), '[]') from (select t.period, t.value::text from target t where t.series_id = s.id order by t.period) z) "targets"
            from series s join region r on r.id = s.region_id where s.indicator_id = i.id and r.code = any ($2::text[]) order by r.code) y) "series"
        from indicator i where i.code = any ($1::text[]) order by i.code limit 10) x`,
    draw: `\\set k random(0, ${sizes.indicators - 1})\n\\set a random(1, 120)\n\\set b random(1, 120)`,
    expressions: [
      `array(select 'IND' || lpad((1 + (:k + j * 11) % ${sizes.indicators})::text, 3, '0') from generate_series(0, 9) j)`,
      `array['BU' || lpad((:a)::text, 8, '0'), 'BU' || lpad((:b)::text, 8, '0')]`,
      `array[${Array.from({ length: sizes.years }, (_, index) => `'${firstYear + index}'`).join(', ')}]`,
    ],
  },
  tiny: {
    values: ({ code }) => [String(code)],
    flat: [
      `select p.id, p.code, ${nl('p.name')} from programme p where p.code = $1::text`,
      `select i.code, ${nl('i.name')} from programme p join pillar i on i.programme_id = p.id where p.code = $1::text order by i.position`,
      `select r.code, ${nl('r.title')} from programme p join result r on r.programme_id = p.id where p.code = $1::text order by r.code`,
    ],
    assemble: ([programmes, pillars, results]) => {
      const programme = programmes?.[0]
      if (programme === undefined) return '{"programme":null}'
      const [id, code, name] = programme
      const aims = (pillars as TextRow[]).map((row) => `{"code":${quoted(row[0])},"name":${textIn(row[1])}}`)
      const ends = (results as TextRow[]).map((row) => `{"code":${quoted(row[0])},"title":${textIn(row[1])}}`)
      return `{"programme":{"id":${idOf('Programme', id)},"code":${quoted(code)},"name":${textIn(name)},"pillars":[${aims.join(',')}],"results":[${ends.join(',')}]}}`
    },
    json: `select json_build_object('programme', (select row_to_json(x) from (select p.id, p.code, json_build_object('text', ${nl('p.name')}) "name",
        (select coalesce(json_agg(row_to_json(y)), '[]') from (select i.code, json_build_object('text', ${nl('i.name')}) "name" from pillar i where i.programme_id = p.id order by i.position) y) "pillars",
        (select coalesce(json_agg(row_to_json(y)), '[]') from (select r.code, json_build_object('text', ${nl('r.title')}) "title" from result r where r.programme_id = p.id order by r.code) y) "results"
        from programme p where p.code = $1::text) x))::text`,
    draw: `\\set n random(1, ${sizes.programmes})`,
    expressions: [`('P' || lpad((:n)::text, 2, '0'))`],
  },
}

/** The flat statements as a pgbench script: one pipeline, so one round trip and one implicit transaction, as `Session.read` sends them. */
export function pgbenchScript(query: QueryName): string {
  const { flat, draw, expressions } = byHand[query]
  const bound = flat.map((statement) => `${statement.replace(/\$(\d)/g, (_, n) => expressions[n - 1] as string).replace(/\s+/g, ' ')};`)
  const enter = `select * from enter('bench' || lpad((:caller)::text, 11, '0'), sha256(convert_to(lpad((:caller)::text, 43, '0'), 'UTF8')));`
  return [`\\set caller random(0, ${sizes.callers - 1})`, draw, '\\startpipeline', enter, ...bound, '\\endpipeline', ''].join('\n')
}
