import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createGunzip } from 'node:zlib'
import { parse } from 'csv-parse'
import pg from 'pg'
import t, { type Test } from 'tap'
import { parseKey } from '../src/auth/key.ts'
import { importTable } from '../src/cli/import-cbs.ts'
import type { Credential } from '../src/db/session.ts'
import { problemOf } from '../src/errors.ts'
import { type CellContext, readCell } from '../src/indicator/cbs/cell.ts'
import { FailedMapping } from '../src/indicator/cbs/mapping.ts'
import { type KwbTable, openKwbTable } from '../src/indicator/cbs/reader.ts'
import { type ImportedTable, type ImportOptions, importKwb } from '../src/indicator/write/import-kwb.ts'
import { ask, sharedData, type TestDatabase, testDatabase, withoutSharedData } from './harness.ts'

const folder = path.join(sharedData, 'kwb/2020-84799NED-v3')
const maastricht = path.join(folder, 'TypedDataSet.maastricht.json')
const skip = withoutSharedData

/** The columns of 84799NED as CBS numbered them, typed by hand: what the importer must find by title, unit and group. */
const columns: Record<string, string> = {
  inwoners: 'AantalInwoners_5',
  inwoners_0_15: 'k_0Tot15Jaar_8',
  inwoners_65plus: 'k_65JaarOfOuder_12',
  huishoudens: 'HuishoudensTotaal_28',
  eenpersoonshuishoudens: 'Eenpersoonshuishoudens_29',
  huishoudens_met_kinderen: 'HuishoudensMetKinderen_31',
  huishoudensgrootte: 'GemiddeldeHuishoudensgrootte_32',
  bevolkingsdichtheid: 'Bevolkingsdichtheid_33',
  bijstand: 'PersonenPerSoortUitkeringBijstand_83',
  ao_uitkering: 'PersonenPerSoortUitkeringAO_84',
  ww_uitkering: 'PersonenPerSoortUitkeringWW_85',
  aow_uitkering: 'PersonenPerSoortUitkeringAOW_86',
  autos_per_huishouden: 'PersonenautoSPerHuishouden_102',
  afstand_supermarkt: 'AfstandTotGroteSupermarkt_106',
  afstand_kinderdagverblijf: 'AfstandTotKinderdagverblijf_107',
  stedelijkheid: 'MateVanStedelijkheid_115',
  oppervlakte_water: 'OppervlakteWater_112',
}
/** Those of which the table says "Het betreft voorlopige cijfers." */
const provisional = ['bijstand', 'ao_uitkering', 'ww_uitkering', 'aow_uitkering']

const statistics = 'research_statistics@gemeente-maastricht'
const credential = (db: TestDatabase, holder = statistics): Credential => parseKey(db.keys[holder] as string) as Credential

const importing = (db: TestDatabase, table: KwbTable, options?: ImportOptions, caller = credential(db)): Promise<ImportedTable> =>
  db.session.write(caller, undefined, (tx, actor) => importKwb(tx, actor, table, options))

/** The error that something ends in, as a caller is told of it. */
async function refusal(running: Promise<unknown>): Promise<string> {
  try {
    await running
    return 'done'
  } catch (error) {
    return problemOf(error)?.code ?? String(error)
  }
}

/** Rows as nobody else sees them: past every policy. */
async function look<T = Record<string, unknown>>(db: TestDatabase, text: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: db.superuserUrl })
  await client.connect()
  try {
    return (await client.query(text, values)).rows
  } finally {
    await client.end()
  }
}

/** All that an import may touch; equal before and after when it changed nothing. */
const state = (db: TestDatabase) =>
  look(
    db,
    ['data_source', 'indicator', 'indicator_version', 'region', 'region_version', 'series', 'observation', 'observation_revision']
      .map(
        (table) =>
          `select '${table}' as table, count(*)::int as rows, sum(version)::int as writes, max(updated_at)::text as at from ${table}`,
      )
      .join(' union all ')
      .concat(' order by 1'),
  )

