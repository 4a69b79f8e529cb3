import { makeExecutableSchema } from '@graphql-tools/schema'
import Fastify, { type FastifyInstance, type InjectOptions } from 'fastify'
import { execute, GraphQLError, getIntrospectionQuery, type OperationDefinitionNode, parse, specifiedRules, validate } from 'graphql'
import { auditServer } from 'graphql-http'
import t from 'tap'
import { Problem } from '../src/errors.ts'
import { formatGraphQLErrors } from '../src/graphql/errors.ts'
import { graphiql } from '../src/graphql/graphiql.ts'
import { graphqlHttp } from '../src/graphql/http.ts'
import { checkLimits, checkShape, defaultLimits, estimateCost } from '../src/graphql/limits.ts'
import { negotiate } from '../src/graphql/negotiate.ts'
import { createPrepare, type PreparedOperation } from '../src/graphql/prepare.ts'
import { DateScalar, DateTimeScalar, DecimalScalar, LanguageScalar, noNul, scalars } from '../src/graphql/scalars.ts'

const typeDefs = /* GraphQL */ `
  scalar Date
  scalar DateTime
  scalar Decimal
  scalar Language
  scalar SearchWords
  interface Node { id: ID! }
  type Text { text: String! language: Language! }
  type Term { startsOn: Date endsOn: Date }
  type Pillar { code: String name: Text }
  type Sdg { number: Int name: Text }
  type Organisation implements Node { id: ID! slug: String name: String actions(first: Int = 20, last: Int): ActionConnection! }
  type Membership { type: String organisation: Organisation }
  type MembershipConnection { nodes: [Membership!]! edges: [MembershipEdge!]! totalCount: Int! }
  type MembershipEdge { cursor: String node: Membership }
  type Programme { name: Text term: Term pillars: [Pillar!]! sdgs: [Sdg!]! alliance(first: Int, after: String, last: Int): MembershipConnection! }
  type Region { code: String }
  type Status { status: String effectiveAt: DateTime }
  type Action implements Node {
    id: ID! ref: String title(language: Language): Text status: String progressPercent: Int
    lead: Organisation contributors: [Organisation!]! latestStatus: Status
  }
  type ActionConnection { nodes: [Action!]! edges: [ActionEdge!]! totalCount: Int! }
  type ActionEdge { cursor: String node: Action }
  type Plan { term: Term actions(first: Int, after: String): ActionConnection! }
  type PlanConnection { nodes: [Plan!]! totalCount: Int! }
  type Neighbourhood { slug: String name: String region: Region executionPlans(first: Int): PlanConnection! }
  input Filter { text: String and: [Filter!] since: DateTime on: Date }
  type Query {
    hello: String
    echo(text: String, date: Date, at: DateTime, amount: Decimal, language: Language, filter: Filter, many: [Int!]): String
    programme(code: String): Programme
    neighbourhoods: [Neighbourhood!]!
    organisations(first: Int = 20): [Organisation!]!
    self: Query
    node(id: ID!): Node
    secret: String
    problem(code: String!): String
    located: String
    graphqlError: String
    coded: String
    broken: Int
    never: String!
  }
  type Mutation { rename(name: String!): String }
  type Subscription { ticks: Int }
`

const fail = (error: Error) => () => {
  throw error
}

const schema = makeExecutableSchema({
  typeDefs,
  resolvers: {
    ...scalars,
    Query: {
      hello: () => 'world',
      echo: (_parent: unknown, args: Record<string, unknown>) => JSON.stringify(args),
      self: () => ({}),
      secret: fail(new Error('db pw=secret')),
      problem: (_parent: unknown, { code }: { code: 'NOT_FOUND' }) => {
        throw new Problem(code, 'No such thing', ['where', 'id'])
      },
      located: fail(new GraphQLError('No such thing', { originalError: new Problem('NOT_FOUND', 'No such thing', ['where']) })),
      graphqlError: fail(new GraphQLError('relation "pw=secret" does not exist')),
      coded: fail(new GraphQLError('Not yours', { extensions: { code: 'FORBIDDEN' } })),
      broken: () => 'pw=secret',
      never: () => null,
    },
    Mutation: { rename: (_parent: unknown, { name }: { name: string }) => name },
  },
})

let mutations = 0
let thrown: Error | undefined
let last: PreparedOperation | undefined

async function build(limits = {}): Promise<FastifyInstance> {
  const app = Fastify()
  await graphqlHttp(app, {
    schema,
    limits,
    async execute(operation, request) {
      last = operation
      if (thrown !== undefined) throw thrown
      if (operation.operation.operation === 'mutation') mutations++
      const { document, operationName, rawVariables } = operation
      const result = await execute({ schema, document, operationName, variableValues: rawVariables })
      const errors = result.errors && formatGraphQLErrors(result.errors, request.id)
      return { body: JSON.stringify({ ...(errors && { errors }), data: result.data }), hasData: result.data !== undefined }
    },
  })
  await app.ready()
  return app
}

const app = await build()
const modern = 'application/graphql-response+json'
const legacy = 'application/json'

interface Answer {
  status: number
  body: string
  headers: Record<string, unknown>
  errors: { message: string; path?: unknown; extensions: Record<string, unknown> }[]
  data: unknown
  code: unknown
}

async function ask(options: InjectOptions, on = app): Promise<Answer> {
  const response = await on.inject(options)
  const parsed = response.body === '' ? {} : JSON.parse(response.body)
  return {
    status: response.statusCode,
    body: response.body,
    headers: response.headers,
    errors: parsed.errors,
    data: parsed.data,
    code: parsed.errors?.[0]?.extensions?.code,
  }
}

