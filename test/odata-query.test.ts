import { Readable } from 'node:stream'
import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import fastify from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import t from 'tap'
import type { Credential, Statement, TextRow } from '../src/db/session.ts'
import { Problem } from '../src/errors.ts'
import { copyText, exportFiles } from '../src/odata/exports.ts'
import { metadataXml } from '../src/odata/metadata.ts'
import { odata } from '../src/odata/plugin.ts'
import { parseQuery } from '../src/odata/query.ts'
import { countStatement, pageStatement } from '../src/odata/statement.ts'
import type { EdmType, Feed } from '../src/read/feed.ts'
import { zodRoutes } from '../src/rest/validation.ts'

const property = (type: EdmType, column: string, nullable = true) => ({
  type,
  nullable,
  description: `The ${column} of <it> & "more"`,
  sql: sql`o.${sql.raw(column)}`,
})

const feed: Feed = {
  set: 'Observations',
  type: 'Observation',
  description: 'Figures by indicator and neighbourhood',
  key: 'Id',
  from: sql`observation o`,
  properties: {
    Id: property('Edm.Guid', 'id', false),
    Name: property('Edm.String', 'name'),
    Year: property('Edm.Int32', 'year', false),
    Total: property('Edm.Int64', 'total'),
    Value: property('Edm.Decimal', 'value'),
    Final: property('Edm.Boolean', 'final'),
    Day: property('Edm.Date', 'day'),
    RecordedAt: property('Edm.DateTimeOffset', 'recorded_at', false),
  },
}

const search = (options: Record<string, string>) => new URLSearchParams(options).toString()
const parse = (options: Record<string, string>) => parseQuery(feed, search(options))

/** The condition of a filter, and its parameters. */
function rendered($filter: string, aliases: Record<string, string> = {}): [string, readonly (string | null)[]] {
  const { text, values } = countStatement(feed, parse({ $filter, ...aliases }).filter)
  return [text.replace('select count(*) from observation o where ', ''), values]
}

