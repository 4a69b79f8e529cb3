import pg from 'pg'
import t from 'tap'
import { ask, testDatabase } from './harness.ts'

interface Told {
  userErrors: { code: string; path: string[]; currentVersion?: number }[]
}
interface Shown {
  id: string
  version: number
  state: string
}

const errors = 'userErrors { code path ... on ConflictError { currentVersion } }'
const shown = `id version state level obstacle { text } resultingChange { text } owner { slug } steps { state takenOn explanation } viewerCanAdvance`

t.test('breakthroughs and lobby', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const editor = keys['partner_editor@woonpunt']
  const other = keys['partner_editor@trajekt']
  const team = keys['programme_team@gemeente-maastricht']
  const holder = keys['portfolio_holder@gemeente-maastricht']

  const signal = (key: string | undefined, input: object) =>
    ask<{ breakthroughSignal: Told & { breakthrough: Shown | null } }>(
      db,
      key,
      `mutation S($input: BreakthroughSignalInput!) { breakthroughSignal(input: $input) { breakthrough { ${shown} } ${errors} } }`,
      { input },
    )
  const advance = (key: string | undefined, id: string, input: object) =>
    ask<{ breakthroughAdvance: Told & { breakthrough: Shown | null } }>(
      db,
      key,
      `mutation A($id: ID!, $input: BreakthroughAdvanceInput!) { breakthroughAdvance(id: $id, input: $input) { breakthrough { ${shown} } ${errors} } }`,
      { id, input },
    )
  const obstacle = { obstacle: 'De kostendelersnorm houdt jongeren tegen', level: 'NATIONAL', signalledOn: '2025-09-02' }
  const made = (await signal(editor, { ...obstacle, explanation: 'Gezien in Pottenberg' })).data.breakthroughSignal
  const id = made.breakthrough?.id as string

  t.test('S27 a partner signals an obstacle in its own name, and in no other', async (t) => {
    t.match(made, {
      breakthrough: {
        state: 'SIGNALLED',
        level: 'NATIONAL',
        owner: { slug: 'woonpunt' },
        steps: [{ state: 'SIGNALLED', takenOn: '2025-09-02', explanation: 'Gezien in Pottenberg' }],
        viewerCanAdvance: true,
      },
      userErrors: [],
    })
    t.equal((await signal(editor, { ...obstacle, owner: 'trajekt' })).errors?.[0]?.extensions.code, 'FORBIDDEN')
    t.match((await signal(team, { ...obstacle, owner: 'trajekt' })).data.breakthroughSignal, {
      breakthrough: { owner: { slug: 'trajekt' } },
    })
    for (const role of ['partner_reader@woonpunt', 'partner_system@woonpunt', 'bi_reader@woonpunt', 'council_reader@gemeente-maastricht']) {
      t.equal((await signal(keys[role], obstacle)).errors?.[0]?.extensions.code, 'FORBIDDEN', role)
    }
    t.match((await signal(editor, { obstacle: ' ', level: 'NATIONAL', signalledOn: '2999-01-01' })).data.breakthroughSignal, {
      breakthrough: null,
      userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'obstacle'] }],
    })
    t.match((await signal(editor, { ...obstacle, signalledOn: '2999-01-01' })).data.breakthroughSignal, {
      userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'signalledOn'] }],
    })
  })

  t.test('S27 it goes from state to state, each on its day, by its owner, the team or the portfolio holder', async (t) => {
    t.match((await advance(other, id, { expectedVersion: 1, to: 'ANALYSED' })).data.breakthroughAdvance, {
      breakthrough: null,
      userErrors: [{ code: 'NOT_FOUND', path: ['id'] }],
    })
    t.match((await advance(editor, id, { expectedVersion: 1, to: 'ESCALATED' })).data.breakthroughAdvance, {
      userErrors: [{ code: 'BREAKTHROUGH_STATE', path: ['input', 'to'] }],
    })
    t.match((await advance(editor, id, { expectedVersion: 1, to: 'ANALYSED', takenOn: '2025-09-01' })).data.breakthroughAdvance, {
      userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'takenOn'] }],
    })
    t.match((await advance(editor, id, { expectedVersion: 1, to: 'ANALYSED', takenOn: '2025-09-20' })).data.breakthroughAdvance, {
      breakthrough: { state: 'ANALYSED', version: 2 },
    })
    t.match((await advance(holder, id, { expectedVersion: 1, to: 'ESCALATED' })).data.breakthroughAdvance, {
      userErrors: [{ code: 'VERSION_CONFLICT', currentVersion: 2 }],
    })
    t.match((await advance(holder, id, { expectedVersion: 2, to: 'ESCALATED', takenOn: '2025-10-01' })).data.breakthroughAdvance, {
      breakthrough: { state: 'ESCALATED' },
    })
  })

  const list = '{ breakthroughs(first: 100) { totalCount nodes { id state } } }'
  const seen = async (key: string | undefined) =>
    (await ask<{ breakthroughs: { totalCount: number; nodes: Shown[] } }>(db, key, list)).data.breakthroughs
  const council = keys['council_reader@gemeente-maastricht']

  t.test(
    'the alliance and BI read the register; the council reads nothing that is not resolved, the public and others nothing',
    async (t) => {
      for (const role of ['partner_reader@mondriaan', 'bi_reader@mondriaan', 'communication@gemeente-maastricht']) {
        t.ok(
          (await seen(keys[role])).nodes.some((node) => node.id === id),
          role,
        )
      }
      for (const key of [undefined, council, keys['partner_system@woonpunt'], keys['research_statistics@gemeente-maastricht']]) {
        t.same(await seen(key), { totalCount: 0, nodes: [] })
      }
      const filtered = await ask<{ breakthroughs: { nodes: Shown[] } }>(
        db,
        team,
        '{ breakthroughs(where: { state: { in: [ESCALATED] }, level: { eq: NATIONAL }, owner: { eq: "woonpunt" } }) { nodes { id } } }',
      )
      t.same(
        filtered.data.breakthroughs.nodes.map((node) => node.id),
        [id],
      )
    },
  )

  t.test(
    'S26 a lobby for a breakthrough names its addressee; each partner says for itself that it supports it; it has an outcome',
    async (t) => {
      const effort = 'id version addressee outcome outcomeOn leader { slug } supporters { slug } breakthrough { id } viewerCanConclude'
      interface Lobby {
        lobbyEffort: { id: string } | null
      }
      const start = (key: string | undefined, input: object) =>
        ask<{ lobbyStart: Told & Lobby }>(
          db,
          key,
          `mutation L($id: ID!, $input: LobbyStartInput!) { lobbyStart(breakthroughId: $id, input: $input) { lobbyEffort { ${effort} } ${errors} } }`,
          { id, input },
        )
      const lobby = (await start(editor, { addressee: 'RIJK', request: 'Pas de norm aan', startedOn: '2025-10-02' })).data.lobbyStart
      t.match(lobby, { lobbyEffort: { addressee: 'RIJK', leader: { slug: 'woonpunt' }, supporters: [], breakthrough: { id } } })
      t.equal(
        (await start(editor, { addressee: 'RIJK', request: 'x', supporters: ['trajekt'] })).errors?.[0]?.extensions.code,
        'FORBIDDEN',
        'nobody is a supporter because another says so',
      )
      t.match((await start(team, { addressee: 'PROVINCE', request: 'x', supporters: ['trajekt', 'niemand'] })).data.lobbyStart, {
        lobbyEffort: null,
        userErrors: [{ code: 'NOT_FOUND', path: ['input', 'supporters', '1'] }],
      })
      const support = (key: string | undefined) =>
        ask<{ lobbySupportAdd: Told & Lobby }>(
          db,
          key,
          `mutation P($id: ID!) { lobbySupportAdd(id: $id) { lobbyEffort { ${effort} } ${errors} } }`,
          { id: lobby.lobbyEffort?.id },
        )
      t.match((await support(other)).data.lobbySupportAdd, { lobbyEffort: { supporters: [{ slug: 'trajekt' }], viewerCanConclude: false } })
      t.match((await support(other)).data.lobbySupportAdd, { lobbyEffort: { supporters: [{ slug: 'trajekt' }] } })
      t.equal((await support(keys['partner_reader@envida'])).errors?.[0]?.extensions.code, 'FORBIDDEN')
      const conclude = (key: string | undefined, input: object) =>
        ask<{ lobbyConclude: Told & Lobby }>(
          db,
          key,
          `mutation C($id: ID!, $input: LobbyConcludeInput!) { lobbyConclude(id: $id, input: $input) { lobbyEffort { ${effort} } ${errors} } }`,
          { id: lobby.lobbyEffort?.id, input },
        )
      t.match((await conclude(other, { expectedVersion: 1, outcome: 'GRANTED' })).data.lobbyConclude, {
        userErrors: [{ code: 'NOT_FOUND' }],
      })
      t.match((await conclude(editor, { expectedVersion: 1, outcome: 'GRANTED', outcomeOn: '2025-10-01' })).data.lobbyConclude, {
        userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'outcomeOn'] }],
      })
      t.match((await conclude(editor, { expectedVersion: 1, outcome: 'PARTLY_GRANTED', outcomeOn: '2025-11-01' })).data.lobbyConclude, {
        lobbyEffort: { outcome: 'PARTLY_GRANTED', outcomeOn: '2025-11-01' },
      })
    },
  )

  t.test('S27 what is resolved says what changed, ends there, and is told to the council with its lobby', async (t) => {
    t.match((await advance(editor, id, { expectedVersion: 3, to: 'RESOLVED' })).data.breakthroughAdvance, {
      userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'resultingChange'] }],
    })
    t.match(
      (await advance(editor, id, { expectedVersion: 3, to: 'RESOLVED', resultingChange: 'De norm telt niet meer' })).data
        .breakthroughAdvance,
      { breakthrough: { state: 'RESOLVED', resultingChange: { text: 'De norm telt niet meer' } } },
    )
    t.match((await advance(team, id, { expectedVersion: 4, to: 'SIGNALLED' })).data.breakthroughAdvance, {
      userErrors: [{ code: 'BREAKTHROUGH_STATE' }],
    })
    const { data } = await ask<{ breakthroughs: { nodes: object[] } }>(
      db,
      council,
      '{ breakthroughs { totalCount nodes { id steps { state } lobbyEfforts { addressee supporters { slug } } } } }',
    )
    t.match(data.breakthroughs, {
      totalCount: 1,
      nodes: [{ id, steps: [{}, {}, {}, { state: 'RESOLVED' }], lobbyEfforts: [{ addressee: 'RIJK', supporters: [{ slug: 'trajekt' }] }] }],
    })
  })

  t.test('the database itself refuses a state without its step, a step without its state, and a step out of order', async (t) => {
    const client = new pg.Client({ connectionString: db.superuserUrl })
    await client.connect()
    t.teardown(() => client.end())
    const refusal = async (statement: string) =>
      client.query(statement).then(
        () => undefined,
        (error: { code: string }) => error.code,
      )
    const example = `(select b.id from breakthrough b where b.example)`
    const step = (number: number, state: string, day: string) =>
      `insert into breakthrough_step (id, breakthrough_id, number, state, taken_on) values (gen_random_uuid(), ${example}, ${number}, '${state}', '${day}')`
    t.equal(await refusal(`update breakthrough set state = 'ANALYSED' where example`), 'SP428')
    t.equal(await refusal(`update breakthrough set state = 'RESOLVED' where example`), 'SP428')
    t.equal(await refusal(step(2, 'ANALYSED', '2025-10-01')), 'SP428')
    t.equal(await refusal(step(2, 'ANALYSED', '2025-08-01')), '23514')
    t.equal(await refusal(step(2, 'ANALYSED', '2999-08-01')), '23514')
    t.equal(
      await refusal(`begin; ${step(2, 'ANALYSED', '2025-10-01')}; update breakthrough set state = 'ANALYSED' where example; commit`),
      undefined,
    )
    t.equal(await refusal(`update breakthrough_step set taken_on = '2025-01-01'`), 'SP409')
    t.equal(await refusal(`delete from breakthrough`), 'SP409')
  })
})
