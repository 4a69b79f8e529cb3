import { sql } from 'drizzle-orm'
import t from 'tap'
import { buildApp } from '../src/app.ts'
import { parseKey } from '../src/auth/key.ts'
import type { Credential } from '../src/db/session.ts'
import { ask, testDatabase, writeAs } from './harness.ts'

const place = 'BU09350203'
const code = 'ernstig_eenzaam_pct'

/** Ways to the figures of one series and to what is made of them. */
const counted = 'baseline { value history(first: 5) { nodes { changes { before after } } } }'
const figures = `series(regions: ["${place}"]) { observations { period value status revisions { value } } targets { value } ${counted} baselineStatus }`
const headlines = `headlines { indicator { code } ${counted} target { value } actual { value } }`
const ways = [
  `{ indicator(code: "${code}") { ${figures} } }`,
  `{ neighbourhood(slug: "pottenberg") { ${headlines} } }`,
  'query N($baseline: ID!) { node(id: $baseline) { ... on Baseline { value history(first: 5) { nodes { changes { before after } } } } } }',
  '{ programme(code: "VW") { monitoringPlans { evaluations { figures { region figure { value status } } } } } }',
  `{ councilDigest { revisedIndicators(first: 5) { nodes { ${figures} } } } }`,
  '{ auditTrail(first: 100) { nodes { operation before after } } }',
  `query I($asOf: DateTime!) { indicator(code: "${code}") { ${figures.replace('(', '(asOf: $asOf, ')} } }`,
  `query P($asOf: DateTime!) { neighbourhood(slug: "pottenberg", asOf: $asOf) { ${headlines} } }`,
]