function refusal(act: () => unknown): Problem {
  try {
    act()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const refused = ($filter: string) => refusal(() => parse({ $filter }))

t.test('every value of the caller is a parameter with the type of its literal', async (t) => {
  const cases: [string, string, string[]][] = [
    ["Name eq 'it''s'", '((o.name)::text = $1::text)', ["it's"]],
    ['Year ge 2024', '((o.year) >= $1::integer)', ['2024']],
    ['Total lt 2147483648', '((o.total) < $1::bigint)', ['2147483648']],
    ['Value le -1.50', '((o.value) <= $1::numeric)', ['-1.50']],
    ['Value gt 9223372036854775808', '((o.value) > $1::numeric)', ['9223372036854775808']],
    ['Final eq TRUE', '((o.final) = $1::boolean)', ['true']],
    ['Day ne 2024-02-29', '((o.day) is distinct from $1::date)', ['2024-02-29']],
    ['Id eq 0192F3A0-0000-7000-8000-000000000001', '((o.id) = $1::uuid)', ['0192F3A0-0000-7000-8000-000000000001']],
    ['RecordedAt ge 2026-01-01T00:00:00Z', '((o.recorded_at) >= $1::timestamptz)', ['2026-01-01T00:00:00Z']],
    ['RecordedAt lt 2026-01-01t08:30z', '((o.recorded_at) < $1::timestamptz)', ['2026-01-01T08:30:00Z']],
    ['RecordedAt eq 2026-01-01T00:00:00.0000001-05:30', '((o.recorded_at) = $1::timestamptz)', ['2026-01-01T00:00:00.0000001-05:30']],
    ["Name in ('a', 'b')", '((o.name)::text in ($1::text, $2::text))', ['a', 'b']],
  ]
  for (const [filter, text, values] of cases) t.strictSame(rendered(filter), [text, values], filter)
})

t.test("an incremental refresh's window stays a plain range that an index serves", async (t) => {
  t.strictSame(rendered('RecordedAt ge 2026-01-01T00:00:00Z and RecordedAt lt 2026-02-01T00:00:00Z'), [
    '(((o.recorded_at) >= $1::timestamptz) and ((o.recorded_at) < $2::timestamptz))',
    ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'],
  ])
})

t.test('null follows OData, not SQL', async (t) => {
  const cases: [string, string][] = [
    ['Name eq null', '((o.name)::text is null)'],
    ['null ne Name', '((o.name)::text is not null)'],
    ['null eq null', 'true::boolean'],
    ['Value gt null', 'false::boolean'],
    ['Value ne 1', '((o.value) is distinct from $1::integer)'],
    ['Year ne 1', '((o.year) <> $1::integer)'],
    ['Value eq Total', '((o.value) is not distinct from (o.total))'],
    ['not (Value gt 1)', '(not coalesce(((o.value) > $1::integer), false))'],
    ['not (Value eq 1)', '(not ((o.value) is not distinct from $1::integer))'],
    ['not (Year gt 1)', '(not ((o.year) > $1::integer))'],
    ['Year in (1, null)', '(((o.year) in ($1::integer)) or ((o.year) is null))'],
    ['contains(Name, null) or Final', '(null::boolean or (o.final))'],
  ]
  for (const [filter, text] of cases) t.equal(rendered(filter)[0], text, filter)
})

t.test('operators bind as the specification says', async (t) => {
  const same = (one: string, other: string) => t.strictSame(parse({ $filter: one }).filter, parse({ $filter: other }).filter, one)
  same('Final or Final and not Final', 'Final or (Final and (not Final))')
  same('Year add 2 mul 3 eq 7', '(Year add (2 mul 3)) eq 7')
  same('Year sub 1 sub 2 eq 3', '((Year sub 1) sub 2) eq 3')
  same('Year gt 1 eq true', '(Year gt 1) eq true')
  same('not Year in (1,2)', 'not (Year in (1,2))')
  same('-Year lt 0', '(-(Year)) lt 0')
})

t.test('names of options, operators and functions may come in any case, options without a dollar (4.01)', async (t) => {
  const query = parse({ FILTER: "CONTAINS(Name,'a') AND NOT (Year EQ 1)", OrderBy: 'Year DESC', $TOP: '5', count: 'TRUE' })
  t.match(query, { top: 5, count: true, order: [{ descending: true }, { by: { name: 'Id' } }] })
  t.strictSame(query.filter, parse({ $filter: "contains(Name,'a') and not (Year eq 1)" }).filter)
  t.equal(refused('year eq 1').code, 'UNKNOWN_PROPERTY', 'names of properties keep their case')
})

t.test('functions read the calendar in UTC and count from zero', async (t) => {
  const cases: [string, string][] = [
    ['year(RecordedAt) eq 2026', "(extract(year from ((o.recorded_at) at time zone 'UTC'))::integer = $1::integer)"],
    ['month(Day) eq 1', '(extract(month from (o.day))::integer = $1::integer)'],
    ['second(RecordedAt) eq 1', "(floor(extract(second from ((o.recorded_at) at time zone 'UTC')))::integer = $1::integer)"],
    ['date(RecordedAt) eq Day', "(((o.recorded_at) at time zone 'UTC')::date = (o.day))"],
    ["indexof(Name,'a') eq 0", '((strpos((o.name)::text, $1::text) - 1) = $2::integer)'],
    ["startswith(tolower(Name),'a')", 'starts_with(lower((o.name)::text), $1::text)'],
    ['RecordedAt lt now()', '((o.recorded_at) < now())'],
    ['Year div 2 eq 1', '((((o.year))::bigint / nullif(($1::integer)::bigint, 0)) = $2::integer)'],
    ['Year divby 2 eq 1.5', '((((o.year))::numeric / nullif(($1::integer)::numeric, 0)) = $2::numeric)'],
  ]
  for (const [filter, text] of cases) t.equal(rendered(filter)[0], text, filter)
})

t.test('a parameter alias stands for its expression, and for null when it has none', async (t) => {
  t.strictSame(rendered('Name eq @p', { '@p': "'x'" }), ['((o.name)::text = $1::text)', ['x']])
  t.equal(rendered('Name eq @p')[0], '((o.name)::text is null)')
  t.equal(refusal(() => parse({ $filter: '@p', '@p': 'not @p' })).code, 'BAD_USER_INPUT', 'one that names itself ends')
})

t.test('what is legal but not served is 501', async (t) => {
  const filters = [
    "Tags/any(t:t eq 'x')",
    'Name/$count gt 1',
    "geo.distance(Name,geography'POINT(0 0)') lt 1",
    "cast(Year,'Edm.String') eq '1'",
    'isof(Edm.String)',
    'fractionalseconds(RecordedAt) gt 0',
    "duration'P1D' eq null",
    "Final has Sales.Pattern'Yellow'",
    'Day eq 10:00:00',
    '$it/Year eq 1',
    'RecordedAt sub now() eq null',
    'Year in @list',
    'Year in (Total)',
    '["a"] eq null',
    'Value eq INF',
    'case(Year gt 0:1,true:0) eq 1',
  ]
  for (const filter of filters) t.equal(refused(filter).status, 501, filter)
  for (const option of ['$expand', '$search', '$apply', '$compute', 'Expand'])
    t.equal(refusal(() => parse({ [option]: 'x' })).status, 501, option)
})

t.test('what breaks the grammar or the types is 400, and says where', async (t) => {
  const cases: [string, number][] = [
    ['', 0],
    ['Year eq', 7],
    ['Year eq 1 1', 10],
    ['(Year eq 1', 10],
    ["Name eq 'open", 8],
    ['Year in ()', 9],
    ['Year like 1', 5],
    ['Year eq 1;drop', 9],
    ["Year eq '1'", 5],
    ['Name gt 5', 5],
    ['Day eq 2026-02-30', 7],
    ['RecordedAt ge 2026-01-01T00:00:00', 14],
    ['RecordedAt ge 2026-01-01T24:00:00Z', 14],
    ['RecordedAt ge 2026-01-01', 11],
    ['Id eq 0192f3a0-0000-7000-8000-00000000000', 6],
    ['Year', 0],
    ['Year and true', 5],
    ["contains(Year,'a')", 0],
    ['length(Name,Name) eq 1', 0],
    ['hour(Day) eq 1', 0],
    ['Year div 0 eq 1', 5],
    ['Value eq 1e999', 9],
    ["Name eq guid'x'", 8],
  ]
  for (const [filter, at] of cases) {
    const problem = refused(filter)
    t.equal(problem.code, 'BAD_USER_INPUT', filter)
    t.strictSame(problem.path, ['$filter', at], filter)
  }
})

t.test('an unknown property is named, with its place', async (t) => {
  t.match(refused("Year eq 1 and Nam eq 'x'"), { code: 'UNKNOWN_PROPERTY', path: ['$filter', 14] })
  for (const name of ['constructor', '__proto__', 'Name/First']) t.equal(refused(`${name} eq null`).code, 'UNKNOWN_PROPERTY', name)
  t.match(
    refusal(() => parse({ $orderby: 'Year,Nope desc' })),
    { code: 'UNKNOWN_PROPERTY', path: ['$orderby', 5] },
  )
  t.match(
    refusal(() => parse({ $select: 'Id,Nope' })),
    { code: 'UNKNOWN_PROPERTY', path: ['$select', 3] },
  )
})

t.test('limits refuse instead of cutting', async (t) => {
  const many = (count: number) => Array.from({ length: count }, () => 'Final').join(' or ')
  t.ok(parse({ $filter: many(50) }), 'a long chain is not deep')
  t.equal(refused(many(51)).status, 400)
  t.ok(parse({ $filter: `${'not '.repeat(10)}Final` }))
  t.equal(refused(`${'not '.repeat(11)}Final`).status, 400)
  t.equal(refused(`${'('.repeat(5000)}Final${')'.repeat(5000)}`).status, 400)
  t.equal(refused('-'.repeat(9000)).status, 400)
  for (const raw of ['$top=-1', '$top=1.5', '$top=2147483648', '$skip=100001', '$skip=x', '$count=yes']) {
    t.equal(refusal(() => parseQuery(feed, raw)).status, 400, raw)
  }
})

t.test('a query string that is malformed, doubled or has an unknown $option is 400; custom options are ignored', async (t) => {
  for (const raw of ['$filter=%ZZ', '$filter=%FF', "$filter=Name eq '%00'", '$top=1&top=2', '$foo=1', '$', '@a=1&@a=2']) {
    t.equal(refusal(() => parseQuery(feed, raw)).status, 400, raw)
  }
  t.ok(parseQuery(feed, 'utm_source=mail&&foo&$top=1'))
  t.strictSame(parseQuery(feed, "$filter=Name+eq+'a%2Bb'").filter, parse({ $filter: "Name eq 'a+b'" }).filter, 'a plus is a blank')
  t.ok(parseQuery(feed, '$filter=RecordedAt%20ge%202026-01-01T00:00:00+01:00'), 'also in an offset')
})

t.test('no input makes the parser throw anything but a Problem', async () => {
  const words =
    "Name|Year|Final|Day|RecordedAt|eq|ne|in|and|or|not|add|div|-|(|)|,|/|'|''|'a'|1|-2|1.5|1e5|null|true|@p|contains(|substring(|year(|now()|any|$it|2026-01-01|2026-01-01T00:00:00Z|[|{|:|\u0000|é| "
  const soup = fc.array(fc.constantFrom(...words.split('|')), { maxLength: 40 }).map((parts) => parts.join(' '))
  const text = fc.oneof(soup, fc.string({ unit: 'binary' }), fc.string())
  const name = fc.oneof(fc.constantFrom('$filter', '$orderby', '$select', '$top', '$skip', '$count', '$skiptoken', '@p'), fc.string())
  const options = fc.array(fc.tuple(name, text, fc.boolean()), { maxLength: 4 })
  fc.assert(
    fc.property(options, (pairs) => {
      const raw = pairs.map(([key, value, encode]) => (encode ? search({ [key]: value }) : `${key}=${value}`)).join('&')
      try {
        pageStatement(feed, parseQuery(feed, raw))
      } catch (error) {
        if (!(error instanceof Problem) || error.status >= 500 !== (error.code === 'NOT_IMPLEMENTED')) throw error
      }
    }),
    { numRuns: 5000 },
  )
})

t.test('no text of the caller reaches the statement', async () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const literal = `'${`canary${text}`.replaceAll('\0', '').replaceAll("'", "''")}'`
      const statement = pageStatement(feed, parse({ $filter: `Name eq ${literal}`, $orderby: `concat(Name,${literal})` }))
      if (statement.text.includes('canary')) throw new Error(statement.text)
    }),
  )
})

