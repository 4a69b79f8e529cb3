import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import t, { type Test } from 'tap'
import { Problem } from '../src/errors.ts'
import { type CellContext, readCell } from '../src/indicator/cbs/cell.ts'
import { FailedMapping, indicatorMappings, resolveMappings } from '../src/indicator/cbs/mapping.ts'
import { type KwbRow, type KwbTable, openKwbTable, type Topic } from '../src/indicator/cbs/reader.ts'
import { type SeedFigure, seedEarlierFigures, seedFigures, seedIndicators } from '../src/seed/figures.ts'

const data = resolve(import.meta.dirname, '../../shared/data')
const folder = join(data, 'kwb/2020-84799NED-v3')
const skip = existsSync(folder) ? false : 'the CBS files are not in ../shared/data'

async function rowsOf(table: KwbTable): Promise<KwbRow[]> {
  const rows: KwbRow[] = []
  for await (const row of table.rows()) rows.push(row)
  return rows
}

async function read(path: string): Promise<{ table: KwbTable; rows: KwbRow[] }> {
  const table = await openKwbTable(path)
  return { table, rows: await rowsOf(table) }
}

async function problemOf(work: () => Promise<unknown>): Promise<Problem> {
  try {
    await work()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('no Problem was thrown')
}

t.test('cells: no value, zero, marks and sentinels stay apart', async (t) => {
  const count: CellContext = { typed: true, text: false, signed: false, provisional: false, blank: 'Impossible' }
  const untyped = { ...count, typed: false }
  t.same(readCell('0', count), { value: '0', status: 'NORMAL', reason: null })
  t.same(readCell('        0', count), { value: '0', status: 'NORMAL', reason: null })
  t.same(readCell('59.30', count), { value: '59.30', status: 'NORMAL', reason: null }, 'exactly as published')
  t.same(readCell('12', { ...count, provisional: true }), { value: '12', status: 'PROVISIONAL', reason: null })
  t.same(readCell('12*', untyped), { value: '12', status: 'PROVISIONAL', reason: null })
  t.same(readCell(null, count), { value: null, status: 'MISSING', reason: 'MERGED' })
  t.same(readCell(null, untyped), { value: null, status: 'NOT_APPLICABLE', reason: 'BLANK' })
  t.same(readCell('     ', { ...untyped, blank: 'Missing' }), { value: null, status: 'MISSING', reason: 'BLANK' })
  t.same(readCell('       .', untyped), { value: null, status: 'SUPPRESSED', reason: 'MARK' })
  t.same(readCell('x', count), { value: null, status: 'SUPPRESSED', reason: 'MARK' })
  t.same(readCell('-99996', count), { value: null, status: 'MISSING', reason: 'SENTINEL' })
  t.same(readCell('-99997', count), { value: null, status: 'SUPPRESSED', reason: 'SENTINEL' })
  t.same(readCell('-99997.0', count), { value: null, status: 'SUPPRESSED', reason: 'SENTINEL' })
  t.same(readCell('-99998', count), { value: null, status: 'NOT_APPLICABLE', reason: 'SENTINEL' })
  t.same(readCell('-99999', { ...count, signed: true }), { value: null, status: 'NOT_COLLECTED', reason: 'SENTINEL' })
  t.same(readCell('-1', count), { value: null, status: 'SUPPRESSED', reason: 'SENTINEL' }, 'never a distance')
  t.same(readCell('-1', { ...count, signed: true }), { value: '-1', status: 'NORMAL', reason: null }, 'but money may be negative')
  t.same(readCell('Maastricht      ', { ...count, text: true }), { value: 'Maastricht', status: 'NORMAL', reason: null })
  for (const raw of ['-2', '1,5', '1e5', 'NaN', '12a', '+3', '007', '0x1', '--']) {
    t.throws(() => readCell(raw, count), { code: 'BAD_USER_INPUT' }, raw)
  }
})

t.test('84799NED', { skip }, async (t) => {
  const national = await read(folder)
  const { table } = national

  await t.test('the table', async (t) => {
    t.match(table, {
      tableId: '84799NED',
      year: 2020,
      title: 'Kerncijfers wijken en buurten 2020',
      modified: '2021-03-26T02:00:00',
      licence: 'CC BY 4.0',
      source: 'CBS',
      files: ['TypedDataSet.national.csv.gz'],
      rowCount: 17341,
    })
    t.equal(table.topics.length, 116)
    t.equal(table.regionNames.get('BU09350303'), 'Belvédère')
    const bijstand = table.topics.find((topic) => topic.key === 'PersonenPerSoortUitkeringBijstand_83')
    t.match(bijstand, {
      title: 'Personen per soort uitkering; Bijstand',
      unit: 'aantal',
      groupPath: ['Sociale zekerheid'],
      provisional: true,
    })
    t.notMatch(bijstand?.description, /\r/)
    t.match(
      table.topics.find((topic) => topic.key === 'GemiddeldInkomenPerInwoner_72'),
      { title: 'Gemiddeld inkomen per inwoner', groupPath: ['Inkomen', 'Inkomen van personen'], decimals: 1 },
      'the blank at the end of the title is gone',
    )
    const provisional = table.topics.filter((topic) => topic.provisional).map((topic) => topic.groupPath[0])
    t.same([...new Set(provisional)], ['Opleidingsniveau', 'Arbeid', 'Inkomen', 'Sociale zekerheid', 'Bedrijfsvestigingen, SBI 2008'])
  })

  await t.test('all rows', async (t) => {
    t.equal(national.rows.length, 17341)
    const counts: Record<string, number> = {}
    for (const row of national.rows) counts[row.regionType] = (counts[row.regionType] ?? 0) + 1
    t.same(counts, { NL: 1, GM: 355, WK: 3177, BU: 13808 })
    t.ok(national.rows.every((row) => row.regionCode === row.regionCode.trim() && row.regionName === row.regionName.trim()))
    const changes: Record<string, number> = {}
    for (const row of national.rows.filter((one) => one.regionType === 'BU')) {
      changes[String(row.changeCode)] = (changes[String(row.changeCode)] ?? 0) + 1
    }
    t.same(changes, { 1: 13038, 2: 134, 3: 636 })
    t.ok(national.rows.every((row) => (row.changeCode === null) === (row.regionType === 'NL' || row.regionType === 'GM')))
  })

  await t.test('zero is a value and null is not', async (t) => {
    const cells = national.rows.filter((row) => row.regionType === 'BU').map((row) => row.cells('PersonenPerSoortUitkeringBijstand_83'))
    t.equal(cells.filter((cell) => cell.value === '0' && cell.status === 'PROVISIONAL').length, 5523)
    t.equal(cells.filter((cell) => cell.value === null && cell.status === 'MISSING' && cell.reason === 'MERGED').length, 1498)
    t.ok(
      national.rows.every((row) => row.cells('GeboorteTotaal_24').value === null),
      'a column that is not filled yet',
    )
    const dots = national.rows.filter((row) => row.cells('MeestVoorkomendePostcode_113').status === 'SUPPRESSED')
    t.equal(dots.length, 3611)
  })

  await t.test('Maastricht, Pottenberg and Nazareth', async (t) => {
    const at = (code: string): KwbRow => national.rows.find((row) => row.regionCode === code)!
    const value = (code: string, key: string) => at(code).cells(key).value
    t.match(at('GM0935'), { regionType: 'GM', regionName: 'Maastricht', municipalityCode: 'GM0935', changeCode: null })
    t.match(at('WK093502'), { regionType: 'WK', regionName: 'Wijk 02 Buitenwijk West', municipalityCode: 'GM0935', changeCode: 1 })
    t.match(at('BU09350203'), { regionType: 'BU', regionName: 'Pottenberg', municipalityCode: 'GM0935', changeCode: 1 })
    t.match(at('BU09350403'), { regionType: 'BU', regionName: 'Nazareth', municipalityCode: 'GM0935', changeCode: 1 })
    t.match(at('NL00'), { regionType: 'NL', regionName: 'Nederland', municipalityCode: null, changeCode: null })
    t.same(
      ['GM0935', 'BU09350203', 'BU09350403'].map((code) => value(code, 'AantalInwoners_5')),
      ['121575', '2485', '3150'],
    )
    t.equal(value('BU09350203', 'OppervlakteWater_112'), '0')
    t.equal(value('BU09350203', 'MeestVoorkomendePostcode_113'), '6216', 'padding is gone')
    t.equal(value('GM0935', 'Gemeentenaam_1'), 'Maastricht')
    t.throws(() => value('GM0935', 'Nothing_1'), { code: 'BAD_USER_INPUT' })

    const csv = gunzipSync(await readFile(join(folder, 'TypedDataSet.national.csv.gz'))).toString()
    const raw: Record<string, string>[] = parse(csv, { columns: true })
    const cut = raw.filter((row) => /^(NL00|(GM|WK|BU)0935)/.test(row.WijkenEnBuurten ?? ''))
    t.equal(cut.length, 53)
    for (const row of cut) {
      for (const topic of table.topics.filter((one) => one.dataType !== 'String')) {
        const published = row[topic.key]
        if (value(row.WijkenEnBuurten!.trim(), topic.key) !== (published === '' ? null : published))
          t.fail(`${row.Codering_3} ${topic.key}`)
      }
    }
  })

  await t.test('JSON and CSV give the same cells', async (t) => {
    const json = await read(join(folder, 'TypedDataSet.maastricht.json'))
    t.match(json.table, { tableId: '84799NED', year: 2020, files: ['TypedDataSet.maastricht.json'] })
    t.same(json.table.topics, table.topics)
    t.equal(json.table.regionNames.size, 53)
    t.equal(json.rows.length, 53)
    const byCode = new Map(national.rows.map((row) => [row.regionCode, row]))
    const flat = (row: KwbRow | undefined) => row && { ...row, cells: table.topics.map((topic) => row.cells(topic.key)) }
    for (const row of json.rows) t.same(flat(row), flat(byCode.get(row.regionCode)), row.regionCode)
  })

  await t.test('rows can be read again, or left', async (t) => {
    for (let round = 0; round < 3; round++) {
      for await (const row of table.rows()) {
        t.equal(row.regionCode, 'NL00')
        break
      }
    }
  })

  await t.test('every indicator finds its measure', async (t) => {
    const resolved = resolveMappings(table.topics)
    t.equal(resolved.length, indicatorMappings.length)
    for (const { mapping, topic } of resolved) {
      t.equal(topic.decimals, mapping.decimals, mapping.code)
      const filled = national.rows.filter((row) => row.cells(topic.key).value !== null).length
      t.ok(filled > 14000, `${mapping.code} has figures for ${filled} regions`)
    }
  })
})

t.test('the labels of 2017 fit the same mapping', { skip }, async (t) => {
  const file = (name: string) => readFile(join(data, 'kwb/2017-83765NED-v4', name), 'utf8').then((text) => JSON.parse(text).value)
  interface Group {
    Id: string
    Title: string
    ParentId: string | null
  }
  const groups = new Map<string, Group>((await file('MeasureGroups.json')).map((group: Group) => [group.Id, group]))
  const path = (id: string | null): string[] => {
    const group = id === null ? undefined : groups.get(id)
    return group === undefined ? [] : [...path(group.ParentId), group.Title]
  }
  const codes: { Identifier: string; Title: string; Unit: string; DataType: string; Decimals: number; MeasureGroupId: string }[] =
    await file('MeasureCodes.json')
  const topics: Topic[] = codes.map((code) => ({
    key: code.Identifier,
    title: code.Title,
    unit: code.Unit,
    groupPath: path(code.MeasureGroupId),
    dataType: code.DataType,
    decimals: code.Decimals,
    description: '',
    provisional: false,
  }))
  const keys = Object.fromEntries(resolveMappings(topics).map(({ mapping, topic }) => [mapping.code, topic.key]))
  t.match(keys, {
    inwoners: 'T001036',
    huishoudens: '1050010_2',
    bijstand: 'D006842',
    afstand_supermarkt: 'D000025',
    stedelijkheid: 'ST0001',
  })
})

t.test('mapping', async (t) => {
  const topic = (key: string, title: string, unit: string, ...groupPath: string[]): Topic => ({
    key,
    title,
    unit,
    groupPath,
    dataType: 'Long',
    decimals: 0,
    description: '',
    provisional: false,
  })
  const wanted = indicatorMappings.filter((mapping) => ['inwoners', 'bijstand', 'autos_per_huishouden'].includes(mapping.code))
  const good = [
    topic('A_5', 'Aantal  inwoners ', 'aantal', 'Bevolking'),
    topic('B_92', 'Personen per soort uitkering; bijstand', 'aantal', 'Sociale zekerheid'),
    topic('C_1', 'Personenauto’s per huishouden', 'per huishouden', 'Motorvoertuigen', 'Personenauto’s'),
  ]
  t.same(
    resolveMappings(good, wanted).map((one) => [one.mapping.code, one.topic.key]),
    [
      ['inwoners', 'A_5'],
      ['bijstand', 'B_92'],
      ['autos_per_huishouden', 'C_1'],
    ],
  )
  const other = [good[0]!, { ...good[0]!, key: 'A_6' }, topic('B_92', 'Personen per soort uitkering; Bijstand', '%', 'Sociale zekerheid')]
  const problem = await problemOf(async () => resolveMappings(other, wanted))
  t.ok(problem instanceof FailedMapping)
  t.match(problem, { code: 'BAD_USER_INPUT', indicators: ['inwoners', 'bijstand', 'autos_per_huishouden'] })
  t.same(
    problem.errors.map((error) => [error.code, error.path]),
    wanted.map((mapping) => ['BAD_USER_INPUT', [mapping.code]]),
  )
  t.match(problem.errors[0]?.message, /2 columns: A_5, A_6/)
  t.match(problem.errors[1]?.message, /B_92 \(%\)/)

  t.equal(new Set(indicatorMappings.map((mapping) => mapping.code)).size, indicatorMappings.length)
  for (const { code, name, definition } of [...indicatorMappings, ...seedIndicators]) {
    t.match(code, /^[a-z][a-z0-9_]*$/)
    for (const text of [name.nl, name.en, definition.nl, definition.en]) t.match(text, /\S/)
  }
})

async function scratch(t: Test): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'samenspel-cbs-'))
  t.teardown(() => rm(dir, { recursive: true }))
  return dir
}

