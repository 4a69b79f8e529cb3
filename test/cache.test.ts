import pg from 'pg'
import t from 'tap'
import { buildApp } from '../src/app.ts'
import type { Session } from '../src/db/session.ts'
import { ResponseCache } from '../src/read/cache.ts'
import { ask, testDatabase } from './harness.ts'

interface Actions {
  actions: { totalCount: number; nodes: { ref: string; status: string }[] }
}

t.test('answers that are kept', async (t) => {
  const db = await testDatabase(t)
  const app = await buildApp({ session: db.session, cacheBytes: 8 * 1024 * 1024 })
  t.teardown(() => app.close())
  const kept = { app }
  const watcher = new pg.Client({ connectionString: db.superuserUrl })
  await watcher.connect()
  t.teardown(() => watcher.end())
  await watcher.query('create extension if not exists pg_stat_statements')

  /** How often a table of a statement was really read. */
  const reads = async (work: () => Promise<unknown>, table: string) => {
    await watcher.query('select pg_stat_statements_reset()')
    await work()
    const { rows } = await watcher.query(
      `select coalesce(sum(calls), 0)::int as calls from pg_stat_statements s join pg_database d on d.oid = s.dbid
       where d.datname = current_database() and s.query like $1 and s.toplevel`,
      [`%from "${table}"%`],
    )
    return rows[0].calls as number
  }
  const times = async (count: number, key: string | undefined, query: string) => {
    for (let n = 0; n < count; n++) await ask(kept, key, query)
  }

  t.test('what is the same for a scope is read once, and no more until it changes', async (t) => {
    const query = '{ actions(first: 50) { totalCount nodes { ref status } } }'
    t.equal(await reads(() => ask(db, undefined, query), 'action'), 2, 'the page and its total are counted at the server')
    await times(2, undefined, query)
    t.equal(await reads(() => times(5, undefined, query), 'action'), 0, 'the public')
    const key = db.keys['partner_reader@trajekt']
    await times(2, key, query)
    t.equal(await reads(() => times(5, key, query), 'action'), 0, 'a role')
    t.equal(await reads(() => times(5, db.keys['partner_reader@envida'], query), 'action'), 0, 'the same role of another organisation')
  })

  t.test('what depends on who calls is kept for the public alone', async (t) => {
    const query = '{ actions(first: 50) { nodes { ref latestStatus { narrative } } } }'
    await times(2, undefined, query)
    t.equal(await reads(() => times(5, undefined, query), 'action'), 0, 'nobody in particular')
    const key = db.keys['partner_reader@trajekt']
    await times(2, key, query)
    t.equal(await reads(() => times(5, key, query), 'action'), 5, 'a partner')
  })

  t.test("no scope is ever given another's answer", async (t) => {
    const queries = [
      '{ actions(first: 100) { totalCount nodes { ref title { text } } } }',
      '{ executionPlans { totalCount nodes { id latestVersion { state ambitions { text } } } } }',
      '{ programme(code: "VW") { themes { code } } strategicAgenda { id } }',
      '{ actions(first: 100) { nodes { notes { totalCount nodes { body } } statusReports { nodes { narrative reportedBy { slug } restrictedFields } } viewerCanRecordStatus } } }',
      '{ viewer { label organisation { slug } } }',
    ]
    for (const [slug, n] of [
      ['woonpunt', 1],
      ['trajekt', 2],
      ['envida', 3],
    ] as const) {
      const { data } = await ask<{ action: { id: string } }>(db, db.keys[`partner_editor@${slug}`], '{ action(ref: "POT-2025-01") { id } }')
      for (const visibility of ['ALLIANCE', 'OWN_ORGANISATION']) {
        await ask(
          db,
          db.keys[`partner_editor@${slug}`],
          'mutation N($id: ID!, $body: String!, $v: Visibility!) { noteCreate(actionId: $id, input: { body: $body, visibility: $v }) { userErrors { code } } }',
          {
            id: data.action.id,
            body: `canary-${slug}-${n}`,
            v: visibility,
          },
        )
      }
    }
    const callers = [undefined, ...Object.values(db.keys)]
    const alone = new Map<string, string>()
    for (const [index, key] of callers.entries())
      for (const query of queries) alone.set(`${index} ${query}`, (await ask(db, key, query)).raw)
    const wrong: string[] = []
    for (let round = 0; round < 4; round++) {
      const turns = callers.flatMap((key, index) => queries.map((query) => ({ key, index, query }))).sort(() => Math.random() - 0.5)
      await Promise.all(
        turns.map(async ({ key, index, query }) => {
          if ((await ask(kept, key, query)).raw !== alone.get(`${index} ${query}`)) wrong.push(`${index} ${query}`)
        }),
      )
    }
    t.same(wrong, [])
  })

  t.test('an acknowledged write is seen by the next read', async (t) => {
    const query = '{ actions(first: 50) { nodes { ref status } } }'
    const key = db.keys['partner_editor@woonpunt']
    const { data } = await ask<{ action: { id: string } }>(db, key, '{ action(ref: "POT-2025-02") { id } }')
    const statuses = ['IMPLEMENTATION', 'SUSPENDED', 'IMPLEMENTATION', 'SUSPENDED', 'IMPLEMENTATION', 'CLOSED']
    for (const status of statuses) {
      await times(3, undefined, query)
      const written = await ask<{ actionRecordStatus: { disposition: string } }>(
        kept,
        key,
        `mutation R($id: ID!) { actionRecordStatus(id: $id, input: { status: ${status}, narrative: "x" }) { disposition userErrors { code } } }`,
        { id: data.action.id },
      )
      t.equal(written.data.actionRecordStatus.disposition, 'APPLIED')
      const read = await ask<Actions>(kept, undefined, query)
      t.equal(read.data.actions.nodes.find(({ ref }) => ref === 'POT-2025-02')?.status, status)
    }
  })

  t.test('a revoked key is refused although the answer is at hand', async (t) => {
    const query = '{ organisations(first: 5) { nodes { slug } } }'
    const key = db.keys['bi_reader@mondriaan'] as string
    await times(4, key, query)
    await watcher.query(`update api_key set revoked_at = now() where key_id = $1`, [key.split('_')[2]])
    t.equal((await ask(kept, key, query)).status, 401)
  })

  t.test('among many readers, an acknowledged write is seen by every read that begins after it', async (t) => {
    const query = '{ actions(first: 50) { nodes { ref status } } }'
    const key = db.keys['partner_editor@woonpunt']
    const read = async () => (await ask<Actions>(kept, undefined, query)).data.actions.nodes
    const { data } = await ask<{ action: { id: string } }>(db, key, '{ action(ref: "POT-2025-01") { id lead { slug } } }')
    let reading = true
    const readers = Array.from({ length: 6 }, async () => {
      while (reading) await read()
    })
    const stale: string[] = []
    for (let n = 0; n < 30; n++) {
      const status = ['IMPLEMENTATION', 'SUSPENDED'][n % 2]
      const { data: written } = await ask<{ actionRecordStatus: { disposition: string } }>(
        kept,
        key,
        `mutation R($id: ID!) { actionRecordStatus(id: $id, input: { status: ${status}, narrative: "x" }) { disposition } }`,
        { id: data.action.id },
      )
      const seen = await Promise.all([read(), read(), read()])
      for (const nodes of seen) {
        const found = nodes.find(({ ref }) => ref === 'POT-2025-01')?.status
        if (found !== status) stale.push(`${n}: ${found} after ${status} was ${written.actionRecordStatus.disposition}`)
      }
    }
    reading = false
    await Promise.all(readers)
    t.same(stale, [])
  })

  t.test('what is kept is 304 to who has it, until it changes', async (t) => {
    const query = '{ actions(first: 50) { nodes { ref health } } }'
    const get = (key: string | undefined, etag?: string) =>
      app.inject({
        url: `/graphql?query=${encodeURIComponent(query)}`,
        headers: {
          accept: 'application/json',
          ...(key ? { authorization: `Bearer ${key}` } : {}),
          ...(etag ? { 'if-none-match': etag } : {}),
        },
      })
    for (let n = 0; n < 3; n++) await get(undefined)
    const first = await get(undefined)
    const etag = String(first.headers.etag)
    const again = await get(undefined, etag)
    t.same([again.statusCode, again.body, again.headers['cache-control']], [304, '', 'public, no-cache'])
    const team = db.keys['programme_team@gemeente-maastricht']
    const other = await get(team, etag)
    t.same([other.statusCode, other.headers['cache-control']], [200, 'private, no-cache'], 'who sees more does not have it')
    const { data } = await ask<{ action: { id: string } }>(db, undefined, '{ action(ref: "POT-2025-01") { id } }')
    const written = await ask<{ actionRecordStatus: { disposition: string } }>(
      kept,
      db.keys['partner_editor@woonpunt'],
      'mutation R($id: ID!) { actionRecordStatus(id: $id, input: { status: IMPLEMENTATION, health: OFF_TRACK, narrative: "x" }) { disposition } }',
      { id: data.action.id },
    )
    t.equal(written.data.actionRecordStatus.disposition, 'APPLIED')
    const changed = await get(undefined, etag)
    t.equal(changed.statusCode, 200)
    t.not(changed.headers.etag, etag)
  })

  t.test('no function hides from the planner that an answer depends on who calls', async (t) => {
    // The cache knows a personal answer by its plan, which shows what stands in policies and in functions that are written into them.
    const { rows } = await watcher.query(
      `select proname, prosecdef or provolatile = 'v' or proconfig is not null as opaque from pg_proc
       where pronamespace = 'public'::regnamespace and prorettype <> 'trigger'::regtype and prokind = 'f'
         and prosrc ~ 'caller_organisation|caller_principal|app\\.(organisation|principal)' order by proname`,
    )
    t.same(
      rows.filter(({ opaque }) => opaque).map(({ proname }) => proname),
      ['enter', 'enter_public'],
    )
  })
})

