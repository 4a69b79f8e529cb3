import pg from 'pg'
import t from 'tap'
import { install } from '../src/db/session.ts'
import { ask, testDatabase } from './harness.ts'

interface Told {
  userErrors: { code: string; path: string[]; currentVersion?: number }[]
}
interface Frame {
  id: string
  version: number
  planned: string
}

const errors = 'userErrors { code path ... on ConflictError { currentVersion } }'
const frame = 'id version year structuralBudget planned remaining'
const line = 'id version category name { text } original revised status chapter'

t.test('the financial frame', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']

  const addFrame = (key: string | undefined, input: object) =>
    ask<{ financialFrameAdd: Told & { financialFrame: Frame | null } }>(
      db,
      key,
      `mutation F($input: FinancialFrameAddInput!) { financialFrameAdd(input: $input) { financialFrame { ${frame} } ${errors} } }`,
      { input },
    )
  const addLine = (key: string | undefined, frameId: string | undefined, input: object) =>
    ask<{ budgetLineAdd: Told & { budgetLine: { id: string; version: number } | null } }>(
      db,
      key,
      `mutation L($frameId: ID!, $input: BudgetLineAddInput!) { budgetLineAdd(frameId: $frameId, input: $input) { budgetLine { ${line} frame { planned remaining } } ${errors} } }`,
      { frameId, input },
    )
  const frames = async (key: string | undefined) =>
    (
      await ask<{ programme: { financialFrames: (Frame & { lines: object[] })[] } }>(
        db,
        key,
        `{ programme(code: "VW") { financialFrames { ${frame} lines { ${line} } } } }`,
      )
    ).data.programme.financialFrames

  const made = (await addFrame(team, { year: 2025, structuralBudget: '1000000' })).data.financialFrameAdd
  const frameId = made.financialFrame?.id
  const staff = { category: 'STAFF', name: 'Programmateam', original: '600000.50', chapter: '9' }
  const planned = (await addLine(team, frameId, staff)).data.budgetLineAdd
  const activities = (
    await addLine(team, frameId, { category: 'ACTIVITIES', name: 'Ontmoeting', original: '100000', chapter: '9.2', status: 'COMMITTED' })
  ).data.budgetLineAdd

  t.test('S30, S31 a year has a municipal frame, once; its lines name their chapter', async (t) => {
    t.match(made, { financialFrame: { year: 2025, structuralBudget: '1000000.00', planned: '0.00' }, userErrors: [] })
    t.match((await addFrame(team, { year: 2025, structuralBudget: '1' })).data.financialFrameAdd, {
      financialFrame: null,
      userErrors: [{ code: 'CONFLICT', path: ['input', 'year'] }],
    })
    t.match((await addFrame(team, { year: 1999, structuralBudget: '-1.005' })).data.financialFrameAdd, {
      userErrors: [
        { code: 'BAD_USER_INPUT', path: ['input', 'year'] },
        { code: 'BAD_USER_INPUT', path: ['input', 'structuralBudget'] },
      ],
    })
    t.match(activities, { budgetLine: { chapter: '9.2', status: 'COMMITTED', frame: { planned: '700000.50', remaining: '299999.50' } } })
  })

  t.test('S33 staff is a category of its own', async (t) => {
    t.match(planned, {
      budgetLine: {
        category: 'STAFF',
        name: { text: 'Programmateam' },
        original: '600000.50',
        revised: null,
        status: 'INDICATIVE',
        chapter: '9',
      },
    })
  })

  t.test('the public reads the totals of a year and no line; partners, the council and BI read the lines', async (t) => {
    for (const key of [undefined, keys['partner_system@woonpunt'], keys['auditor@gemeente-maastricht']]) {
      t.match(await frames(key), [{ year: 2025, structuralBudget: '1000000.00', planned: '700000.50', remaining: '299999.50', lines: [] }])
    }
    for (const role of [
      'partner_reader@woonpunt',
      'council_reader@gemeente-maastricht',
      'bi_reader@envida',
      'portfolio_holder@gemeente-maastricht',
    ]) {
      t.equal((await frames(keys[role]))[0]?.lines.length, 2, role)
    }
    const { data } = await ask<{ node: object | null }>(db, undefined, 'query N($id: ID!) { node(id: $id) { id } }', {
      id: planned.budgetLine?.id,
    })
    t.equal(data.node, null)
  })

  t.test('nobody but the programme team plans money', async (t) => {
    for (const role of ['partner_editor@woonpunt', 'portfolio_holder@gemeente-maastricht', 'council_reader@gemeente-maastricht']) {
      t.equal((await addLine(keys[role], frameId, staff)).errors?.[0]?.extensions.code, 'FORBIDDEN', role)
      t.equal((await addFrame(keys[role], { year: 2026, structuralBudget: '1' })).errors?.[0]?.extensions.code, 'FORBIDDEN', role)
    }
    t.equal((await addLine(undefined, frameId, staff)).errors?.[0]?.extensions.code, 'UNAUTHENTICATED')
  })

  t.test(
    'S32, invariant 22: no more is planned for a year than is structurally available, by a line, a revision or a smaller budget',
    async (t) => {
      t.match((await addLine(team, frameId, { ...staff, original: '299999.51' })).data.budgetLineAdd, {
        budgetLine: null,
        userErrors: [{ code: 'BUDGET_EXCEEDED', path: ['input', 'original'] }],
      })
      const revise = (input: object) =>
        ask<{ budgetLineRevise: Told }>(
          db,
          team,
          `mutation R($id: ID!, $input: BudgetLineReviseInput!) { budgetLineRevise(id: $id, input: $input) { budgetLine { ${line} frame { planned } } ${errors} } }`,
          { id: activities.budgetLine?.id, input },
        )
      t.match((await revise({ expectedVersion: 1, revised: '400000' })).data.budgetLineRevise, {
        userErrors: [{ code: 'BUDGET_EXCEEDED', path: ['input', 'revised'] }],
      })
      t.match((await revise({ expectedVersion: 1, revised: '399999.50' })).data.budgetLineRevise, {
        budgetLine: { original: '100000.00', revised: '399999.50', frame: { planned: '1000000.00' } },
      })
      t.match((await revise({ expectedVersion: 1, revised: '1' })).data.budgetLineRevise, {
        userErrors: [{ code: 'VERSION_CONFLICT', currentVersion: 2 }],
      })
      const [now] = await frames(team)
      const edit = (input: object) =>
        ask<{ financialFrameEdit: Told }>(
          db,
          team,
          `mutation E($id: ID!, $input: FinancialFrameEditInput!) { financialFrameEdit(id: $id, input: $input) { financialFrame { ${frame} } ${errors} } }`,
          { id: frameId, input },
        )
      t.match((await edit({ expectedVersion: now?.version, structuralBudget: '999999.99' })).data.financialFrameEdit, {
        userErrors: [{ code: 'BUDGET_EXCEEDED', path: ['input', 'structuralBudget'] }],
      })
      t.match((await frames(team))[0], { planned: '1000000.00', lines: [{}, {}] }, 'nothing is half done')
      t.match((await edit({ expectedVersion: now?.version, structuralBudget: '1100000' })).data.financialFrameEdit, {
        financialFrame: { remaining: '100000.00' },
      })
    },
  )

  t.test('two who plan the rest of a year at once: one of them is refused', async (t) => {
    const both = await Promise.all([1, 2].map(() => addLine(team, frameId, { ...staff, original: '60000' })))
    t.same(
      both.flatMap(({ data }) => data.budgetLineAdd.userErrors.map(({ code }) => code)),
      ['BUDGET_EXCEEDED'],
    )
    t.match((await frames(team))[0], { planned: '1060000.00' })
  })

  t.test('invariant 22: the database itself refuses it at commit, and a programme plan is not submitted with it', async (t) => {
    const client = new pg.Client({ connectionString: db.superuserUrl })
    await client.connect()
    t.teardown(() => client.end())
    const refusal = async (statement: string) =>
      client.query(statement).then(
        () => undefined,
        (error: { code: string }) => error.code,
      )
    const tooMuch = `update budget_line set revised = 2000000 where category = 'STAFF'`
    t.equal(await refusal(tooMuch), 'SP422')
    t.equal(await refusal('update financial_frame set structural_budget = 5'), 'SP422')
    t.equal(await refusal('update financial_frame set planned = 5'), 'SP409', 'the total is nobody’s to write')
    t.equal(await refusal(`begin; ${tooMuch}; update financial_frame set structural_budget = 9000000; rollback`), undefined)
    t.equal(await refusal(`delete from budget_line`), 'SP409')

    const { rows } = await client.query<{ id: string }>(`select v.plan_id as id from plan_version v where v.plan_kind = 'PROGRAMME_PLAN'`)
    await install(db.ownerUrl, async (tx) => {
      await tx.db.execute(`insert into plan_version (id, plan_id, number) values (gen_random_uuid(), '${rows[0]?.id}', 2)`)
    })
    const submit = `update plan_version set state = 'SUBMITTED' where plan_kind = 'PROGRAMME_PLAN' and number = 2`
    await client.query('begin')
    await client.query(tooMuch)
    t.equal(await refusal(submit), 'SP422', 'at once, before the commit')
    await client.query('rollback')
    t.equal(await refusal(submit), undefined)
  })
})
