import pg from 'pg'
import t, { type Test } from 'tap'
import { buildApp } from '../src/app.ts'
import { parseKey } from '../src/auth/key.ts'
import type { Credential } from '../src/db/session.ts'
import { problemOf } from '../src/errors.ts'
import type { Cell } from '../src/indicator/cbs/cell.ts'
import { indicatorMappings } from '../src/indicator/cbs/mapping.ts'
import type { KwbRow, KwbTable } from '../src/indicator/cbs/reader.ts'
import { type ImportedTable, type ImportOptions, importKwb } from '../src/indicator/write/import-kwb.ts'
import { ask, type TestDatabase, testDatabase, writeAs } from './harness.ts'

const count = 'inwoners'
const ratio = 'huishoudensgrootte'

/** Of one indicator by region: numbers that stand nowhere else. */
type Values = Record<string, string>

const small = 'BU09350203'
const next = 'BU09350204'
const large = 'BU09350205'
const residents: Values = {
  [small]: '3.1416',
  [next]: '17.2718',
  [large]: '40.5772',
  WK093502: '60.9906',
  BU09350403: '55.1234',
  BU09350404: '66.4321',
  WK093504: '121.5555',
  GM0935: '182.5461',
}
const households: Values = {
  [small]: '1.7331',
  [next]: '1.7332',
  [large]: '1.7333',
  WK093502: '1.7334',
  BU09350404: '1.7336',
  GM0935: '1.7335',
}

const missing: Cell = { value: null, status: 'MISSING', reason: 'MERGED' }

/** A table of CBS with these figures and no others. */
function tableOf(year: number, of: Record<string, Values>): KwbTable {
  const topics = indicatorMappings.map(({ code, topic: { title, unit, group }, decimals }) => ({
    ...{ key: code, title, unit, groupPath: [group], dataType: 'Double', decimals, description: '', provisional: false },
  }))
  const rows = Object.keys(residents).map((regionCode): KwbRow => {
    const cells = (code: string): Cell => {
      const value = of[code]?.[regionCode]
      return value === undefined ? missing : { value, status: 'PROVISIONAL', reason: null }
    }
    const regionType = regionCode.slice(0, 2) as KwbRow['regionType']
    return { regionCode, regionType, regionName: regionCode, municipalityCode: 'GM0935', changeCode: null, cells }
  })
  return {
    tableId: '84799NED',
    year,
    title: 'Kerncijfers wijken en buurten',
    modified: '2026-01-01T00:00:00',
    final: false,
    licence: 'CC BY 4.0',
    source: 'CBS',
    files: ['TypedDataSet.json'],
    topics,
    regionNames: new Map(),
    async *rows() {
      yield* rows
    },
  }
}

const statistics = 'research_statistics@gemeente-maastricht'
const others = [
  undefined,
  'partner_reader@trajekt',
  'partner_editor@woonpunt',
  'partner_system@woonpunt',
  'programme_team@gemeente-maastricht',
  'portfolio_holder@gemeente-maastricht',
  'council_reader@gemeente-maastricht',
  'communication@gemeente-maastricht',
  'auditor@gemeente-maastricht',
  'admin@gemeente-maastricht',
  'bi_reader@trajekt',
]

const someOthers = [undefined, 'programme_team@gemeente-maastricht', 'bi_reader@trajekt']