const runs = (db: TestDatabase) =>
  look<{ id: string; state: string; release: string; counts: Record<string, number> }>(
    db,
    `select i.id, i.state, i.release, i.counts from import_run i join data_source d on d.id = i.data_source_id
     where d.code = '84799NED' and i.finished_at is not null and not coalesce(i.counts ? 'figures', false) order by i.id`,
  )

/** A copy of the files of Maastricht, some of their texts replaced; theirs alone, as the published ones may be read-only. */
async function copy(t: Test, change: { file: string; by: (text: string) => string }): Promise<KwbTable> {
  const to = await mkdtemp(path.join(tmpdir(), 'samenspel-kwb-'))
  t.teardown(() => rm(to, { recursive: true }))
  for (const file of [
    'TypedDataSet.maastricht.json',
    'WijkenEnBuurten.maastricht.json',
    'DataProperties.json',
    'TableInfos.recorded.json',
  ]) {
    await writeFile(path.join(to, file), await readFile(path.join(folder, file)))
  }
  const file = path.join(to, change.file)
  const text = await readFile(file, 'utf8')
  const changed = change.by(text)
  t.not(changed, text, 'the copy differs')
  await writeFile(file, changed)
  return openKwbTable(to)
}

type Row = Record<string, string>

/** The lines of a CSV text or file, by the names of their columns. */
const lines = (source: NodeJS.ReadableStream): AsyncIterable<Row> => source.pipe(parse({ columns: true, bom: true }))

