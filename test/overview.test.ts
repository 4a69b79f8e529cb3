import t from 'tap'
import { ask, testDatabase } from './harness.ts'

interface Told {
  userErrors: { code: string; path: string[]; currentVersion?: number }[]
}
interface Coverage {
  sdg: { number: number }
  named: boolean
  liveActionCount: number
  indicatorCount: number
  liveActions: { totalCount: number; nodes: { ref: string; status: string; sdgs: { number: number }[] }[] }
  indicators: { code: string }[]
}
interface Pillar {
  code: string
  rollUp: {
    actionCount: number
    byStatus: Record<string, number>
    byHealth: Record<string, number>
    progressCount: number
    progressMean: string | null
  }
  actions: { totalCount: number; nodes: { status: string; health: string; progressPercent: number | null }[] }
}

const errors = 'userErrors { code path ... on ConflictError { currentVersion } }'

t.test('what the programme covers', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']
  const statistics = keys['research_statistics@gemeente-maastricht']

  const coverage = async (key: string | undefined) =>
    (
      await ask<{ sdgCoverage: Coverage[] }>(
        db,
        key,
        `{ sdgCoverage { sdg { number } named liveActionCount indicatorCount liveActions(first: 50) { totalCount nodes { ref status sdgs { number } } } indicators { code } } }`,
      )
    ).data.sdgCoverage

  t.test('S28 all seventeen goals, twelve of them named, with their live actions and what these were counted from', async (t) => {
    const goals = await coverage(team)
    t.same(
      goals.map(({ sdg }) => sdg.number),
      Array.from({ length: 17 }, (_, index) => index + 1),
    )
    t.same(
      goals.filter(({ named }) => named).map(({ sdg }) => sdg.number),
      [1, 2, 3, 4, 5, 7, 8, 10, 11, 13, 16, 17],
    )
    for (const { sdg, liveActionCount, liveActions } of goals) {
      t.equal(liveActionCount, liveActions.totalCount, `goal ${sdg.number}`)
      for (const action of liveActions.nodes) {
        t.ok(action.sdgs.some(({ number }) => number === sdg.number))
        t.ok(['PIPELINE', 'IMPLEMENTATION', 'FINALISATION'].includes(action.status), action.status)
      }
    }
    t.ok(goals.some(({ liveActionCount }) => liveActionCount > 0))
  })

  t.test('S28 a goal counts an action no more when it is closed', async (t) => {
    const [goal] = (await coverage(team)).filter(({ liveActionCount }) => liveActionCount > 0) as [Coverage]
    const { ref } = goal.liveActions.nodes[0] as { ref: string }
    const { data } = await ask<{ action: { id: string; status: string } }>(db, team, `{ action(ref: "${ref}") { id status } }`)
    const steps = data.action.status === 'PIPELINE' ? ['IMPLEMENTATION', 'CLOSED'] : ['CLOSED']
    for (const status of steps) {
      await ask(db, team, `mutation C($id: ID!) { actionRecordStatus(id: $id, input: { status: ${status} }) { userErrors { code } } }`, {
        id: data.action.id,
      })
    }
    const after = (await coverage(team)).find(({ sdg }) => sdg.number === goal.sdg.number) as Coverage
    t.equal(after.liveActionCount, goal.liveActionCount - 1)
    t.notOk(after.liveActions.nodes.some((action) => action.ref === ref))
  })

  t.test('S28 the public counts what it may see: actions under an adopted plan', async (t) => {
    const sum = (goals: Coverage[]) => goals.reduce((total, { liveActionCount }) => total + liveActionCount, 0)
    t.ok(sum(await coverage(undefined)) > 0)
    t.ok(sum(await coverage(undefined)) < sum(await coverage(team)))
  })

  t.test('S28 research names the goal of an indicator, once, and it counts; no other does', async (t) => {
    const { data } = await ask<{ indicators: { nodes: { id: string; code: string }[] } }>(
      db,
      statistics,
      '{ indicators(first: 1) { nodes { id code } } }',
    )
    const { id, code } = data.indicators.nodes[0] as { id: string; code: string }
    const name = (key: string | undefined, sdg: number) =>
      ask<{ indicatorNameSdg: Told }>(
        db,
        key,
        `mutation N($id: ID!, $sdg: Int!) { indicatorNameSdg(id: $id, input: { sdg: $sdg }) { indicator { sdgs { number } } ${errors} } }`,
        { id, sdg },
      )
    t.equal((await name(team, 6)).errors?.[0]?.extensions.code, 'FORBIDDEN')
    t.match((await name(statistics, 18)).data.indicatorNameSdg, { userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'sdg'] }] })
    t.match((await name(statistics, 6)).data.indicatorNameSdg, { indicator: { sdgs: [{ number: 6 }] }, userErrors: [] })
    t.match((await name(statistics, 6)).data.indicatorNameSdg, { indicator: { sdgs: [{ number: 6 }] } })
    t.match((await coverage(undefined))[5], { named: false, indicatorCount: 1, indicators: [{ code }] })
  })

  const pillars = async (key: string | undefined) =>
    (
      await ask<{ programme: { pillars: Pillar[] } }>(
        db,
        key,
        `{ programme(code: "VW") { pillars { code
          rollUp { actionCount byStatus { pipeline implementation finalisation closed cancelled suspended } byHealth { onTrack atRisk offTrack unknown } progressCount progressMean }
          actions(first: 100) { totalCount nodes { status health progressPercent } } } } }`,
      )
    ).data.programme.pillars

  t.test('S09, S15 a pillar tells how its actions stand, and what that was computed from', async (t) => {
    for (const key of [team, undefined]) {
      const all = await pillars(key)
      t.equal(all.length, 3)
      for (const { code, rollUp, actions } of all) {
        const of = <Name extends 'status' | 'health'>(field: Name, value: string) =>
          actions.nodes.filter((node) => node[field] === value).length
        t.equal(rollUp.actionCount, actions.totalCount, code)
        t.equal(actions.nodes.length, actions.totalCount)
        t.same(rollUp.byStatus, {
          pipeline: of('status', 'PIPELINE'),
          implementation: of('status', 'IMPLEMENTATION'),
          finalisation: of('status', 'FINALISATION'),
          closed: of('status', 'CLOSED'),
          cancelled: of('status', 'CANCELLED'),
          suspended: of('status', 'SUSPENDED'),
        })
        t.same(rollUp.byHealth, {
          onTrack: of('health', 'ON_TRACK'),
          atRisk: of('health', 'AT_RISK'),
          offTrack: of('health', 'OFF_TRACK'),
          unknown: of('health', 'UNKNOWN'),
        })
        const told = actions.nodes.flatMap(({ progressPercent }) => progressPercent ?? [])
        t.equal(rollUp.progressCount, told.length)
        if (told.length === 0) t.equal(rollUp.progressMean, null)
        else t.ok(Math.abs(Number(rollUp.progressMean) - told.reduce((sum, one) => sum + one, 0) / told.length) <= 0.05)
      }
    }
    t.ok((await pillars(team)).some(({ rollUp }) => rollUp.progressMean !== null))
  })
})

