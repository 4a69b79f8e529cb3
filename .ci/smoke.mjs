// One request through each door of a running server, as a newcomer, a partner's system and a BI tool would make it.
import { randomUUID } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { check, seconds } from './process.mjs'

const firstQuery = `{ programme(code: "VW") { name { text language } term { startsOn endsOn } pillars { code name { text } } sdgs { number name { text } }
    alliance(first: 20) { nodes { type organisation { slug name } } } }
  neighbourhoods { slug name region { code }
    executionPlans(first: 5) { nodes { term { startsOn endsOn }
      actions(first: 50) { totalCount nodes { ref title { text } status progressPercent lead { slug } contributors { slug } latestStatus { status effectiveAt } } } } } } }`

const actionsQuery = `{ neighbourhoods { executionPlans(first: 5) { nodes { actions(first: 50) { nodes { ref status lead { slug } } } } } } }`

const actionQuery = `query ($ref: String!) { action(ref: $ref) { status progressPercent latestStatus { status effectiveAt } } }`

const bearer = (key) => (key === undefined ? {} : { authorization: `Bearer ${key}` })

const step = async (title, request) => {
  const started = performance.now()
  const said = await request().catch((error) => {
    throw new Error(`${title}: ${error.message}`, { cause: error })
  })
  console.log(`ok  ${title}${said ? `: ${said}` : ''} (${seconds(started)})`)
}

const get = (url, headers = {}) => fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(30_000) })

const expectStatus = async (response, status) => {
  if (response.status !== status) throw new Error(`${response.status} instead of ${status}: ${(await response.text()).slice(0, 1000)}`)
  return response
}

const expectHeader = (response, name, pattern) => {
  const value = response.headers.get(name)
  check(pattern.test(value ?? ''), `the header ${name} is ${value}`)
}

const send = (url, body, headers) =>
  fetch(url, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
    signal: AbortSignal.timeout(30_000),
  })

export const graphql = async (base, query, { key, variables } = {}) => {
  const response = await send(`${base}/graphql`, { query, variables }, { accept: 'application/graphql-response+json', ...bearer(key) })
  expectHeader(response, 'content-type', /^application\/graphql-response\+json/)
  const { data, errors } = await (await expectStatus(response, 200)).json()
  check(errors === undefined, JSON.stringify(errors))
  return data
}

/** A key of the right form that nobody holds: another secret under a known id, with a checksum that fits. */
const wrongSecret = (key) => {
  const body = key.slice(0, -8)
  const other = body.slice(0, -1) + (body.endsWith('A') ? 'B' : 'A')
  return other + crc32(other).toString(16).padStart(8, '0')
}

/** Pushes one status report for an action that Woonpunt leads; returns what must be readable afterwards, for ever. */
export const pushStatus = async (base, keys, progressPercent) => {
  const key = keys['partner_system@woonpunt']
  check(key, 'no key partner_system@woonpunt')
  const { neighbourhoods } = await graphql(base, actionsQuery, { key })
  const led = neighbourhoods
    .flatMap(({ executionPlans }) => executionPlans.nodes)
    .flatMap(({ actions }) => actions.nodes)
    .filter(({ lead }) => lead?.slug === 'woonpunt')
  const action = led.find(({ status }) => status === 'PIPELINE' || status === 'IMPLEMENTATION')
  check(action, `none of the ${led.length} actions that woonpunt leads is open for a report`)

  const effectiveAt = new Date().toISOString()
  const externalEventId = `smoke-${randomUUID()}`
  const body = { items: [{ action: { ref: action.ref }, externalEventId, effectiveAt, status: 'IMPLEMENTATION', progressPercent }] }
  const url = `${base}/api/v1/status-reports`
  const headers = { 'idempotency-key': randomUUID(), ...bearer(key) }

  const first = await expectStatus(await send(url, body, headers), 200)
  expectHeader(first, 'api-version', /^\d+\.\d+\.\d+$/)
  check(first.headers.get('idempotent-replayed') !== 'true', 'the first answer says that it is a replay')
  const answer = await first.json()
  check(answer.items?.[0]?.disposition === 'APPLIED', JSON.stringify(answer))
  check(answer.items[0].externalEventId === externalEventId, JSON.stringify(answer))

  const again = await expectStatus(await send(url, body, headers), 200)
  expectHeader(again, 'idempotent-replayed', /^true$/)
  check(JSON.stringify(await again.json()) === JSON.stringify(answer), 'the same key and body got another answer')

  const other = { items: [{ ...body.items[0], externalEventId: `smoke-${randomUUID()}` }] }
  const reused = await expectStatus(await send(url, other, headers), 422)
  expectHeader(reused, 'content-type', /^application\/problem\+json/)
  return { ref: action.ref, progressPercent, effectiveAt, batchId: answer.batchId, externalEventId }
}