/** A table of four regions, which the tests below spoil. */
async function small(t: Test): Promise<string> {
  const dir = await scratch(t)
  const value = (rows: unknown[]) => JSON.stringify({ 'odata.metadata': 'x', value: rows })
  const one = { Type: 'Topic', Datatype: 'Long', Unit: 'aantal', Decimals: 0, Default: 'Impossible' }
  await writeFile(
    join(dir, 'TableInfos.json'),
    value([
      {
        Identifier: '99999NED',
        Title: 'Kerncijfers wijken en buurten 2031',
        Period: '2031',
        Modified: '2032-01-01T02:00:00',
        ShortDescription: 'Status van de cijfers:\nDefinitief, tenzij anders vermeld.',
      },
    ]),
  )
  await writeFile(
    join(dir, 'DataProperties.json'),
    value([
      { ID: 0, Type: 'GeoDetail', Key: 'WijkenEnBuurten', MapYear: 2031 },
      { ID: 1, Type: 'TopicGroup', Key: '', Title: 'Groep', Description: 'De cijfers hebben een voorlopig karakter.' },
      { ...one, ID: 2, Key: 'Soort_1', Title: 'Soort regio', Datatype: 'String' },
      { ...one, ID: 3, Key: 'Een_2', Title: 'Een ' },
      { ...one, ID: 4, ParentID: 1, Key: 'Twee_3', Title: 'Twee' },
      { ...one, ID: 5, Key: 'Drie_4', Title: 'Drie' },
    ]),
  )
  await writeFile(
    join(dir, 'WijkenEnBuurten.csv'),
    'Key,Title\n"NL00      ",Nederland\nGM0363,Amsterdam\nWK0363MM,Wijk\nBU0363MM02,"Buurt, met komma"\n',
  )
  await writeFile(join(dir, 'TypedDataSet.csv'), sound.join('\r\n'))
  return dir
}
const sound = [
  'ID,WijkenEnBuurten,Soort_1,Een_2,Twee_3',
  '0,"NL00      ",Land      ,100,1.50',
  '1,GM0363    ,Gemeente  ,0,-1',
  '2,"WK0363MM  ","Wijk      ",,2',
  '3,BU0363MM02,Buurt     ,"     .",-99997',
  '',
]
const line = (at: number, text: string): string => sound.map((old, index) => (index === at ? text : old)).join('\n')