t.test('a page selects what is asked, plus the order values that are not shown', async (t) => {
  const page = pageStatement(feed, parse({ $select: 'Name', $orderby: 'Value desc,Year', $skip: '3' }))
  t.equal(
    page.text,
    'select o.name, (o.value), (o.year), (o.id) from observation o order by (o.value) desc nulls last, (o.year), (o.id) limit 10001 offset $1::bigint',
  )
  t.strictSame([page.properties, page.orderedBy], [['Name'], [1, 2, 3]])
  const small = pageStatement(feed, parse({ $top: '5', $orderby: 'Name,Id desc,Year' }))
  t.match(small.text, /order by \(o\.name\)::text nulls first, \(o\.id\) desc limit \$1::bigint$/, 'the key ends the order')
  t.equal(pageStatement({ ...feed, where: sql`o.public` }, parse({})).text.includes(' where (o.public) order by'), true)
})

t.test('a page resumes behind its cursor without an offset, whatever the direction and the nulls', async (t) => {
  const behind = ($orderby: string, values: (string | null)[]) => {
    const page = pageStatement(feed, { ...parse({ $orderby }), after: { values } })
    t.notMatch(page.text, /offset/)
    return /where (.*) order by/.exec(page.text)![1]
  }
  t.equal(behind('Id', ['k']), '((o.id) > $1::uuid)')
  t.equal(behind('Year', ['1', 'k']), '(((o.year) >= $1::integer) and ((o.year) > $2::integer or ((o.id) > $3::uuid)))')
  t.equal(behind('Value', [null, 'k']), '((o.value) is not null or ((o.id) > $1::uuid))')
  t.equal(behind('Value desc', [null, 'k']), '((o.value) is null and ((o.id) > $1::uuid))')
  t.equal(
    behind('Value desc', ['2', 'k']),
    '(((o.value) <= $1::numeric or (o.value) is null) and ((o.value) < $2::numeric or (o.value) is null or ((o.id) > $3::uuid)))',
  )
  t.equal(refusal(() => behind('Year', ['1'])).code, 'INVALID_CURSOR')
})