/** The report is the action's latest status, and the answer to its batch is kept. */
export const expectReport = async (base, keys, report) => {
  const key = keys['partner_system@woonpunt']
  const { action } = await graphql(base, actionQuery, { key, variables: { ref: report.ref } })
  check(action?.progressPercent === report.progressPercent, JSON.stringify(action))
  check(Date.parse(action.latestStatus.effectiveAt) === Date.parse(report.effectiveAt), JSON.stringify(action))
  const stored = await expectStatus(await get(`${base}/api/v1/status-reports/batches/${report.batchId}`, bearer(key)), 200)
  const { items } = await stored.json()
  check(items?.[0]?.externalEventId === report.externalEventId, JSON.stringify(items))
}

/** Every door once. Returns the report that was pushed. */
export const throughEveryDoor = async (base, keys) => {
  let report

  await step('GET /health/live', async () => {
    await expectStatus(await get(`${base}/health/live`), 200)
  })

  await step('GraphQL, the first query, as nobody', async () => {
    const { programme, neighbourhoods } = await graphql(base, firstQuery)
    check(programme?.name?.text, `the programme has no name: ${JSON.stringify(programme)}`)
    check(neighbourhoods.length === 2, `${neighbourhoods.length} neighbourhoods instead of 2`)
    return `${programme.name.text}, ${neighbourhoods.map(({ name }) => name).join(' and ')}`
  })

  await step('GraphiQL, without anything from elsewhere', async () => {
    let response = await get(`${base}/graphiql`)
    if (response.status >= 300 && response.status < 400) response = await get(new URL(response.headers.get('location'), base))
    const html = await (await expectStatus(response, 200)).text()
    expectHeader(response, 'content-type', /^text\/html/)
    check(!/<(script|link|img)\b[^>]*\b(src|href)="?(https?:)?\/\//i.test(html), 'the page loads something from another host')
  })

  await step('REST, the description', async () => {
    const response = await expectStatus(await get(`${base}/api/v1/openapi.json`), 200)
    expectHeader(response, 'access-control-allow-origin', /^\*$/)
    const { openapi, paths } = await response.json()
    return `OpenAPI ${openapi}, ${Object.keys(paths).length} paths`
  })

  await step('REST, a status report by partner_system@woonpunt, and the same again', async () => {
    report = await pushStatus(base, keys, 41)
    await expectReport(base, keys, report)
    return report.ref
  })

  const bi = { authorization: `Basic ${btoa(`x:${keys['bi_reader@servatius']}`)}` }

  await step('OData, $metadata with Basic, as bi_reader@servatius', async () => {
    const response = await expectStatus(await get(`${base}/odata/v4/$metadata`, bi), 200)
    expectHeader(response, 'content-type', /^application\/xml/)
    expectHeader(response, 'odata-version', /^4\.0$/)
    check((await response.text()).includes('Name="Observations"'), 'it names no entity set Observations')
  })

  await step('OData, Observations?$top=5', async () => {
    const response = await expectStatus(await get(`${base}/odata/v4/Observations?$top=5`, bi), 200)
    expectHeader(response, 'odata-version', /^4\.0$/)
    const { value } = await response.json()
    check(Array.isArray(value) && value.length <= 5, 'it holds no list of at most five')
    return `${value.length} rows`
  })

  await step('CSV, the actions', async () => {
    const response = await expectStatus(await get(`${base}/api/v1/exports/Actions.csv`, bi), 200)
    expectHeader(response, 'content-type', /^text\/csv/)
    const lines = (await response.text()).trimEnd().split(/\r?\n/)
    check(lines.length > 1, 'it holds no row')
    return `${lines.length - 1} rows`
  })

  await step('A wrong key is refused at each door', async () => {
    const wrong = wrongSecret(keys['partner_system@woonpunt'])
    const answers = [
      await send(`${base}/graphql`, { query: '{ viewer { __typename } }' }, bearer(wrong)),
      await send(`${base}/api/v1/status-reports`, { items: [] }, { 'idempotency-key': randomUUID(), ...bearer(wrong) }),
      await get(`${base}/odata/v4/Observations?$top=1`, { authorization: `Basic ${btoa(`x:${wrong}`)}` }),
      await get(`${base}/api/v1/exports/Actions.csv`, bearer('nonsense')),
    ]
    for (const answer of answers) {
      await expectStatus(answer, 401)
      expectHeader(answer, 'www-authenticate', /./)
    }
  })

  return report
}
