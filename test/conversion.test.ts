import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sql } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { parseKey } from '../src/auth/key.ts'
import { importTable } from '../src/cli/import-cbs.ts'
import type { Credential } from '../src/db/session.ts'
import { openKwbTable } from '../src/indicator/cbs/reader.ts'
import { ask, sharedData, type TestDatabase, testDatabase, withoutSharedData, writeAs } from './harness.ts'

const statistics = 'research_statistics@gemeente-maastricht'
const pottenberg = 'BU09350203'
const published = path.join(sharedData, 'kwb/2020-84799NED-v3')

/** The table of Maastricht as CBS published it, or with another number of residents of Pottenberg. */
async function tableWith(t: Test, residents?: string) {
  const folder = await mkdtemp(path.join(tmpdir(), 'samenspel-conversion-'))
  t.teardown(() => rm(folder, { recursive: true }))
  for (const file of [
    'TypedDataSet.maastricht.json',
    'WijkenEnBuurten.maastricht.json',
    'DataProperties.json',
    'TableInfos.recorded.json',
  ]) {
    const text = await readFile(path.join(published, file), 'utf8')
    const changed =
      residents === undefined ? text : text.replace(/("WijkenEnBuurten": ?"BU09350203[^}]*"AantalInwoners_5": ?)\d+/, `$1${residents}`)
    await writeFile(path.join(folder, file), changed)
  }
  return openKwbTable(folder)
}

const loaded = async (t: Test, db: TestDatabase, residents?: string) => {
  const caller = parseKey(db.keys[statistics] as string) as Credential
  const { counts, changes } = await importTable(db.session, caller, await tableWith(t, residents), {})
  return { created: counts.created, revised: counts.revised, changes }
}

interface Told {
  value: string | null
  status: string
  revision: number
  conversion: { method: { text: string } } | null
  regionVersion: { year: number }
}

/** The residents of Pottenberg in 2020, as GraphQL and the feed tell them alike. */
async function residentsOf(t: Test, db: TestDatabase): Promise<Told> {
  const { data } = await ask<{ indicator: { series: { observations: Told[] }[] } }>(
    db,
    undefined,
    `{ indicator(code: "inwoners") { series(regions: ["${pottenberg}"]) { observations(periods: ["2020"]) {
      value status revision conversion { method { text } } regionVersion { year } } } } }`,
  )
  const told = data.indicator.series[0]?.observations[0] as Told
  const filter = encodeURIComponent(`RegionCode eq '${pottenberg}' and IndicatorCode eq 'inwoners' and Period eq '2020'`)
  const [row] = (await db.app.inject({ url: `/odata/v4/Observations?$filter=${filter}` })).json().value
  t.match(row, {
    Value: told.value === null ? null : Number(told.value),
    Status: told.status,
    Revision: told.revision,
    RegionYear: told.regionVersion.year,
    ConversionMethod: told.conversion?.method.text ?? null,
  })
  return told
}

const definitionOf = async (db: TestDatabase, code: string): Promise<string> => {
  const query = `{ indicator(code: "${code}") { series(regions: ["${pottenberg}"]) { indicatorVersion { id } } } }`
  const { data } = await ask<{ indicator: { series: { indicatorVersion: { id: string } }[] } }>(db, undefined, query)
  return data.indicator.series[0]?.indicatorVersion.id as string
}

/** The boundaries of a region in two years. */
async function between(db: TestDatabase, code: string, from: number, to: number) {
  interface Versions {
    indicator: { series: { region: { versions: { id: string; year: number }[] } }[] }
  }
  const query = `{ indicator(code: "inwoners") { series(regions: ["${code}"]) { region { versions { id year } } } } }`
  const { data } = await ask<Versions>(db, undefined, query)
  const idOf = (wanted: number) => data.indicator.series[0]?.region.versions.find(({ year }) => year === wanted)?.id as string
  return { fromVersionId: idOf(from), toVersionId: idOf(to) }
}

interface Recorded {
  regionConversion: { id: string; from: { year: number }; to: { year: number }; method: { text: string } } | null
  userErrors: { code: string; path: string[] }[]
}

async function record(db: TestDatabase, input: object): Promise<Recorded> {
  const query = `mutation R($input: RegionConversionRecordInput!) { regionConversionRecord(input: $input) {
    regionConversion { id from { year } to { year } method { text } } userErrors { code path } } }`
  const { data } = await ask<{ regionConversionRecord: Recorded }>(db, db.keys[statistics], query, { input })
  return data.regionConversionRecord
}

t.test('invariant 16: importing a table again leaves a conversion as it is', { skip: withoutSharedData }, async (t) => {
  const db = await testDatabase(t)
  await loaded(t, db)
  const before = await residentsOf(t, db)
  t.match(before, { status: 'NORMAL', revision: 1, conversion: null, regionVersion: { year: 2020 } })
  const { userErrors } = await record(db, {
    ...(await between(db, pottenberg, 2020, 2024)),
    method: 'Naar rato van adressen',
    figures: [{ indicatorVersionId: await definitionOf(db, 'inwoners'), period: '2020', value: '1234' }],
  })
  t.same(userErrors, [])
  const converted = {
    value: '1234',
    status: 'ESTIMATED',
    revision: 2,
    regionVersion: { year: 2024 },
    conversion: { method: { text: 'Naar rato van adressen' } },
  }
  t.same(await residentsOf(t, db), converted)

  t.same(await loaded(t, db), { created: 0, revised: 0, changes: [] }, 'what it was converted from is published as it was')
  t.same(await residentsOf(t, db), converted)

  const revised = String(Number(before.value) + 5)
  t.match(await loaded(t, db, revised), {
    created: 0,
    revised: 1,
    changes: [{ region: pottenberg, before: { value: '1234' }, after: { value: revised } }],
  })
  const known = { value: revised, status: 'NORMAL', revision: 3, regionVersion: { year: 2020 }, conversion: null }
  t.same(await residentsOf(t, db), known, 'what its source has revised is told as published: the estimate was made of another figure')
  t.same(await loaded(t, db, revised), { created: 0, revised: 0, changes: [] })
})

t.test('invariant 16, B5: Research & Statistics records a conversion with its figures, all or nothing', async (t) => {
  const db = await testDatabase(t)
  await writeAs(db, db.keys[statistics] as string, async ({ db: tx }) => {
    await tx.execute(sql`insert into region_version (id, region_id, year, code, name, change)
      select gen_random_uuid(), id, 2022, code, name, 'REDRAWN' from region where code = ${pottenberg}`)
  })
  const residents = await definitionOf(db, 'inwoners')
  const size = await definitionOf(db, 'huishoudensgrootte')
  const boundaries = await between(db, pottenberg, 2020, 2024)
  const figure = (period: string, value = '1234', indicatorVersionId = residents) => ({ indicatorVersionId, period, value })
  const given = { ...boundaries, method: 'Naar rato van adressen', figures: [figure('2020'), figure('2020', '1.75', size)] }
  interface Told extends Record<string, unknown> {
    revisions: { value: string; status: string; conversion: object | null }[]
  }
  const told = async (code: string) => {
    const { data } = await ask<{ indicator: { series: { observations: Told[] }[] } }>(
      db,
      undefined,
      `{ indicator(code: "${code}") { series(regions: ["${pottenberg}"]) { observations { period value status revision seriesBreak
        conversion { method { text } } revisions { value status regionVersion { year } conversion { method { text } } } } } } }`,
    )
    return data.indicator.series[0]?.observations as Told[]
  }
  const trail = async () => {
    const { data } = await ask<{ auditTrail: { nodes: { operation: string; subjectId: string; after: unknown }[] } }>(
      db,
      db.keys['auditor@gemeente-maastricht'],
      '{ auditTrail(first: 100) { nodes { operation subjectId after } } }',
    )
    return data.auditTrail.nodes.filter(({ operation }) => operation === 'regionConversionRecord')
  }
  const before = await told('inwoners')
  t.match(
    before.map(({ period, seriesBreak }) => [period, seriesBreak]),
    [
      ['2020', false],
      ['2024', true],
      ['2025', false],
    ],
  )

  await t.test('what is wrong is told at once, each with its place, and nothing is written', async (t) => {
    const refused = async (input: object) => {
      const { regionConversion, userErrors } = await record(db, { ...given, ...input })
      t.equal(regionConversion, null)
      return userErrors.map(({ code, path }) => [code, ...path.slice(1)].join(' '))
    }
    t.same(await refused({ method: ' ', figures: [figure('twintig'), figure('2020', '1234567890123456')] }), [
      'BAD_USER_INPUT method',
      'BAD_USER_INPUT figures 0 period',
      'BAD_USER_INPUT figures 1 value',
    ])
    t.same(await refused({ figures: [] }), ['BAD_USER_INPUT figures'])
    t.same(await refused({ fromVersionId: residents, toVersionId: 'niets' }), ['NOT_FOUND fromVersionId', 'NOT_FOUND toVersionId'])
    t.same(await refused({ toVersionId: boundaries.fromVersionId }), ['BAD_USER_INPUT toVersionId'])
    const elsewhere = await between(db, 'BU09350403', 2020, 2024)
    const figures = [figure('2020'), figure('1999'), figure('2024'), figure('2020'), figure('2020', '1', boundaries.fromVersionId)]
    t.same(await refused({ toVersionId: elsewhere.toVersionId, figures }), [
      'BAD_USER_INPUT toVersionId',
      'NOT_FOUND figures 1 period',
      'BAD_USER_INPUT figures 2 period',
      'BAD_USER_INPUT figures 3',
      'NOT_FOUND figures 4 indicatorVersionId',
    ])
    t.same(await told('inwoners'), before)
    t.same(await trail(), [])
  })

  const { regionConversion, userErrors } = await record(db, given)
  t.same(userErrors, [])
  t.match(regionConversion, { from: { year: 2020 }, to: { year: 2024 }, method: { text: given.method } })
  const conversion = { method: { text: given.method } }
  const after = await told('inwoners')
  t.match(after[0], { value: '1234', status: 'ESTIMATED', seriesBreak: false, conversion, revision: Number(before[0]?.revision) + 1 })
  t.same(
    after[0]?.revisions,
    [...(before[0] as Told).revisions, { value: '1234', status: 'ESTIMATED', regionVersion: { year: 2024 }, conversion }],
    'what was measured stays on record, by its own boundaries',
  )
  t.match(after[1], { ...before[1], seriesBreak: false }, 'and the figures since compare with it')
  t.match((await told('huishoudensgrootte'))[0], { value: '1.75', status: 'ESTIMATED', conversion })
  const [entry] = await trail()
  t.match(entry, { subjectId: regionConversion?.id })
  t.same(
    JSON.parse(String(entry?.after)).figures,
    [
      { indicator: 'inwoners', period: '2020' },
      { indicator: 'huishoudensgrootte', period: '2020' },
    ],
    'the trail tells which figures, and none of their values',
  )

  await record(db, { ...given, method: 'Naar rato van inwoners', figures: [figure('2020', '1300')] })
  const anew = await told('inwoners')
  t.match(
    anew[0],
    { value: '1300', status: 'ESTIMATED', conversion: { method: { text: 'Naar rato van inwoners' } } },
    'it is converted anew',
  )
  t.equal(anew[0]?.revisions.length, (before[0] as Told).revisions.length + 2)
})
