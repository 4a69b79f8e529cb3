import pg from 'pg'
import t from 'tap'
import { ask, type TestDatabase, testDatabase } from './harness.ts'

interface Payload {
  action: Record<string, unknown> | null
  userErrors: { code: string; path: string[]; currentVersion?: number }[]
}

const errors = 'userErrors { code path ...on ConflictError { currentVersion } }'

/** Runs statements past every policy, as nobody of the service could; constraints and triggers still hold. */
async function directly<T extends pg.QueryResultRow>(db: TestDatabase, statement: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: db.superuserUrl })
  await client.connect()
  try {
    return (await client.query<T>(statement, values)).rows
  } finally {
    await client.end()
  }
}

/** A second version of Pottenberg's plan, in which what was agreed may be edited. */
async function draftOf(db: TestDatabase): Promise<void> {
  await directly(
    db,
    `with plan as (select p.id from plan p join neighbourhood n on n.id = p.neighbourhood_id where n.slug = 'pottenberg' and p.kind = 'EXECUTION_PLAN'),
      version as (insert into plan_version (id, plan_id, number) select gen_random_uuid(), id, 2 from plan returning id, plan_id)
    insert into agreed_action (id, action_id, plan_id, plan_version_id, version_state, version_number, title, description, kind, scale, planned_start_on, planned_end_on)
    select gen_random_uuid(), g.action_id, g.plan_id, v.id, 'DRAFT', 2, g.title, g.description, g.kind, g.scale, g.planned_start_on, g.planned_end_on
    from agreed_action g join version v on v.plan_id = g.plan_id`,
  )
}

