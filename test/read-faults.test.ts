import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import t from 'tap'
import { startEmbeddedPostgres } from '../src/db/embedded.ts'
import { admitRuntime, migrate } from '../src/db/migrate.ts'
import { type Credential, Session, type Statement } from '../src/db/session.ts'
import { toProblem } from '../src/errors.ts'
import { ask, testDatabase } from './harness.ts'
import { countingWire } from './wire.ts'

const statement = (text: string): Statement => ({ text, values: [] })
const nobody: Credential = { kind: 'public' }
const codeOf = (read: Promise<unknown>): Promise<string> =>
  read.then(
    () => 'answered',
    (error) => toProblem(error).code,
  )

t.setTimeout(180_000) // a database is made and restarted here

t.test('a GraphQL query is one round trip, identity included, however deep it is', async (t) => {
  const wire = await countingWire(t)
  const db = await testDatabase(t, { sessionUrl: wire.through })
  const query = `{ programme(code: "VW") { pillars { code } } neighbourhoods { slug executionPlans { totalCount nodes {
    actions(first: 5) { totalCount nodes { ref lead { slug } contributors { slug } statusReports(first: 2) { nodes { status } } } } } } } }`
  for (const key of [undefined, db.keys['programme_team@gemeente-maastricht']]) {
    await ask(db, key, query)
    wire.syncs = 0
    const { errors } = await ask(db, key, query)
    t.same([errors, wire.syncs], [undefined, 1])
  }
})

t.test('a cancelled read is unavailable, and those queued behind it are answered', async (t) => {
  const db = await testDatabase(t)
  const session = new Session({ url: db.url, readConnections: 1 })
  const superuser = new pg.Client({ connectionString: db.superuserUrl })
  await superuser.connect()
  t.teardown(() => Promise.all([session.close(), superuser.end()]))
  await session.read(nobody, [])
  const cancelled = codeOf(session.read(nobody, [statement('select 1'), statement('select pg_sleep(30)'), statement('select 2')]))
  const behind = Array.from({ length: 6 }, (_, n) => session.read(nobody, [statement(`select ${n}`)]))
  for (let tries = 0; tries < 200; tries++) {
    const { rowCount } = await superuser.query(
      `select pg_cancel_backend(pid) from pg_stat_activity where datname = current_database() and query like '%pg_sleep(30)%' and wait_event = 'PgSleep'`,
    )
    if (rowCount) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  t.equal(await cancelled, 'UNAVAILABLE')
  t.same(
    await Promise.all(behind),
    Array.from({ length: 6 }, (_, n) => [[[String(n)]]]),
  )
})

t.test('a server that restarts is unavailable for as long as that takes, and no longer', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'samenspel-restart-'))
  const dataDir = path.join(folder, 'data')
  let server = await startEmbeddedPostgres({ dataDir, durable: false })
  const { port } = server
  t.teardown(async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const superuser = new pg.Client({ connectionString: server.superuserUrl() })
  await superuser.connect()
  await superuser.query(`create role samenspel_owner login createrole password 'owner'`)
  await superuser.query('create database restarted owner samenspel_owner template template0')
  await superuser.end()
  const as = (username: string, password: string): string =>
    Object.assign(new URL(server.superuserUrl('restarted')), { username, password }).href
  const url = as('samenspel_app', 'runtime')
  await migrate(as('samenspel_owner', 'owner'))
  await admitRuntime(as('samenspel_owner', 'owner'), url)
  const session = new Session({ url, readConnections: 2, writeConnections: 2 })
  t.teardown(() => session.close())
  const read = () => codeOf(session.read(nobody, [statement('select count(*) from programme')]))
  const write = () => codeOf(session.write(nobody, undefined, async (tx) => tx.rows([statement('select count(*) from programme')])))
  t.same(await Promise.all([read(), write()]), ['answered', 'answered'])

  const during = Array.from({ length: 40 }, () => codeOf(session.read(nobody, [statement('select pg_sleep(0.05)')])))
  await server.stop()
  t.same(
    (await Promise.all(during)).filter((code) => code !== 'answered' && code !== 'UNAVAILABLE'),
    [],
  )
  t.same(await Promise.all([read(), write()]), ['UNAVAILABLE', 'UNAVAILABLE'])

  server = await startEmbeddedPostgres({ dataDir, durable: false })
  t.equal(server.port, port)
  t.same(await Promise.all([read(), read(), read(), write(), write()]), Array(5).fill('answered'))
})

t.test('a verb whose connection is lost under it is told to come again, and leaves nothing', async (t) => {
  const { url } = await testDatabase(t)
  const session = new Session({ url })
  t.teardown(() => session.close())
  const lost = session.write(nobody, undefined, async (tx) => {
    const { connection } = (tx.db as unknown as { $client: { connection: { stream: { destroy(): void } } } }).$client
    connection.stream.destroy()
    return tx.db.execute('select 1')
  })
  t.equal(await codeOf(lost), 'UNAVAILABLE')
  t.equal(await codeOf(session.write(nobody, undefined, async (tx) => tx.db.execute('select 1'))), 'answered')
})
