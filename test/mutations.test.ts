import t from 'tap'
import { ask, testDatabase } from './harness.ts'

interface Payload {
  userErrors: { code: string; path: string[]; currentVersion?: number; __typename: string }[]
}

t.test('changing through GraphQL', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']
  const idOf = async (ref: string) => (await ask<{ action: { id: string } }>(db, team, `{ action(ref: "${ref}") { id } }`)).data.action.id
  const errors = '{ __typename code path ...on ConflictError { currentVersion } }'

  t.test('the lead records the status of its action and is shown what it became', async (t) => {
    const { data } = await ask<{ actionRecordStatus: Payload }>(
      db,
      keys['partner_editor@woonpunt'],
      `mutation R($id: ID!) { actionRecordStatus(id: $id, input: { status: IMPLEMENTATION, progressPercent: 40, health: AT_RISK, narrative: "Vertraging" }) {
        disposition done: action { ref status } action { progressPercent health latestStatus { narrative reportedBy { slug } } plan { __typename } } userErrors ${errors} } }`,
      { id: await idOf('POT-2025-02') },
    )
    t.match(data.actionRecordStatus, {
      disposition: 'APPLIED',
      done: { ref: 'POT-2025-02', status: 'IMPLEMENTATION' },
      action: {
        progressPercent: 40,
        health: 'AT_RISK',
        latestStatus: { narrative: 'Vertraging', reportedBy: { slug: 'woonpunt' } },
        plan: { __typename: 'ExecutionPlan' },
      },
      userErrors: [],
    })
  })

  t.test("a contributor's report leaves the status of the action alone and says so", async (t) => {
    const id = await idOf('POT-2025-02')
    const { data } = await ask<{ actionRecordStatus: Payload }>(
      db,
      keys['partner_editor@envida'],
      `mutation R($id: ID!) { actionRecordStatus(id: $id, input: { status: CANCELLED }) { action { status } userErrors ${errors} } }`,
      { id },
    )
    t.match(data.actionRecordStatus, { action: { status: 'IMPLEMENTATION' }, userErrors: [{ code: 'NOT_LEAD' }] })
  })

  t.test('what is wrong with a report is told all at once, as data, with its path', async (t) => {
    const { data } = await ask<{ actionRecordStatus: Payload & { action: null } }>(
      db,
      keys['partner_editor@woonpunt'],
      `mutation R { actionRecordStatus(id: "QWN0aW9uOng", input: { status: CLOSED, progressPercent: 101, effectiveAt: "2999-01-01T00:00:00Z" }) { action { ref } userErrors ${errors} } }`,
    )
    t.equal(data.actionRecordStatus.action, null)
    const told = Object.fromEntries(data.actionRecordStatus.userErrors.map(({ code, path }) => [path.join('.'), code]))
    t.equal(told['input.progressPercent'], 'BAD_USER_INPUT')
    t.ok('id' in told || 'input.effectiveAt' in told, JSON.stringify(told))
  })

  t.test('a role that may not is refused as a fault, and nothing is written', async (t) => {
    const id = await idOf('POT-2025-01')
    const count = async () =>
      (
        await ask<{ action: { statusReports: { totalCount: number } } }>(
          db,
          team,
          '{ action(ref: "POT-2025-01") { statusReports { totalCount } } }',
        )
      ).data.action.statusReports.totalCount
    const before = await count()
    for (const role of [
      'partner_reader@woonpunt',
      'bi_reader@woonpunt',
      'auditor@gemeente-maastricht',
      'admin@gemeente-maastricht',
      'council_reader@gemeente-maastricht',
    ]) {
      const { errors: faults } = await ask(
        db,
        keys[role],
        'mutation R($id: ID!) { actionRecordStatus(id: $id, input: { status: CLOSED }) { userErrors { code } } }',
        { id },
      )
      t.same(
        faults?.map(({ extensions, path }) => [extensions.code, path]),
        [['FORBIDDEN', ['actionRecordStatus']]],
        role,
      )
    }
    const { errors: faults } = await ask(
      db,
      undefined,
      'mutation R($id: ID!) { actionRecordStatus(id: $id, input: { status: CLOSED }) { userErrors { code } } }',
      { id },
    )
    t.equal(faults?.[0]?.extensions.code, 'UNAUTHENTICATED')
    t.equal(await count(), before)
  })

  t.test("F3, invariant 20: another partner's note for its own organisation is nowhere: list, count, node", async (t) => {
    const id = await idOf('POT-2025-01')
    const note = (key: string | undefined, visibility: string, body: string) =>
      ask<{ noteCreate: Payload & { note: { id: string; body: string } | null } }>(
        db,
        key,
        `mutation N($id: ID!, $body: String!) { noteCreate(actionId: $id, input: { body: $body, visibility: ${visibility} }) { note { id body organisation { slug } } userErrors ${errors} } }`,
        { id, body },
      )
    const own = (await note(keys['partner_editor@woonpunt'], 'OWN_ORGANISATION', 'Kwikzilverlamp')).data.noteCreate.note
    t.equal(own?.body, 'Kwikzilverlamp')
    await note(keys['partner_editor@woonpunt'], 'ALLIANCE', 'Voor allen')
    await note(keys['partner_system@woonpunt'], 'ACTION_PARTIES', 'Voor de betrokkenen')
    const seen = async (key: string | undefined) =>
      (
        await ask<{ action: { notes: { totalCount: number; nodes: { body: string }[] } }; node: object | null }>(
          db,
          key,
          'query S($note: ID!) { action(ref: "POT-2025-01") { notes { totalCount nodes { body } } } node(id: $note) { id } }',
          { note: own?.id },
        )
      ).data
    t.match(await seen(keys['partner_reader@woonpunt']), { action: { notes: { totalCount: 3 } }, node: { id: own?.id } })
    t.same(await seen(keys['partner_reader@mondriaan']), {
      action: { notes: { totalCount: 1, nodes: [{ body: 'Voor allen' }] } },
      node: null,
    })
    t.match(await seen(team), { action: { notes: { totalCount: 2 } }, node: null })
    t.same(await seen(undefined), { action: { notes: { totalCount: 0, nodes: [] } }, node: null })
    const told = (key: string | undefined) =>
      ask<{ action: { status: string }; auditTrail: { totalCount: number }; search: { totalCount: number } }>(
        db,
        key,
        `query T($note: ID!) { action(ref: "POT-2025-01") { status } auditTrail(subject: $note) { totalCount nodes { operation after } }
          search(words: "Kwikzilverlamp") { totalCount } }`,
        { note: own?.id },
      )
    t.match((await told(keys['partner_editor@woonpunt'])).data, { auditTrail: { totalCount: 1 } })
    for (const key of [keys['partner_editor@mondriaan'], team]) {
      const { data, raw } = await told(key)
      t.same([data.auditTrail.totalCount, data.search.totalCount], [0, 0], 'nor in the audit trail, nor by a search')
      t.ok(data.action.status, 'whereas the status is for everybody')
      t.notMatch(raw, 'Kwikzilverlamp')
    }
    const [hidden, absent] = await Promise.all(
      [own?.id, `${own?.id.slice(0, -4)}AAAA`].map(async (id) => {
        const {
          status,
          errors: faults,
          data,
        } = await ask(db, keys['partner_editor@mondriaan'], 'query E($id: ID!) { node(id: $id) { id ...on Action { ref } } }', { id })
        return { status, faults, data }
      }),
    )
    t.same(hidden, absent, 'nor by an error')
    t.match((await note(keys['partner_editor@mondriaan'], 'ACTION_PARTIES', 'Ik ook')).data.noteCreate, {
      note: null,
      userErrors: [{ code: 'REPORTER_NOT_PARTY', path: ['input', 'visibility'] }],
    })
    t.match((await note(keys['partner_editor@mondriaan'], 'PUBLIC', ' ')).data.noteCreate, {
      note: null,
      userErrors: [
        { code: 'BAD_USER_INPUT', path: ['input', 'body'] },
        { code: 'BAD_USER_INPUT', path: ['input', 'visibility'] },
      ],
    })
  })

  t.test('S01 a plan is adopted by a decision alone, once, by the programme team, from the version it has seen', async (t) => {
    interface PlanOf {
      executionPlans: { nodes: { id: string; latestVersion: { version: number; state: string } }[] }
    }
    const planOf = async () =>
      (
        await ask<PlanOf>(
          db,
          team,
          '{ executionPlans(where: { neighbourhood: { eq: "nazareth" } }) { nodes { id latestVersion { version state } } } }',
        )
      ).data.executionPlans.nodes[0]
    const nazareth = await planOf()
    const decision = {
      reference: 'TEST-1',
      body: 'COLLEGE',
      decidedOn: '2025-10-14',
      outcome: 'CONFORM',
      title: 'Besluit',
      text: 'Vast te stellen',
    }
    const adopt = (key: string | undefined, input: object) =>
      ask<{ planAdopt: Payload & { plan: object | null } }>(
        db,
        key,
        `mutation A($id: ID!, $input: PlanAdoptInput!) { planAdopt(id: $id, input: $input) { plan { __typename inForce { state effectiveFrom contentHash adoptedBy { decision { reference } } } } userErrors ${errors} } }`,
        { id: nazareth?.id, input },
      )
    const expectedVersion = nazareth?.latestVersion.version as number
    t.match((await adopt(team, { expectedVersion })).data.planAdopt, {
      plan: null,
      userErrors: [{ code: 'DECISION_REQUIRED', path: ['input', 'decision'] }],
    })
    t.match((await adopt(team, { expectedVersion, decision: { ...decision, outcome: 'REJECTED' } })).data.planAdopt, {
      userErrors: [{ code: 'DECISION_REQUIRED' }],
    })
    t.match((await adopt(team, { expectedVersion, decision: { ...decision, decidedOn: '2999-01-01' } })).data.planAdopt, {
      userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'decision', 'decidedOn'] }],
    })
    t.match((await adopt(team, { expectedVersion: expectedVersion + 1, decision })).data.planAdopt, {
      userErrors: [
        { __typename: 'ConflictError', code: 'VERSION_CONFLICT', path: ['input', 'expectedVersion'], currentVersion: expectedVersion },
      ],
    })
    t.equal((await adopt(keys['partner_editor@trajekt'], { expectedVersion, decision })).errors?.[0]?.extensions.code, 'FORBIDDEN')
    t.equal((await planOf())?.latestVersion.state, 'SUBMITTED')
    t.match((await adopt(team, { expectedVersion, decision })).data.planAdopt, {
      plan: {
        __typename: 'ExecutionPlan',
        inForce: {
          state: 'ADOPTED',
          effectiveFrom: '2025-10-14',
          contentHash: /^[0-9a-f]{64}$/,
          adoptedBy: [{ decision: { reference: 'TEST-1' } }],
        },
      },
      userErrors: [],
    })
    t.match((await adopt(team, { expectedVersion, decision })).data.planAdopt, { plan: null, userErrors: [{ code: 'PLAN_STATE' }] })
    const asPublic = await ask<{ neighbourhood: { executionPlans: { nodes: { actions: { totalCount: number } }[] } } }>(
      db,
      undefined,
      '{ neighbourhood(slug: "nazareth") { executionPlans { nodes { actions { totalCount } } } } }',
    )
    t.ok((asPublic.data.neighbourhood.executionPlans.nodes[0]?.actions.totalCount ?? 0) >= 5, 'the public sees it from then on')
  })
})