t.test('84799NED: the whole of the Netherlands', { skip }, async (t) => {
  const db = await testDatabase(t)
  const reader = db.keys['bi_reader@servatius']
  let imported: ImportedTable

  await t.test('is stored in one go, and told of as it goes', async (t) => {
    const told: (number | undefined)[][] = []
    imported = await importing(db, await openKwbTable(folder), { progress: (...step) => told.push(step) })
    t.match(imported, { table: '84799NED', year: 2020, release: '2021-03-26T02:00:00', changes: [] })
    // 51 cells are in the seed, by the same table: the same figures, so no revision.
    t.same(imported.counts, { regions: 17_341, created: 17_341 * 17 - 51, revised: 0, unchanged: 51, missing: 11_985 })
    t.same(told.at(-1), [17_341, 17_341])
    t.ok(told.length > 10)
    t.same(await runs(db), [{ id: imported.importRunId, state: 'DONE', release: imported.release, counts: imported.counts }])
    t.same(
      await look(db, `select after -> 'counts' as counts, after ->> 'files' as files from audit_entry where operation = 'indicatorImport'`),
      [{ counts: imported.counts, files: '["TypedDataSet.national.csv.gz"]' }],
    )
  })

  await t.test('every cell that BI gets is the cell that CBS published', async (t) => {
    const { body } = await exported(db, reader)
    const stored = new Map<string, Row>()
    for await (const row of lines(body)) {
      if (row.SourceCode !== '84799NED' || row.IndicatorCode === 'woz') continue
      stored.set(`${row.RegionCode} ${row.IndicatorCode}`, row)
    }
    t.equal(stored.size, 17_341 * 17)
    let cells = 0
    const wrong: unknown[] = []
    const zeros = { value: 0, missing: 0 }
    for await (const row of lines(createReadStream(path.join(folder, 'TypedDataSet.national.csv.gz')).pipe(createGunzip()))) {
      const code = String(row.WijkenEnBuurten).trim()
      for (const [indicator, column] of Object.entries(columns)) {
        const published = String(row[column]).trim()
        const status = published === '' ? 'MISSING' : provisional.includes(indicator) ? 'PROVISIONAL' : 'NORMAL'
        const got = stored.get(`${code} ${indicator}`)
        cells++
        if (got?.Value !== published || got.Status !== status || got.Period !== '2020' || got.RegionYear !== '2020' || got.Revision !== '1')
          wrong.push({ code, indicator, published, status, got })
        if (indicator === 'bijstand' && code.startsWith('BU')) {
          if (got?.Value === '0') zeros.value++
          if (got?.Value === '' && got.Status === 'MISSING') zeros.missing++
        }
      }
    }
    t.equal(cells, 17_341 * 17)
    t.same(wrong.slice(0, 5), [])
    t.same(zeros, { value: 5_523, missing: 1_498 }, 'nobody on social assistance is not nobody knows')
  })

  await t.test('regions are there by their trimmed code, each as it was drawn in 2020', async (t) => {
    const count = async (type: string) =>
      Number((await get(db, reader, `/odata/v4/Regions/$count?$filter=${encodeURIComponent(`Type eq '${type}'`)}`)).body.replace(/\D/g, ''))
    t.same([await count('NL'), await count('GM'), await count('WK'), await count('BU')], [1, 355, 3_177, 13_808])
    const changes = await look(
      db,
      `select v.change, count(*)::int from region_version v join region r on r.id = v.region_id where v.year = 2020 and r.type = 'BU' group by 1 order by 1`,
    )
    t.same(changes, [
      { change: 'NONE', count: 13_038 },
      { change: 'RECODED', count: 134 },
      { change: 'REDRAWN', count: 636 },
    ])
    t.same(await look(db, `select code from region where code <> trim(code) or name <> trim(name)`), [])
    t.same(await look(db, `select name from region where code = 'GM0294'`), [{ name: 'Winterswijk' }])
  })

  await t.test('and is read back through GraphQL and OData', async (t) => {
    const query = `{ indicator(code: "bijstand") { series(regions: ["BU09350203", "BU03630000", "GM0363"]) { region { code name }
      observations { period value status revision source { code publisher licence } revisions { revision value status } } } } }`
    const { data, errors } = await ask(db, reader, query)
    t.equal(errors, undefined)
    const source = { code: '84799NED', publisher: 'CBS', licence: 'CC BY 4.0, bron: CBS' }
    const observation = (value: string) => ({
      period: '2020',
      value,
      status: 'PROVISIONAL',
      revision: 1,
      source,
      revisions: [{ revision: 1, value, status: 'PROVISIONAL' }],
    })
    const published = await publishedOf(['BU03630000', 'BU09350203', 'GM0363'], columns.bijstand as string)
    t.match(data, {
      indicator: {
        series: [
          { region: { code: 'BU03630000' }, observations: [observation(published[0] as string)] },
          { region: { code: 'BU09350203', name: 'Pottenberg' }, observations: [observation('260')] },
          { region: { code: 'GM0363', name: 'Amsterdam' }, observations: [observation(published[2] as string)] },
        ],
      },
    })
    const inhabitants = await ask<{ indicator: { series: { observations: object[] }[] } }>(
      db,
      reader,
      '{ indicator(code: "inwoners") { series(regions: ["BU09350203"], periods: ["2020"]) { observations(periods: ["2020"]) { period value status } } } }',
    )
    t.same(inhabitants.data.indicator.series, [{ observations: [{ period: '2020', value: '2485', status: 'NORMAL' }] }])
    const filter = `RegionCode eq 'BU09350203' and Period eq '2020' and IndicatorCode in ('inwoners','oppervlakte_water','huishoudensgrootte')`
    const url = `/odata/v4/Observations?$filter=${encodeURIComponent(filter)}&$select=IndicatorCode,Value,Status&$orderby=IndicatorCode`
    const rows = (await get(db, reader, url)).json<{ value: Row[] }>().value
    t.same(
      rows.map(({ IndicatorCode, Value, Status }) => [IndicatorCode, Number(Value), Status]),
      [
        ['huishoudensgrootte', 1.9, 'NORMAL'],
        ['inwoners', 2485, 'NORMAL'],
        ['oppervlakte_water', 0, 'NORMAL'],
      ],
    )
  })

  await t.test('B8: the same figures from another form of the same table change nothing', async (t) => {
    const before = await state(db)
    const again = await importing(db, await openKwbTable(maastricht))
    t.same(again.counts, { regions: 53, created: 0, revised: 0, unchanged: 53 * 17, missing: 21 })
    t.same(again.changes, [])
    t.same(await state(db), before)
    t.match((await runs(db)).at(-1), { id: again.importRunId, state: 'DONE', counts: again.counts })
  })

  await t.test('B4, invariant 13: a corrected figure is one revision, and what was known before can still be read', async (t) => {
    const [{ at } = {}] = await look<{ at: string }>(db, `select clock_timestamp()::text as at`)
    const before = await state(db)
    const corrected = await copy(t, {
      file: 'TypedDataSet.maastricht.json',
      by: (text) => text.replace(/("WijkenEnBuurten":"BU09350403".*?"AantalInwoners_5":)3150,/, '$13145,'),
    })
    const second = await importing(db, corrected, { release: '2021-06' })
    t.same(second.counts, { regions: 53, created: 0, revised: 1, unchanged: 53 * 17 - 1, missing: 21 })
    t.same(second.changes, [
      {
        indicator: 'inwoners',
        region: 'BU09350403',
        period: '2020',
        before: { value: '3150', status: 'NORMAL', revision: 1 },
        after: { value: '3145', status: 'NORMAL', revision: 2 },
      },
    ])
    const changed = (await state(db)).filter((row, at) => row.rows !== before[at]?.rows || row.writes !== before[at]?.writes)
    t.same(changed.map(({ table, rows }) => [table, Number(rows) - Number(before.find((row) => row.table === table)?.rows)]).sort(), [
      ['observation', 0],
      ['observation_revision', 1],
    ])
    t.equal((await runs(db)).at(-1)?.release, '2021-06')

    const query = `{ indicator(code: "inwoners") { series(regions: ["BU09350403"]) { observations(periods: ["2020"]) {
      value revision recordedAt revisions { revision value recordedAt } } } } }`
    const { data } = await ask<{
      indicator: { series: { observations: { value: string; revision: number; recordedAt: string; revisions: { value: string }[] }[] }[] }
    }>(db, reader, query)
    const [now] = data.indicator.series[0]?.observations ?? []
    t.match(now, {
      value: '3145',
      revision: 2,
      revisions: [
        { revision: 1, value: '3150' },
        { revision: 2, value: '3145' },
      ],
    })
    const asOf = await look(
      db,
      `select r.value from observation_revision r join observation o on o.id = r.observation_id join series s on s.id = o.series_id
       join region g on g.id = s.region_id join indicator i on i.id = s.indicator_id
       where g.code = 'BU09350403' and i.code = 'inwoners' and o.period = '2020' and r.recorded_at <= $1 order by r.revision desc limit 1`,
      [at],
    )
    t.same(asOf, [{ value: '3150' }], 'as it was known before the correction')
    const changes = `/odata/v4/Observations?$filter=${encodeURIComponent(`RecordedAt gt ${new Date(String(at)).toISOString()}`)}&$select=RegionCode,Value,Revision`
    t.same(
      (await get(db, reader, changes)).json<{ value: Row[] }>().value.map((row) => [row.RegionCode, Number(row.Value), row.Revision]),
      [['BU09350403', 3145, 2]],
      'an incremental refresh gets the one change',
    )
  })

  await t.test('a figure that is taken back, and comes again, is two more revisions', async (t) => {
    const emptied = await copy(t, {
      file: 'TypedDataSet.maastricht.json',
      by: (text) => text.replace(/("WijkenEnBuurten":"BU09350403".*?"AantalInwoners_5":)3150,/, '$1null,'),
    })
    t.match((await importing(db, emptied)).changes, [{ before: { value: '3145' }, after: { value: null, status: 'MISSING', revision: 3 } }])
    t.match((await importing(db, await openKwbTable(maastricht))).changes, [
      { before: { value: null }, after: { value: '3150', status: 'NORMAL', revision: 4 } },
    ])
  })

  await t.test('of an earlier year: the first definition counts, and the region keeps its latest name', async (t) => {
    const earlier: KwbTable = { ...(await openKwbTable(maastricht)), tableId: 'EARLIER', year: 2019, rows: renamed }
    async function* renamed() {
      for await (const row of (await openKwbTable(maastricht)).rows()) yield { ...row, regionName: `Oud ${row.regionName}` }
    }
    const { counts } = await importing(db, earlier, { regions: ({ regionCode }) => regionCode === 'BU09350203' })
    t.same(counts, { regions: 1, created: 17, revised: 0, unchanged: 0, missing: 0 })
    t.same(
      await look(
        db,
        `select r.name, v.name as earlier from region r join region_version v on v.region_id = r.id where r.code = 'BU09350203' and v.year = 2019`,
      ),
      [{ name: 'Pottenberg', earlier: 'Oud Pottenberg' }],
    )
    t.same(
      await look(
        db,
        `select count(distinct s.indicator_version_id)::int as definitions from series s join region r on r.id = s.region_id
      join indicator i on i.id = s.indicator_id where r.code = 'BU09350203' and i.code = 'inwoners'`,
      ),
      [{ definitions: 1 }],
    )
  })
})

