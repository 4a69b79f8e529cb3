import { sql } from 'drizzle-orm'
import pg from 'pg'
import t, { type Test } from 'tap'
import { ask, type TestDatabase, testDatabase, writeAs } from './harness.ts'

const pottenberg = 'BU09350203'
const nazareth = 'BU09350403'

/** Past every policy: what refuses here is the database itself. */
async function superuserOf(t: Test, db: TestDatabase): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: db.superuserUrl })
  await client.connect()
  t.teardown(() => client.end())
  return client
}

const asStatistics = (db: TestDatabase, ...statements: ReturnType<typeof sql>[]) =>
  writeAs(db, db.keys['research_statistics@gemeente-maastricht'] as string, async (tx) => {
    for (const statement of statements) await tx.db.execute(statement)
  })

type Row = Record<string, string | number | boolean | null>

async function feed(db: TestDatabase, set: string, filter: string, select: string): Promise<Row[]> {
  const query = `$filter=${encodeURIComponent(filter)}&$select=${select}&$orderby=Period`
  const answer = await db.app.inject({ url: `/odata/v4/${set}?${query}` })
  return answer.json<{ value: Row[] }>().value
}

/** Rows of the CSV export, by the names of its columns; none of the values asked for holds a comma. */
async function exported(db: TestDatabase, set: string, kept: (row: Record<string, string>) => boolean): Promise<Record<string, string>[]> {
  const { body } = await db.app.inject({ url: `/api/v1/exports/${set}.csv` })
  const [header, ...lines] = body.trim().split(/\r?\n/)
  const names = (header as string).split(',')
  return lines
    .map((line) => Object.fromEntries(line.split(',').map((cell, at) => [names[at], cell])))
    .filter(kept)
    .sort((a, b) => String(a.Period).localeCompare(String(b.Period)))
}

interface Observation {
  period: string
  status: string
  seriesBreak: boolean
  regionVersion: { year: number; code: string; change: string | null }
}

async function observationsOf(db: TestDatabase, region: string): Promise<Observation[]> {
  const { data, errors } = await ask<{ indicator: { series: { observations: Observation[] }[] } }>(
    db,
    undefined,
    `query S($region: String!) { indicator(code: "inwoners") { series(regions: [$region]) {
      observations { period status seriesBreak regionVersion { year code change } } } } }`,
    { region },
  )
  t.equal(errors, undefined)
  return data.indicator.series[0]?.observations ?? []
}

const seriesOf = (indicator: string, region: string) => `(select s.id from series s join indicator i on i.id = s.indicator_id
  join region r on r.id = s.region_id where i.code = '${indicator}' and r.code = '${region}')`
const versionOf = (region: string, year: number) =>
  `(select v.id from region_version v join region r on r.id = v.region_id where r.code = '${region}' and v.year = ${year})`