const post = (payload: unknown, headers: Record<string, string> = {}, on = app) =>
  ask(
    {
      method: 'POST',
      url: '/graphql',
      headers: { 'content-type': 'application/json', accept: modern, ...headers },
      payload: typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload),
    },
    on,
  )

const get = (query: Record<string, string>, headers: Record<string, string> = {}) =>
  ask({ method: 'GET', url: '/graphql', query, headers: { accept: modern, ...headers } })

const firstQuery = `{ programme(code: "VW") { name { text language } term { startsOn endsOn } pillars { code name { text } } sdgs { number name { text } }
    alliance(first: 20) { nodes { type organisation { slug name } } } }
  neighbourhoods { slug name region { code }
    executionPlans(first: 5) { nodes { term { startsOn endsOn }
      actions(first: 50) { totalCount nodes { ref title { text } status progressPercent lead { slug } contributors { slug } latestStatus { status effectiveAt } } } } } } }`

t.test('GraphQL over HTTP: all 61 audits are ok', async (t) => {
  const listening = await build()
  t.teardown(() => listening.close())
  const address = await listening.listen({ port: 0, host: '127.0.0.1' })
  const results = await auditServer({ url: `${address}/graphql` })
  t.equal(results.length, 61)
  t.same(
    results.filter((result) => result.status !== 'ok').map((result) => `${result.id} ${result.status} ${result.name}`),
    [],
  )
})

t.test('content negotiation', async (t) => {
  const cases: [string | undefined, string | undefined][] = [
    [undefined, legacy],
    ['', legacy],
    ['*/*', legacy],
    ['application/*', legacy],
    [legacy, legacy],
    [modern, modern],
    [`${modern}, ${legacy};q=0.9`, modern],
    [`${legacy}, ${modern}`, modern],
    [`${legacy}, ${modern};q=0.9`, legacy],
    [`${legacy}, text/plain, */*`, legacy],
    [`${legacy};q=0.5, */*`, legacy],
    [`${legacy};q=0, */*`, modern],
    [`${modern};charset=utf-8`, modern],
    [`${modern}; charset="UTF-8"; q=1.0`, modern],
    ['APPLICATION/GraphQL-Response+JSON', modern],
    ['text/html,application/xhtml+xml,*/*;q=0.8', legacy],
    ['text/html', undefined],
    [`${legacy};charset=iso-8859-1`, undefined],
    [`${modern};q=0, ${legacy};q=0`, undefined],
  ]
  for (const [accept, type] of cases) t.equal(negotiate(accept), type, String(accept))

  const answer = await post({ query: '{ hello }' })
  t.equal(answer.headers['content-type'], `${modern}; charset=utf-8`)
  t.equal((await post({ query: '{ hello }' }, { accept: legacy })).headers['content-type'], 'application/json; charset=utf-8')
  const refused = await post({ query: '{ hello }' }, { accept: 'text/html' })
  t.equal(refused.status, 406)
  t.equal(refused.code, 'NOT_ACCEPTABLE')
})