t.test('metadata is escaped XML that declares every set and every property', async (t) => {
  const xml = metadataXml([feed])
  t.match(xml, 'String="The id of &lt;it&gt; &amp; &quot;more&quot;"')
  t.match(xml, '<EntitySet Name="Observations" EntityType="samenspel.Observation">')
  t.match(xml, '<Property Name="Value" Type="Edm.Decimal" Nullable="true" Scale="variable">')
  t.match(xml, '<Property Name="RecordedAt" Type="Edm.DateTimeOffset" Nullable="false" Precision="6">')
  t.notMatch(xml, /NavigationProperty/)
})

/** Five rows in the order of their key; the fake reads answer what a page statement asks for. */
const ids = [1, 2, 3, 4, 5].map((n) => `0192f3a0-0000-7000-8000-00000000000${n}`)
const row = (id: string): TextRow => [
  id,
  'a "quoted" \\ näme',
  '2026',
  '9007199254740993',
  '0.10',
  't',
  null,
  '2026-01-01 00:00:00.000001+00',
]

function door(pageSize = 2) {
  const asked: Statement[] = []
  async function read(credential: Credential, statements: readonly Statement[]): Promise<TextRow[][]> {
    asked.push(...statements)
    if (credential.kind === 'key') throw new Problem('UNAUTHENTICATED')
    return statements.map(({ text, values }) => {
      if (text.startsWith('select count')) return [['5']]
      if (text === 'select 1') return [['1']]
      const after = text.includes('>') ? values[0]! : ''
      const limit = text.includes('limit $') ? Number(values.at(-1)) : Number(/limit (\d+)/.exec(text)?.[1] ?? 1)
      return ids
        .filter((id) => id > after)
        .slice(0, limit)
        .map(row)
    })
  }
  const readLong = async () => [['5', '-7']]
  const copyOut = async (_: Credential, text: string) => {
    if (!text.includes('delimiter')) throw new Error('a broken copy')
    let chunks = 0
    const next = () => (broken && chunks > 50 ? undefined : chunks++ < 100 ? Buffer.from('a,"b\nc"\n'.repeat(500)) : null)
    return new Readable({
      read() {
        const chunk = next()
        if (chunk === undefined) this.destroy(new Error('midway'))
        else this.push(chunk)
      },
    })
  }
  let broken = false
  const app = fastify()
  const credential = (request: { headers: { authorization?: string } }): Credential =>
    request.headers.authorization === undefined ? { kind: 'public' } : { kind: 'key', id: 'x', hash: Buffer.alloc(0) }
  const options = { feeds: [feed], reads: { read, readLong, copyOut }, credential, pageSize }
  app.register(odata(options), { prefix: '/odata/v4' })
  app.register(
    async (files) => {
      zodRoutes(files)
      exportFiles(files.withTypeProvider<ZodTypeProvider>(), options)
    },
    { prefix: '/api/v1' },
  )
  return { app, asked, breakCopy: () => (broken = true) }
}