t.test('a series and the boundaries it is by', async (t) => {
  const db = await testDatabase(t)
  const superuser = await superuserOf(t, db)

  t.test('invariant 16, B5: the first figure after a region was redrawn says so in every door; a recode joins silently', async (t) => {
    t.notOk(
      (await observationsOf(db, pottenberg)).some(({ seriesBreak }) => seriesBreak),
      'nothing was redrawn yet',
    )
    const changed = (code: string, change: string) => sql`insert into region_version (id, region_id, year, code, name, change)
      select gen_random_uuid(), id, 2022, ${code}, name, ${change}::region_change from region where code = ${code}`
    await asStatistics(db, changed(pottenberg, 'REDRAWN'), changed(nazareth, 'RECODED'))
    const breaks = (code: string) =>
      feed(db, 'Observations', `RegionCode eq '${code}' and IndicatorCode eq 'inwoners'`, 'Period,SeriesBreak')
    const files = (code: string) => exported(db, 'Observations', (row) => row.RegionCode === code && row.IndicatorCode === 'inwoners')
    const doors = async (code: string) => [
      (await observationsOf(db, code)).map(({ period, seriesBreak }) => [period, seriesBreak]),
      (await breaks(code)).map(({ Period, SeriesBreak }) => [Period, SeriesBreak]),
      (await files(code)).map(({ Period, SeriesBreak }) => [Period, SeriesBreak === 'true']),
    ]
    for (const door of await doors(pottenberg)) {
      t.same(door, [
        ['2020', false],
        ['2024', true],
        ['2025', false],
      ])
    }
    for (const door of await doors(nazareth)) {
      t.same(door, [
        ['2020', false],
        ['2024', false],
        ['2025', false],
      ])
    }
  })

  t.test('invariant 16: a break is of the first figure that is told, where one is missing', async (t) => {
    const missing = (period: string, value: string | null, status: string) => sql`update observation set value = ${value}::numeric,
      status = ${status}::obs_status, revision = revision + 1 where period = ${period} and series_id = ${sql.raw(seriesOf('inwoners', pottenberg))}`
    await asStatistics(db, missing('2024', null, 'MISSING'))
    t.same(
      (await observationsOf(db, pottenberg)).map(({ seriesBreak }) => seriesBreak),
      [false, false, true],
    )
    await asStatistics(db, missing('2024', '2330', 'PROVISIONAL'))
  })

  t.test('invariant 16: the database keeps a figure to boundaries of its own region', async (t) => {
    const attach = (version: string) =>
      superuser.query(
        `update observation set region_version_id = ${version} where period = '2024' and series_id = ${seriesOf('inwoners', pottenberg)}`,
      )
    await t.rejects(attach(versionOf(nazareth, 2024)), { code: '23514' }, 'of another region')
    await t.rejects(attach('gen_random_uuid()'), { code: '23503' }, 'of none')
    await t.rejects(attach('null'), { code: '23502' })
    await attach(versionOf(pottenberg, 2024))
    const made = (version: string) => `insert into observation (id, series_id, period, region_version_id, value, status, data_source_id)
      select gen_random_uuid(), series_id, '2023', ${version}, 1, 'NORMAL', data_source_id from observation where period = '2024' and series_id = ${seriesOf('inwoners', pottenberg)}`
    await t.rejects(superuser.query(made(versionOf(nazareth, 2024))), { code: '23514' })
    await t.rejects(
      superuser.query(`update observation set period = '2023' where series_id = ${seriesOf('inwoners', pottenberg)}`),
      { code: 'SP409' },
      'nor is a figure moved to another year',
    )
    await t.rejects(superuser.query(`update series set region_id = (select id from region where code = '${nazareth}')`), { code: 'SP409' })
  })

  t.test('invariant 16: two regions never go by one code in a year', async (t) => {
    await t.rejects(superuser.query(`update region_version set code = '${nazareth}' where id = ${versionOf(pottenberg, 2024)}`), {
      code: '23505',
    })
    await t.rejects(superuser.query(`update region_version set code = 'BU 09350203' where id = ${versionOf(pottenberg, 2024)}`), {
      code: '23514',
    })
  })

  t.test(
    'invariant 16, B5: a figure that was converted to other boundaries is an estimate and names its method, and breaks nothing',
    async (t) => {
      const method = { source: 'nl', nl: 'Naar rato van adressen' }
      const convert = (status: string) => sql`update observation set status = ${status}::obs_status, revision = revision + 1,
      region_version_id = ${sql.raw(versionOf(pottenberg, 2024))}, conversion_id = (select id from region_conversion)
      where period = '2020' and series_id = ${sql.raw(seriesOf('inwoners', pottenberg))}`
      await asStatistics(
        db,
        sql`insert into region_conversion (id, region_id, from_version_id, to_version_id, method) select gen_random_uuid(), r.id,
        ${sql.raw(versionOf(pottenberg, 2020))}, ${sql.raw(versionOf(pottenberg, 2024))}, ${JSON.stringify(method)}::jsonb from region r where r.code = ${pottenberg}`,
      )
      await t.rejects(asStatistics(db, convert('NORMAL')), { cause: { code: '23514' } }, 'it is no figure of its source')
      await asStatistics(db, convert('ESTIMATED'))
      const { data } = await ask<{ indicator: { series: { observations: object[] }[] } }>(
        db,
        undefined,
        `query C($region: String!) { indicator(code: "inwoners") { series(regions: [$region]) { observations(periods: ["2020", "2024"]) {
        status seriesBreak conversion { method { text } from { year } to { year } } } } } }`,
        { region: pottenberg },
      )
      t.same(data.indicator.series[0]?.observations, [
        { status: 'ESTIMATED', seriesBreak: false, conversion: { method: { text: method.nl }, from: { year: 2020 }, to: { year: 2024 } } },
        { status: 'PROVISIONAL', seriesBreak: false, conversion: null },
      ])
      const told = await feed(
        db,
        'Observations',
        `RegionCode eq '${pottenberg}' and IndicatorCode eq 'inwoners'`,
        'Period,Status,ConversionMethod',
      )
      t.same(told[0], { Period: '2020', Status: 'ESTIMATED', ConversionMethod: method.nl })
    },
  )

  t.test('invariant 29: no figure of a year that is still open is final, whoever writes it', async (t) => {
    const final = `update observation set status = 'NORMAL' where period = '2024' and series_id = ${seriesOf('inwoners', pottenberg)}`
    await t.rejects(superuser.query(final), { code: '23514' })
    const told = await observationsOf(db, pottenberg)
    t.match(told, [
      { period: '2020', status: 'ESTIMATED' },
      { period: '2024', status: 'PROVISIONAL' },
      { period: '2025', status: 'PROVISIONAL' },
    ])
  })
})

