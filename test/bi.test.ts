import pg from 'pg'
import t from 'tap'
import { ask, type TestDatabase, testDatabase, writeAs } from './harness.ts'

/** What Power Query really sends (a server's log). */
const powerQuery = {
  'user-agent': 'Microsoft.Data.Mashup (https://go.microsoft.com/fwlink/?LinkID=304225)',
  maxdataserviceversion: '3.0',
  'odata-maxversion': '4.0',
  'accept-encoding': 'gzip, deflate',
  accept:
    'application/json;odata.metadata=minimal;q=1.0,application/json;odata=minimalmetadata;q=0.9,application/atomsvc+xml;q=0.8,application/atom+xml;q=0.8,application/xml;q=0.7,text/plain;q=0.7',
}

const basic = (key: string | undefined) => ({ authorization: `Basic ${Buffer.from(`powerbi:${key}`).toString('base64')}` })

async function get(db: TestDatabase, key: string | undefined, url: string) {
  return db.app.inject({ method: 'GET', url, headers: { ...powerQuery, ...(key === undefined ? {} : basic(key)) } })
}

interface Rows {
  '@odata.context': string
  '@odata.nextLink'?: string
  '@odata.count'?: number
  value: Record<string, string | number | null>[]
}

t.test('BI tools pull figures and status', async (t) => {
  const db = await testDatabase(t)
  const servatius = db.keys['bi_reader@servatius']
  const team = db.keys['programme_team@gemeente-maastricht']

  t.test('S49 B1: Power Query walks from the root over $metadata to every set and all its pages', async (t) => {
    const root = await get(db, servatius, '/odata/v4/')
    t.equal(root.statusCode, 200)
    t.equal(root.headers['odata-version'], '4.0')
    t.match(root.headers['content-type'], /^application\/json/)
    const sets = root.json<{ value: { name: string; url: string }[] }>().value
    t.same(sets.map(({ name }) => name).sort(), [
      'ActionPillars',
      'ActionSdgGoals',
      'ActionStatusHistory',
      'Actions',
      'Indicators',
      'NeighbourhoodFigures',
      'Neighbourhoods',
      'Observations',
      'Organisations',
      'Periods',
      'Pillars',
      'RegionVersions',
      'Regions',
      'SdgGoals',
      'Targets',
    ])
    const metadata = await get(db, servatius, '/odata/v4/$metadata')
    t.match(metadata.headers['content-type'], /^application\/xml/)
    const statuses =
      /<EntityType Name="ActionStatusReport">[\s\S]*?<Property Name="Status"[\s\S]*?<\/Property>/.exec(metadata.body)?.[0] ?? ''
    t.same(
      [...statuses.matchAll(/Property="Value" String="([A-Z_]+)"/g)].map(([, value]) => value),
      ['PIPELINE', 'IMPLEMENTATION', 'FINALISATION', 'CLOSED', 'CANCELLED', 'SUSPENDED'],
      'a code says which there are',
    )
    for (const { name, url } of sets) {
      t.match(metadata.body, `<EntitySet Name="${name}"`)
      const all = (await get(db, servatius, `/odata/v4/${url}?$count=true`)).json<Rows>()
      t.equal(all.value.length, all['@odata.count'])
      t.notOk('@odata.nextLink' in all)
      const firsts = (await get(db, servatius, `/odata/v4/${url}?$top=2`)).json<Rows>()
      t.same(firsts.value, all.value.slice(0, 2))
      for (const row of all.value)
        for (const value of Object.values(row)) if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) t.match(value, /Z$/)
    }
  })

  t.test('B1: selections, filters and orders fold', async (t) => {
    const { value } = (
      await get(
        db,
        servatius,
        "/odata/v4/Observations?$select=RegionCode%2CPeriod%2CValue&$filter=IndicatorCode%20eq%20'inwoners'%20and%20Value%20gt%201000&$orderby=Value%20desc&$top=3",
      )
    ).json<Rows>()
    t.equal(value.length, 3)
    t.same(Object.keys(value[0] ?? {}), ['RegionCode', 'Period', 'Value'])
    t.equal(value[0]?.RegionCode, 'GM0935')
    const range = (
      await get(
        db,
        servatius,
        '/odata/v4/Observations?$filter=RecordedAt%20ge%202000-01-01T00:00:00Z%20and%20RecordedAt%20lt%202000-01-02T00:00:00Z',
      )
    ).json<Rows>()
    t.same(range.value, [])
  })

  t.test('B7: the same caller gets the same numbers through GraphQL, OData and CSV', async (t) => {
    interface Series {
      indicator: { series: { region: { code: string }; observations: { period: string; value: string | null; status: string }[] }[] }
    }
    const { data } = await ask<Series>(
      db,
      servatius,
      '{ indicator(code: "inwoners") { series { region { code } observations { period value status } } } }',
    )
    const graphql = data.indicator.series
      .flatMap(({ region, observations }) => observations.map((o) => `${region.code} ${o.period} ${o.value} ${o.status}`))
      .sort()
    const { value } = (await get(db, servatius, "/odata/v4/Observations?$filter=IndicatorCode%20eq%20'inwoners'")).json<Rows>()
    t.same(value.map((row) => `${row.RegionCode} ${row.Period} ${row.Value} ${row.Status}`).sort(), graphql)
    const csv = await get(db, servatius, '/api/v1/exports/Observations.csv')
    const [header, ...lines] = csv.body.trim().split('\r\n').length > 1 ? csv.body.trim().split('\r\n') : csv.body.trim().split('\n')
    const names = (header as string).split(',')
    const at = (name: string) => names.indexOf(name)
    const exported = lines.map((line) => line.split(',')).filter((cells) => cells[at('IndicatorCode')] === 'inwoners')
    t.same(
      exported.map((cells) => `${cells[at('RegionCode')]} ${cells[at('Period')]} ${cells[at('Value')]} ${cells[at('Status')]}`).sort(),
      graphql,
    )
    t.ok(graphql.length >= 8)
  })

  t.test('B3: facts name what they are told by, each by a key that is there and stays', async (t) => {
    const rowsOf = async (key: string | undefined, set: string) => (await get(db, key, `/odata/v4/${set}`)).json<Rows>().value
    const rows = (set: string) => rowsOf(servatius, set)
    const keys = async (set: string) => new Set((await rows(set)).map((row) => row.Id ?? row.Period))
    const told: [fact: string, property: string, dimension: string][] = [
      ['Observations', 'IndicatorId', 'Indicators'],
      ['Observations', 'RegionId', 'Regions'],
      ['Observations', 'RegionVersionId', 'RegionVersions'],
      ['Observations', 'Period', 'Periods'],
      ['NeighbourhoodFigures', 'NeighbourhoodId', 'Neighbourhoods'],
      ['NeighbourhoodFigures', 'IndicatorId', 'Indicators'],
      ['NeighbourhoodFigures', 'Period', 'Periods'],
      ['RegionVersions', 'RegionId', 'Regions'],
      ['Indicators', 'PillarId', 'Pillars'],
      ['ActionStatusHistory', 'ActionId', 'Actions'],
      ['ActionStatusHistory', 'ReportedById', 'Organisations'],
      ['Actions', 'LeadId', 'Organisations'],
      ['ActionPillars', 'ActionId', 'Actions'],
      ['ActionPillars', 'PillarId', 'Pillars'],
      ['ActionSdgGoals', 'ActionId', 'Actions'],
      ['ActionSdgGoals', 'SdgGoalId', 'SdgGoals'],
    ]
    for (const [fact, property, dimension] of told) {
      const named = (await rows(fact)).map((row) => row[property]).filter((value) => value !== null)
      t.ok(named.length > 0, `${fact}.${property}`)
      const known = await keys(dimension)
      t.same(
        named.filter((value) => !known.has(value as string)),
        [],
        `each ${fact}.${property} is one of ${dimension}`,
      )
    }
    t.match(await rows('Periods'), [{ Period: /^\d{4}$/, StartsOn: /-01-01$/, EndsOn: /-12-31$/ }])
    t.equal((await get(db, servatius, `/odata/v4/Periods('2020')`)).json<{ Year: number }>().Year, 2020)
    t.ok(
      (await rowsOf(undefined, 'ActionStatusHistory')).every(({ ReportedById }) => ReportedById === null),
      'who reported is for who may read it',
    )
    const publicActions = new Set((await rowsOf(undefined, 'Actions')).map(({ Id }) => Id))
    for (const set of ['ActionPillars', 'ActionSdgGoals'])
      t.ok(
        (await rowsOf(undefined, set)).every(({ ActionId }) => publicActions.has(ActionId as string)),
        `nor more actions by ${set}`,
      )

    const before = await Promise.all(['Organisations', 'Actions', 'ActionPillars'].map(keys))
    await writeAs(db, db.keys['admin@gemeente-maastricht'] as string, (tx) =>
      tx.db.execute(`update organisation set name = 'Servatius Wonen' where slug = 'servatius'`),
    )
    const { data } = await ask<{ executionPlans: { nodes: { id: string; latestVersion: { version: number } }[] } }>(
      db,
      team,
      '{ executionPlans(where: { neighbourhood: { eq: "pottenberg" } }) { nodes { id latestVersion { version } } } }',
    )
    const plan = data.executionPlans.nodes[0] as { id: string; latestVersion: { version: number } }
    const step = async (verb: string, input: string) => {
      const { data: told } = await ask<Record<string, { userErrors: object[] }>>(
        db,
        team,
        `mutation S($id: ID!) { ${verb}(id: $id, input: { ${input} }) { userErrors { code path } } }`,
        { id: plan.id },
      )
      t.same(told[verb]?.userErrors, [], verb)
    }
    await step('planDraftStart', `expectedVersion: ${plan.latestVersion.version}`)
    await step('planSubmit', 'expectedVersion: 1')
    await step(
      'planAdopt',
      `expectedVersion: 2, decision: { reference: "B3", body: COLLEGE, decidedOn: "2025-11-04", outcome: CONFORM, title: "Besluit", text: "Vast te stellen" }`,
    )
    t.equal((await rows('Organisations')).find(({ Slug }) => Slug === 'servatius')?.Name, 'Servatius Wonen')
    t.same(await Promise.all(['Organisations', 'Actions', 'ActionPillars'].map(keys)), before)
  })

  t.test('S50 B7: rows differ by grant: what is not adopted is not in the public feed', async (t) => {
    const refs = async (key: string | undefined) =>
      (await get(db, key, '/odata/v4/Actions?$select=Ref')).json<Rows>().value.map(({ Ref }) => String(Ref))
    t.ok((await refs(servatius)).some((ref) => ref.startsWith('NAZ')))
    t.notOk((await refs(undefined)).some((ref) => ref.startsWith('NAZ')))
    t.ok((await refs(undefined)).some((ref) => ref.startsWith('POT')))
    const hidden = await get(db, undefined, "/odata/v4/Actions/$count?$filter=startswith(Ref,'NAZ')")
    t.equal(hidden.body, '0', 'nor countable')
  })

  t.test('B9, invariant 14: a missing value, a provisional one and a zero stay different things', async (t) => {
    const { value } = (await get(db, servatius, '/odata/v4/Observations?$select=Value,Status')).json<Rows>()
    const statuses = new Set(value.map(({ Status }) => Status))
    t.ok(statuses.has('MISSING') && statuses.has('PROVISIONAL') && statuses.has('NORMAL'))
    t.ok(value.some((row) => row.Value === 0))
    t.ok(
      value
        .filter((row) => row.Value === null)
        .every((row) => ['MISSING', 'SUPPRESSED', 'NOT_COLLECTED', 'NOT_APPLICABLE'].includes(String(row.Status))),
    )
    t.ok(value.filter((row) => ['MISSING', 'SUPPRESSED'].includes(String(row.Status))).every((row) => row.Value === null))
  })

  t.test('what cannot be is a clear error in the shape of OData', async (t) => {
    const cases: [url: string, status: number, code: string][] = [
      ['/odata/v4/Nothing', 404, 'NOT_FOUND'],
      ['/odata/v4/Observations?$select=Nothing', 400, 'UNKNOWN_PROPERTY'],
      ['/odata/v4/Observations?$filter=Value%20eq', 400, 'BAD_USER_INPUT'],
      ["/odata/v4/Observations?$filter=IndicatorCode%20eq%20'%00'", 400, 'BAD_USER_INPUT'],
      ['/odata/v4/Observations?$filter=Id%20eq%20not-a-guid', 400, ''],
      ['/odata/v4/Observations?$top=-1', 400, 'BAD_USER_INPUT'],
      ['/odata/v4/Observations?$top=99999999999999999999', 400, 'BAD_USER_INPUT'],
      ['/odata/v4/Observations?$skiptoken=nonsense', 400, 'INVALID_CURSOR'],
      ['/odata/v4/Observations?$expand=Indicator', 501, 'NOT_IMPLEMENTED'],
      ['/odata/v4/Observations(00000000-0000-7000-8000-000000000000)', 404, 'NOT_FOUND'],
    ]
    for (const [url, status, code] of cases) {
      const answer = await get(db, servatius, url)
      t.equal(answer.statusCode, status, url)
      const { error } = answer.json<{ error: { code: string; message: string } }>()
      if (code) t.equal(error.code, code, url)
      t.notMatch(answer.body, /select |syntax error at or near|relation|constraint|node_modules/i)
    }
    t.equal((await db.app.inject({ method: 'POST', url: '/odata/v4/Observations', headers: basic(servatius) })).statusCode, 405)
    const wrong = await get(db, 'ssp_demo_nonsense', '/odata/v4/')
    t.equal(wrong.statusCode, 401)
    t.match(String(wrong.headers['www-authenticate']), /Basic/)
  })
})