function flat(rows: readonly KwbRow[]): unknown[] {
  return rows.map((row) => [row.regionCode, row.regionName, row.cells('Een_2').value, row.cells('Een_2').status, row.cells('Twee_3').value])
}
const expected = [
  ['NL00', 'Nederland', '100', 'NORMAL', '1.50'],
  ['GM0363', 'Amsterdam', '0', 'NORMAL', null],
  ['WK0363MM', 'Wijk', null, 'MISSING', '2'],
  ['BU0363MM02', 'Buurt, met komma', null, 'SUPPRESSED', null],
]

t.test('a small table, in every form it may come in', async (t) => {
  const dir = await small(t)
  const { table, rows } = await read(dir)
  t.same(flat(rows), expected)
  t.same(
    table.topics.map((topic) => [topic.title, topic.provisional]),
    [
      ['Soort regio', false],
      ['Een', false],
      ['Twee', true],
    ],
    'a topic without a column is left out; a provisional group makes its topics provisional',
  )
  t.equal(rows[2]?.cells('Twee_3').status, 'PROVISIONAL')

  await writeFile(join(dir, 'TypedDataSet.semi.csv'), `\uFEFF${sound.join('\n').replaceAll(',', ';')}`)
  t.same(flat((await read(join(dir, 'TypedDataSet.semi.csv'))).rows), expected, 'semicolons and a byte order mark')

  const json = [
    '{"ID":0,"WijkenEnBuurten":"NL00      ","Soort_1":"Land","Een_2":100,"Twee_3":1.50}',
    '{"ID":1,"WijkenEnBuurten":"GM0363","Soort_1":"Geme\\u0065nte","Een_2":0,"Twee_3":-1}',
    '{"ID":2,"WijkenEnBuurten":"WK0363MM","Soort_1":"Wijk","Een_2":null,"Twee_3":2}',
    '{ "ID":3, "WijkenEnBuurten":"BU0363MM02",\n"Soort_1":"Buurt", "Een_2":"     .", "Twee_3":-99997 }',
  ]
  const meta = '"odata.metadata":"https://opendata.cbs.nl/ODataFeed/OData/99999NED/$metadata#Cbs.OData.WebAPI.TypedDataSet"'
  const whole = `{${meta},"value":[${json.join(',')}]}`
  await writeFile(join(dir, 'TypedDataSet.whole.json'), whole)
  t.same(flat((await read(join(dir, 'TypedDataSet.whole.json'))).rows), expected, 'one envelope; numbers as they were written')
  await writeFile(join(dir, 'TypedDataSet.zip.json.gz'), gzipSync(whole))
  t.same(flat((await read(join(dir, 'TypedDataSet.zip.json.gz'))).rows), expected)

  const page = (rows: string[], next?: number): string =>
    `{${meta},"value":[\n${rows.join(',\n')}\n]${next === undefined ? '' : `,"odata.nextLink":"https://x/TypedDataSet/?$format=json&$skip=${next}"`}}\n`
  const paged = await small(t)
  const write = (number: number, text: string) => writeFile(join(paged, `99999NED_TypedDataSet_page${number}.json`), text)
  await write(1, page(json.slice(0, 1), 1))
  await write(2, page(json.slice(1, 3), 3))
  await write(10, page(json.slice(3)))
  const one = join(paged, '99999NED_TypedDataSet_page2.json')
  t.same(flat((await read(one)).rows), expected, 'all pages, in the order of their numbers')
  t.equal((await openKwbTable(one)).files.length, 3)
  await write(2, page(json.slice(1, 2), 3))
  t.match(await problemOf(() => read(one)), { code: 'BAD_USER_INPUT', message: /page2.*after row 3, but 2 rows/ })
  await write(2, page(json.slice(1, 3)))
  t.match(await problemOf(() => read(one)), { message: /page2.*names no next page/ })
  await write(2, page(json.slice(1, 3), 3))
  await write(10, page(json.slice(3), 4))
  t.match(await problemOf(() => read(one)), { message: /page10.*not among the files/ })
  await write(10, page([json[3]!.replace('MM02', 'MM0?')]))
  t.match(await problemOf(() => read(one)), { message: /page10\.json, row 1: "BU0363MM0\?"/ }, 'rows are counted in their file')
})