interface Page {
  '@odata.context': string
  '@odata.count'?: number
  '@odata.nextLink'?: string
  value: { Id: string }[]
}

const powerQuery = {
  'user-agent': 'Microsoft.Data.Mashup (https://go.microsoft.com/fwlink/?LinkID=304225)',
  maxdataserviceversion: '3.0',
  'odata-maxversion': '4.0',
  accept:
    'application/json;odata.metadata=minimal;q=1.0,application/json;odata=minimalmetadata;q=0.9,application/atomsvc+xml;q=0.8,application/atom+xml;q=0.8,application/xml;q=0.7,text/plain;q=0.7',
}

t.test('Power Query walks from the root over the metadata through every page, each row once', async (t) => {
  const { app } = door()
  const get = (url: string) => app.inject({ url, headers: powerQuery })
  for (const url of ['/odata/v4', '/odata/v4/']) {
    const root = await get(url)
    t.equal(root.headers['odata-version'], '4.0')
    t.match(root.headers['content-type'], /^application\/json;odata\.metadata=minimal/)
    t.strictSame(root.json().value, [{ name: 'Observations', kind: 'EntitySet', url: 'Observations' }])
  }
  t.match((await get('/odata/v4/$metadata')).headers['content-type'], /^application\/xml/)
  const seen: string[] = []
  let url: string | undefined = '/odata/v4/Observations?$count=true'
  while (url !== undefined) {
    const page: Page = (await get(url)).json()
    if (seen.length === 0) t.equal(page['@odata.count'], 5)
    t.match(page['@odata.context'], /^http:\/\/localhost(:80)?\/odata\/v4\/\$metadata#Observations$/)
    seen.push(...page.value.map(({ Id }) => Id))
    url = page['@odata.nextLink']
    if (url !== undefined) t.match(url, /^http:\/\/localhost/, 'links are absolute')
  }
  t.strictSame(seen, ids)
  const topped = (await get('/odata/v4/Observations?$top=3')).json()
  const rest = (await get(topped['@odata.nextLink'])).json()
  t.strictSame([topped.value.length, rest.value.length, '@odata.nextLink' in rest], [2, 1, false], '$top holds across pages')
})

t.test('values keep their digits and instants end in Z', async (t) => {
  const { app } = door()
  const plain = await app.inject('/odata/v4/Observations?$top=1')
  t.match(plain.body, '"Name":"a \\"quoted\\" \\\\ näme","Year":2026,"Total":9007199254740993,"Value":0.10,"Final":true,"Day":null')
  t.match(plain.body, '"RecordedAt":"2026-01-01T00:00:00.000001Z"')
  const strings = await app.inject({ url: '/odata/v4/Observations?$top=1', headers: { accept: 'application/json;IEEE754Compatible=true' } })
  t.match(strings.body, '"Total":"9007199254740993","Value":"0.10"')
  t.match(strings.headers['content-type'], /IEEE754Compatible=true/)
})

t.test('a cursor of another list, or a damaged one, is INVALID_CURSOR', async (t) => {
  const { app } = door()
  const link: string = (await app.inject('/odata/v4/Observations')).json()['@odata.nextLink']
  for (const url of [
    `${link}&$filter=Final`,
    `${link}&$orderby=Year`,
    link.slice(0, -3),
    '/odata/v4/Observations?$skiptoken=%F0%9F%98%80',
  ]) {
    const answer = await app.inject(url)
    t.strictSame([answer.statusCode, answer.json().error.code], [400, 'INVALID_CURSOR'], url)
  }
})

t.test('errors are OData errors with our code, and never more', async (t) => {
  const { app } = door()
  const cases: [string, string, number, string][] = [
    ['GET', '/odata/v4/Nope', 404, 'NOT_FOUND'],
    ['GET', '/odata/v4/Observations/$count/more', 404, 'NOT_FOUND'],
    ['GET', '/odata/v4/Observations(1)', 400, 'BAD_USER_INPUT'],
    ['GET', '/odata/v4/Observations?$expand=X', 501, 'NOT_IMPLEMENTED'],
    ['GET', '/odata/v4/Observations?$format=atom', 406, 'NOT_ACCEPTABLE'],
    ['POST', '/odata/v4/Observations', 405, 'METHOD_NOT_ALLOWED'],
  ]
  for (const [method, url, status, code] of cases) {
    const answer = await app.inject({ method: method as 'GET', url, payload: method === 'POST' ? '<x/>' : undefined })
    t.strictSame([answer.statusCode, answer.json().error.code], [status, code], url)
    t.equal(answer.headers['odata-version'], '4.0')
    t.equal(answer.headers['content-language'], 'en')
  }
  const version = await app.inject({ url: '/odata/v4/', headers: { 'odata-maxversion': '3.0' } })
  t.equal(version.statusCode, 400)
  const stranger = await app.inject({ url: '/odata/v4/', headers: { authorization: 'Basic eDp5' } })
  t.strictSame([stranger.statusCode, stranger.headers['www-authenticate']], [401, 'Basic realm="samenspel", Bearer'], 'also on the root')
})

t.test('an unchanged answer is 304, and says who may keep it', async (t) => {
  const { app } = door()
  const first = await app.inject('/odata/v4/Observations')
  t.match(first.headers, { 'cache-control': 'public, no-cache', vary: 'Authorization, Accept' })
  const again = await app.inject({ url: '/odata/v4/Observations', headers: { 'if-none-match': String(first.headers.etag) } })
  t.strictSame([again.statusCode, again.body], [304, ''])
})

t.test('an export is one statement without parameters, and text that begins like a formula is disarmed', async (t) => {
  const text = copyText(feed, ';')
  t.match(
    text,
    /^copy \(select o\.id as "Id", case when left\(\(o\.name\)::text, 1\) in \('=', '\+', '-', '@', chr\(9\), chr\(13\)\) then ''''/,
  )
  t.match(text, /o\.value as "Value".* order by o\.id\) to stdout with \(format csv, header true, delimiter ';'\)$/)
  t.throws(() => copyText({ ...feed, where: sql`o.kind = ${'x'}` }, ','), TypeError)
})

t.test('an export streams with CRLF between rows and as they are inside values', async (t) => {
  const { app } = door()
  const file = await app.inject('/api/v1/exports/Observations.csv?bom=true&delimiter=;')
  t.match(file.headers, { 'content-disposition': 'attachment; filename="Observations.csv"' })
  t.equal(file.body, `\ufeff${'a,"b\nc"\r\n'.repeat(50_000)}`)
  for (const url of ['Observations.csv?bom=1', 'Observations.csv?delimiter=x', 'Observations.csv?foo=1']) {
    t.equal((await app.inject(`/api/v1/exports/${url}`)).json().code, 'BAD_USER_INPUT', url)
  }
  t.equal((await app.inject('/api/v1/exports/Nope.csv')).statusCode, 404)
})

t.test('an export that breaks midway breaks the connection', async (t) => {
  const { app, breakCopy } = door()
  breakCopy()
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  const answer = await fetch(`${address}/api/v1/exports/Observations.csv`)
  t.equal(answer.status, 200)
  await t.rejects(answer.text())
})