t.test('invariant 18: a target stays with the definition, region and year that it was set for', async (t) => {
  const db = await testDatabase(t)
  const superuser = await superuserOf(t, db)
  const code = 'goed_ervaren_gezondheid_pct'
  interface Told {
    indicator: {
      series: {
        indicatorVersion: { number: number }
        observations: { value: string }[]
        targets: { period: string; value: string; indicatorVersion: { number: number }; region: { code: string } }[]
      }[]
    }
    neighbourhood: { headlines: { indicator: { code: string }; series: { indicatorVersion: { number: number } }; target: object | null }[] }
  }
  const told = async () => {
    const { data, errors } = await ask<Told>(
      db,
      undefined,
      `{ indicator(code: "${code}") { series(regions: ["${pottenberg}"]) { indicatorVersion { number } observations { value }
          targets { period value indicatorVersion { number } region { code } } } }
        neighbourhood(slug: "pottenberg") { headlines { indicator { code } series { indicatorVersion { number } } target { value } } } }`,
    )
    t.equal(errors, undefined)
    return data
  }
  const headline = ({ neighbourhood }: Told) => neighbourhood.headlines.find(({ indicator }) => indicator.code === code)
  const inFeed = () => feed(db, 'Targets', `IndicatorCode eq '${code}'`, 'IndicatorVersion,RegionCode,Period,Value')
  const target = { period: '2030', value: '60', indicatorVersion: { number: 1 }, region: { code: pottenberg } }
  const row = { IndicatorVersion: 1, RegionCode: pottenberg, Period: '2030', Value: 60 }
  const before = await told()
  t.match(before.indicator.series, [{ indicatorVersion: { number: 1 }, targets: [target] }])
  t.match(headline(before), { target: { value: '60' } })
  t.match(await inFeed(), [row])

  // The indicator is defined anew, and its first figure comes in.
  await asStatistics(
    db,
    sql`insert into indicator_version (id, indicator_id, number, starts_on) select gen_random_uuid(), id, 2, '2026-01-01' from indicator where code = ${code}`,
    sql`insert into series (id, indicator_id, indicator_version_id, region_id) select gen_random_uuid(), i.id, v.id, r.id
      from indicator i join indicator_version v on v.indicator_id = i.id and v.number = 2, region r where i.code = ${code} and r.code = ${pottenberg}`,
    sql`insert into observation (id, series_id, period, region_version_id, value, status, data_source_id)
      select gen_random_uuid(), s.id, '2026', w.id, 71, 'PROVISIONAL', (select id from data_source limit 1)
      from series s join indicator_version v on v.id = s.indicator_version_id and v.number = 2 join region_version w on w.region_id = s.region_id and w.year = 2025`,
  )
  const after = await told()
  const byNumber = new Map(after.indicator.series.map((series) => [series.indicatorVersion.number, series]))
  t.match(byNumber.get(1), { targets: [target], observations: before.indicator.series[0]?.observations }, 'it is where it was')
  t.same(byNumber.get(2), { indicatorVersion: { number: 2 }, observations: [{ value: '71' }], targets: [] })
  t.match(
    headline(after),
    { series: { indicatorVersion: { number: 2 } }, target: null },
    'figures by the new definition have no target yet',
  )
  t.match(await inFeed(), [row])
  t.match(await exported(db, 'Targets', (line) => line.IndicatorCode === code), [
    { IndicatorVersion: '1', RegionCode: pottenberg, Value: '60' },
  ])

  const second = `(select v.id from indicator_version v join indicator i on i.id = v.indicator_id where i.code = '${code}' and v.number = 2)`
  const ofIt = `where series_id = ${seriesOf(code, pottenberg)}`.replace("')", `' and s.indicator_version_id <> ${second})`)
  for (const table of ['target', 'baseline']) {
    await t.rejects(
      superuser.query(`update ${table} set indicator_version_id = ${second} ${ofIt}`),
      { code: 'SP409' },
      `${table} is not moved`,
    )
    await t.rejects(superuser.query(`update ${table} set period = '2031' ${ofIt}`), { code: 'SP409' })
    await t.rejects(
      superuser.query(`insert into ${table} (id, indicator_version_id, series_id, period, value) select gen_random_uuid(), ${second}, id, '2031', 1 from series
        where indicator_id = (select id from indicator where code = '${code}') and region_id = (select id from region where code = 'GM0935')`),
      { code: '23503' },
      `a ${table} is by the definition of its series`,
    )
  }
  await t.rejects(superuser.query(`update series set indicator_version_id = ${second}`), { code: 'SP409' })
  await t.rejects(superuser.query(`update indicator_version set starts_on = '2027-01-01'`), { code: 'SP409' })
  await t.rejects(
    superuser.query(`insert into series (id, indicator_id, indicator_version_id, region_id)
      select gen_random_uuid(), (select id from indicator where code = 'inwoners'), ${second}, id from region where code = '${nazareth}'`),
    { code: '23503' },
    'and the definition of a series is one of its indicator',
  )
})