t.test('F10: a third neighbourhood is data alone', async (t) => {
  const db = await testDatabase(t)
  const client = new pg.Client({ connectionString: db.superuserUrl })
  await client.connect()
  t.teardown(() => client.end())
  await client.query(`insert into neighbourhood (id, slug, name) values (gen_random_uuid(), 'wittevrouwenveld', 'Wittevrouwenveld')`)
  await client.query(
    `insert into enrolment (id, programme_id, neighbourhood_id, starts_on) select gen_random_uuid(), p.id, n.id, '2026-01-01' from programme p, neighbourhood n where n.slug = 'wittevrouwenveld'`,
  )
  const { data } = await ask<{ neighbourhoods: { slug: string }[] }>(
    db,
    undefined,
    '{ neighbourhoods { slug executionPlans { totalCount } } }',
  )
  t.same(
    data.neighbourhoods.map(({ slug }) => slug),
    ['nazareth', 'pottenberg', 'wittevrouwenveld'],
  )
})

t.test('absolute links are built of a Host that can be one, and of nothing else', async (t) => {
  const { app } = await testDatabase(t)
  const ask = (host: string) => app.inject({ url: '/odata/v4/', headers: { host } })
  for (const host of ['bi.example', 'bi.example:8443', '[::1]:3000', '127.0.0.1']) {
    const answer = await ask(host)
    t.match([answer.statusCode, answer.json()['@odata.context']], [200, `http://${host}/odata/v4/$metadata`], host)
  }
  for (const host of ['a/b', 'a b', 'user@evil.example', 'a?b', 'a"b', 'a:port']) t.equal((await ask(host)).statusCode, 400, host)
})
t.test('an export answers other methods with what it allows', async (t) => {
  const { app } = await testDatabase(t)
  const answer = await app.inject({ method: 'POST', url: '/api/v1/exports/Actions.csv', payload: {} })
  t.match([answer.statusCode, answer.headers.allow, answer.json().code], [405, 'GET, HEAD', 'METHOD_NOT_ALLOWED'])
})
