import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { buildApp } from '../src/app.ts'
import { features } from '../src/features.ts'
import { testDatabase, writeAs } from './harness.ts'

const figures = 500_000

/** 2,500 regions, 10 indicators, 20 years. */
const sowFigures = `with r as (insert into region (id, code, type, name)
    select gen_random_uuid(), 'BU' || to_char(g, 'FM0000') || '0000', 'BU', 'Buurt' from generate_series(1, 2500) g returning id, code),
  w as (insert into region_version (id, region_id, year, code, name) select gen_random_uuid(), id, 2020, code, 'Buurt' from r returning id, region_id),
  s as (insert into series (id, indicator_id, indicator_version_id, region_id)
    select gen_random_uuid(), v.indicator_id, v.id, r.id from r, (select * from indicator_version limit 10) v returning id, region_id)
  insert into observation (id, series_id, period, region_version_id, value, status, data_source_id)
  select gen_random_uuid(), s.id, y::text, w.id, y, 'NORMAL', (select id from data_source limit 1)
  from s join w using (region_id), generate_series(2001, 2020) y`

t.test('B11: half a million figures are streamed in bounded memory, and are not sent again to who has them', async (t) => {
  const db = await testDatabase(t)
  const owner = new pg.Client({ connectionString: db.superuserUrl })
  await owner.connect()
  t.teardown(() => owner.end())
  await owner.query('set session_replication_role = replica')
  await owner.query(sowFigures)
  await owner.query('analyze')

  await db.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = db.app.server.address() as AddressInfo
  const asked = async (url: string, headers: Record<string, string> = {}) =>
    ((await once(get({ port, path: url, headers }), 'response')) as [IncomingMessage])[0]
  const url = '/api/v1/exports/Observations.csv'
  const held = () => {
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }

  let etag = ''
  t.test('whether it is read fast or not at all for a while', async (t) => {
    const answer = await asked(url)
    t.equal(answer.statusCode, 200)
    etag = String(answer.headers.etag)
    const before = held()
    answer.pause()
    await pause(1_500)
    t.ok(held() - before < 32 * 1024 * 1024, 'what nobody reads is not read from the database either')
    let [bytes, lines, most] = [0, 0, 0]
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length
      for (const byte of chunk) if (byte === 0x0a) lines++
      most = Math.max(most, held() - before)
    }
    t.ok(lines > figures, 'all of it')
    t.ok(bytes > 100 * 1024 * 1024)
    t.ok(most < 64 * 1024 * 1024, `at most ${Math.round(most / 1024 / 1024)} of ${Math.round(bytes / 1024 / 1024)} MiB were held at once`)
  })

  const known = async (headers: Record<string, string> = {}, path = url) => {
    const answer = await asked(path, { 'if-none-match': etag, ...headers })
    answer.destroy()
    return { status: answer.statusCode, etag: answer.headers.etag, length: answer.headers['content-length'] }
  }
  t.test('the same file is 304', async (t) => {
    t.same(await known(), { status: 304, etag, length: undefined })
    t.equal((await known({ 'if-none-match': '"another"' })).status, 200)
    t.equal((await known({}, `${url}?delimiter=;`)).status, 200, 'another file')
    const head = await db.app.inject({ method: 'HEAD', url })
    t.equal(head.headers.etag, etag)
    t.equal((await known({ authorization: 'Bearer nonsense' })).status, 401, 'not to who may not enter')
  })

  t.test('one figure that changes, or is withheld, makes it another', async (t) => {
    const change = (value: string, status: string) =>
      writeAs(db, db.keys['research_statistics@gemeente-maastricht'] as string, (tx) =>
        tx.db.execute(
          `update observation set value = ${value}, status = '${status}' where id = (select id from observation order by id limit 1)`,
        ),
      )
    await change('12345', 'NORMAL')
    const after = await known()
    t.equal(after.status, 200)
    t.not(after.etag, etag)
    etag = String(after.etag)
    t.equal((await known()).status, 304)
    await change('null', 'SUPPRESSED')
    t.equal((await known()).status, 200)
  })
})

t.test('the files that there are', async (t) => {
  const { app, session } = await testDatabase(t)
  const files = (await app.inject('/api/v1/exports')).json() as { set: string; href: string }[]
  t.same(
    files.map(({ set }) => set),
    features.feeds.map(({ set }) => set),
  )
  const behind = await buildApp({ session, publicUrl: 'https://samenspel.example/city/' })
  t.teardown(() => behind.close())
  t.match((await behind.inject('/api/v1/exports')).json()[0], { href: /^https:\/\/samenspel\.example\/city\/api\/v1\/exports\// })
  t.match((await behind.inject('/api/v1/events')).headers.link, /^<https:\/\/samenspel\.example\/city\/api\/v1\/events\?after=/)
  for (const { href } of files) t.equal((await app.inject({ method: 'HEAD', url: href })).statusCode, 200, href)
})

t.test('B11: the tag of a file is of what its reader may read', async (t) => {
  const db = await testDatabase(t)
  const tag = async (key?: string) =>
    (
      await db.app.inject({
        method: 'HEAD',
        url: '/api/v1/exports/Actions.csv',
        headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      })
    ).headers.etag
  t.equal(await tag(), await tag())
  t.not(await tag(db.keys['bi_reader@servatius']), await tag(), 'the public sees no draft')
})