t.test('status and headers of answers', async (t) => {
  const answer = await post({ query: '{ hello }' })
  t.match(answer, { status: 200, data: { hello: 'world' } })
  t.equal(answer.headers['cache-control'], 'no-store')
  t.equal(answer.headers['x-content-type-options'], 'nosniff')
  t.equal(answer.headers.vary, 'Authorization, Accept, Accept-Language')
  t.equal(answer.headers.etag, undefined)

  const nulled = await post({ query: '{ never }' })
  t.match(nulled, { status: 200, data: null, code: 'INTERNAL' }, 'data: null is a result, not a request error')

  for (const [query, code] of [
    ['{', 'GRAPHQL_PARSE_FAILED'],
    ['{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['query ($d: Date!) { echo(date: $d) }', 'BAD_USER_INPUT'],
  ] as const) {
    for (const [accept, status] of [
      [modern, 400],
      [legacy, 200],
    ] as const) {
      const refused = await post({ query }, { accept })
      t.match(refused, { status, code }, `${code} as ${accept}`)
      t.notOk('data' in JSON.parse(refused.body), 'no data entry')
      t.ok(code === 'BAD_USER_INPUT' || 'locations' in JSON.parse(refused.body).errors[0])
    }
  }
})

t.test('GET: ETag, 304, private', async (t) => {
  const answer = await get({ query: '{ hello }' })
  t.equal(answer.status, 200)
  t.equal(answer.headers['cache-control'], 'private, no-cache')
  const etag = answer.headers.etag as string
  t.match(etag, /^W\/"[\w-]{27}"$/)
  for (const sent of [etag, etag.slice(2), `"x", ${etag}`, '*']) {
    const fresh = await get({ query: '{ hello }' }, { 'if-none-match': sent })
    t.equal(fresh.status, 304, sent)
    t.equal(fresh.body, '')
    t.equal(fresh.headers.etag, etag)
    t.match(fresh.headers.vary, /Authorization/)
  }
  t.equal((await get({ query: '{ hello }' }, { 'if-none-match': '"other"' })).status, 200)
  t.not((await get({ query: '{ hello }' }, { accept: legacy })).headers.etag, etag, 'another representation, another tag')
  t.equal((await get({ query: '{ nothing }' })).headers['cache-control'], 'no-store')
  t.match(await get({ query: 'query Q($t: String) { echo(text: $t) }', operationName: 'Q', variables: '{"t":"x"}' }), {
    data: { echo: '{"text":"x"}' },
  })
  t.match(await get({ query: '{ hello }', variables: '', extensions: '' }), { status: 200 })
  t.match(await get({ query: '{ hello }', variables: '{' }), { status: 400, code: 'BAD_REQUEST' })
  t.match(await get({ query: '{ hello }', variables: '[1]' }), { status: 400, code: 'BAD_REQUEST' })
  t.match(await get({}), { status: 400, code: 'BAD_REQUEST' })
  t.match(await ask({ method: 'GET', url: '/graphql?query={hello}&query={hello}', headers: { accept: modern } }), { status: 400 })
})

t.test('methods: GET is for queries, POST not for subscriptions, nothing else', async (t) => {
  const before = mutations
  for (const query of ['mutation { rename(name: "x") }', 'subscription { ticks }', 'mutation { nothing }']) {
    const refused = await get({ query })
    t.match(refused, { status: 405, code: 'METHOD_NOT_ALLOWED' }, query)
    t.equal(refused.headers.allow, 'POST')
  }
  const chosen = await get({ query: 'query A { hello } mutation B { rename(name: "x") }', operationName: 'B' })
  t.equal(chosen.status, 405)
  t.equal(mutations, before)
  t.equal((await get({ query: 'query A { hello } mutation B { rename(name: "x") }', operationName: 'A' })).status, 200)
  t.match(await post({ query: 'mutation { rename(name: "x") }' }), { status: 200, data: { rename: 'x' } })
  t.match(await post({ query: 'subscription { ticks }' }), { status: 400, code: 'BAD_REQUEST' })
  for (const method of ['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE'] as const) {
    const refused = await app.inject({ method: method as 'PUT', url: '/graphql' })
    t.equal(refused.statusCode, 405, method)
    t.equal(refused.headers.allow, 'GET, POST')
  }
})

t.test('cross-site request forgery', async (t) => {
  const query = { query: '{ hello }' }
  const plain = (headers: Record<string, string>) => ask({ method: 'GET', url: '/graphql', query, headers })
  const refused: Record<string, string>[] = [
    {},
    { accept: '*/*' },
    { accept: 'image/avif,image/webp,*/*;q=0.8' },
    { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
    { accept: '*/*', 'content-type': 'text/plain' },
    { accept: '*/*', 'content-type': 'application/x-www-form-urlencoded' },
    { accept: '*/*', 'content-type': 'multipart/form-data' },
    { accept: '*/*', 'content-type': 'text/plain; application/json' },
    { accept: modern, 'sec-fetch-mode': 'no-cors' },
    { accept: legacy, 'sec-fetch-mode': 'navigate' },
    { accept: `${legacy};q=0` },
  ]
  for (const headers of refused) t.match(await plain(headers), { status: 400, code: 'CSRF_PREVENTION' }, JSON.stringify(headers))
  const admitted: Record<string, string>[] = [
    { accept: legacy },
    { accept: modern },
    { accept: `text/plain, ${legacy}` },
    { accept: '*/*', 'sec-fetch-mode': 'cors' },
    { accept: '*/*', 'sec-fetch-mode': 'same-origin' },
    { 'x-graphql-csrf-prevention': '1' },
    { 'apollo-require-preflight': '1' },
    { 'content-type': 'application/json' },
  ]
  for (const headers of admitted) t.match(await plain(headers), { status: 200 }, JSON.stringify(headers))

  const before = mutations
  const body = JSON.stringify({ query: 'mutation { rename(name: "x") }' })
  const types = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain; charset=utf-8',
    'text/plain;application/json',
    'application/graphql',
    'application/jsonp',
    'application/json\tx',
    'application/json garbage',
    'application/json; charset=iso-8859-1',
    'application/json, text/plain',
  ]
  for (const type of types) {
    const answer = await post(body, { 'content-type': type, 'x-graphql-csrf-prevention': '1' })
    t.match(answer, { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' }, type)
  }
  t.equal((await post('query=mutation{rename(name:"x")}', { 'content-type': 'application/x-www-form-urlencoded' })).status, 415)
  const untyped = await app.inject({ method: 'POST', url: '/graphql', payload: Buffer.from(body) })
  t.equal(untyped.statusCode, 415, 'no content type')
  t.equal((await app.inject({ method: 'POST', url: '/graphql' })).statusCode, 415, 'nothing at all')
  t.equal(mutations, before)
  t.equal((await post(body, { 'content-type': 'application/json; charset="UTF-8"' })).status, 200)
})

t.test('parameters', async (t) => {
  const query = '{ hello }'
  const refused: unknown[] = [
    [],
    [{ query }, { query }],
    Array(10).fill({ query: '{ __typename }' }),
    'text',
    null,
    1,
    {},
    { query: null },
    { query: 1 },
    { query: { kind: 'Document' } },
    { query: parse(query) },
    { query, variables: 'x' },
    { query, variables: [] },
    { query, variables: 1 },
    { query, extensions: 'x' },
    { query, operationName: 1 },
    { query, operationName: {} },
    { documentId: 'sha256:abc' },
    { query, documentId: 'sha256:abc' },
  ]
  for (const payload of refused) {
    for (const accept of [modern, legacy])
      t.match(await post(JSON.stringify(payload), { accept }), { status: 400, code: 'BAD_REQUEST' }, JSON.stringify(payload))
  }
  t.match((await post({ documentId: 'x' })).errors[0]!.message, /documentId is not supported/)
  t.match(await post({ query, variables: null, operationName: null, extensions: null, documentId: null, more: 1 }), { status: 200 })
  for (const broken of ['', '{', '{"query":"{ hello }"} x', "{'query':1}", Buffer.from([0x7b, 0xff, 0x7d])]) {
    t.match(await post(broken), { status: 400, code: 'BAD_REQUEST' })
  }
  t.match(await post({ query: `{ hello } #${'x'.repeat(1024 * 1024)}` }), { status: 413, code: 'CONTENT_TOO_LARGE' })
  t.match(await post('['.repeat(500_000) + ']'.repeat(500_000)), { status: 400, code: 'BAD_REQUEST' })
  t.match(await post(`{"query":"{ hello }","extensions":{"x":[${'1,'.repeat(400_000)}1]}}`), {
    status: 400,
    code: 'OPERATION_TOO_EXPENSIVE',
  })
})

t.test('a document as JSON-encoded AST is no document', async (t) => {
  const ast = JSON.stringify(parse(`{ ${'hello '.repeat(600)} }`, { noLocation: true }))
  t.match(await post({ query: ast.slice(0, 40_000) }), { status: 400, code: 'GRAPHQL_PARSE_FAILED' })
  t.match(await post({ query: JSON.stringify(parse('{ hello }', { noLocation: true })) }), { status: 400, code: 'GRAPHQL_PARSE_FAILED' })
})

t.test('choice of the operation', async (t) => {
  const query = 'query A { hello } query B { echo }'
  for (const accept of [modern, legacy]) {
    t.match(await post({ query }, { accept }), { status: 400, code: 'BAD_REQUEST' })
    t.match(await post({ query, operationName: 'C' }, { accept }), { status: 400, code: 'BAD_REQUEST' })
    t.match(await post({ query: '{ hello }', operationName: 'C' }, { accept }), { status: 400, code: 'BAD_REQUEST' })
  }
  t.match((await post({ query, operationName: 'C' })).errors[0]!.message, /no operation called "C"/)
  t.match(await get({ query }), { status: 400, code: 'BAD_REQUEST' })
  for (let round = 0; round < 4; round++) {
    t.same((await post({ query, operationName: 'A' })).data, { hello: 'world' })
    t.same((await post({ query, operationName: 'B' })).data, { echo: '{}' })
  }
  t.match(await post({ query: '{ hello }', operationName: '' }), { status: 200 })
  t.match(await post({ query: 'fragment F on Query { hello }' }), { status: 400 })
  t.match(await post({ query: 'type Query { hello: String }' }), { status: 400, code: 'GRAPHQL_VALIDATION_FAILED' })
  t.match(await post({ query: '' }), { status: 400, code: 'GRAPHQL_PARSE_FAILED' })
})

t.test('variables are coerced before execution', async (t) => {
  await post({
    query: 'query Q($on: Date, $many: [Int!] = [1]) { echo(date: $on, many: $many) }',
    variables: { on: '2026-05-31', more: 1 },
  })
  t.same(last?.variables, { on: '2026-05-31', many: [1] })
  t.same(last?.rawVariables, { on: '2026-05-31', more: 1 })
  t.equal(last?.operation.name?.value, 'Q')
  const query = 'query ($f: Filter, $l: Language) { echo(filter: $f, language: $l) }'
  const wrong = await post({ query, variables: { f: { and: [{ on: '2026-02-30' }] } } })
  t.match(wrong, { status: 400, code: 'BAD_USER_INPUT' })
  t.match(wrong.errors[0]!.message, /"f\.and\[0\]\.on"; .*2026-02-30.* is not a date of the calendar/)
  t.match(await post({ query, variables: { f: { nothing: 1 } } }), { code: 'BAD_USER_INPUT' })
  const language = await post({ query, variables: { l: 'nl_NL' } })
  t.match(language, { status: 400, code: 'INVALID_LANGUAGE' })
  t.match(language.errors[0]!.message, /write "nl-NL"/)
  t.match(await post({ query: '{ echo(language: "12345678x") }' }), { status: 400, code: 'INVALID_LANGUAGE' })
  t.match(await post({ query: '{ echo(date: "2025-02-29") }' }), { status: 400, code: 'GRAPHQL_VALIDATION_FAILED' })
  t.match(await post({ query, variables: { l: 'NL-nl' } }), { data: { echo: '{"language":"nl-NL"}' } })
  const many = await post({ query: 'query ($m: [Int!]) { echo(many: $m) }', variables: { m: Array(5_000).fill('x') } })
  t.equal(many.code, 'BAD_USER_INPUT')
  t.ok(many.errors.length <= 11, 'a bounded list of errors')
})

t.test('NUL and unpaired surrogates', async (t) => {
  const query = 'query ($t: String, $f: Filter) { echo(text: $t, filter: $f) }'
  for (const variables of [
    { t: 'a\0' },
    { t: '\ud800' },
    { f: { text: '\0' } },
    { f: { and: [{ text: 'x' }, { text: '\udfff!' }] } },
    { 'k\0': 1 },
    { unused: ['\0'] },
  ]) {
    t.match(await post({ query, variables }), { status: 400, code: 'BAD_USER_INPUT' }, JSON.stringify(variables))
  }
  t.same((await post({ query, variables: { f: { and: [{ text: '\0' }] } } })).errors[0]!.extensions.path, ['f', 'and', 0, 'text'])
  t.match(await get({ query, variables: '{"t":"\\u0000"}' }), { status: 400, code: 'BAD_USER_INPUT' })
  t.match(await post({ query: '{ echo(text: "a\\u0000b") }' }), { status: 400, code: 'BAD_USER_INPUT' })
  t.match(await post({ query: '{ echo(filter: { and: [{ text: "\\u{0}" }] }) }' }), { status: 400, code: 'BAD_USER_INPUT' })
  t.match(await post({ query: '{ echo(text: "\\ud800") }' }), { status: 400 })
  t.match(await post('{"query":"{ echo(text: \\"\\ud800\\") }"}'), { status: 400 })
  t.match(await post({ query: '{ echo(text: "\0") }' }), { status: 400, code: 'BAD_USER_INPUT' })
  t.match(await post({ query, variables: { t: '🏃 é \u2028' } }), { status: 200 })
  t.match(await post('{"query":"{ hello }","variables":{"__proto__":{"x":1}}}'), { status: 400, code: 'BAD_USER_INPUT' })
  let deep: unknown = 1
  for (let level = 0; level < 80; level++) deep = [deep]
  t.throws(() => noNul({ deep }), { code: 'BAD_USER_INPUT' })
  t.throws(() => noNul({ many: Array(30_000).fill(1) }, defaultLimits), { code: 'OPERATION_TOO_EXPENSIVE' })
  t.doesNotThrow(() => noNul({ many: Array(19_000).fill(1) }, defaultLimits))
})

t.test('F6 what a thrown error tells', async (t) => {
  for (const query of ['{ hello secret }', '{ hello graphqlError }', '{ hello broken }', '{ hello never }']) {
    const answer = await post({ query })
    t.equal(answer.status, 200)
    t.notMatch(answer.body, /pw=|relation|non-nullable/, query)
    t.match(answer.errors[0], { message: 'Something went wrong on our side', extensions: { code: 'INTERNAL', requestId: String } })
  }
  t.match((await post({ query: '{ hello secret }' })).errors[0], { path: ['secret'] })
  t.match(await post({ query: '{ hello coded }' }), { code: 'FORBIDDEN', errors: [{ message: 'Not yours', path: ['coded'] }] })
  t.match((await post({ query: '{ problem(code: "NOT_FOUND") }' })).errors[0], {
    message: 'No such thing',
    extensions: { code: 'NOT_FOUND', path: ['where', 'id'] },
  })
  t.match((await post({ query: '{ located }' })).errors[0], { path: ['located'], extensions: { code: 'NOT_FOUND', path: ['where'] } })

  const cases: [Error, number, string, Record<string, unknown>][] = [
    [new Problem('UNAUTHENTICATED'), 401, 'UNAUTHENTICATED', { 'www-authenticate': 'Bearer' }],
    [new Problem('FORBIDDEN'), 403, 'FORBIDDEN', {}],
    [new Problem('UNAVAILABLE'), 503, 'UNAVAILABLE', { 'retry-after': '5' }],
    [new Problem('BAD_USER_INPUT'), 400, 'BAD_USER_INPUT', {}],
    [Object.assign(new Error('select pw=secret'), { code: '57014' }), 503, 'UNAVAILABLE', { 'retry-after': '5' }],
    [Object.assign(new Error('key (pw)=(secret) exists'), { code: '23505' }), 409, 'CONFLICT', {}],
    [new Error('db pw=secret'), 500, 'INTERNAL', {}],
    [Object.assign(new Error('db pw=secret'), { statusCode: 418 }), 500, 'INTERNAL', {}],
  ]
  for (const [error, status, code, headers] of cases) {
    for (const accept of [modern, legacy]) {
      thrown = error
      const answer = await post({ query: '{ hello }' }, { accept })
      t.match(answer, { status, code, headers: { 'cache-control': 'no-store', ...headers } }, `${code} as ${accept}`)
      t.notMatch(answer.body, /pw=|secret/)
      t.notOk('data' in JSON.parse(answer.body))
      t.equal('requestId' in answer.errors[0]!.extensions, code === 'INTERNAL')
    }
  }
  thrown = new Problem(
    'BAD_USER_INPUT',
    'Two things',
    [],
    [new Problem('NOT_FOUND', 'One', ['a', 0]), new Problem('CONFLICT', 'Other', ['b'])],
  )
  t.same((await post({ query: '{ hello }' })).errors[0]!.extensions.errors, [
    { code: 'NOT_FOUND', message: 'One', path: ['a', 0] },
    { code: 'CONFLICT', message: 'Other', path: ['b'] },
  ])
  thrown = undefined

  const masked: unknown[] = []
  const origin = new Error('inner')
  const wrapped = new GraphQLError('outer', { originalError: new GraphQLError('middle', { originalError: origin }), path: ['x'] })
  t.match(formatGraphQLErrors([wrapped], 'r1', { onMasked: (error) => masked.push(error) }), [
    { message: 'Something went wrong on our side', path: ['x'], extensions: { requestId: 'r1' } },
  ])
  t.same(masked, [origin])
})

t.test('F8 limits hold through fragments and whatever names are used', async (t) => {
  const what = async (query: string, variables = {}) => {
    const answers = await Promise.all([post({ query, variables }), post({ query, variables }, { accept: legacy })])
    const [{ errors, code, data }] = answers as [Answer, Answer]
    if (code !== 'OPERATION_TOO_EXPENSIVE') return data === undefined ? code : 'accepted'
    for (const answer of answers) t.equal(answer.status, 400, query.slice(0, 60))
    t.match(errors[0]!.message, new RegExp(`${errors[0]!.extensions.limit}`))
    return errors[0]!.extensions.what
  }
  const nest = (depth: number, inner = 'hello') => `${'self {'.repeat(depth - 1)}${inner}${'}'.repeat(depth - 1)}`

  t.equal(await what(`{ ${'hello '.repeat(3_000)} }`), 'tokens')
  t.equal(await what(`{ hello } #${'x'.repeat(60_000)}`), 'characters')
  t.equal(await what(`{ ${nest(12)} }`), 'accepted')
  t.equal(await what(`{ ${nest(13)} }`), 'depth')
  t.equal(await what(`{ self { ...F } } fragment F on Query { ${nest(11)} }`), 'accepted')
  t.equal(await what(`{ self { ...F } } fragment F on Query { ${nest(12)} }`), 'depth')
  t.equal(await what(`{ ... on Query { ... { ...__schema } } } fragment __schema on Query { ${nest(13)} }`), 'depth')
  t.equal(await what(`query __schema { ${nest(13)} }`), 'depth')
  t.equal(await what(`query __schema { __schema: self { ${nest(12)} } }`), 'depth')
  t.equal(await what(`query IntrospectionQuery { ${nest(13)} }`), 'depth')
  t.match(
    await what('{ ...A } fragment A on Query { self { ...B } } fragment B on Query { ...A }'),
    'GRAPHQL_VALIDATION_FAILED',
    'recursive',
  )
  t.match(await what('{ ...A } fragment A on Query { ...A }'), 'GRAPHQL_VALIDATION_FAILED', 'recursive on itself')
  t.match(await what('{ ...A }'), 'GRAPHQL_VALIDATION_FAILED', 'unknown fragment')

  const aliases = (count: number) => Array.from({ length: count }, (_, index) => `a${index}: hello`).join(' ')
  t.equal(await what(`{ self { ${aliases(30)} } }`), 'accepted')
  t.equal(await what(`{ self { ${aliases(31)} } }`), 'aliases')
  t.equal(await what(`{ ${aliases(101)} }`), 'aliases')
  t.equal(
    await what(`{ self { ...F } b: self { ...F } } fragment F on Query { ${aliases(16)} }`),
    'aliases',
    'a fragment counts at each spread',
  )
  t.equal(await what(`{ self { hello ${'@skip(if: false) '.repeat(40)} } }`), 'directives')
  t.equal(await what(`{ self { hello ${'@aa '.repeat(31)} } }`), 'directives')
  t.equal(await what(`query ($a: Int ${'@aa '.repeat(31)}) { hello }`), 'directives')
  t.equal(await what(`{ ...F } fragment F on Query ${'@aa '.repeat(31)} { hello }`), 'directives')
  t.equal(await what(`{ ${'hello '.repeat(21)} }`), 'rootFields')
  t.equal(await what(`{ ${'...F '.repeat(21)} } fragment F on Query { hello }`), 'rootFields')
  t.equal(await what(`{ self { ${'hello '.repeat(101)} } }`), 'repeats')
  const doubling = Array.from(
    { length: 20 },
    (_, index) => `fragment F${index} on Query { a: self { ...F${index + 1} } b: self { ...F${index + 1} } }`,
  )
  t.equal(await what(`{ ...F0 } ${doubling.join(' ')} fragment F20 on Query { hello }`), 'depth')
  const chain = Array.from({ length: 38 }, (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`)
  t.equal(await what(`{ ...F0 } ${chain.join(' ')} fragment F38 on Query { hello }`), 'rootFields', 'two to the 38th spreads in no time')
  const fragments = Array.from({ length: 3_000 }, (_, index) => `fragment F${index} on Query { hello }`)
  t.equal(await what(`{ ...F0 } ${fragments.slice(0, 60).join(' ')}`), 'definitions')

  t.equal(await what('{ organisations(first: 100) { actions(first: 100) { nodes { contributors { slug } } } } }'), 'accepted')
  t.equal(
    await what('{ organisations(first: 100) { actions(first: 100) { nodes { contributors { actions { nodes { ref } } } } } } }'),
    'cost',
  )
  t.equal(
    await what(
      'query ($n: Int) { organisations(first: $n) { actions(first: $n) { nodes { contributors { actions { nodes { ref } } } } } } }',
      { n: 100 },
    ),
    'cost',
  )
  t.equal(
    await what(
      'query ($n: Int) { organisations(first: $n) { actions(first: $n) { nodes { contributors { actions { nodes { ref } } } } } } }',
      { n: 10 },
    ),
    'accepted',
    'the same document with another value',
  )
  const expensive = await post({
    query: '{ organisations(first: 100) { actions(first: 100) { nodes { contributors { actions { nodes { ref } } } } } } }',
  })
  t.same(expensive.errors[0]!.extensions, { code: 'OPERATION_TOO_EXPENSIVE', what: 'cost', limit: 250_000, actual: 4_410_200 })
  t.match(expensive.errors[0]!.message, /cost of 4410200, the limit is 250000/)

  t.equal(await what(firstQuery), 'accepted', 'the first query of the documentation')
  const all = { specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true, oneOf: true }
  t.equal(await what(getIntrospectionQuery(all)), 'accepted')
  t.equal(await what(getIntrospectionQuery()), 'accepted')
  t.equal(
    await what('{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }'),
    'GRAPHQL_VALIDATION_FAILED',
  )
  const introspection = getIntrospectionQuery()
    .replace('__schema', 'a: __schema')
    .replace(/\}\s*fragment FullType/, (found) => {
      const body = /__schema (\{[\s\S]*?\n {6}\})/.exec(getIntrospectionQuery())![1]
      return `b: __schema ${body} c: __schema ${body} ${found}`
    })
  t.equal(await what(introspection), 'introspection', 'three times over')
})

t.test('cost', (t) => {
  const cost = (query: string, variables = {}, listSize?: (type: string, field: string) => number | undefined) => {
    const document = parse(query)
    return estimateCost(schema, document, document.definitions[0] as OperationDefinitionNode, variables, listSize).cost
  }
  t.equal(cost('{ hello __typename }'), 0)
  t.equal(cost('{ self { hello } }'), 1)
  t.equal(cost('{ neighbourhoods { slug } }'), 20)
  t.equal(cost('{ neighbourhoods { region { code } } }'), 40)
  t.equal(
    cost('{ neighbourhoods { slug } }', {}, (type, field) => (type === 'Query' && field === 'neighbourhoods' ? 100 : undefined)),
    100,
  )
  t.equal(cost('{ organisations { slug } }'), 20, 'the schema default')
  t.equal(cost('{ organisations(first: 7) { slug } }'), 7)
  t.equal(cost('{ organisations(first: 100000) { slug } }'), 100, 'capped')
  t.equal(cost('{ organisations(first: -5) { slug } }'), 1)
  t.equal(cost('query ($n: Int = 3) { organisations(first: $n) { slug } }', { n: 9 }), 9)
  t.equal(cost('query ($n: Int) { organisations(first: $n) { slug } }'), 20, 'variable not given')
  t.equal(cost('{ programme { alliance(first: 5) { nodes { type } } } }'), 2 + 5)
  t.equal(cost('{ programme { alliance(last: 6) { edges { node { type } } } } }'), 2 + 6 * 2)
  t.equal(cost('{ programme { alliance { nodes { type } } } }'), 2 + 20, 'no first')
  t.equal(cost('{ programme { alliance(first: 2, last: 50) { nodes { type } } } }'), 2 + 50)
  t.equal(cost('{ programme { alliance(first: 5) { ...C } } } fragment C on MembershipConnection { nodes { type } }'), 7)
  t.equal(
    cost(
      '{ programme { alliance(first: 5) { ...C } b: alliance(first: 7) { ...C } } } fragment C on MembershipConnection { nodes { type } }',
    ),
    1 + 6 + 8,
    'the same fragment under two sizes',
  )
  t.equal(cost(firstQuery), 120_484)
  t.ok(cost(firstQuery) * 1.9 < defaultLimits.cost)
  const document = parse(firstQuery)
  const report = checkLimits(schema, document, document.definitions[0] as OperationDefinitionNode, {})
  t.match(report, { depth: 7, aliases: 0, directives: 0, rootFields: 2, cost: 120_484, introspection: 0 })
  t.throws(() => checkLimits(schema, document, document.definitions[0] as OperationDefinitionNode, {}, { limits: { cost: 1_000 } }), {
    code: 'OPERATION_TOO_EXPENSIVE',
    extensions: { what: 'cost', limit: 1_000, actual: 120_484 },
  })
  t.end()
})

t.test('documents are judged once, within bounds', (t) => {
  const prepare = createPrepare(schema)
  const one = prepare({ query: '{ hello }', operationName: undefined, variables: {} })
  t.equal(prepare({ query: '{ hello }', operationName: undefined, variables: {} }).document, one.document, 'the same document')
  const first = () => prepare({ query: '{ hello self { hello } }', operationName: undefined, variables: {} }).document
  const before = first()
  for (let index = 0; index < 999; index++) prepare({ query: `{ hello } # ${index}`, operationName: undefined, variables: {} })
  t.equal(first(), before, 'used and kept')
  for (let index = 0; index < 1_000; index++) prepare({ query: `{ hello } # ${index + 5_000}`, operationName: undefined, variables: {} })
  t.not(first(), before, 'unused and gone')
  const wrong = () => {
    try {
      prepare({ query: '{ nothing }', operationName: undefined, variables: {} })
    } catch (error) {
      return error
    }
  }
  t.equal(wrong(), wrong(), 'a refusal too')
  const mine = checkShape(parse('{ hello }'))
  t.same(mine, { depth: 1, introspectionDepth: 0, fields: 1, repeats: 0, aliases: 0, directives: 0, rootFields: 1 })
  t.end()
})

t.test('scalars', (t) => {
  const literal = (value: string) => (parse(`{ f(a: ${value}) }`).definitions[0] as OperationDefinitionNode).selectionSet.selections[0]!
  const valueNode = (value: string) => {
    const field = literal(value)
    if (field.kind !== 'Field') throw new Error('a field')
    return field.arguments![0]!.value
  }
  for (const good of ['2026-05-31', '2024-02-29', '0001-01-01', '9999-12-31', '2000-02-29']) t.equal(DateScalar.parseValue(good), good)
  for (const bad of [
    '2026-02-29',
    '1900-02-29',
    '2026-13-01',
    '2026-00-01',
    '2026-01-00',
    '0000-01-01',
    '2026-1-1',
    '2026-05-31T00:00:00Z',
    ' 2026-05-31',
    '',
    20260531,
    null,
  ]) {
    t.throws(() => DateScalar.parseValue(bad), String(bad))
  }
  t.equal(DateScalar.serialize('2026-05-31'), '2026-05-31')
  t.equal(DateScalar.parseLiteral(valueNode('"2026-05-31"')), '2026-05-31')
  t.throws(() => DateScalar.parseLiteral(valueNode('20260531')))

  for (const [input, output] of [
    ['2026-05-31T12:00:00Z', '2026-05-31T12:00:00Z'],
    ['2026-05-31t12:00:00z', '2026-05-31T12:00:00Z'],
    ['2026-05-31T12:00:00+02:00', '2026-05-31T10:00:00Z'],
    ['2026-01-01T00:30:00+05:45', '2025-12-31T18:45:00Z'],
    ['2026-12-31T23:30:00.123456-01:00', '2027-01-01T00:30:00.123456Z'],
    ['2026-05-31T12:00:00.120000Z', '2026-05-31T12:00:00.12Z'],
    ['2026-05-31T12:00:00.1234567Z', '2026-05-31T12:00:00.123456Z'],
    ['2026-05-31T12:00:00.000Z', '2026-05-31T12:00:00Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999Z'],
    ['2026-05-31T12:00:00-00:00', '2026-05-31T12:00:00Z'],
  ] as const) {
    t.equal(DateTimeScalar.parseValue(input), output, input)
  }
  for (const bad of [
    '2026-05-31',
    '2026-05-31 12:00:00Z',
    '2026-05-31T12:00:00',
    '2026-05-31T12:00Z',
    '2026-05-31T24:00:00Z',
    '2026-05-31T12:60:00Z',
    '2026-06-30T23:59:60Z',
    '2026-02-30T12:00:00Z',
    '2026-05-31T12:00:00+24:00',
    '2026-05-31T12:00:00+0200',
    '2026-05-31T12:00:00.Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    'infinity',
    '-infinity',
    'now',
    '',
    1,
    true,
  ]) {
    t.throws(() => DateTimeScalar.parseValue(bad), String(bad))
  }

  for (const [input, output] of [
    ['12.50', '12.50'],
    ['-0.00', '0.00'],
    ['007', '7'],
    ['0', '0'],
    ['-3', '-3'],
    [12.5, '12.5'],
    [-7, '-7'],
    [0.1, '0.1'],
    ['9'.repeat(38), '9'.repeat(38)],
    [`0.${'1'.repeat(38)}`, `0.${'1'.repeat(38)}`],
  ] as const) {
    t.equal(DecimalScalar.parseValue(input), output, String(input))
  }
  for (const bad of [
    '',
    '.5',
    '5.',
    '1e5',
    '+1',
    '1,5',
    'NaN',
    'Infinity',
    '0x1',
    ' 1',
    '9'.repeat(39),
    `1.${'1'.repeat(38)}`,
    '0'.repeat(10_000),
    1e21,
    0.1 + 0.2,
    Number.NaN,
    true,
    null,
    {},
  ]) {
    t.throws(() => DecimalScalar.parseValue(bad), String(bad).slice(0, 50))
  }
  t.equal(DecimalScalar.parseLiteral(valueNode('12345678901234567890.12')), '12345678901234567890.12', 'a literal is exact')
  t.throws(() => DecimalScalar.parseLiteral(valueNode('1e5')))
  t.equal(DecimalScalar.serialize('1.50'), '1.50')
  t.throws(() => DecimalScalar.serialize(Number.POSITIVE_INFINITY))

  for (const [input, output] of [
    ['nl', 'nl'],
    ['NL-nl', 'nl-NL'],
    ['zh-hant-tw', 'zh-Hant-TW'],
    ['qaa', 'qaa'],
    ['iw', 'he'],
  ] as const) {
    t.equal(LanguageScalar.parseValue(input), output, input)
  }
  for (const bad of ['', 'n', 'nl_NL', 'nl-', '-nl', '*', 'x'.repeat(100), 'nederlands!', 1])
    t.throws(() => LanguageScalar.parseValue(bad), String(bad))
  for (const scalar of Object.values(scalars)) t.match(scalar.specifiedByURL, /^https:\/\//)
  t.same(validate(schema, parse('{ echo(at: "2026-05-31T12:00:00+02:00", amount: 12.50) }'), specifiedRules), [])
  t.end()
})

t.test('GraphiQL: every asset from here, under a policy that lets nothing else in', async (t) => {
  const explorer = Fastify()
  await explorer.register(graphiql)
  t.teardown(() => explorer.close())
  const page = await explorer.inject('/graphiql')
  t.equal(page.statusCode, 200)
  t.match(page.headers['content-type'], /^text\/html/)
  const policy = String(page.headers['content-security-policy'])
  t.match(policy, /^default-src 'none'; script-src 'self' 'nonce-[A-Za-z0-9+/=]{24}'; /)
  t.notMatch(policy, /unsafe|https?:|\*/)
  const nonce = /'nonce-([^']+)'/.exec(policy)![1]!
  t.not(
    /'nonce-([^']+)'/.exec(String((await explorer.inject('/graphiql/')).headers['content-security-policy']))![1],
    nonce,
    'a nonce a page',
  )
  const inline = [...page.body.matchAll(/<(script|style)\b([^>]*)>/g)].filter(([, , attributes]) => !attributes!.includes('src='))
  t.ok(inline.length >= 2)
  for (const [tag] of inline) t.ok(tag.includes(`nonce="${nonce}"`), tag)
  t.match(page.body, /endpointURL: `\/graphql`/)
  t.match(page.body, /programme\(code: "VW"\)/)
  const assets = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url!).filter((url) => url !== '/graphiql/')
  t.ok(assets.length > 10)
  for (const asset of assets) {
    t.notMatch(asset, /^(?:https?:)?\/\//)
    const answer = await explorer.inject(`/graphiql/${asset}`)
    t.equal(answer.statusCode, 200, asset)
    t.match(answer.headers['content-security-policy'], /default-src 'none'/)
  }
  t.equal((await explorer.inject('/graphiql/iframe-sandbox/index.html')).statusCode, 404)
  t.equal((await explorer.inject('/graphiql/..%2f..%2fpackage.json')).statusCode, 404)
  t.match((await explorer.inject('/graphiql/index.html')).body, /endpointURL/)
})

t.teardown(() => app.close())