t.test('the cache holds no more bytes than it may, and nothing read before a change', (t) => {
  let change: (tables: readonly string[]) => void = () => undefined
  const cache = new ResponseCache({ onChange: (listener: typeof change) => (change = listener) } as unknown as Session, 64_000)
  const actions = { tables: ['action'], personal: false }
  const plans = { tables: ['plan'], personal: false }
  const keep = (request: string, data: string, reading = actions) => cache.keep(cache.begin(request, reading), 'PUBLIC', Buffer.from(data))
  const requests = Array.from({ length: 2_000 }, (_, n) => `request ${n}`)
  for (const [n, request] of requests.entries()) keep(request, 'x'.repeat((n * 37) % 1_500))
  const held = requests.flatMap((request) => cache.get('PUBLIC', request) ?? [])
  const bytes = held.reduce((sum, data) => sum + data.length, 0)
  t.ok(bytes <= 64_000 && held.length > 10, `${held.length} answers, ${bytes} bytes`)
  t.equal(cache.get('PUBLIC', 'request 1999')?.length, (1999 * 37) % 1_500, 'the youngest is held')
  t.equal(requests.filter((request) => cache.knows(request)).length, held.length, 'what fell out is forgotten')
  keep('large', 'x'.repeat(10_000))
  t.equal(cache.get('PUBLIC', 'large'), undefined, 'one answer takes no more than its part')

  keep('plans', 'p', plans)
  t.equal(cache.get('PARTNER_READER', 'plans'), undefined, 'of another scope')
  const before = cache.begin('late', actions)
  change(['action'])
  cache.keep(before, 'PUBLIC', Buffer.from('stale'))
  t.equal(cache.get('PUBLIC', 'late'), undefined, 'read before the change, so not kept after it')
  t.same(
    requests.filter((request) => cache.get('PUBLIC', request) !== undefined || cache.knows(request)),
    [],
  )
  t.equal(String(cache.get('PUBLIC', 'plans')), 'p', 'what was read from other tables stays')
  t.end()
})