t.test('invariant 29: whether a table is called final is told apart from what it says of its topics', async (t) => {
  const dir = await small(t)
  const file = join(dir, 'TableInfos.json')
  await writeFile(file, (await readFile(file, 'utf8')).replace('Definitief', 'Voorlopig'))
  const { table, rows } = await read(dir)
  t.equal(table.final, false)
  t.same(rows[0]?.cells('Een_2'), { value: '100', status: 'NORMAL', reason: null })
})

t.test('what cannot be imported is refused with its place', async (t) => {
  const dir = await small(t)
  const fails = async (name: string, content: string | Buffer, message: RegExp, told = message.source) => {
    const path = join(dir, name)
    await writeFile(path, content)
    const problem = await problemOf(async () => {
      const { rows } = await read(path)
      for (const row of rows) for (const key of ['Een_2', 'Twee_3']) row.cells(key)
    })
    t.equal(problem.code, 'BAD_USER_INPUT', told)
    t.match(problem.message, message, told)
    t.match(problem.message, name, 'names the file')
    t.notMatch(problem.message, dir, 'but not where it is')
  }
  const csv = (content: string, message: RegExp) => fails('TypedDataSet.bad.csv', content, message)
  const json = (content: string, message: RegExp) => fails('TypedDataSet.bad.json', content, message)

  await csv('', /is empty/)
  await csv(`${sound[0]}\n`, /holds no rows/)
  await csv(line(0, 'ID,Region,Soort_1,Een_2,Twee_3'), /no column WijkenEnBuurten/)
  await csv(line(0, 'ID,WijkenEnBuurten,Soort_1,Een_2,Een_2'), /column Een_2 twice/)
  await csv(line(0, 'ID,WijkenEnBuurten,Soort_1,Een_2,Vreemd_9'), /does not describe: Vreemd_9/)
  await csv(line(3, '2,WK0363MM,Wijk,,2,3'), /line 4 has another number of columns/)
  await csv(line(3, '2,WK0363MM,Wijk'), /line 4 has another number of columns/)
  await csv(line(3, '2,"WK0363MM,Wijk,,2'), /is not CSV/)
  await csv(line(3, '2,WK0363M,Wijk,,2'), /row 3: "WK0363M" is not a region code/)
  await csv(line(3, '2,wk0363MM,Wijk,,2'), /row 3: "wk0363MM" is not a region code/)
  await csv(line(3, '2,WK0363MM,Buurt,,2'), /row 3: WK0363MM is called "Buurt"/)
  await csv(line(3, '2,WK0363ZZ,Wijk,,2'), /row 3: WK0363ZZ is not among the regions/)
  await csv(line(3, '2,GM0363,Gemeente,,2'), /row 3: GM0363 comes a second time/)
  await csv(line(3, '2,WK0363MM,Wijk,12k,2'), /row 3: WK0363MM, Een_2: "12k" is not a number/)
  await csv(line(3, '2,WK0363MM,Wijk,-12,2'), /row 3: WK0363MM, Een_2: "-12" is negative/)
  await fails('TypedDataSet.latin.csv', Buffer.from(line(3, '2,WK0363MM,Wijk\xe9,,2'), 'latin1'), /is not UTF-8/)

  const gz = gzipSync(line(1, sound[1]!))
  await fails('TypedDataSet.cut.csv.gz', gz.subarray(0, gz.length - 20), /cut off/)
  await fails('TypedDataSet.not.csv.gz', sound.join('\n'), /not a sound gzip/)
  await fails('TypedDataSet.parquet', 'PAR1', /is not a \.csv/)

  const row = '{"WijkenEnBuurten":"NL00","Soort_1":"Land","Een_2":1,"Twee_3":2}'
  await json('[]', /bare array/)
  await json('{"value":[]}', /holds no rows/)
  await json('{"rows":[]}', /not an OData envelope/)
  await json('<html>', /is not JSON/)
  await json(`{"value":[${row}`, /ends in the middle, after row 1/)
  await json(`{"value":[${row},1]}`, /row 2: ",1" is not a row/)
  await json(`{"value":[${row},{"WijkenEnBuurten":"GM0363","Soort_1":"Gemeente","Een_2":1}]}`, /row 2: its 3 columns/)
  await json(`{"value":[${row.replace(':2}', ':nul}')}]}`, /row 1: is not JSON/)
  await json(`{"value":[${row.replace(':2}', ':[2]}')}]}`, /row 1: Twee_3 is neither/)
  await json(`{"odata.metadata":"https://x/OData/11111NED/$metadata#y","value":[${row}]}`, /of table 11111NED, its metadata of 99999NED/)

  t.match(await problemOf(() => read(join(dir, 'nothing'))), { code: 'BAD_USER_INPUT', message: /nothing: there is no such file/ })
  const spoilt = async (name: string, from: string | RegExp, to: string, message: RegExp) => {
    const fresh = await small(t)
    const file = join(fresh, name)
    await writeFile(file, (await readFile(file, 'utf8')).replace(from, to))
    t.match(await problemOf(() => read(fresh)), { code: 'BAD_USER_INPUT', message })
  }
  await spoilt('TableInfos.json', 'Kerncijfers wijken en buurten', 'Gezondheid', /not one of Kerncijfers/)
  await spoilt('TableInfos.json', '"2031"', '"2030"', /several years: 2030, 2031, 2031/)
  await spoilt('TableInfos.json', 'Identifier', 'Id', /is not a TableInfos \(Identifier/)
  await spoilt('DataProperties.json', '"WijkenEnBuurten"', '"RegioS"', /not one of Kerncijfers/)
  await spoilt('DataProperties.json', '"value":[', '"value":[{"ID":9,"Type":"TimeDimension","Key":"Perioden"},', /has a dimension Perioden/)
  await spoilt('DataProperties.json', /^.*$/s, '{', /is not JSON/)
  await spoilt('WijkenEnBuurten.csv', 'Key,Title', 'Code,Title', /no columns Key and Title/)

  const empty = await scratch(t)
  t.match(await problemOf(() => read(empty)), { message: /holds no TypedDataSet file/ })
  await writeFile(join(empty, 'TypedDataSet.csv'), sound.join('\n'))
  t.match(await problemOf(() => read(empty)), { message: /no TableInfos\.json next to it/ })
})

t.test('a folder with several data files and none that is the whole', async (t) => {
  const dir = await small(t)
  await cp(join(dir, 'TypedDataSet.csv'), join(dir, 'TypedDataSet.limburg.csv'))
  await cp(join(dir, 'TypedDataSet.csv'), join(dir, 'TypedDataSet.utrecht.csv'))
  t.same((await openKwbTable(dir)).files, ['TypedDataSet.csv'])
  await rm(join(dir, 'TypedDataSet.csv'))
  t.match(await problemOf(() => openKwbTable(dir)), { message: /more than one data file.*limburg.*utrecht/ })
})

t.test('the figures of the seed', async (t) => {
  const codes = new Set([...indicatorMappings, ...seedIndicators].map((indicator) => indicator.code))
  t.equal(codes.size, indicatorMappings.length + seedIndicators.length)
  const keyOf = (figure: SeedFigure) => `${figure.indicator} ${figure.region} ${figure.year}`
  const keys = new Set(seedFigures.map(keyOf))
  t.equal(keys.size, seedFigures.length, 'one figure of an indicator, region and year')
  for (const figure of [...seedFigures, ...seedEarlierFigures]) {
    t.ok(codes.has(figure.indicator), figure.indicator)
    const explained = ['MISSING', 'SUPPRESSED', 'NOT_COLLECTED', 'NOT_APPLICABLE'].includes(figure.status)
    t.equal(figure.value === null, explained, `${keyOf(figure)}: a null and its reason go together`)
    t.match(figure.source.release, /^\d{4}-\d\d-\d\d$/)
  }
  t.ok(seedEarlierFigures.every((figure) => keys.has(keyOf(figure))))
  for (const { code } of seedIndicators) t.ok(seedFigures.some((figure) => figure.indicator === code))
  t.same([...new Set(seedFigures.filter((figure) => figure.value === null).map((figure) => figure.status))].sort(), [
    'MISSING',
    'NOT_COLLECTED',
    'SUPPRESSED',
  ])
  t.ok(seedFigures.some((figure) => figure.value === '0'))
})

t.test('the figures of the seed are those of the files', { skip }, async (t) => {
  const csv = async (path: string): Promise<Record<string, string>[]> => parse(await readFile(join(data, path)), { columns: true })
  const { table, rows } = await read(join(folder, 'TypedDataSet.maastricht.json'))
  const keys = new Map(resolveMappings(table.topics).map(({ mapping, topic }) => [mapping.code, topic.key]))
  keys.set('woz', 'GemiddeldeWoningwaarde_35')
  const health = await csv('health/rivm_50090NED_2012_2016_2020_18plus_maastricht.csv')
  const kwb2024 = await csv('kwb/2024/kwb2024_politie_rivm_maastricht_selected.csv')
  const series = await csv('series/pottenberg_nazareth_series.long.csv')
  const healthColumns: Record<string, string> = {
    goed_ervaren_gezondheid_pct: 'ErvarenGezondheidGoedZeerGoed_4',
    ernstig_eenzaam_pct: 'ErnstigZeerErnstigEenzaam_29',
    regie_eigen_leven_pct: 'MatigVeelRegieOverEigenLeven_27',
    moeite_met_rondkomen_pct: 'MoeiteMetRondkomen_38',
    vrijwilligerswerk_pct: 'Vrijwilligerswerk_33',
  }
  const columns2024: Record<string, string> = {
    inwoners: 'inwoners',
    inwoners_0_15: 'inwoners0tot15',
    inwoners_65plus: 'inwoners65plus',
    huishoudens: 'huishoudens',
    huishoudensgrootte: 'huishoudensgrootte',
    bevolkingsdichtheid: 'dichtheid',
    afstand_supermarkt: 'afstandSupermarkt',
    stedelijkheid: 'stedelijkheid',
    woz: 'wozWaarde',
    inkomen_per_inwoner: 'inkomenPerInwoner',
  }
  const blank = (text: string | undefined): string | null | undefined => (text === undefined ? undefined : text.trim() || null)
  const published = ({ indicator, region, year, source }: SeedFigure): string | null | undefined => {
    switch (source.table) {
      case '84799NED':
        return rows.find((row) => row.regionCode === region)?.cells(keys.get(indicator)!).value
      case '50090NED':
        return blank(
          health.find((row) => row.WijkenEnBuurten?.trim() === region && row.Perioden === `${year}JJ00`)?.[healthColumns[indicator]!],
        )
      case '85984NED':
        return blank(kwb2024.find((row) => row.code === region)?.[columns2024[indicator]!])
      case '50150NED':
        return blank(kwb2024.find((row) => row.code === region)?.[`${indicator}_${year}`])
      default:
        return blank(inSeries(indicator, region, year, source.table)?.value)
    }
  }
  const inSeries = (indicator: string, region: string, year: number, source: string) =>
    series.find(
      (row) => row.indicator_key === indicator && row.region_code === region && row.year === String(year) && row.source_table === source,
    )
  let alsoInSeries = 0
  for (const figure of [...seedFigures, ...seedEarlierFigures]) {
    const { indicator, region, year, value, source } = figure
    const name = `${indicator} ${region} ${year} ${source.table}`
    const file = published(figure)
    t.not(file, undefined, `${name} is in the files`)
    t.equal(value, file, name)
    const row = inSeries(indicator, region, year, source.table)
    if (row === undefined) continue
    alsoInSeries++
    t.equal(value === null ? null : Number(value), row.value === '' ? null : Number(row.value), `${name} in the series`)
    t.ok(row.release?.includes(source.release), `${name}: release ${row.release}`)
    if (row.status === 'voorlopig') t.equal(figure.status, 'PROVISIONAL', name)
    if (row.status === 'definitief') t.equal(figure.status, 'NORMAL', name)
  }
  t.ok(alsoInSeries > 90, `${alsoInSeries} are in the series too`)
  for (const figure of seedFigures.filter((one) => one.source.table === '84799NED')) {
    const cell = rows.find((row) => row.regionCode === figure.region)?.cells(keys.get(figure.indicator)!)
    t.equal(cell?.status, figure.status, `${figure.indicator} ${figure.region}`)
  }
})