t.test('what is agreed of an action, and who takes part in it', async (t) => {
  const db = await testDatabase(t)
  await draftOf(db)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']
  const woonpunt = keys['partner_editor@woonpunt']

  interface Seen {
    id: string
    version: number
    title: { text: string }
    draft: { version: number; title: { text: string }; crossDomain: boolean } | null
    lead: { slug: string } | null
    participations: { id: string; version: number; role: string; endsOn: string | null; organisation: { slug: string } }[]
    viewerCanEditAgreed: boolean
    viewerCanChangeParts: boolean
  }
  const see = async (ref: string, key: string | undefined = team) =>
    (
      await ask<{ action: Seen }>(
        db,
        key,
        `query S($ref: String) { action(ref: $ref) { id version title { text } draft { version title { text } crossDomain } lead { slug }
          participations { id version role endsOn organisation { slug } } viewerCanEditAgreed viewerCanChangeParts } }`,
        { ref },
      )
    ).data.action
  const change = async (key: string | undefined, verb: string, type: string, id: string, input: object, idName = 'id') =>
    (
      await ask<Record<string, Payload>>(
        db,
        key,
        `mutation C($id: ID!, $input: ${type}!) { changed: ${verb}(${idName}: $id, input: $input) { action { ref lead { slug } contributors { slug } } ${errors} } }`,
        { id, input },
      )
    ).data?.changed as Payload
  const edit = (key: string | undefined, id: string, input: object) => change(key, 'actionEditAgreed', 'ActionEditAgreedInput', id, input)

  t.test('the lead edits the draft of its own action; what is in force stays as it was adopted', async (t) => {
    const before = await see('POT-2025-02', woonpunt)
    t.match(before, { viewerCanEditAgreed: true, viewerCanChangeParts: true })
    const done = await edit(woonpunt, before.id, { expectedVersion: before.draft?.version, title: 'Nieuwe titel', crossDomain: true })
    t.same(done.userErrors, [])
    const after = await see('POT-2025-02', woonpunt)
    t.match(after, { title: before.title, draft: { title: { text: 'Nieuwe titel' }, crossDomain: true } })
    const audit = await directly(db, `select operation from audit_entry where operation = 'actionEditAgreed'`)
    t.equal(audit.length, 1)
    t.same((await edit(woonpunt, before.id, { expectedVersion: after.draft?.version, title: 'Nieuwe titel' })).userErrors, [])
    t.equal((await see('POT-2025-02')).draft?.version, after.draft?.version, 'a change that changes nothing writes nothing')
  })

  t.test('F2 of two editors the one who saw an older draft is told so, and nothing of theirs is written', async (t) => {
    const { id, draft } = await see('POT-2025-02')
    const seen = draft?.version as number
    t.same((await edit(team, id, { expectedVersion: seen, title: 'Van het team' })).userErrors, [])
    t.match(await edit(woonpunt, id, { expectedVersion: seen, crossDomain: false }), {
      action: null,
      userErrors: [{ code: 'VERSION_CONFLICT', path: ['input', 'expectedVersion'], currentVersion: seen + 1 }],
    })
    t.match((await see('POT-2025-02')).draft, { title: { text: 'Van het team' }, crossDomain: true })
    t.same(
      (await edit(woonpunt, id, { expectedVersion: seen + 1, crossDomain: false })).userErrors,
      [],
      'what the other did not touch is sent again, by the version that the conflict told',
    )
    t.match((await see('POT-2025-02')).draft, { title: { text: 'Van het team' }, crossDomain: false })
  })

  t.test('who does not lead it edits nothing, and all that is wrong is told at once', async (t) => {
    const { id, draft } = await see('POT-2025-02')
    const expectedVersion = draft?.version as number
    t.match(await edit(keys['partner_editor@mondriaan'], id, { expectedVersion, title: 'X' }), {
      userErrors: [{ code: 'NOT_LEAD', path: ['id'] }],
    })
    t.match(await see('POT-2025-02', keys['partner_editor@mondriaan']), { viewerCanEditAgreed: false, viewerCanChangeParts: false })
    t.match(await edit(woonpunt, id, { expectedVersion, title: ' ', planned: { startsOn: '2026-02-01', endsOn: '2026-01-01' } }), {
      userErrors: [{ path: ['input', 'title'] }, { path: ['input', 'planned', 'endsOn'] }],
    })
    t.match(await edit(woonpunt, 'QWN0aW9uOng', { expectedVersion, title: 'X' }), { userErrors: [{ code: 'NOT_FOUND', path: ['id'] }] })
    const nazareth = await see('NAZ-2025-08')
    t.match(await edit(team, nazareth.id, { expectedVersion: 1, title: 'X' }), { userErrors: [{ code: 'PLAN_STATE', path: ['id'] }] })
    t.equal((await see('POT-2025-02')).draft?.version, expectedVersion)
  })

  t.test('invariant 5: what was adopted is refused to SQL as well', async (t) => {
    await t.rejects(directly(db, `update agreed_action set cross_domain = not cross_domain where version_state = 'ADOPTED'`), {
      code: 'SP409',
    })
  })

  t.test('S18 S19 S21 the team puts an action in the draft, led by a residents’ group without an account', async (t) => {
    const admin = keys['admin@gemeente-maastricht']
    const made = await ask<{ organisationCreate: { organisation: { id: string }; userErrors: [] } }>(
      db,
      admin,
      `mutation { organisationCreate(input: { slug: "tuingroep-pottenberg", name: "Bewoners", kind: RESIDENTS_GROUP }) { organisation { id slug kind } userErrors { code } } }`,
    )
    t.match(made.data.organisationCreate, { organisation: { kind: 'RESIDENTS_GROUP' }, userErrors: [] })
    const plan = (
      await ask<{ executionPlans: { nodes: { id: string }[] } }>(
        db,
        team,
        '{ executionPlans(where: { neighbourhood: { eq: "pottenberg" } }) { nodes { id } } }',
      )
    ).data.executionPlans.nodes[0]?.id
    const create = async (key: string | undefined, input: object) =>
      ask<{ actionCreate: Payload }>(
        db,
        key,
        `mutation C($id: ID!, $input: ActionCreateInput!) { actionCreate(planId: $id, input: $input) {
          action { ref kind lead { slug } contributors { slug } pillars { code } sdgs { number } results { code } themes { code } status } ${errors} } }`,
        { id: plan, input },
      )
    const input = {
      ref: 'POT-2026-01',
      title: 'Buurttuin',
      kind: 'INITIATIVE',
      scale: 'RESIDENT_INITIATIVE',
      planned: { startsOn: '2026-03-01' },
      lead: 'tuingroep-pottenberg',
      contributors: ['trajekt'],
      pillars: ['POSITIEVE_GEZONDHEID'],
      themes: ['groen'],
      sdgs: [11, 6],
      results: ['POSITIEVE_GEZONDHEID'],
    }
    t.match((await create(team, { ...input, lead: 'nobody', pillars: ['NONE'], sdgs: [3, 99] })).data.actionCreate, {
      action: null,
      userErrors: [{ path: ['input', 'pillars', '0'] }, { path: ['input', 'sdgs', '1'] }, { path: ['input', 'lead'] }],
    })
    t.match((await create(team, input)).data.actionCreate, {
      action: {
        ref: 'POT-2026-01',
        kind: 'INITIATIVE',
        lead: { slug: 'tuingroep-pottenberg' },
        contributors: [{ slug: 'trajekt' }],
        pillars: [{ code: 'POSITIEVE_GEZONDHEID' }],
        sdgs: [{ number: 6 }, { number: 11 }],
        results: [{ code: 'POSITIEVE_GEZONDHEID' }],
        themes: [{ code: 'groen' }],
        status: 'PIPELINE',
      },
      userErrors: [],
    })
    t.match((await create(team, input)).data.actionCreate, { userErrors: [{ code: 'CONFLICT', path: ['input', 'ref'] }] })
    t.equal((await create(woonpunt, input)).errors?.[0]?.extensions.code, 'FORBIDDEN')
    t.equal(
      (await ask<{ action: null }>(db, undefined, '{ action(ref: "POT-2026-01") { ref } }')).data.action,
      null,
      'a draft is not public',
    )
    const shown = async (caller: string) =>
      (
        await ask<{ action: { title: object | null; lead: { slug: string } } | null; actions: { totalCount: number } }>(
          db,
          keys[caller],
          '{ action(ref: "POT-2026-01") { title { text } lead { slug } } actions { totalCount } }',
        )
      ).data
    const all = (await shown('partner_reader@envida')).actions.totalCount
    for (const reader of ['partner_reader@envida', 'portfolio_holder@gemeente-maastricht', 'research_statistics@gemeente-maastricht'])
      t.match(await shown(reader), { action: { title: { text: 'Buurttuin' } }, actions: { totalCount: all } }, reader)
    for (const other of ['council_reader@gemeente-maastricht', 'bi_reader@trajekt', 'partner_system@woonpunt'])
      t.match(await shown(other), { action: null, actions: { totalCount: all - 1 } }, `${other} reads no drafts`)
    t.match(
      await shown('partner_system@trajekt'),
      { action: { title: null, lead: { slug: 'tuingroep-pottenberg' } }, actions: { totalCount: all } },
      'the system of one that takes part reports on it',
    )
  })

  t.test('S20 invariant 7: the lead is handed over on a day, by it or the team, and there is one lead on every day', async (t) => {
    const handOver = (key: string | undefined, id: string, input: object) =>
      change(key, 'actionHandOverLead', 'ActionHandOverLeadInput', id, input)
    const { id, version } = await see('POT-2025-02')
    const today = (await directly<{ today: string }>(db, 'select today()::text as today'))[0]?.today as string
    t.match(await handOver(keys['partner_editor@mondriaan'], id, { expectedVersion: version, to: 'mondriaan', on: today }), {
      userErrors: [{ code: 'NOT_LEAD' }],
    })
    t.match(await handOver(woonpunt, id, { expectedVersion: version, to: 'nobody', on: today }), {
      userErrors: [{ path: ['input', 'to'] }],
    })
    t.match(await handOver(woonpunt, id, { expectedVersion: version, to: 'servatius', on: today }), {
      action: { lead: { slug: 'servatius' } },
      userErrors: [],
    })
    const after = await see('POT-2025-02')
    t.match(
      after.participations.filter(({ role }) => role === 'LEAD').map(({ organisation, endsOn }) => [organisation.slug, endsOn]),
      [
        ['woonpunt', today],
        ['servatius', null],
      ],
    )
    t.match(await handOver(team, id, { expectedVersion: version, to: 'woonpunt', on: '2999-01-01' }), {
      userErrors: [{ code: 'VERSION_CONFLICT' }],
    })
    t.match(await handOver(woonpunt, id, { expectedVersion: after.version, to: 'woonpunt', on: '2999-01-01' }), {
      userErrors: [{ code: 'NOT_LEAD' }],
    })
    t.match(await edit(woonpunt, id, { expectedVersion: after.draft?.version, title: 'X' }), { userErrors: [{ code: 'NOT_LEAD' }] })

    const lead = `(select id from action_participation where action_id = (select id from action where ref = 'POT-2025-02') and role = 'LEAD' and ends_on is null)`
    await t.rejects(
      directly(db, `update action_participation set ends_on = today() + 1 where id = ${lead}`),
      { code: '23514' },
      'no day without',
    )
    await t.rejects(
      directly(
        db,
        `insert into action_participation (id, action_id, organisation_id, role, starts_on)
        select gen_random_uuid(), a.id, o.id, 'LEAD', today() from action a, organisation o where a.ref = 'POT-2025-02' and o.slug = 'mondriaan'`,
      ),
      { code: '23P01' },
      'no day with two',
    )
  })

  t.test('the lead says who contributes, since when and until when', async (t) => {
    const mondriaan = keys['partner_editor@servatius']
    const { id } = await see('POT-2025-02')
    const start = (key: string | undefined, input: object) =>
      change(key, 'participationStart', 'ParticipationStartInput', id, input, 'actionId')
    const input = { organisation: 'mondriaan', startsOn: '2025-06-01' }
    t.match(await start(woonpunt, input), { userErrors: [{ code: 'NOT_LEAD', path: ['actionId'] }] })
    t.match(await start(mondriaan, { ...input, role: 'LEAD' }), { userErrors: [{ path: ['input', 'role'] }] })
    t.match(await start(mondriaan, input), { userErrors: [] })
    t.match(await start(mondriaan, input), { userErrors: [{ code: 'CONFLICT', path: ['input', 'organisation'] }] })
    const part = (await see('POT-2025-02')).participations.find(({ organisation }) => organisation.slug === 'mondriaan')
    const end = (key: string | undefined, of: string, more: object) => change(key, 'participationEnd', 'ParticipationEndInput', of, more)
    const given = { expectedVersion: part?.version, endsOn: '2025-09-01' }
    t.match(await end(woonpunt, part?.id as string, given), { userErrors: [{ code: 'NOT_LEAD' }] })
    t.match(await end(mondriaan, part?.id as string, { ...given, expectedVersion: 9 }), { userErrors: [{ code: 'VERSION_CONFLICT' }] })
    t.match(await end(mondriaan, part?.id as string, { ...given, endsOn: '2025-06-01' }), { userErrors: [{ path: ['input', 'endsOn'] }] })
    const ended = await end(mondriaan, part?.id as string, given)
    t.same(ended.userErrors, [])
    t.notMatch(JSON.stringify(ended.action), /mondriaan/)
  })
})
