import pg from 'pg'
import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { globalId, parseGlobalId } from '../src/read/model.ts'
import { ask, testDatabase } from './harness.ts'

interface Item {
  disposition: string
  currentStatus?: string
  errors: { code: string; path: string[] }[]
}

t.test('an action that only a draft names, of which an organisation was a party', async (t) => {
  const db = await testDatabase(t)
  const { app, keys } = db
  const client = new pg.Client({ connectionString: db.superuserUrl })
  await client.connect()
  t.teardown(() => client.end())
  const team = keys['programme_team@gemeente-maastricht']
  const [lead, contributor, stranger] = ['servatius', 'trajekt', 'envida'].map((slug) => keys[`partner_system@${slug}`])

  const verb = async (name: string, argument: string, id: string, input: object, key = team) => {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`
    const { data } = await ask<Record<string, { userErrors: object[] }>>(
      db,
      key,
      `mutation V($id: ID!, $input: ${type}!) { ${name}(${argument}: $id, input: $input) { userErrors { code path message } } }`,
      { id, input },
    )
    t.same(data[name]?.userErrors, [], name)
  }
  const plans = await ask<{ executionPlans: { nodes: { id: string; latestVersion: { version: number } }[] } }>(
    db,
    team,
    '{ executionPlans(where: { neighbourhood: { eq: "pottenberg" } }) { nodes { id latestVersion { version } } } }',
  )
  const [plan] = plans.data.executionPlans.nodes as [(typeof plans.data.executionPlans.nodes)[0]]
  await verb('planDraftStart', 'id', plan.id, { expectedVersion: plan.latestVersion.version })
  const ref = 'POT-2025-90'
  await verb('actionCreate', 'planId', plan.id, {
    ref,
    title: 'Alleen in het ontwerp',
    scale: 'NEIGHBOURHOOD',
    lead: 'servatius',
    contributors: ['trajekt'],
    partsStartOn: '2025-07-01',
  })
  const { id } = (await ask<{ action: { id: string } }>(db, team, 'query I($ref: String) { action(ref: $ref) { id } }', { ref })).data
    .action
  const uuid = parseGlobalId(id)?.uuid
  await verb('noteCreate', 'actionId', id, { body: 'van de alliantie', visibility: 'ALLIANCE' }, keys['partner_editor@servatius'])

  const send = async (method: 'GET' | 'POST', url: string, key: string | undefined, payload?: object) => {
    const headers = { authorization: `Bearer ${key}`, 'idempotency-key': uuidv7() }
    const response = await app.inject({ method, url, headers, payload })
    return { status: response.statusCode, raw: response.body }
  }
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()
  const report = (externalEventId: string, status: string, days: number) => ({
    action: { ref },
    externalEventId,
    status,
    effectiveAt: daysAgo(days),
  })
  const push = async (key: string | undefined, item: object): Promise<Item> => {
    const { status, raw } = await send('POST', '/api/v1/status-reports', key, { items: [item] })
    t.equal(status, 200, raw)
    return JSON.parse(raw).items[0]
  }
  const retract = (key: string | undefined, externalEventId: string) =>
    send('POST', '/api/v1/status-reports/retractions', key, { externalEventId })

  interface Seen {
    action: { ref: string; notes: { totalCount: number } } | null
    node: object | null
    actions: { totalCount: number }
    byRef: { totalCount: number }
    search: { totalCount: number; nodes: { node: { ref?: string } }[] }
  }
  const see = (key: string | undefined) =>
    ask<Seen>(
      db,
      key,
      `query S($id: ID!, $ref: String, $filter: String, $words: SearchWords!) { action(ref: $ref) { ref status progressPercent health notes(first: 5) { totalCount nodes { body } }
        statusReports(first: 5) { nodes { status narrative } } } node(id: $id) { id } actions(where: { lead: { eq: "servatius" } }) { totalCount nodes { ref } }
        byRef: actions(where: { ref: { eq: $filter } }) { totalCount } search(words: $words, in: [ACTION]) { totalCount nodes { node { ... on Action { ref } } } } }`,
      { id, ref, filter: ref, words: ref },
    )
  const feed = async (set: string, key: string | undefined) => (await send('GET', `/odata/v4/${set}`, key)).raw

  /** Everything but its own reports: as much as an organisation that was never there. */
  async function sees(key: string | undefined): Promise<boolean> {
    const { data } = await see(key)
    const found = [
      data.action !== null,
      data.node !== null,
      data.byRef.totalCount === 1,
      data.search.nodes.some(({ node }) => node.ref === ref),
      (await send('GET', `/api/v1/actions/${ref}`, key)).status === 200,
      (await feed('Actions', key)).includes(ref),
    ]
    t.equal(new Set(found).size, 1, 'every door says the same')
    return found[0] as boolean
  }

  t.test('is read by the systems of its parties, and by no other', async (t) => {
    t.ok(await sees(lead))
    t.ok(await sees(contributor))
    t.notOk(await sees(stranger))
    t.match((await see(contributor)).data.action, { ref, notes: { totalCount: 1 } })
    t.match(await push(lead, report('lead-1', 'IMPLEMENTATION', 20)), { disposition: 'APPLIED', currentStatus: 'IMPLEMENTATION' })
    t.match(await push(contributor, report('contributor-1', 'IMPLEMENTATION', 20)), {
      disposition: 'APPLIED',
      currentStatus: 'IMPLEMENTATION',
    })
    t.match(await push(stranger, report('stranger-1', 'CLOSED', 20)), { disposition: 'REJECTED', errors: [{ code: 'UNKNOWN_ACTION' }] })
  })

  t.test('is a party no longer from the day that its part ends', async () => {
    const { rows } = await client.query<{ day: string; part: string; part_version: number; version: number }>(
      `select today()::text as day, p.id as part, p.version as part_version, a.version from action a join action_participation p on p.action_id = a.id
        where a.ref = $1 and p.role = 'CONTRIBUTING'`,
      [ref],
    )
    const [{ day, part, part_version, version }] = rows as [(typeof rows)[0]]
    await verb('participationEnd', 'id', globalId('ActionParticipation', part), { expectedVersion: part_version, endsOn: day })
    await verb('actionHandOverLead', 'id', id, { expectedVersion: version + 1, to: 'woonpunt', on: day })
  })

  t.test('is hidden from the system of a party that is one no longer, which reads its own reports', async (t) => {
    for (const [slug, key] of [
      ['servatius', lead],
      ['trajekt', contributor],
    ] as const) {
      t.notOk(await sees(key), slug)
      const { value } = JSON.parse(await feed(`ActionStatusHistory?$filter=ActionId eq ${uuid}`, key))
      t.match(value, [{ ActionRef: null, ReportedBy: slug, Status: 'IMPLEMENTATION' }], `${slug} reads its own report alone`)
      t.equal(value.length, 1)
    }
    t.ok(await sees(keys['partner_system@woonpunt']))
  })

  t.test('takes what such a system tells of the days when it was one, and tells it nothing of today', async (t) => {
    const { raw: tried } = await send('POST', '/api/v1/status-reports', lead, {
      dryRun: true,
      items: [report('lead-2', 'FINALISATION', 10)],
    })
    t.match(
      JSON.parse(tried).items,
      [{ disposition: 'REJECTED', errors: [{ code: 'UNKNOWN_ACTION' }] }],
      'but asks nothing without a trace',
    )
    const late = await push(lead, report('lead-2', 'FINALISATION', 10))
    t.match(late, { disposition: 'APPLIED', errors: [] })
    t.notOk('currentStatus' in late)
    const { rows } = await client.query('select status from action where ref = $1', [ref])
    t.same(rows, [{ status: 'FINALISATION' }])
    const part = await push(contributor, report('contributor-2', 'CLOSED', 10))
    t.match(part, { disposition: 'APPLIED', errors: [{ code: 'NOT_LEAD' }] })
    t.notOk('currentStatus' in part)
    t.match(await push(contributor, report('contributor-3', 'CLOSED', 0)), {
      disposition: 'QUARANTINED',
      errors: [{ code: 'REPORTER_NOT_PARTY' }],
    })
    for (const [key, event] of [
      [lead, 'lead-2'],
      [contributor, 'contributor-2'],
    ] as const) {
      const { status, raw } = await retract(key, event)
      t.equal(status, 200, raw)
      t.notMatch(raw, /currentStatus/)
    }
    t.equal((await retract(stranger, 'lead-2')).status, 404)
    t.same((await client.query('select status from action where ref = $1', [ref])).rows, [{ status: 'IMPLEMENTATION' }])
    t.notOk(await sees(lead), 'and reads as little as before')
  })
})