t.test('84799NED: what does not come in', { skip }, async (t) => {
  const db = await testDatabase(t)
  const table = await openKwbTable(maastricht)
  const before = await state(db)

  await t.test('B8: a table without a mapped measure stores nothing but the failure', async (t) => {
    const renamed = await copy(t, {
      file: 'DataProperties.json',
      by: (text) => text.replace(/(Personen per soort uitkering; )Bijstand/g, '$1Participatiewet'),
    })
    const failed = await importTable(db.session, credential(db), renamed, { release: 'next year' }).catch((error: unknown) => error)
    t.ok(failed instanceof FailedMapping)
    t.match(failed, { code: 'BAD_USER_INPUT', indicators: ['bijstand'] })
    t.same(await state(db), before)
    t.match(await runs(db), [{ state: 'FAILED', release: 'next year', counts: { unmapped: 1, 'unmapped:bijstand': 1 } }])
    const [audited] = await look(db, `select after from audit_entry where operation = 'indicatorImport'`)
    t.match(audited, { after: { state: 'FAILED', unmapped: [/^bijstand: there is no column/] } })
  })

  await t.test('a file that turns out wrong in its last row stores nothing at all', async (t) => {
    const rows = JSON.parse(await readFile(maastricht, 'utf8')).value as { WijkenEnBuurten: string }[]
    const last = rows.at(-1)?.WijkenEnBuurten
    const broken = await copy(t, {
      file: 'TypedDataSet.maastricht.json',
      by: (text) => text.replace(new RegExp(`("WijkenEnBuurten":"${last}".*?"AantalInwoners_5":)[^,]*,`), '$1"many",'),
    })
    t.equal(await refusal(importing(db, broken)), 'BAD_USER_INPUT')
    t.same(await state(db), before)
    t.equal((await runs(db)).length, 1)
  })

  await t.test('nothing comes from who may not', async (t) => {
    t.equal(await refusal(importing(db, table, {}, credential(db, 'partner_editor@woonpunt'))), 'FORBIDDEN')
    t.equal(await refusal(importing(db, table, {}, credential(db, 'programme_team@gemeente-maastricht'))), 'FORBIDDEN')
    t.equal(await refusal(importing(db, table, {}, { kind: 'public' })), 'UNAUTHENTICATED')
    await look(db, `update api_key set scopes = '{}' where label = $1`, [statistics])
    t.equal(await refusal(importing(db, table)), 'SCOPE_MISSING')
    await look(db, `update api_key set scopes = '{figure:write}' where label = $1`, [statistics])
    t.same(await state(db), before)
  })

  await t.test('no region chosen is an error, not an empty success', async (t) => {
    t.equal(await refusal(importing(db, table, { regions: () => false })), 'BAD_USER_INPUT')
    t.equal((await runs(db)).length, 1)
  })

  await t.test('of two imports at once one goes on, the other is told', async (t) => {
    let second = 'not tried'
    const first = await db.session.write(credential(db), undefined, async (tx, actor) => {
      const imported = await importKwb(tx, actor, table)
      second = await refusal(importing(db, table))
      return imported
    })
    t.equal(second, 'CONFLICT')
    t.equal(first.counts.created, 53 * 17 - 51)
  })
})

