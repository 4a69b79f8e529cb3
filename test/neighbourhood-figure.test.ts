import { sql } from 'drizzle-orm'
import t from 'tap'
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

t.test('what is known of a neighbourhood as a whole', async (t) => {
  const db = await testDatabase(t)
  const [statistics, team] = ['research_statistics', 'programme_team'].map((role) => db.keys[`${role}@gemeente-maastricht`] as string) as [
    string,
    string,
  ]

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
  const told = async (code: string, period = '2020') => {
    const [figure, ...others] = await figures([code], [period])
    t.same(others, [])
    const { value, status, basis } = figure as Figure
    return { value, status, basis }
  }
  const write = (statement: ReturnType<typeof sql>) => writeAs(db, statistics, async (tx) => void (await tx.db.execute(statement)))
  const rounded = (code: string, to: number | null) => write(sql`update indicator set rounded_to = ${to}::int where code = ${code}`)
  const set = (region: string, code: string, value: string | null, status: string) =>
    write(sql`update observation o set value = ${value}::numeric, status = ${status}::obs_status, revision = o.revision + 1
      from series s join indicator i on i.id = s.indicator_id join region r on r.id = s.region_id
      where o.series_id = s.id and i.code = ${code} and r.code = ${region} and o.period = '2020'`)
  const link = (region: string) =>
    writeAs(db, team, async (tx) => {
      await tx.db.execute(sql`insert into neighbourhood_region (id, neighbourhood_id, region_id, starts_on)
        select gen_random_uuid(), n.id, r.id, today() from neighbourhood n, region r where n.slug = 'pottenberg' and r.code = ${region}`)
    })
  const [one, other] = ['BU09350203', 'BU09350403']
  const published = await told('inwoners')
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
    const before = new Date().toISOString()
    await link(other)
    t.same(await told('inwoners'), { value: null, status: 'NOT_APPLICABLE', basis: 'ROUNDED_PARTS' }, 'CBS rounds it')
    t.same(await told('woz'), { value: null, status: 'NOT_APPLICABLE', basis: 'NOT_AGGREGATABLE' }, 'an average')
    await rounded('inwoners', null)
    const [a, b] = [await partOf(one, 'inwoners'), await partOf(other, 'inwoners')]
    t.same(await told('inwoners'), { value: String(a + b), status: 'NORMAL', basis: 'SUM' })
    t.match(await figures(['inwoners'], ['2020']), [{ partCount: 2 }])
    await t.resolves(figures(['inwoners'], ['2020'], before, team), 'as of a moment it is asked of what was known then')
  })

  t.test('invariants 14, 15: a sum is as good as its parts: withheld, missing or open where one of them is', async (t) => {
    await set(other, 'inwoners', '2000', 'PROVISIONAL')
    t.match(await told('inwoners'), { status: 'PROVISIONAL', basis: 'SUM' })
    await set(other, 'inwoners', null, 'MISSING')
    t.same(await told('inwoners'), { value: null, status: 'MISSING', basis: 'SUM' })
    await set(other, 'inwoners', null, 'SUPPRESSED')
    t.same(await told('inwoners'), { value: null, status: 'SUPPRESSED', basis: 'SUM' })
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
      await tx.db.execute(sql`insert into observation (id, series_id, period, region_version_id, value, status, data_source_id)
        select gen_random_uuid(), s.id, '2020', w.id, 7777, 'NORMAL', (select id from data_source limit 1)
        from series s join region_version w on w.region_id = s.region_id join region r on r.id = s.region_id join indicator i on i.id = s.indicator_id
        where r.code = ${code} and i.code = 'inwoners' and w.year = 2020 on conflict do nothing`)
    })
    await set(code, 'inwoners', '7777', 'NORMAL')
    await link(code)
  }
})