/** The doors over one database, and what is done and asked there. */
function doorsOf(db: TestDatabase, keeping: TestDatabase['app']) {
  const keyOf = (holder: string | undefined) => (holder === undefined ? undefined : (db.keys[holder] as string))
  const credentialOf = (holder: string | undefined): Credential =>
    holder === undefined ? { kind: 'public' } : (parseKey(keyOf(holder) as string) as Credential)

  const load = (table: KwbTable, options: ImportOptions = {}): Promise<ImportedTable> =>
    db.session.write(credentialOf(statistics), undefined, (tx, actor) => importKwb(tx, actor, table, options))

  const idOf = async (code: string): Promise<string> =>
    (await ask<{ indicator: { id: string } }>(db, undefined, `{ indicator(code: "${code}") { id } }`)).data.indicator.id

  interface Set {
    indicatorSetDisclosure: {
      indicator: { disclosureThreshold: number | null; numerator: { code: string } | null } | null
      userErrors: { code: string; path: string[] }[]
    }
  }
  const set = async (code: string, input: { threshold?: number | null; numeratorId?: string | null }, holder = statistics) =>
    ask<Set>(
      db,
      keyOf(holder),
      `mutation S($id: ID!, $input: IndicatorSetDisclosureInput!) { indicatorSetDisclosure(id: $id, input: $input)
        { indicator { disclosureThreshold numerator { code } } userErrors { code path } } }`,
      { id: await idOf(code), input },
    )

  const now = async () => {
    const text = `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
    return (await db.session.read({ kind: 'public' }, [{ text, values: [] }]))[0]?.[0]?.[0] as string
  }

  /** All that a caller is told through every door, now and as known at a moment; and what the database itself shows. */
  async function told(holder: string | undefined, asOf: string): Promise<string> {
    const key = keyOf(holder)
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
    const answers: string[] = []
    const figures =
      'region { code } observations { period value status revision confidentialValue revisions { value status } } targets { value } baseline { value } baselineStatus'
    const queries = [
      `{ a: indicator(code: "${count}") { series { ${figures} } } b: indicator(code: "${ratio}") { series { ${figures} } } }`,
      `query A($asOf: DateTime!) { a: indicator(code: "${count}") { series(asOf: $asOf) { ${figures} } } b: indicator(code: "${ratio}") { series(asOf: $asOf) { ${figures} } } }`,
      `{ councilDigest { revisedIndicators(first: 20) { nodes { series { ${figures} } } } } }`,
      '{ auditTrail(first: 100) { nodes { operation before after } } }',
      '{ neighbourhoods { headlines { actual { value status } baseline { value } target { value } } } }',
    ]
    for (const query of queries) {
      for (const app of [db.app, keeping]) {
        const { data, errors, raw } = await ask({ app }, key, query, { asOf })
        if (errors) t.fail(raw.slice(0, 500))
        answers.push(JSON.stringify(data))
      }
    }
    const indicators = encodeURIComponent(`IndicatorCode eq '${count}' and Value lt 10 and Value gt 0`)
    for (const path of [
      '/odata/v4/Observations',
      `/odata/v4/Observations?$filter=${indicators}&$count=true`,
      '/odata/v4/Observations?$orderby=Value&$select=RegionCode,Period,Value,Status',
      '/odata/v4/Indicators',
      '/odata/v4/Regions',
      '/api/v1/exports/Observations.csv',
      '/api/v1/exports/Indicators.csv',
    ]) {
      for (const query of ['', `${path.includes('?') ? '&' : '?'}asOf=${encodeURIComponent(asOf)}`]) {
        answers.push((await db.app.inject({ url: path + query, headers })).body)
      }
    }
    for (const state of [
      'observation',
      'observation_history',
      'observation_as_known',
      'observation_revision',
      'confidential_value',
      'confidential_value_history',
      'confidential_value_as_known',
      'baseline',
      'audit_entry',
    ]) {
      const text = `select to_jsonb(x)::text from ${state} x`
      answers.push(JSON.stringify(await db.session.read(credentialOf(holder), [{ text, values: [] }]).catch(() => 'refused')))
    }
    return answers.join('\n')
  }

  /** Records that figures of 2020 of a region were converted to its boundaries of 2024; what was wrong with that. */
  async function convert(region: string, values: Values): Promise<object[]> {
    interface Known {
      indicator: { series: { indicatorVersion: { id: string }; region: { versions: { id: string; year: number }[] } }[] }
    }
    const known = async (code: string) => {
      const query = `{ indicator(code: "${code}") { series(regions: ["${region}"]) { indicatorVersion { id } region { versions { id year } } } } }`
      return (await ask<Known>(db, undefined, query)).data.indicator.series[0]
    }
    const versions = (await known(count))?.region.versions ?? []
    const versionOf = (wanted: number) => versions.find(({ year }) => year === wanted)?.id
    const figures = await Promise.all(
      Object.entries(values).map(async ([code, value]) => ({
        indicatorVersionId: (await known(code))?.indicatorVersion.id,
        period: '2020',
        value,
      })),
    )
    const input = { fromVersionId: versionOf(2020), toVersionId: versionOf(2024), method: 'Naar rato van adressen', figures }
    const { data } = await ask<{ regionConversionRecord: { userErrors: object[] } }>(
      db,
      keyOf(statistics),
      'mutation C($input: RegionConversionRecordInput!) { regionConversionRecord(input: $input) { userErrors { code path } } }',
      { input },
    )
    return data.regionConversionRecord.userErrors
  }

  /** The regions whose figure an answer tells, by door; a region that is not there at all tells nothing either. */
  async function toldRegions(code: string, period: string): Promise<Record<string, string[]>> {
    interface Series {
      region: { code: string }
      observations: { value: string | null }[]
    }
    const { data } = await ask<{ indicator: { series: Series[] } }>(
      db,
      undefined,
      `{ indicator(code: "${code}") { series { region { code } observations(periods: ["${period}"]) { value } } } }`,
    )
    const filter = encodeURIComponent(`IndicatorCode eq '${code}' and Period eq '${period}' and Value ne null`)
    const feed = await db.app.inject({ url: `/odata/v4/Observations?$filter=${filter}` })
    const csv = (await db.app.inject({ url: '/api/v1/exports/Observations.csv' })).body.split('\r\n').map((line) => line.split(','))
    const at = (name: string) => csv[0]?.indexOf(name) as number
    return {
      graphql: data.indicator.series.filter(({ observations }) => observations[0]?.value != null).map(({ region }) => region.code),
      odata: (feed.json().value as { RegionCode: string }[]).map(({ RegionCode }) => RegionCode),
      csv: csv
        .filter((line) => line[at('IndicatorCode')] === code && line[at('Period')] === period && line[at('Value')] !== '')
        .map((line) => line[at('RegionCode')] as string),
    }
  }

  return { load, set, idOf, now, told, toldRegions, convert }
}

/** Tells where figures of an indicator are told, by every door. */
const tellsBy =
  (t: Test, toldRegions: ReturnType<typeof doorsOf>['toldRegions']) =>
  async (code: string, period: string, expected: string[]): Promise<void> => {
    for (const [door, regions] of Object.entries(await toldRegions(code, period))) {
      t.same(regions.filter((region) => region in residents).sort(), [...expected].sort(), `${door}: ${code} ${period}`)
    }
  }

/** Rows as nobody else sees them: past every policy. */
async function look<T>(db: TestDatabase, text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: db.superuserUrl })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

const allBut = (...withheld: string[]): string[] => Object.keys(residents).filter((region) => !withheld.includes(region))

t.test('invariant 15, B6: a cell of three residents is told by nothing, in no door', async (t) => {
  const db = await testDatabase(t)
  const keeping = await buildApp({ session: db.session, cacheBytes: 8 * 1024 * 1024 })
  t.teardown(() => keeping.close())
  const { load, set, idOf, now, told, toldRegions } = doorsOf(db, keeping)
  const tells = tellsBy(t, toldRegions)

  await load(tableOf(2020, { [count]: residents, [ratio]: households }))
  await writeAs(db, db.keys[statistics] as string, async ({ db: tx }) => {
    await tx.execute(`insert into baseline (id, indicator_version_id, series_id, period, value)
      select gen_random_uuid(), s.indicator_version_id, s.id, '2020', o.value from series s join observation o on o.series_id = s.id and o.period = '2020'
      join region r on r.id = s.region_id join indicator i on i.id = s.indicator_id where r.code = '${small}' and i.code = '${count}'`)
  })
  const published = await now()
  const secret = new RegExp([residents[small], residents[next], households[small], households[next]].join('|').replaceAll('.', '\\.'))
  await tells(count, '2020', allBut())
  t.match(await told(undefined, published), /3\.1416/, 'without a threshold a figure is told as its source tells it')

  await t.test('by Research & Statistics alone, of a count or of a ratio', async (t) => {
    for (const holder of others.filter((each) => each !== undefined)) {
      const { errors } = await set(count, { threshold: 10 }, holder)
      t.equal(errors?.[0]?.extensions.code, 'FORBIDDEN', holder)
    }
    const refused = async (code: string, input: object) => (await set(code, input)).data.indicatorSetDisclosure.userErrors
    t.match(await refused(ratio, { threshold: 10 }), [{ code: 'BAD_USER_INPUT', path: ['input', 'threshold'] }])
    t.match(await refused(count, { threshold: 0 }), [{ code: 'BAD_USER_INPUT', path: ['input', 'threshold'] }])
    t.match(await refused(count, { numeratorId: await idOf('huishoudens') }), [{ code: 'BAD_USER_INPUT', path: ['input', 'numeratorId'] }])
    t.match(await refused(ratio, { numeratorId: await idOf('stedelijkheid') }), [{ code: 'BAD_USER_INPUT' }])
    t.match(await refused(ratio, { numeratorId: 'nothing' }), [{ path: ['input', 'numeratorId'] }])
    await tells(count, '2020', allBut())
  })

  await t.test('a threshold withholds what is stored, and what would tell it', async (t) => {
    t.match((await set(count, { threshold: 10 })).data.indicatorSetDisclosure, { indicator: { disclosureThreshold: 10 }, userErrors: [] })
    await tells(count, '2020', allBut(small, next))
    await tells(ratio, '2020', Object.keys(households))
    const { data } = await set(ratio, { numeratorId: await idOf(count) })
    t.match(data.indicatorSetDisclosure, { indicator: { numerator: { code: count } }, userErrors: [] })
    await tells(
      ratio,
      '2020',
      Object.keys(households).filter((region) => region !== small && region !== next),
    )
    for (const holder of others) {
      const said = await told(holder, published)
      t.notMatch(said, secret, `${holder ?? 'the public'} is told nothing of it, nor of before`)
      t.match(said, /"status":"SUPPRESSED"/, 'but that it is withheld')
      t.match(said, /40\.5772/, 'and what may be told')
    }
    t.match(await told(statistics, published), /"confidentialValue":"3\.1416"/, 'Research & Statistics reads it')
    const again = await set(count, { threshold: 10 })
    t.same(again.data.indicatorSetDisclosure.userErrors, [])
    const entries = await look<{ n: number }>(
      db,
      `select count(*)::int n from audit_entry where operation = 'indicatorSetDisclosure' and outcome = 'DONE'`,
    )
    t.equal(entries[0]?.n, 2, 'saying so again changes nothing')
  })

  await t.test('an import withholds as it stores', async (t) => {
    const same = await load(tableOf(2020, { [count]: residents, [ratio]: households }))
    t.equal(same.counts.created + same.counts.revised, 0, 'the same figures again change nothing')
    const changed = await load(tableOf(2020, { [count]: { ...residents, [small]: '4.1416' }, [ratio]: households }))
    t.match(changed.changes, [
      { region: small, before: { value: null, revision: 3 }, after: { value: null, status: 'SUPPRESSED', revision: 4 } },
    ])
    t.match(await told(statistics, published), /"confidentialValue":"4\.1416"/)

    const unmapped = 'ernstig_eenzaam_pct'
    await set(unmapped, { numeratorId: await idOf(count) })
    await tells(unmapped, '2016', [small, 'BU09350403', 'GM0935'])
    await load(tableOf(2016, { [count]: residents }))
    await tells(unmapped, '2016', ['BU09350403', 'GM0935'])

    await load(tableOf(2021, { [count]: residents, [ratio]: households }))
    await tells(count, '2021', allBut(small, next))
    const stored = await look<{ value: string }>(
      db,
      `select r.value from observation_revision r join observation o on o.id = r.observation_id where o.period = '2021' and r.value is not null`,
    )
    t.equal(stored.length, allBut(small, next).length + Object.keys(households).length - 2)
    t.notMatch(JSON.stringify(stored), secret, 'the true value stands in its own table from the start')
    for (const holder of someOthers) t.notMatch(await told(holder, await now()), /4\.1416|3\.1416|17\.2718|1\.733[12]/)
  })

  await t.test('an import of some regions withholds others where it must', async (t) => {
    const one = (region: string) => ({ regions: ({ regionCode }: { regionCode: string }) => regionCode === region })
    await load(tableOf(2021, { [count]: { BU09350403: '5.5512' }, [ratio]: {} }), one('BU09350403'))
    await tells(count, '2021', allBut(small, next, 'BU09350403', 'BU09350404'))
    await tells(ratio, '2021', [large, 'WK093502', 'GM0935'])
    await load(tableOf(2021, { [count]: { BU09350403: '55.1234' }, [ratio]: {} }), one('BU09350403'))
    await tells(count, '2021', allBut(small, next))
    for (const holder of someOthers) t.notMatch(await told(holder, await now()), /5\.5512/)
    await load(tableOf(2021, { [count]: { [large]: '6.6612' }, [ratio]: {} }), one(large))
    await tells(count, '2021', allBut(small, next, large))
  })

  await t.test('nor is it stored as told by anybody else', async (t) => {
    const stored = writeAs(db, db.keys[statistics] as string, async ({ db: tx }) => {
      await tx.execute(`update observation o set value = 9, status = 'PROVISIONAL' from series s join indicator i on i.id = s.indicator_id
        where s.id = o.series_id and i.code = '${count}' and o.period = '2021'`)
    })
    await t.rejects(stored, { cause: { constraint: 'observation_below_threshold' } })
  })

  await t.test('a higher threshold withholds more, and none tells all again', async (t) => {
    await set(count, { threshold: 50 })
    await tells(count, '2020', allBut(small, next, large))
    await set(count, { threshold: null })
    await tells(count, '2020', allBut())
    await tells(count, '2021', allBut())
    await tells(ratio, '2020', Object.keys(households))
    const said = await told(undefined, published)
    t.match(said, /"period":"2020","value":"4\.1416","status":"PROVISIONAL","revision":5/, 'as a new revision, worth what it was')
    t.match(said, /"baseline":\{"value":"3\.1416"/)
    const before = await look<{ n: number }>(
      db,
      `select count(*)::int n from observation o where o.status = 'SUPPRESSED' and o.period = '2021'`,
    )
    t.equal(before[0]?.n, 0)
  })

  await t.test('and not while figures are being recorded', async (t) => {
    const client = new pg.Client({ connectionString: db.superuserUrl })
    await client.connect()
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock(7264003)')
    t.match((await set(count, { threshold: 10 })).data.indicatorSetDisclosure.userErrors, [{ code: 'CONFLICT' }])
    t.equal(problemOf(await load(tableOf(2020, {})).catch((error: unknown) => error))?.code, 'CONFLICT')
    await client.query('rollback')
    await client.end()
  })
})

t.test(
  'invariant 15, invariant 16, B6: a converted figure is withheld as any other, and what it was converted from stays so',
  async (t) => {
    const db = await testDatabase(t)
    const keeping = await buildApp({ session: db.session, cacheBytes: 8 * 1024 * 1024 })
    t.teardown(() => keeping.close())
    const { load, set, idOf, now, told, toldRegions, convert } = doorsOf(db, keeping)
    const tells = tellsBy(t, toldRegions)
    const toldRatios = (...withheld: string[]) => Object.keys(households).filter((region) => !withheld.includes(region))
    const published = { [count]: residents, [ratio]: households }
    await load(tableOf(2024, {}))
    await load(tableOf(2020, published))
    await set(count, { threshold: 10 })
    await set(ratio, { numeratorId: await idOf(count) })
    await tells(count, '2020', allBut(small, next))

    await t.test('so does its ratio, by whatever code the region is called in the other year', async () => {
      await look(
        db,
        `update region_version set code = 'BU09350299' where year = 2024 and region_id = (select id from region where code = '${small}')`,
      )
      await convert(small, { [count]: '44.9998' })
      await tells(ratio, '2020', toldRatios(small, next))
    })

    await t.test('one of what is withheld is withheld too, whatever its size', async (t) => {
      t.same(await convert(small, { [ratio]: '1.9997', [count]: '44.9998' }), [])
      await tells(count, '2020', allBut(small, next))
      await tells(ratio, '2020', toldRatios(small, next))
      for (const holder of others) {
        const said = await told(holder, await now())
        t.notMatch(said, /44\.9998|1\.9997|3\.1416|17\.2718|1\.733[12]/, `${holder ?? 'the public'} is told neither`)
        t.match(said, /Naar rato van adressen/, 'but how it was converted')
      }
      t.match(await told(statistics, await now()), /"confidentialValue":"44\.9998"/)
    })

    await t.test('nor does another one tell what it was withheld for', async (t) => {
      t.same(await convert(next, { [count]: '71.9996' }), [])
      await tells(count, '2020', allBut(small, next))
    })

    await t.test('the same table again leaves them as they are', async (t) => {
      const again = await load(tableOf(2020, published))
      t.equal(again.counts.created + again.counts.revised, 0)
      t.match(await told(statistics, await now()), /"confidentialValue":"44\.9998"/)
      await tells(ratio, '2020', toldRatios(small, next))
    })

    await t.test('one below the threshold is withheld, and what would tell it', async (t) => {
      t.match(await convert('BU09350403', { [count]: '-3' }), [{ code: 'BAD_USER_INPUT', path: ['input', 'figures', 0, 'value'] }])
      t.same(await convert('BU09350403', { [count]: '2.9995' }), [])
      await tells(count, '2020', allBut(small, next, 'BU09350403', 'BU09350404'))
      await tells(ratio, '2020', toldRatios(small, next, 'BU09350404'))
      for (const holder of someOthers) t.notMatch(await told(holder, await now()), /2\.9995/)
      const stored = await look<{ n: number }>(
        db,
        'select count(*)::int n from observation_revision where value in (2.9995, 44.9998, 71.9996, 1.9997)',
      )
      t.equal(stored[0]?.n, 0, 'the true value stands in its own table from the start')
    })

    await t.test('what is published anew is told as published, and they are told as estimates once they may be', async (t) => {
      await load(
        tableOf(2020, { ...published, [count]: { ...residents, BU09350403: '56.1234', GM0935: '183.5461', WK093504: '122.5555' } }),
      )
      await tells(count, '2020', allBut(small, next))
      const said = await told(undefined, await now())
      t.match(said, /"period":"2020","value":"56\.1234","status":"PROVISIONAL"/)
      t.notMatch(said, /44\.9998|71\.9996|2\.9995|3\.1416|17\.2718/)
      await set(count, { threshold: null })
      await tells(count, '2020', allBut())
      t.match(await told(undefined, await now()), /"period":"2020","value":"44\.9998","status":"ESTIMATED"/)
    })
  },
)