t.test('an indicator that is not there yet is made, with its first definition and its pillar', { skip }, async (t) => {
  const db = await testDatabase(t)
  await look(db, `update indicator set code = code || '_seeded' where code in ('bijstand', 'inwoners')`)
  const { counts } = await importing(db, await openKwbTable(maastricht))
  t.same(counts, { regions: 53, created: 53 * 17 - 51 + 6, revised: 0, unchanged: 51 - 6, missing: 21 })
  t.same(
    await look(
      db,
      `select i.code, i.name ->> 'en' as name, i.unit ->> 'nl' as unit, i.measure, i.ascending, p.code as pillar, v.number, v.starts_on::text
       from indicator i left join pillar p on p.id = i.pillar_id join indicator_version v on v.indicator_id = i.id
       where i.code in ('bijstand', 'inwoners') order by 1`,
    ),
    [
      {
        code: 'bijstand',
        name: 'Persons on social assistance',
        unit: 'personen',
        measure: 'UNIT',
        ascending: false,
        pillar: 'BESTAANSZEKERHEID',
        number: 1,
        starts_on: '2020-01-01',
      },
      {
        code: 'inwoners',
        name: 'Inhabitants',
        unit: 'personen',
        measure: 'UNIT',
        ascending: null,
        pillar: null,
        number: 1,
        starts_on: '2020-01-01',
      },
    ],
  )
})

