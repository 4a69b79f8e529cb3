import { sql } from 'drizzle-orm'
import fastify from 'fastify'
import t from 'tap'
import { features } from '../src/features.ts'
import { odata } from '../src/odata/plugin.ts'
import { ask, testDatabase, writeAs } from './harness.ts'

interface Figure {
  period: string
  value: string | null
  status: string
  basis: string
  partCount: number
  indicator: { code: string }
  indicatorVersion: { number: number }
}

/** A row of the BI feed, in OData or in the file. */
interface Row {
  Id: string
  Neighbourhood: string
  IndicatorCode: string
  IndicatorVersion: number | string
  Period: string
  Value: number | string | null
  Status: string
  Basis: string
  PartCount: number | string
}

t.test('what is known of a neighbourhood as a whole', async (t) => {
  const db = await testDatabase(t)
  const [statistics, team] = ['research_statistics', 'programme_team'].map((role) => db.keys[`${role}@gemeente-maastricht`] as string) as [
    string,
    string,
  ]
  const callers = { public: undefined, 'BI reader': db.keys['bi_reader@servatius'], statistics }

  async function figures(indicators: readonly string[], periods?: readonly string[], asOf?: string, key?: string): Promise<Figure[]> {
    const { data, errors } = await ask<{ neighbourhood: { figures: Figure[] } }>(
      db,
      key,
      `query F($indicators: [String!], $periods: [String!], $asOf: DateTime) { neighbourhood(slug: "pottenberg", asOf: $asOf) { figures(indicators: $indicators, periods: $periods) {
        period value status basis partCount indicator { code } indicatorVersion { number } } } }`,
      { indicators, periods, asOf },
    )
    t.equal(errors, undefined)
    return data.neighbourhood.figures
  }
  const get = (url: string, key?: string, app: Pick<typeof db.app, 'inject'> = db.app) =>
    app.inject({ url: url.replaceAll(' ', '%20'), headers: key === undefined ? {} : { authorization: `Bearer ${key}` } })
  const feed = async (options = '', key?: string) =>
    (await get(`/odata/v4/NeighbourhoodFigures?${options}`, key)).json<{ value: Row[]; '@odata.count'?: number }>()
  /** None of its values holds a comma. */
  async function file(key?: string): Promise<Row[]> {
    const [header, ...lines] = (await get('/api/v1/exports/NeighbourhoodFigures.csv', key)).body.trim().split('\r\n')
    const names = (header as string).split(',')
    return lines.map((line) => Object.fromEntries(line.split(',').map((cell, at) => [names[at], cell])) as unknown as Row)
  }
  /** All that each door tells, a line a figure. */
  async function everyDoor(key?: string) {
    const { data } = await ask<{ neighbourhoods: { slug: string; figures: Figure[] }[] }>(
      db,
      key,
      '{ neighbourhoods { slug figures { period value status basis partCount indicator { code } indicatorVersion { number } } } }',
    )
    const number = (value: string | number | null) => (value === null || value === '' ? 'none' : Number(value))
    const line = (row: Row) =>
      [
        row.Neighbourhood,
        row.IndicatorCode,
        row.IndicatorVersion,
        row.Period,
        number(row.Value),
        row.Status,
        row.Basis,
        row.PartCount,
      ].join(' ')
    const graphql = data.neighbourhoods.flatMap(({ slug, figures: own }) =>
      own.map((f) =>
        [slug, f.indicator.code, f.indicatorVersion.number, f.period, number(f.value), f.status, f.basis, f.partCount].join(' '),
      ),
    )
    return { graphql: graphql.sort(), odata: (await feed('', key)).value.map(line).sort(), csv: (await file(key)).map(line).sort() }
  }
  const told = async (code: string, period = '2020') => {
    const [figure, ...others] = await figures([code], [period])
    t.same(others, [])
    const { value, status, basis } = figure as Figure
    return { value, status, basis }
  }
  const write = (statement: ReturnType<typeof sql>) => writeAs(db, statistics, async (tx) => void (await tx.db.execute(statement)))
  const rounded = (code: string, to: number | null) => write(sql`update indicator set rounded_to = ${to}::int where code = ${code}`)
  const set = (region: string, code: string, value: string | null, status: string) =>
    write(sql`with o as (update observation o set value = ${value}::numeric, status = ${status}::obs_status, revision = o.revision + 1, recorded_at = now()
        from series s join indicator i on i.id = s.indicator_id join region r on r.id = s.region_id
        where o.series_id = s.id and i.code = ${code} and r.code = ${region} and o.period = '2020' returning o.*)
      insert into observation_revision (id, observation_id, revision, value, status) select gen_random_uuid(), id, revision, value, status from o`)
  const link = (region: string) =>
    writeAs(db, team, async (tx) => {
      await tx.db.execute(sql`insert into neighbourhood_region (id, neighbourhood_id, region_id, starts_on)
        select gen_random_uuid(), n.id, r.id, today() from neighbourhood n, region r where n.slug = 'pottenberg' and r.code = ${region}`)
    })
  const [one, other] = ['BU09350203', 'BU09350403']
  const published = await told('inwoners')
  /** All that was told, and when, before the neighbourhood was linked to a second region. */
  const linked: { before: string; figures: Row[] } = { before: '', figures: [] }
  const partOf = async (region: string, code: string) => {
    const { data } = await ask<{ indicator: { series: { observations: { value: string }[] }[] } }>(
      db,
      undefined,
      'query P($code: String!, $region: String!) { indicator(code: $code) { series(regions: [$region]) { observations(periods: ["2020"]) { value } } } }',
      { code, region },
    )
    return Number(data.indicator.series[0]?.observations[0]?.value)
  }

  t.test('invariant 17: of one region it is what is published of that', async (t) => {
    t.match(published, { basis: 'PUBLISHED', status: 'NORMAL' })
    t.equal(Number(published.value), await partOf(one, 'inwoners'))
    t.match(await figures(['inwoners'], ['2020']), [{ partCount: 1, indicatorVersion: { number: 1 }, indicator: { code: 'inwoners' } }])
    t.same(await figures(['no_such'], ['2020']), [])
    t.ok((await figures(['inwoners'])).length > 1, 'every year')
  })

  t.test('invariant 17, B10: of two regions counts add up, rounded parts and averages do not', async (t) => {
    linked.figures = (await feed()).value
    linked.before = new Date().toISOString()
    await link(other)
    t.same(await told('inwoners'), { value: null, status: 'NOT_APPLICABLE', basis: 'ROUNDED_PARTS' }, 'CBS rounds it')
    t.same(await told('woz'), { value: null, status: 'NOT_APPLICABLE', basis: 'NOT_AGGREGATABLE' }, 'an average')
    await rounded('inwoners', null)
    const [a, b] = [await partOf(one, 'inwoners'), await partOf(other, 'inwoners')]
    t.same(await told('inwoners'), { value: String(a + b), status: 'NORMAL', basis: 'SUM' })
    t.match(await figures(['inwoners'], ['2020']), [{ partCount: 2 }])
    await t.resolves(figures(['inwoners'], ['2020'], linked.before, team), 'as of a moment it is asked of what was known then')
  })

  t.test('invariants 14, 15: a sum is as good as its parts: withheld, missing or open where one of them is', async (t) => {
    await set(other, 'inwoners', '2000', 'PROVISIONAL')
    t.match(await told('inwoners'), { status: 'PROVISIONAL', basis: 'SUM' })
    await set(other, 'inwoners', null, 'MISSING')
    t.same(await told('inwoners'), { value: null, status: 'MISSING', basis: 'SUM' })
    await set(other, 'inwoners', null, 'SUPPRESSED')
    t.same(await told('inwoners'), { value: null, status: 'SUPPRESSED', basis: 'SUM' })
  })

  t.test('B7, B10: the same caller gets the same figures through GraphQL, OData and CSV, also where a part is withheld', async (t) => {
    for (const [caller, key] of Object.entries(callers)) {
      const { graphql, odata, csv } = await everyDoor(key)
      t.same(odata, graphql, caller)
      t.same(csv, graphql, caller)
      t.ok(graphql.includes('pottenberg inwoners 1 2020 none SUPPRESSED SUM 2'), caller)
      t.ok(graphql.includes('pottenberg woz 1 2020 none NOT_APPLICABLE NOT_AGGREGATABLE 2'), caller)
      t.ok(
        graphql.some((figure) => /^nazareth inwoners .* PUBLISHED 1$/.test(figure)),
        caller,
      )
    }
    await rounded('inwoners', 5)
    t.match((await feed("$filter=Neighbourhood eq 'pottenberg' and IndicatorCode eq 'inwoners' and Period eq '2020'")).value, [
      { Value: null, Status: 'NOT_APPLICABLE', Basis: 'ROUNDED_PARTS', PartCount: 2 },
    ])
    await rounded('inwoners', null)
    await set(other, 'inwoners', '2000', 'NORMAL')
    const sum = String((await told('inwoners')).value)
    for (const key of Object.values(callers)) {
      const { graphql, odata, csv } = await everyDoor(key)
      t.same(odata, graphql)
      t.same(csv, graphql)
      t.ok(graphql.includes(`pottenberg inwoners 1 2020 ${sum} NORMAL SUM 2`))
    }
  })

  t.test('B1: the set of the feed is filtered, ordered, cut, counted and paged like any other, by a key that stays', async (t) => {
    const { value: all } = await feed('$orderby=Value desc,Id')
    const values = all.map(({ Value }) => Value)
    t.same(
      values,
      [...values].sort((a, b) => Number(b ?? -1) - Number(a ?? -1)),
      'nulls last',
    )
    const chosen = await feed(
      "$filter=IndicatorCode eq 'inwoners' and Basis eq 'SUM' and Value gt 0&$select=Id,Period,Value&$orderby=Period desc&$top=1&$count=true",
    )
    const inhabitants = all.filter(({ IndicatorCode, Basis, Value }) => IndicatorCode === 'inwoners' && Basis === 'SUM' && Value !== null)
    const [latest] = inhabitants.sort((a, b) => b.Period.localeCompare(a.Period))
    t.same(chosen.value, [{ Id: latest?.Id, Period: latest?.Period, Value: latest?.Value }])
    t.equal(chosen['@odata.count'], inhabitants.length)
    const one = (await get(`/odata/v4/NeighbourhoodFigures(${latest?.Id})`)).json<Row>()
    t.match(one, latest as Row)
    t.equal((await get('/odata/v4/NeighbourhoodFigures(00000000-0000-7000-8000-000000000000)')).statusCode, 404)

    const small = fastify()
    await small.register(odata({ feeds: features.feeds, reads: db.session, credential: () => ({ kind: 'public' }), pageSize: 7 }), {
      prefix: '/odata/v4',
    })
    t.teardown(() => small.close())
    for (const order of ['', '?$orderby=Value desc', '?$orderby=IndicatorCode,Period']) {
      const paged: Row[] = []
      for (let url: string | undefined = `/odata/v4/NeighbourhoodFigures${order}`; url !== undefined; ) {
        const page: { value: Row[]; '@odata.nextLink'?: string } = (await get(url, undefined, small)).json()
        t.ok(page.value.length <= 7)
        paged.push(...page.value)
        url = page['@odata.nextLink']?.replace(/^http:\/\/[^/]+/, '')
      }
      t.same(paged, (await feed(order.slice(1))).value, `all pages together${order}`)
    }
    const moments = await get('/odata/v4/NeighbourhoodFigures?$filter=RecordedAt ge 2000-01-01T00:00:00Z')
    t.match(moments.json(), { error: { code: 'UNKNOWN_PROPERTY' } }, 'it tells no moment that a change of its parts would not move')
  })

  t.test('B2: as of a moment the set is made of the parts and links that were known then', async (t) => {
    const { value: now } = await feed()
    const moment = new Date().toISOString()
    await set(other, 'inwoners', '2001', 'NORMAL')
    t.notSame((await feed()).value, now)
    t.same((await feed(`asOf=${moment}`)).value, now)
    t.same((await feed(`asOf=${linked.before}`)).value, linked.figures, 'one region then')
    t.ok(linked.figures.every(({ PartCount }) => PartCount === 1))
    t.match(await feed('asOf=2199-01-01T00:00:00Z'), { error: { code: 'NOT_SETTLED', target: 'asOf' } })
  })

  t.test('invariant 17, B10: what is published of the whole stands, also where its parts would add up', async (t) => {
    await set(other, 'inwoners', '2000', 'PROVISIONAL')
    // The district of one of the two; it is not the whole of both.
    await district('WK093504')
    t.same(
      await told('inwoners'),
      { value: String(7777 + (await partOf(one, 'inwoners'))), status: 'NORMAL', basis: 'SUM' },
      'nothing counts twice',
    )
    await writeAs(db, team, async (tx) => {
      await tx.db.execute(sql`update neighbourhood_region set ends_on = today() where ends_on is null and region_id = (select id from region where code = ${one})
        and neighbourhood_id = (select id from neighbourhood where slug = 'pottenberg')`)
    })
    t.same(await told('inwoners'), { value: '7777', status: 'NORMAL', basis: 'PUBLISHED' })
    await set('WK093504', 'inwoners', null, 'SUPPRESSED')
    t.same(await told('inwoners'), { value: null, status: 'SUPPRESSED', basis: 'PUBLISHED' }, 'withheld, it is not made of its parts')
  })

  async function district(code: string): Promise<void> {
    await writeAs(db, statistics, async (tx) => {
      await tx.db.execute(
        sql`insert into region (id, code, type, name) values (gen_random_uuid(), ${code}, 'WK', 'Noordoost') on conflict do nothing`,
      )
      await tx.db.execute(sql`insert into region_version (id, region_id, year, code, name)
        select gen_random_uuid(), id, 2020, code, name from region where code = ${code} on conflict do nothing`)
      await tx.db.execute(sql`insert into series (id, indicator_id, indicator_version_id, region_id)
        select gen_random_uuid(), i.id, v.id, r.id from indicator i join indicator_version v on v.indicator_id = i.id, region r
        where i.code = 'inwoners' and r.code = ${code} on conflict do nothing`)
      await tx.db.execute(sql`with o as (insert into observation (id, series_id, period, region_version_id, value, status, data_source_id)
          select gen_random_uuid(), s.id, '2020', w.id, 7777, 'NORMAL', (select id from data_source limit 1)
          from series s join region_version w on w.region_id = s.region_id join region r on r.id = s.region_id join indicator i on i.id = s.indicator_id
          where r.code = ${code} and i.code = 'inwoners' and w.year = 2020 on conflict do nothing returning *)
        insert into observation_revision (id, observation_id, revision, region_version_id, value, status)
          select gen_random_uuid(), id, revision, region_version_id, value, status from o`)
    })
    await set(code, 'inwoners', '7777', 'NORMAL')
    await link(code)
  }
})