t.test('objectives, themes and policy', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']
  const others = ['partner_editor@woonpunt', 'portfolio_holder@gemeente-maastricht', 'research_statistics@gemeente-maastricht']

  t.test('S45, S46 the team adds an objective by horizon and level, under a pillar and another; everybody reads it', async (t) => {
    const add = (key: string | undefined, input: object) =>
      ask<{ resultAdd: Told & { result: { id: string } | null } }>(
        db,
        key,
        `mutation R($input: ResultAddInput!) { resultAdd(input: $input) { result { id version code type horizon title { text } pillar { code } parent { code } } ${errors} } }`,
        { input },
      )
    const given = {
      code: 'SCHULDEN',
      type: 'OUTPUT',
      horizon: 'SHORT',
      title: 'Minder schulden',
      pillar: 'BESTAANSZEKERHEID',
      parent: 'BESTAANSZEKERHEID',
    }
    const made = (await add(team, given)).data.resultAdd
    t.match(made, {
      result: {
        version: 1,
        type: 'OUTPUT',
        horizon: 'SHORT',
        pillar: { code: 'BESTAANSZEKERHEID' },
        parent: { code: 'BESTAANSZEKERHEID' },
      },
    })
    t.match((await add(team, given)).data.resultAdd, { result: null, userErrors: [{ code: 'CONFLICT', path: ['input', 'code'] }] })
    t.match((await add(team, { ...given, code: 'X', pillar: 'GELUK' })).data.resultAdd, {
      userErrors: [{ code: 'NOT_FOUND', path: ['input', 'pillar'] }],
    })
    t.match((await add(team, { ...given, code: 'kleine letters', title: '' })).data.resultAdd, {
      userErrors: [{ path: ['input', 'code'] }, { path: ['input', 'title'] }],
    })
    for (const role of others) t.equal((await add(keys[role], given)).errors?.[0]?.extensions.code, 'FORBIDDEN', role)
    const { data } = await ask<{ programme: { results: { code: string; horizon: string }[] } }>(
      db,
      undefined,
      '{ programme(code: "VW") { results { code horizon } } }',
    )
    t.ok(data.programme.results.some(({ code, horizon }) => code === 'SCHULDEN' && horizon === 'SHORT'))

    const edit = (key: string | undefined, id: string | undefined, input: object) =>
      ask<{ resultEdit: Told }>(
        db,
        key,
        `mutation E($id: ID!, $input: ResultEditInput!) { resultEdit(id: $id, input: $input) { result { version title { text } pillar { code } } ${errors} } }`,
        { id, input },
      )
    const id = made.result?.id
    t.match((await edit(team, id, { expectedVersion: 1, title: 'Geen schulden' })).data.resultEdit, {
      result: { version: 2, title: { text: 'Geen schulden' }, pillar: { code: 'BESTAANSZEKERHEID' } },
    })
    t.match((await edit(team, id, { expectedVersion: 1, title: 'Te laat' })).data.resultEdit, {
      userErrors: [{ code: 'VERSION_CONFLICT', currentVersion: 2 }],
    })
    t.match((await edit(team, id, { expectedVersion: 2, parent: 'SCHULDEN' })).data.resultEdit, {
      userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'parent'] }],
    })
    for (const role of others)
      t.equal((await edit(keys[role], id, { expectedVersion: 2, title: 'x' })).errors?.[0]?.extensions.code, 'FORBIDDEN', role)
  })

  t.test('S36 the list of themes is open: the team adds one, once; the public does not read it', async (t) => {
    const add = (key: string | undefined, input: object) =>
      ask<{ themeAdd: Told }>(
        db,
        key,
        `mutation T($input: ThemeAddInput!) { themeAdd(input: $input) { theme { code name { text } } ${errors} } }`,
        { input },
      )
    t.match((await add(team, { code: 'cultuur', name: 'Cultuur' })).data.themeAdd, {
      theme: { code: 'cultuur', name: { text: 'Cultuur' } },
    })
    t.match((await add(team, { code: 'cultuur', name: 'Cultuur' })).data.themeAdd, { userErrors: [{ code: 'CONFLICT' }] })
    for (const role of others) t.equal((await add(keys[role], { code: 'x', name: 'x' })).errors?.[0]?.extensions.code, 'FORBIDDEN', role)
    const themes = async (key: string | undefined) =>
      (await ask<{ programme: { themes: object[] } }>(db, key, '{ programme(code: "VW") { themes { code } } }')).data.programme.themes
        .length
    t.equal(await themes(keys['partner_reader@envida']), 7)
    t.equal(await themes(undefined), 0)
  })

  t.test('S37, S38, S39 policy with its own term aligns with plans, themes and actions, and is found from either side', async (t) => {
    const add = (key: string | undefined, input: object) =>
      ask<{ policyLinkAdd: Told & { policyLink: { id: string } | null } }>(
        db,
        key,
        `mutation P($input: PolicyLinkAddInput!) { policyLinkAdd(input: $input) { policyLink { id kind term { startsOn endsOn } } ${errors} } }`,
        { input },
      )
    const coalition = { kind: 'COALITION', name: 'Coalitieakkoord 2026-2030', startsOn: '2026-06-01', endsOn: '2030-05-31' }
    const made = (await add(team, coalition)).data.policyLinkAdd
    t.match(made, { policyLink: { kind: 'COALITION', term: { startsOn: '2026-06-01', endsOn: '2030-05-31' } } })
    t.match((await add(team, { ...coalition, endsOn: '2026-01-01' })).data.policyLinkAdd, { userErrors: [{ path: ['input', 'endsOn'] }] })
    t.equal((await add(keys['partner_editor@woonpunt'], coalition)).errors?.[0]?.extensions.code, 'FORBIDDEN')

    const { data } = await ask<{
      strategicAgenda: { id: string; themes: { id: string }[] }
      action: { id: string }
    }>(db, team, '{ strategicAgenda(on: "2026-01-01") { id themes { id } } action(ref: "POT-2025-01") { id } }')
    const themeId = data.strategicAgenda.themes[0]?.id
    const align = (key: string | undefined, input: object) =>
      ask<{ policyAlign: Told }>(
        db,
        key,
        `mutation A($id: ID!, $input: PolicyAlignInput!) { policyAlign(id: $id, input: $input) { policyLink { plans { __typename id } agendaThemes { id } actions { nodes { ref } } } ${errors} } }`,
        { id: made.policyLink?.id, input },
      )
    await align(team, { planId: data.strategicAgenda.id })
    await align(team, { agendaThemeId: themeId })
    await align(team, { actionId: data.action.id })
    t.match((await align(team, { actionId: data.action.id })).data.policyAlign, {
      policyLink: {
        plans: [{ __typename: 'StrategicAgenda' }],
        agendaThemes: [{ id: themeId }],
        actions: { nodes: [{ ref: 'POT-2025-01' }] },
      },
      userErrors: [],
    })
    t.match((await align(team, {})).data.policyAlign, { userErrors: [{ code: 'BAD_USER_INPUT' }] })
    t.match((await align(team, { actionId: data.action.id, agendaThemeId: themeId })).data.policyAlign, {
      userErrors: [{ code: 'BAD_USER_INPUT' }],
    })
    t.equal((await align(keys['partner_editor@woonpunt'], { actionId: data.action.id })).errors?.[0]?.extensions.code, 'FORBIDDEN')

    const both = `{ programme(code: "VW") { policyLinks { kind plans { id } agendaThemes { id } actions { totalCount } } }
      action(ref: "POT-2025-01") { policyLinks { kind } } strategicAgenda(on: "2026-01-01") { policyLinks { kind } themes { policyLinks { kind } } } }`
    interface Seen {
      programme: { policyLinks: { plans: object[]; agendaThemes: object[]; actions: { totalCount: number } }[] }
      action: { policyLinks: object[] }
      strategicAgenda: object | null
    }
    const seen = async (key: string | undefined) => (await ask<Seen>(db, key, both)).data
    const partner = await seen(keys['partner_reader@servatius'])
    t.match(partner, {
      action: { policyLinks: [{ kind: 'COALITION' }] },
      strategicAgenda: { policyLinks: [{ kind: 'COALITION' }], themes: [{ policyLinks: [{ kind: 'COALITION' }] }] },
    })
    const open = await seen(undefined)
    t.equal(open.strategicAgenda, null)
    t.same(
      open.programme.policyLinks.flatMap(({ plans, agendaThemes }) => [...plans, ...agendaThemes]),
      [],
    )
    t.equal(open.action.policyLinks.length, 1, 'the action stands under an adopted plan')
  })
})