t.test(
  'invariant 29: figures of an open year are provisional until three later completions, or until CBS calls them final',
  { skip },
  async (t) => {
    const db = await testDatabase(t)
    const final = await openKwbTable(maastricht)
    const chosen: ImportOptions = { regions: ({ regionCode }) => regionCode === 'BU09350203' }
    const completed = (tableId: string, modified: string, said = false) =>
      importing(db, { ...final, tableId, year: tableId === 'OPEN' ? 2022 : 2023, modified, final: said }, chosen)
    const status = async (period: string, code = 'inwoners') => {
      const { data } = await ask<{ indicator: { series: { observations: { status: string }[] }[] } }>(
        db,
        undefined,
        `{ indicator(code: "${code}") { series(regions: ["BU09350203"]) { observations(periods: ["${period}"]) { status } } } }`,
      )
      const filter = encodeURIComponent(`IndicatorCode eq '${code}' and RegionCode eq 'BU09350203' and Period eq '${period}'`)
      const { value } = (await get(db, undefined, `/odata/v4/Observations?$filter=${filter}`)).json<{ value: Row[] }>()
      t.same(
        value.map(({ Status }) => Status),
        data.indicator.series[0]?.observations.map((told) => told.status),
      )
      return value[0]?.Status
    }
    for (const release of ['first', 'second', 'third']) {
      await completed('OPEN', release)
      t.equal(await status('2022'), 'PROVISIONAL', release)
    }
    t.same((await completed('OPEN', 'third')).counts.revised, 0, 'the same release again completes nothing')
    t.equal(await status('2022'), 'PROVISIONAL')
    const { counts, changes } = await completed('OPEN', 'fourth')
    t.equal(await status('2022'), 'NORMAL', 'three later ones completed it')
    t.equal(counts.revised, 13)
    t.match(changes[0], { before: { value: '2485', status: 'PROVISIONAL' }, after: { value: '2485', status: 'NORMAL' } }, 'on record')
    t.equal(await status('2022', 'bijstand'), 'PROVISIONAL', 'but what CBS itself calls provisional stays so')

    await completed('MARKED', 'first')
    t.equal(await status('2023'), 'PROVISIONAL')
    await completed('MARKED', 'second', true)
    t.equal(await status('2023'), 'NORMAL', 'called final')
    t.same(
      await look(
        db,
        `select release, open from import_run i join data_source d on d.id = i.data_source_id where d.code = 'MARKED' order by i.id`,
      ),
      [
        { release: 'first', open: true },
        { release: 'second', open: false },
      ],
    )
  },
)