t.test('B6 S48: what is withheld is told by nothing that was made of it before', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const statistics = keys['research_statistics@gemeente-maastricht'] as string
  const keeping = await buildApp({ session: db.session, cacheBytes: 8 * 1024 * 1024 })
  t.teardown(() => keeping.close())
  const others = [
    undefined,
    keys['partner_reader@trajekt'],
    keys['partner_editor@woonpunt'],
    keys['programme_team@gemeente-maastricht'],
    keys['portfolio_holder@gemeente-maastricht'],
    keys['council_reader@gemeente-maastricht'],
    keys['communication@gemeente-maastricht'],
    keys['auditor@gemeente-maastricht'],
    keys['bi_reader@trajekt'],
  ]
  t.equal(new Set(others).size, others.length)

  const asStatistics = (...statements: ReturnType<typeof sql>[]) =>
    writeAs(db, statistics, async (tx) => {
      for (const statement of statements) await tx.db.execute(statement)
    })
  const theBaseline = sql`select b.id from baseline b join series s on s.id = b.series_id join region r on r.id = s.region_id
    join indicator i on i.id = s.indicator_id where r.code = ${place} and i.code = ${code}`
  /** The next revision of the figure that the baseline stands on, as an import writes it. */
  const revise = (value: string | null, status: string) =>
    asStatistics(sql`with o as (update observation o set value = ${value}::numeric, status = ${status}::obs_status, revision = o.revision + 1, recorded_at = now()
        from baseline b where b.id = (${theBaseline}) and o.series_id = b.series_id and o.period = b.period returning o.*)
      insert into observation_revision (id, observation_id, revision, value, status) select gen_random_uuid(), id, revision, value, status from o`)
  /** Has an evaluation cite the figure as it stands. */
  async function cited(): Promise<void> {
    const make = async (mutation: string, result: string) => {
      const { data } = await ask<{ done: Record<string, { id: string }> }>(db, statistics, mutation)
      return data.done[result]?.id as string
    }
    const plan = await make(
      `mutation { done: monitoringPlanDraft(input: { title: "Plan", indicators: ["${code}"] }) { monitoringPlan { id } } }`,
      'monitoringPlan',
    )
    await make(
      `mutation { done: monitoringPlanAdvance(id: "${plan}", input: { expectedVersion: 1, to: ESTABLISHED }) { monitoringPlan { id } } }`,
      'monitoringPlan',
    )
    const year = (await ask<{ node: { period: string } }>(db, statistics, `{ node(id: "${baseline}") { ... on Baseline { period } } }`))
      .data.node.period
    const evaluation = await make(
      `mutation { done: evaluationRecord(monitoringPlanId: "${plan}", input: { title: "Evaluatie", startsOn: "${year}-01-01", endsOn: "${year}-12-31",
        asOf: "${await now()}", verdict: "Bevonden", results: ["GEMEENSCHAPPEN"], indicators: ["${code}"] }) { evaluation { id figures { figure { value } } } } }`,
      'evaluation',
    )
    t.match(evaluation, /./)
  }
  const now = async () => {
    const text = `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
    return (await db.session.read({ kind: 'public' }, [{ text, values: [] }]))[0]?.[0]?.[0] as string
  }
  const sets = ['Observations', 'NeighbourhoodFigures', 'Targets', 'Indicators', 'Regions', 'Actions', 'ActionStatusHistory']
  const baseline = (
    await ask<{ indicator: { series: { baseline: { id: string } }[] } }>(
      db,
      undefined,
      `{ indicator(code: "${code}") { series(regions: ["${place}"]) { baseline { id } } } }`,
    )
  ).data.indicator.series[0]?.baseline.id as string

  /** All that a caller is told through every door, now and as known at a moment; and what the database itself shows of the baseline's states. */
  async function told(key: string | undefined, asOf: string): Promise<string> {
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
    const answers: string[] = []
    for (const query of ways) {
      for (const app of [db.app, keeping, keeping]) {
        const { data, errors, raw } = await ask({ app }, key, query, { asOf, baseline })
        t.notOk(errors, raw.slice(0, 500))
        answers.push(JSON.stringify(data))
      }
    }
    for (const set of sets) {
      for (const path of [`/odata/v4/${set}`, `/api/v1/exports/${set}.csv`]) {
        for (const query of ['', `?asOf=${encodeURIComponent(asOf)}`]) {
          answers.push((await db.app.inject({ url: path + query, headers })).body)
        }
      }
    }
    const states = [
      'baseline',
      'baseline_history',
      'baseline_as_known',
      'baseline_field_edit',
      'observation_revision',
      'observation_as_known',
    ]
    const credential = key === undefined ? { kind: 'public' as const } : (parseKey(key) as Credential)
    for (const state of states) {
      answers.push(JSON.stringify(await db.session.read(credential, [{ text: `select to_jsonb(x)::text from ${state} x`, values: [] }])))
    }
    return answers.join('\n')
  }

  await revise('87.65', 'NORMAL')
  await asStatistics(sql`update baseline set value = 87.65 where id = (${theBaseline})`)
  // Written down by hand, and not what the figure says.
  await asStatistics(sql`update baseline set value = 98.76 where id = (${theBaseline})`)
  await cited()
  const published = await now()
  for (const key of others) {
    const said = await told(key, published)
    t.match(said, /"baseline":\{"value":"98\.76"/, 'what is published is told to everyone')
    t.match(said, /87\.65/)
  }
  const agenda = await told(keys['council_reader@gemeente-maastricht'], published)
  t.match(agenda, `"region":"${place}","figure":{"value":"87.65","status":"NORMAL"}`, 'and cited')

  await revise(null, 'SUPPRESSED')
  for (const key of others) {
    const said = await told(key, published)
    t.notMatch(said, /87\.65|98\.76/, 'nor in what was kept, was known then, or was changed')
    t.match(said, /"status":"SUPPRESSED"/, 'but that it is withheld')
    t.match(said, /"baseline":null,"baselineStatus":"SUPPRESSED"/, 'of what change is counted from as well')
    t.match(said, /"baseline":\{"value":"/, 'and the baselines of other figures')
  }
  const known = await told(statistics, published)
  t.match(known, /"baseline":\{"value":"98\.76"/, 'Research & Statistics reads it')
  t.match(known, /87\.65/)

  await revise('87.65', 'NORMAL')
  t.match(await told(undefined, published), /"baseline":\{"value":"98\.76"/, 'it is told again once it may be')
})
