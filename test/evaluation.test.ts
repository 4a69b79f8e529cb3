import pg from 'pg'
import t from 'tap'
import { ask, testDatabase } from './harness.ts'

interface Changed {
  userErrors: { code: string; path: string[] }[]
  monitoringPlan?: { id: string; version: number; state: string } | null
  evaluation?: { id: string; figures: { region: string; period: string; figure: { value: string } | null }[] } | null
}

t.test('what was found of a period', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const statistics = keys['research_statistics@gemeente-maastricht']
  const owner = new pg.Client({ connectionString: db.superuserUrl })
  await owner.connect()
  t.teardown(() => owner.end())

  const draft = (key: string | undefined, input: object) =>
    ask<{ done: Changed }>(
      db,
      key,
      `mutation D($input: MonitoringPlanDraftInput!) { done: monitoringPlanDraft(input: $input)
        { monitoringPlan { id version state indicators { code } } userErrors { code path } } }`,
      { input },
    )
  const advance = (key: string | undefined, id: string, expectedVersion: number, to: string) =>
    ask<{ done: Changed }>(
      db,
      key,
      `mutation A($id: ID!, $input: MonitoringPlanAdvanceInput!) { done: monitoringPlanAdvance(id: $id, input: $input)
        { monitoringPlan { id version state } userErrors { code path } } }`,
      { id, input: { expectedVersion, to } },
    )
  const evaluate = (key: string | undefined, id: string, input: object) =>
    ask<{ done: Changed }>(
      db,
      key,
      `mutation E($id: ID!, $input: EvaluationRecordInput!) { done: evaluationRecord(monitoringPlanId: $id, input: $input)
        { evaluation { id asOf results { code } figures { region period indicator { code } figure { value status } } } userErrors { code path } } }`,
      { id, input },
    )
  const made = (await draft(statistics, { title: 'Monitoringsplan', indicators: ['ernstig_eenzaam_pct', 'moeite_met_rondkomen_pct'] })).data
    .done.monitoringPlan as { id: string; version: number }
  const finding = {
    title: 'Evaluatie 2025',
    startsOn: '2025-01-01',
    endsOn: '2025-12-31',
    asOf: new Date().toISOString(),
    verdict: 'De eenzaamheid neemt nog niet af.',
    results: ['GEMEENSCHAPPEN'],
    indicators: ['ernstig_eenzaam_pct'],
  }

  t.test('S56 a monitoring plan is a draft while the programme runs, and is established once', async (t) => {
    t.match((await evaluate(statistics, made.id, finding)).data.done, { evaluation: null, userErrors: [{ code: 'PLAN_STATE' }] })
    t.match((await advance(statistics, made.id, 1, 'REVISED')).data.done, { userErrors: [{ code: 'TRANSITION_NOT_ALLOWED' }] })
    t.match((await advance(statistics, made.id, 9, 'ESTABLISHED')).data.done, {
      userErrors: [{ code: 'VERSION_CONFLICT', path: ['input', 'expectedVersion'] }],
    })
    t.match((await advance(statistics, made.id, 1, 'ESTABLISHED')).data.done, { monitoringPlan: { state: 'ESTABLISHED' }, userErrors: [] })
    t.match((await draft(statistics, { title: 'Ander', indicators: ['nothing', 'woz'] })).data.done, {
      monitoringPlan: null,
      userErrors: [{ code: 'NOT_FOUND', path: ['input', 'indicators', '0'] }],
    })
  })

  t.test('S48 others neither draft nor evaluate; the public sees neither', async (t) => {
    for (const name of ['partner_editor@woonpunt', 'communication@gemeente-maastricht', 'council_reader@gemeente-maastricht']) {
      t.equal((await draft(keys[name], { title: 'Plan', indicators: ['woz'] })).errors?.[0]?.extensions.code, 'FORBIDDEN', name)
      t.equal((await evaluate(keys[name], made.id, finding)).errors?.[0]?.extensions.code, 'FORBIDDEN', name)
    }
    const seen = async (key: string | undefined) =>
      (
        await ask<{ programme: { monitoringPlans: unknown[] } }>(
          db,
          key,
          '{ programme(code: "VW") { monitoringPlans { title { text } } } }',
        )
      ).data.programme.monitoringPlans.length
    t.equal(await seen(undefined), 0)
    t.equal(await seen(keys['council_reader@gemeente-maastricht']), 1)
    t.equal(await seen(keys['partner_reader@trajekt']), 1)
  })

  t.test('S56 invariant 23: an evaluation cites an objective at least, and only indicators of its monitoring plan', async (t) => {
    t.match((await evaluate(statistics, made.id, { ...finding, results: [] })).data.done, {
      evaluation: null,
      userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'results'] }],
    })
    t.match((await evaluate(statistics, made.id, { ...finding, indicators: ['ernstig_eenzaam_pct', 'woz'] })).data.done, {
      userErrors: [{ code: 'NOT_FOUND', path: ['input', 'indicators', '1'] }],
    })
    t.match((await evaluate(statistics, made.id, { ...finding, asOf: '2999-01-01T00:00:00Z' })).data.done, {
      userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'asOf'] }],
    })
    const refused = async (...statements: string[]) => {
      await owner.query('begin')
      const attempt = async () => {
        for (const statement of statements) await owner.query(statement)
        await owner.query('set constraints all immediate')
      }
      await t.rejects(attempt(), { code: /^(23514|23503|SP409|SP412)$/ })
      await owner.query('rollback')
    }
    const bare = `insert into evaluation (id, monitoring_plan_id, title, starts_on, ends_on, as_of, verdict)
      select '01900000-0000-7000-8000-0000000000ee', id, title, '2025-01-01', '2025-12-31', '2000-01-01', title from monitoring_plan limit 1`
    const cite = (
      code: string,
      figures = code,
    ) => `insert into evaluation_figure (id, evaluation_id, monitoring_plan_id, indicator_id, observation_revision_id)
      select gen_random_uuid(), e.id, e.monitoring_plan_id, (select id from indicator where code = '${code}'), r.id from evaluation e, observation_revision r
      join observation o on o.id = r.observation_id join series s on s.id = o.series_id join indicator i on i.id = s.indicator_id where i.code = '${figures}' limit 1`
    await refused(bare)
    await refused(bare.replace(`'2000-01-01'`, 'now()'), cite('woz'))
    await refused(bare.replace(`'2000-01-01'`, 'now()'), cite('ernstig_eenzaam_pct', 'woz'))
    await refused(bare, cite('ernstig_eenzaam_pct'))
    await refused(
      `insert into monitoring_plan_indicator (monitoring_plan_id, indicator_id) select p.id, i.id from monitoring_plan p, indicator i where i.code = 'woz'`,
    )
    await refused(`update monitoring_plan set state = 'DRAFT'`)
  })

  t.test('S48 S56 figures are cited as they stood: what is revised later does not change the evaluation', async (t) => {
    const { done } = (await evaluate(statistics, made.id, finding)).data
    t.same(done.userErrors, [])
    const cited = done.evaluation?.figures.find(({ region }) => region === 'BU09350203')
    t.ok(cited?.figure?.value)
    await owner.query('begin')
    await owner.query(`insert into observation_revision (id, observation_id, revision, value, status)
      select gen_random_uuid(), o.id, o.revision + 1, 99, 'NORMAL' from observation o join series s on s.id = o.series_id join indicator i on i.id = s.indicator_id where i.code = 'ernstig_eenzaam_pct'`)
    await owner.query(`update observation o set value = 99, status = 'NORMAL', revision = revision + 1 from series s, indicator i
      where s.id = o.series_id and i.id = s.indicator_id and i.code = 'ernstig_eenzaam_pct'`)
    await owner.query('commit')
    const again = await ask<{ node: { figures: { region: string; figure: { value: string } }[] } }>(
      db,
      keys['council_reader@gemeente-maastricht'],
      'query N($id: ID!) { node(id: $id) { ...on Evaluation { figures { region period figure { value status } } } } }',
      { id: done.evaluation?.id },
    )
    t.equal(again.data.node.figures.find(({ region }) => region === 'BU09350203')?.figure.value, cited?.figure?.value)
    const before = (await evaluate(statistics, made.id, finding)).data.done.evaluation?.figures
    t.equal(before?.find(({ region }) => region === 'BU09350203')?.figure?.value, cited?.figure?.value, 'also by one that is written later')
    const after = (await evaluate(statistics, made.id, { ...finding, asOf: new Date().toISOString() })).data.done.evaluation?.figures
    t.equal(after?.find(({ region }) => region === 'BU09350203')?.figure?.value, '99')
  })

  t.test('P4 a report that comes after the evaluation of its day is recorded and says so; the evaluation stays as it is', async (t) => {
    const team = keys['programme_team@gemeente-maastricht']
    const council = keys['council_reader@gemeente-maastricht']
    const { data } = await ask<{ actions: { nodes: { id: string; status: string }[] } }>(
      db,
      team,
      '{ actions(where: { neighbourhood: { eq: "pottenberg" }, status: { in: [PIPELINE, IMPLEMENTATION, FINALISATION] } }) { nodes { id status } } }',
    )
    const [action] = data.actions.nodes as [{ id: string; status: string }]
    const { evaluation } = (await evaluate(statistics, made.id, finding)).data.done
    const late = await ask<{ done: { disposition: string; userErrors: object[] } }>(
      db,
      team,
      `mutation R($id: ID!, $status: ActionStatus!) { done: actionRecordStatus(id: $id, input: { status: $status, progressPercent: 42, effectiveAt: "2025-12-30T12:00:00+01:00",
        narrative: "Alsnog gemeld" }) { disposition userErrors { code path } } }`,
      action,
    )
    t.same(late.data.done.userErrors, [])
    const told = async (key: string | undefined) => {
      const { data } = await ask<{ action: { statusReports: { nodes: { progressPercent: number; afterEvaluation: boolean }[] } } }>(
        db,
        key,
        'query R($id: ID!) { action(id: $id) { statusReports(first: 100) { nodes { progressPercent afterEvaluation } } } }',
        { id: action.id },
      )
      return data.action.statusReports.nodes.map(({ progressPercent, afterEvaluation }) => [progressPercent === 42, afterEvaluation])
    }
    t.ok((await told(council)).length > 1)
    t.ok((await told(council)).every(([isLate, afterEvaluation]) => isLate === afterEvaluation))
    t.notOk(
      (await told(undefined)).some(([, afterEvaluation]) => afterEvaluation),
      'the public sees no evaluation',
    )
    const again = await ask<{ node: object }>(
      db,
      council,
      'query N($id: ID!) { node(id: $id) { ...on Evaluation { asOf figures { region period indicator { code } figure { value status } } results { code } } } }',
      {
        id: evaluation?.id,
      },
    )
    const { id: _id, ...before } = evaluation as { id: string }
    t.same(again.data.node, before)
  })
})
