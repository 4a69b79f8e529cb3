import pg from 'pg'
import t from 'tap'
import { buildApp } from '../src/app.ts'
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
    const statuses = ['IMPLEMENTATION', 'SUSPENDED', 'FINALISATION', 'SUSPENDED', 'IMPLEMENTATION', 'CLOSED']
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
})
