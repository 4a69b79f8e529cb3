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

t.test('invariant 16: importing a table again leaves a conversion as it is', { skip: withoutSharedData }, async (t) => {
  const db = await testDatabase(t)
  await loaded(t, db)
  const before = await residentsOf(t, db)
  t.match(before, { status: 'NORMAL', revision: 1, conversion: null, regionVersion: { year: 2020 } })
  await writeAs(db, db.keys[statistics] as string, async ({ db: tx }) => {
    const version = (year: number) =>
      sql`(select v.id from region_version v join region r on r.id = v.region_id where r.code = ${pottenberg} and v.year = ${year})`
    await tx.execute(sql`insert into region_conversion (id, region_id, from_version_id, to_version_id, method) select gen_random_uuid(), id,
      ${version(2020)}, ${version(2024)}, '{"source": "nl", "nl": "Naar rato van adressen"}' from region where code = ${pottenberg}`)
    await tx.execute(sql`with o as (
        update observation o set value = 1234, status = 'ESTIMATED', revision = revision + 1, region_version_id = ${version(2024)},
          conversion_id = (select id from region_conversion), recorded_at = now()
        from series s join indicator i on i.id = s.indicator_id join region r on r.id = s.region_id
        where s.id = o.series_id and i.code = 'inwoners' and r.code = ${pottenberg} and o.period = '2020' returning o.*)
      insert into observation_revision (id, observation_id, revision, region_version_id, conversion_id, value, status)
      select gen_random_uuid(), id, revision, region_version_id, conversion_id, value, status from o`)
  })
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
