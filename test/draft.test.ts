import pg from 'pg'
import t from 'tap'
import { ask, testDatabase } from './harness.ts'

interface Version {
  id: string
  number: number
  version: number
}
interface Action {
  id: string
  ref: string
  version: number
  draft: { version: number } | null
}
interface Told {
  plan?: { id: string; latestVersion: Version } | null
  action?: object | null
  userErrors: { code: string; path: string[] }[]
}

t.test('the actions of a draft', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']
  const woonpunt = keys['partner_editor@woonpunt']
  const client = new pg.Client({ connectionString: db.superuserUrl })
  await client.connect()
  t.teardown(() => client.end())
  const rows = async <T extends pg.QueryResultRow>(statement: string): Promise<T[]> => (await client.query<T>(statement)).rows

  const verb = async (name: string, id: string, input: object, key = team) => {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`
    const shown = name.startsWith('plan') ? 'plan { id latestVersion { id number version } }' : 'action { ref }'
    const { data, errors } = await ask<Record<string, Told>>(
      db,
      key,
      `mutation V($id: ID!, $input: ${type}!) { ${name}(id: $id, input: $input) { ${shown} userErrors { code path } } }`,
      { id, input },
    )
    return { ...data?.[name], code: errors?.[0]?.extensions.code } as Told & { code?: string }
  }
  const see = async (ref: string) =>
    (
      await ask<{ action: Action }>(
        db,
        team,
        `query A($ref: String) { action(ref: $ref) { id ref version draft { version pillars { code } themes { code } sdgs { number } results { code } }
          pillars { code } sdgs { number } viewerCanRemoveFromDraft } }`,
        { ref },
      )
    ).data.action
  const plan = (
    await ask<{ executionPlans: { nodes: { id: string; latestVersion: Version; actions: { nodes: { ref: string }[] } }[] } }>(
      db,
      team,
      '{ executionPlans(where: { neighbourhood: { eq: "pottenberg" } }) { nodes { id latestVersion { id number version } actions(first: 50) { nodes { ref } } } } }',
    )
  ).data.executionPlans.nodes[0] as { id: string; latestVersion: Version; actions: { nodes: { ref: string }[] } }
  const tagged = 'POT-2025-02'
  const [removed, handed] = plan.actions.nodes.map(({ ref }) => ref).filter((ref) => ref !== tagged) as [string, string]
  let latest = await verb('planDraftStart', plan.id, { expectedVersion: plan.latestVersion.version })
  const wanted = { pillars: ['POSITIEVE_GEZONDHEID'], themes: ['groen'], sdgs: [11, 6], results: ['POSITIEVE_GEZONDHEID'] }
  const shown = {
    pillars: [{ code: 'POSITIEVE_GEZONDHEID' }],
    themes: [{ code: 'groen' }],
    sdgs: [{ number: 6 }, { number: 11 }],
    results: [{ code: 'POSITIEVE_GEZONDHEID' }],
  }

  t.test('S11, S21: the team says anew what an action counts for, list by list; what is in force stays as it was adopted', async (t) => {
    const before = await see(tagged)
    const expectedVersion = before.draft?.version as number
    t.match(await verb('actionEditAgreed', before.id, { expectedVersion, pillars: ['NONE'], sdgs: [6, 99] }), {
      action: null,
      userErrors: [
        { code: 'BAD_USER_INPUT', path: ['input', 'pillars', '0'] },
        { code: 'BAD_USER_INPUT', path: ['input', 'sdgs', '1'] },
      ],
    })
    t.match(await verb('actionEditAgreed', before.id, { expectedVersion, sdgs: [6] }, woonpunt), { code: 'FORBIDDEN' })
    t.same((await verb('actionEditAgreed', before.id, { expectedVersion, ...wanted })).userErrors, [])
    const after = await see(tagged)
    t.match(after, { ...before, draft: { version: expectedVersion + 1, ...shown } })
    t.match(await verb('actionEditAgreed', before.id, { expectedVersion, sdgs: [] }), { userErrors: [{ code: 'VERSION_CONFLICT' }] })
    t.same((await verb('actionEditAgreed', before.id, { expectedVersion: expectedVersion + 1, ...wanted, pillars: null })).userErrors, [])
    t.match(await see(tagged), { draft: { version: expectedVersion + 1 } }, 'what changes nothing writes nothing')
    t.same((await verb('actionEditAgreed', before.id, { expectedVersion: expectedVersion + 1, sdgs: [] })).userErrors, [])
    t.match(await see(tagged), { draft: { ...shown, sdgs: [] } })
    t.same((await verb('actionEditAgreed', before.id, { expectedVersion: expectedVersion + 2, sdgs: [6, 11] })).userErrors, [])
    t.match(await see(tagged), { draft: shown }, 'a tag that was taken off comes back')
    const audit = await rows<{ after: object }>(
      `select after from audit_entry where operation = 'actionEditAgreed' and outcome = 'DONE' order by at`,
    )
    t.match(audit, [{ after: { ...wanted, sdgs: [6, 11] } }, { after: { sdgs: [] } }, { after: { sdgs: [6, 11] } }])
  })

  t.test('S05: the team takes an action out of the draft, and nobody else; the adopted version and its history stay', async (t) => {
    const before = await see(removed)
    const expectedVersion = before.draft?.version
    t.match(before, { viewerCanRemoveFromDraft: true })
    t.match(await verb('actionRemoveFromDraft', before.id, { expectedVersion }, woonpunt), { code: 'FORBIDDEN' })
    t.match(await verb('actionRemoveFromDraft', before.id, { expectedVersion: 99 }), { userErrors: [{ code: 'VERSION_CONFLICT' }] })
    t.match(await verb('actionRemoveFromDraft', before.id, { expectedVersion }), { action: { ref: removed }, userErrors: [] })
    t.match(await see(removed), { ...before, draft: null, viewerCanRemoveFromDraft: false })
    for (const again of ['actionRemoveFromDraft', 'actionEditAgreed'])
      t.match(await verb(again, before.id, { expectedVersion }), { userErrors: [{ code: 'PLAN_STATE', path: ['id'] }] })
    const public_ = await ask<{ action: object }>(db, undefined, `{ action(ref: "${removed}") { ref title { text } } }`)
    t.match(public_.data.action, { ref: removed, title: {} })
  })

  const changes = `{ plan(id: "${plan.id}") { latestVersion { number changes(first: 100) { nodes { kind field before after action { ref } } } } } }`
  const nodes = async () =>
    (await ask<{ plan: { latestVersion: { changes: { nodes: Change[] } } } }>(db, team, changes)).data.plan.latestVersion.changes.nodes
  interface Change {
    kind: string
    field: string | null
    before: string | null
    after: string | null
    action: { ref: string } | null
  }

  t.test('S05, S20: the difference tells of what was added, removed and changed, of tags and of the lead too', async (t) => {
    await ask(
      db,
      team,
      'mutation A($id: ID!, $input: ActionCreateInput!) { actionCreate(planId: $id, input: $input) { userErrors { code } } }',
      { id: plan.id, input: { ref: 'POT-NIEUW', title: 'Een nieuwe actie', scale: 'NEIGHBOURHOOD', lead: 'trajekt' } },
    )
    const { id, version } = await see(handed)
    const today = (await rows<{ today: string }>('select today()::text as today'))[0]?.today
    const [from] = await rows<{ slug: string }>(
      `select o.slug from organisation o join action_participation p on p.organisation_id = o.id join action a on a.id = p.action_id where a.ref = '${handed}' and p.role = 'LEAD'`,
    )
    const to = from?.slug === 'servatius' ? 'woonpunt' : 'servatius'
    await verb('actionHandOverLead', id, { expectedVersion: version, to, on: today })
    const told = await nodes()
    t.match(
      told.filter(({ action }) => action?.ref === tagged).map(({ kind, field, after }) => [kind, field, after]),
      [
        ['CHANGED', 'pillars', '["POSITIEVE_GEZONDHEID"]'],
        ['CHANGED', 'results', '["POSITIEVE_GEZONDHEID"]'],
        ['CHANGED', 'sdgs', '[6, 11]'],
        ['CHANGED', 'themes', '["groen"]'],
      ].filter(([, field]) => told.some((change) => change.action?.ref === tagged && change.field === field)),
    )
    t.ok(told.some(({ action, field }) => action?.ref === tagged && field === 'sdgs'))
    t.match(
      told.filter(({ action }) => action?.ref !== tagged),
      [
        { kind: 'REMOVED', field: null, action: { ref: removed } },
        { kind: 'CHANGED', field: 'lead', before: from?.slug, after: to, action: { ref: handed } },
        { kind: 'ADDED', field: null, action: { ref: 'POT-NIEUW' } },
      ].toSorted((a, b) => (a.action.ref < b.action.ref ? -1 : 1)),
    )
  })

  t.test('what was put in a draft and taken out again before anything was adopted is shown to who reads drafts alone', async (t) => {
    const { id, draft } = await see('POT-NIEUW')
    t.match(await verb('actionRemoveFromDraft', id, { expectedVersion: draft?.version }), { userErrors: [] })
    t.notOk((await nodes()).some(({ kind }) => kind === 'ADDED'))
  })

  t.test('invariant 5: nothing is taken out, and no tag off, once the version is submitted; what it agrees is without it', async (t) => {
    const [draft] = await rows<{ version: number }>(`select version from plan_version where state = 'DRAFT'`)
    latest = await verb('planSubmit', plan.id, { expectedVersion: draft?.version })
    const { id } = await see(tagged)
    t.match(await verb('actionRemoveFromDraft', id, { expectedVersion: 1 }), { userErrors: [{ code: 'PLAN_STATE' }] })
    t.match(await verb('actionEditAgreed', id, { expectedVersion: 1, sdgs: [] }), { userErrors: [{ code: 'PLAN_STATE' }] })
    const told = await nodes()
    const decision = {
      reference: 'BW-ANDERS',
      body: 'COLLEGE',
      decidedOn: '2025-12-02',
      outcome: 'CONFORM',
      title: 'Wijziging',
      text: 'Te wijzigen',
    }
    const amendment = { kind: 'SUPPLEMENT', rationale: 'Anders ingedeeld' }
    const expectedVersion = latest.plan?.latestVersion.version
    t.match(await verb('planAdopt', plan.id, { expectedVersion, decision, amendment }), { userErrors: [] })
    t.same(await nodes(), told, 'the difference stays as it was')
    const seen = await ask<{ kept: object; removed: object; never: null }>(
      db,
      undefined,
      `{ kept: action(ref: "${tagged}") { pillars { code } sdgs { number } } removed: action(ref: "${removed}") { title { text } } never: action(ref: "POT-NIEUW") { ref } }`,
    )
    t.match(seen.data, { kept: { pillars: shown.pillars, sdgs: shown.sdgs }, removed: { title: {} }, never: null })
    const [frozen] = await rows<{ refs: string[] }>(
      `select array(select jsonb_path_query(snapshot, '$.actions[*].ref') #>> '{}') as refs from plan_version where state = 'ADOPTED' and plan_id = (select plan_id from action where ref = '${tagged}')`,
    )
    t.ok(frozen?.refs.includes(tagged))
    t.notOk(frozen?.refs.includes(removed) || frozen?.refs.includes('POT-NIEUW'))
    for (const table of ['agreed_action', 'agreed_action_pillar', 'agreed_action_theme', 'agreed_action_sdg', 'agreed_action_result'])
      await t.rejects(rows(`update ${table} set withdrawn = not withdrawn`), { code: 'SP409' }, table)
    const [adopted] = await rows<{ version: number }>(
      `select version from plan_version where state = 'ADOPTED' and plan_id = (select plan_id from action where ref = '${tagged}')`,
    )
    await verb('planDraftStart', plan.id, { expectedVersion: adopted?.version })
    t.match(await see(removed), { draft: null }, 'the next draft begins without it')
    t.match(await see(tagged), { draft: shown })
  })
})