t.test('B9: ".", provisional, 0 and no row at all stay four things, from the file to every door', { skip }, async (t) => {
  const db = await testDatabase(t)
  const context: CellContext = { typed: false, text: false, signed: false, provisional: false, blank: 'Impossible' }
  const raw: Record<string, string> = {
    AantalInwoners_5: '   .',
    k_0Tot15Jaar_8: ' 365*',
    k_65JaarOfOuder_12: '  0',
    HuishoudensTotaal_28: ' ',
  }
  const marked: KwbTable = { ...(await openKwbTable(maastricht)), tableId: 'MARKS', year: 2021, rows: marks }
  async function* marks() {
    for await (const row of (await openKwbTable(maastricht)).rows()) {
      yield { ...row, cells: (key: string) => (key in raw ? readCell(raw[key] as string, context) : row.cells(key)) }
    }
  }
  await importing(db, marked, { regions: ({ regionCode }) => regionCode === 'BU09350203' })
  const expected = [
    ['huishoudens', null, 'NOT_APPLICABLE'],
    ['inwoners', null, 'SUPPRESSED'],
    ['inwoners_0_15', 365, 'PROVISIONAL'],
    ['inwoners_65plus', 0, 'NORMAL'],
  ]
  const filter = encodeURIComponent(
    `Period eq '2021' and IndicatorCode in ('huishoudens','inwoners','inwoners_0_15','inwoners_65plus','woz')`,
  )
  const { value } = (await get(db, undefined, `/odata/v4/Observations?$filter=${filter}&$orderby=IndicatorCode`)).json<{ value: Row[] }>()
  t.same(
    value.map(({ IndicatorCode, Value, Status }) => [IndicatorCode, Value, Status]),
    expected,
    'and what is not in the table is no row',
  )
  const { data } = await ask<{
    indicators: { nodes: { code: string; series: { observations: { value: string | null; status: string }[] }[] }[] }
  }>(
    db,
    undefined,
    `{ indicators(first: 100, where: { code: { in: ["huishoudens", "inwoners", "inwoners_0_15", "inwoners_65plus"] } }) { nodes { code
      series(regions: ["BU09350203"]) { observations(periods: ["2021"]) { value status } } } } }`,
  )
  t.same(
    data.indicators.nodes.map(({ code, series: [series] }) => {
      const [figure] = series?.observations ?? []
      return [code, figure?.value == null ? null : Number(figure.value), figure?.status]
    }),
    expected,
  )
})

const basic = (key: string | undefined): Record<string, string> =>
  key === undefined ? {} : { authorization: `Basic ${Buffer.from(`powerbi:${key}`).toString('base64')}` }

const get = (db: TestDatabase, key: string | undefined, url: string) => db.app.inject({ url, headers: basic(key) })

async function exported(db: TestDatabase, key: string | undefined) {
  const response = await db.app.inject({ url: '/api/v1/exports/Observations.csv', headers: basic(key), payloadAsStream: true })
  return { body: response.stream() }
}

/** Cells of one column, as the national file has them, in the order asked. */
async function publishedOf(codes: readonly string[], column: string): Promise<(string | undefined)[]> {
  const found = new Map<string, string>()
  for await (const row of lines(createReadStream(path.join(folder, 'TypedDataSet.national.csv.gz')).pipe(createGunzip()))) {
    const code = String(row.WijkenEnBuurten).trim()
    if (codes.includes(code)) found.set(code, String(row[column]))
  }
  return codes.map((code) => found.get(code))
}
