import pg from 'pg'
import t from 'tap'
import { install } from '../src/db/session.ts'
import { ask, type TestDatabase, testDatabase } from './harness.ts'

interface Told {
  userErrors: { code: string; path: string[]; currentVersion?: number }[]
}

const errors = 'userErrors { code path ... on ConflictError { currentVersion } }'

/** What a statement is refused with when the owner of the database sends it past every verb. */
async function refusalOf(db: TestDatabase, statement: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: db.superuserUrl })
  await client.connect()
  try {
    await client.query(statement)
    return undefined
  } catch (error) {
    return (error as { code: string }).code
  } finally {
    await client.end()
  }
}

t.test('the strategic agenda', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']
  const partner = keys['partner_reader@servatius']

  interface Agenda {
    strategicAgenda: { id: string; themes: { id: string; version: number; title: { text: string } }[] } | null
    executionPlans: { nodes: { id: string }[] }
    action: { id: string }
  }
  const agendaQuery = `{ strategicAgenda(on: "2026-01-01") { id themes { id version title { text } } }
    executionPlans(where: { neighbourhood: { eq: "nazareth" } }) { nodes { id } } action(ref: "POT-2025-01") { id } }`
  const { data } = await ask<Agenda>(db, team, agendaQuery)
  const agendaId = data.strategicAgenda?.id as string
  const nazareth = data.executionPlans.nodes[0]?.id as string
  const action = data.action.id

  const addTheme = (key: string | undefined, input: string) =>
    ask<{ agendaThemeAdd: Told & { agendaTheme: { id: string; version: number } | null } }>(
      db,
      key,
      `mutation A($id: ID!) { agendaThemeAdd(agendaId: $id, input: ${input}) { agendaTheme { id version scope title { text } theme { code } viewerCanEdit } ${errors} } }`,
      { id: agendaId },
    )
  const groen = '{ scope: CROSS_NEIGHBOURHOOD, title: "Groen dichtbij", theme: "groen" }'
  const made = (await addTheme(team, groen)).data.agendaThemeAdd
  const themeId = made.agendaTheme?.id as string

  t.test('S22 the programme team takes up a theme with its scope; the alliance reads it, nobody else adds one', async (t) => {
    t.match(made, {
      agendaTheme: {
        version: 1,
        scope: 'CROSS_NEIGHBOURHOOD',
        title: { text: 'Groen dichtbij' },
        theme: { code: 'groen' },
        viewerCanEdit: true,
      },
      userErrors: [],
    })
    for (const role of ['partner_editor@servatius', 'portfolio_holder@gemeente-maastricht', 'council_reader@gemeente-maastricht']) {
      t.equal((await addTheme(keys[role], groen)).errors?.[0]?.extensions.code, 'FORBIDDEN', role)
    }
    t.equal((await addTheme(undefined, groen)).errors?.[0]?.extensions.code, 'UNAUTHENTICATED')
    const seen = (await ask<Agenda>(db, partner, agendaQuery)).data.strategicAgenda
    t.ok(seen?.themes.some(({ title }) => title.text === 'Groen dichtbij'))
  })

  t.test('S24 the agenda is not for the public, nor what it holds', async (t) => {
    const { data } = await ask<Agenda & { node: object | null }>(
      db,
      undefined,
      `query S($id: ID!) { node(id: $id) { id } ${agendaQuery.slice(1)}`,
      { id: themeId },
    )
    t.equal(data.strategicAgenda, null)
    t.equal(data.node, null)
    const links = '{ executionPlans(where: { neighbourhood: { eq: "pottenberg" } }) { nodes { themeLinks { id } } } }'
    const of = async (key: string | undefined) =>
      (await ask<{ executionPlans: { nodes: { themeLinks: object[] }[] } }>(db, key, links)).data.executionPlans.nodes[0]?.themeLinks.length
    t.equal(await of(partner), 1)
    t.equal(await of(undefined), 0)
  })

  t.test('a theme that is wrong in several ways is told of all of them at once; nothing is written', async (t) => {
    const { data } = await addTheme(team, '{ scope: NEIGHBOURHOOD_WIDE, title: " ", text: "" }')
    t.match(data.agendaThemeAdd, {
      agendaTheme: null,
      userErrors: [
        { code: 'BAD_USER_INPUT', path: ['input', 'title'] },
        { code: 'BAD_USER_INPUT', path: ['input', 'text'] },
      ],
    })
    t.match((await addTheme(team, '{ scope: NEIGHBOURHOOD_WIDE, title: "x", theme: "nergens" }')).data.agendaThemeAdd, {
      userErrors: [{ code: 'NOT_FOUND', path: ['input', 'theme'] }],
    })
  })

  t.test('of two who edit a theme, the one who has not seen the other is told', async (t) => {
    const edit = (input: string) =>
      ask<{ agendaThemeEdit: Told }>(
        db,
        team,
        `mutation E($id: ID!) { agendaThemeEdit(id: $id, input: ${input}) { agendaTheme { version title { text } scope } ${errors} } }`,
        { id: themeId },
      )
    t.match((await edit('{ expectedVersion: 1, title: "Groen voor iedereen" }')).data.agendaThemeEdit, {
      agendaTheme: { version: 2, title: { text: 'Groen voor iedereen' }, scope: 'CROSS_NEIGHBOURHOOD' },
    })
    t.match((await edit('{ expectedVersion: 1, title: "Groen van gisteren" }')).data.agendaThemeEdit, {
      agendaTheme: { version: 2, title: { text: 'Groen voor iedereen' } },
      userErrors: [{ code: 'VERSION_CONFLICT', path: ['input', 'expectedVersion'], currentVersion: 2 }],
    })
    t.match((await edit('{ expectedVersion: 2, title: "Groen voor iedereen" }')).data.agendaThemeEdit, { agendaTheme: { version: 2 } })
  })

  const link = (key: string | undefined, input: object) =>
    ask<{ themeLinkMake: Told & { themeLink: { id: string } | null } }>(
      db,
      key,
      `mutation L($id: ID!, $input: ThemeLinkMakeInput!) { themeLinkMake(agendaThemeId: $id, input: $input) { themeLink { id version term { startsOn endsOn } plan { id } action { ref } } ${errors} } }`,
      { id: themeId, input },
    )

  t.test('S25 a theme is linked with a plan and with an action, and found from either side, on a day', async (t) => {
    t.match((await link(team, { planId: nazareth })).data.themeLinkMake, {
      themeLink: { term: { startsOn: '2025-01-01', endsOn: '2026-12-31' }, plan: { id: nazareth }, action: null },
    })
    t.match((await link(team, { actionId: action, startsOn: '2026-01-01' })).data.themeLinkMake, {
      themeLink: { term: { startsOn: '2026-01-01', endsOn: '2026-12-31' }, plan: null, action: { ref: 'POT-2025-01' } },
    })
    const query = `query B($theme: ID!, $on: Date) { node(id: $theme) { ... on AgendaTheme { links(on: $on) { action { ref } plan { neighbourhood { slug } } } } }
      action(ref: "POT-2025-01") { themeLinks(on: $on) { theme { title { text } agenda { term { startsOn endsOn } } } } } }`
    const on = async (day: string | null) =>
      (await ask<{ node: { links: object[] }; action: { themeLinks: object[] } }>(db, partner, query, { theme: themeId, on: day })).data
    t.match(await on(null), {
      node: { links: [{ plan: { neighbourhood: { slug: 'nazareth' } } }, { action: { ref: 'POT-2025-01' } }] },
      action: {
        themeLinks: [
          { theme: { title: { text: 'Groen voor iedereen' }, agenda: { term: { startsOn: '2025-01-01', endsOn: '2029-12-31' } } } },
        ],
      },
    })
    t.equal((await on('2025-06-01')).node.links.length, 1)
    t.equal((await on('2025-06-01')).action.themeLinks.length, 0)
    t.equal((await on('2026-06-01')).action.themeLinks.length, 1)
    t.equal((await link(keys['partner_editor@woonpunt'], { planId: nazareth })).errors?.[0]?.extensions.code, 'FORBIDDEN')
  })

  t.test(
    'S23, invariant 27: a link holds only while agenda and plan both do; never twice at once, never to another kind of plan',
    async (t) => {
      t.match((await link(team, { planId: nazareth, startsOn: '2024-12-31' })).data.themeLinkMake, {
        userErrors: [{ code: 'LINK_OUTSIDE_TERM', path: ['input', 'startsOn'] }],
      })
      t.match((await link(team, { planId: nazareth, endsOn: '2027-01-01' })).data.themeLinkMake, {
        userErrors: [{ code: 'LINK_OUTSIDE_TERM', path: ['input', 'endsOn'] }],
      })
      t.match((await link(team, { planId: nazareth })).data.themeLinkMake, { userErrors: [{ code: 'CONFLICT' }] })
      t.match((await link(team, {})).data.themeLinkMake, { userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'planId'] }] })
      t.match((await link(team, { planId: nazareth, actionId: action })).data.themeLinkMake, { userErrors: [{ code: 'BAD_USER_INPUT' }] })
      t.match((await link(team, { planId: agendaId })).data.themeLinkMake, {
        userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'planId'] }],
      })

      const insert = (plan: string, from: string, to: string) =>
        refusalOf(
          db,
          `insert into theme_link (id, agenda_theme_id, plan_id, starts_on, ends_on)
          select gen_random_uuid(), t.id, p.id, '${from}', '${to}' from agenda_theme t, plan p where not t.example and p.${plan}`,
        )
      const pottenberg = `neighbourhood_id = (select n.id from neighbourhood n where n.slug = 'pottenberg')`
      t.equal(await insert(pottenberg, '2026-06-01', '2027-01-01'), 'SP427')
      t.equal(await insert(`kind = 'STRATEGIC_AGENDA'`, '2026-01-01', '2026-02-01'), 'SP427')
      t.equal(await insert(`kind = 'PROGRAMME_PLAN'`, '2026-01-01', '2026-02-01'), 'SP427')
      t.equal(await insert(pottenberg, '2026-06-01', '2026-12-31'), undefined)
      t.equal(await insert(pottenberg, '2026-07-01', '2026-08-31'), '23P01')
      t.equal(await refusalOf(db, `update theme_link set ends_on = '2028-01-01' where plan_id is not null`), 'SP427')
      t.equal(await refusalOf(db, `update agenda_theme set plan_id = (select p.id from plan p where p.kind = 'PROGRAMME_PLAN')`), '23503')
      t.equal(
        await refusalOf(
          db,
          `update agenda_theme set plan_kind = 'PROGRAMME_PLAN', plan_id = (select p.id from plan p where p.kind = 'PROGRAMME_PLAN')`,
        ),
        '23514',
      )
    },
  )

  t.test('S23 a plan that straddles two agendas takes up a theme of each, while each holds', async (t) => {
    await install(db.ownerUrl, async (tx) => {
      await tx.db.execute(`insert into plan (id, programme_id, kind, neighbourhood_id, title, starts_on, ends_on)
        select gen_random_uuid(), n.id, 'EXECUTION_PLAN', w.id, '{"source": "nl", "nl": "2029-2030"}', '2029-01-01', '2030-12-31' from programme n, neighbourhood w where w.slug = 'nazareth'`)
      await tx.db.execute(
        `insert into plan_version (id, plan_id, number) select gen_random_uuid(), p.id, 1 from plan p where p.starts_on = '2029-01-01'`,
      )
    })
    const later = await ask<Agenda>(db, team, '{ executionPlans(where: { year: { eq: 2029 } }) { nodes { id } } }')
    t.match((await link(team, { planId: later.data.executionPlans.nodes[0]?.id })).data.themeLinkMake, {
      themeLink: { term: { startsOn: '2029-01-01', endsOn: '2029-12-31' } },
    })
  })

  t.test('a link that ends stays on record until then', async (t) => {
    const made = (await link(team, { actionId: action, startsOn: '2025-01-01', endsOn: '2025-12-31' })).data.themeLinkMake
    const end = (key: string | undefined, input: object) =>
      ask<{ themeLinkEnd: Told }>(
        db,
        key,
        `mutation E($id: ID!, $input: ThemeLinkEndInput!) { themeLinkEnd(id: $id, input: $input) { themeLink { term { endsOn } } ${errors} } }`,
        { id: made.themeLink?.id, input },
      )
    t.match((await end(team, { expectedVersion: 1, endsOn: '2025-06-30' })).data.themeLinkEnd, {
      themeLink: { term: { endsOn: '2025-06-30' } },
    })
    t.match((await end(team, { expectedVersion: 1, endsOn: '2025-07-30' })).data.themeLinkEnd, {
      userErrors: [{ code: 'VERSION_CONFLICT' }],
    })
    t.match((await end(team, { expectedVersion: 2, endsOn: '2027-07-30' })).data.themeLinkEnd, {
      userErrors: [{ code: 'LINK_OUTSIDE_TERM', path: ['input', 'endsOn'] }],
    })
    t.equal((await end(partner, { expectedVersion: 2, endsOn: '2025-07-30' })).errors?.[0]?.extensions.code, 'FORBIDDEN')
  })

  t.test('S63 a joint step and an opportunity each have an owner and a state', async (t) => {
    const add = (key: string | undefined, input: string) =>
      ask<{ agendaStepAdd: Told & { agendaStep: { id: string } | null } }>(
        db,
        key,
        `mutation A($id: ID!) { agendaStepAdd(agendaThemeId: $id, input: ${input}) { agendaStep { id kind state owner { slug } dueOn } ${errors} } }`,
        { id: themeId },
      )
    const step = (await add(team, '{ kind: STEP, title: "Bomenplan", owner: "servatius", dueOn: "2026-03-01" }')).data.agendaStepAdd
    t.match(step, { agendaStep: { kind: 'STEP', state: 'PLANNED', owner: { slug: 'servatius' }, dueOn: '2026-03-01' } })
    t.match((await add(team, '{ kind: OPPORTUNITY, title: "Schoolplein", owner: "trajekt" }')).data.agendaStepAdd, {
      agendaStep: { kind: 'OPPORTUNITY', owner: { slug: 'trajekt' } },
    })
    t.match((await add(team, '{ kind: STEP, title: "Wie?", owner: "niemand" }')).data.agendaStepAdd, {
      agendaStep: null,
      userErrors: [{ code: 'NOT_FOUND', path: ['input', 'owner'] }],
    })
    t.equal(
      (await add(keys['partner_editor@servatius'], '{ kind: STEP, title: "x", owner: "servatius" }')).errors?.[0]?.extensions.code,
      'FORBIDDEN',
    )
    const edited = await ask<{ agendaStepEdit: Told }>(
      db,
      team,
      `mutation E($id: ID!) { agendaStepEdit(id: $id, input: { expectedVersion: 1, state: DONE, owner: "woonpunt" }) { agendaStep { state owner { slug } title { text } } ${errors} } }`,
      { id: step.agendaStep?.id },
    )
    t.match(edited.data.agendaStepEdit, { agendaStep: { state: 'DONE', owner: { slug: 'woonpunt' }, title: { text: 'Bomenplan' } } })
  })

  t.test('every change of the agenda is in the audit trail, with who and what', async (t) => {
    const client = new pg.Client({ connectionString: db.superuserUrl })
    await client.connect()
    t.teardown(() => client.end())
    const { rows } = await client.query<{ operation: string; n: number }>(
      `select operation, count(*)::int as n from audit_entry where operation ~ '^(agenda|themeLink)' and outcome = 'DONE' group by 1 order by 1`,
    )
    t.same(
      rows.map(({ operation, n }) => [operation, n]),
      [
        ['agendaStepAdd', 2],
        ['agendaStepEdit', 1],
        ['agendaThemeAdd', 1],
        ['agendaThemeEdit', 1],
        ['themeLinkEnd', 1],
        ['themeLinkMake', 4],
      ],
    )
  })
})
