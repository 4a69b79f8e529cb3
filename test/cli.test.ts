import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import t, { type Test } from 'tap'
import { provision, writePrivately } from '../src/db/provision.ts'
import { makeDemoKeys } from '../src/seed/demo.ts'
import { ask, sharedData, type TestDatabase, testDatabase, withoutSharedData } from './harness.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const kwb = path.join(sharedData, 'kwb/2020-84799NED-v3')
const maastricht = path.join(kwb, 'TypedDataSet.maastricht.json')

interface Ended {
  code: number | null
  out: string
  err: string
}

/** `samenspel …` as an operator runs it, with nothing in the environment but this. */
function samenspel(env: Record<string, string>, ...args: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import=tsx', 'src/cli.ts', ...args], {
      cwd: root,
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ended: Ended = { code: null, out: '', err: '' }
    child.stdout.on('data', (chunk) => {
      ended.out += chunk
    })
    child.stderr.on('data', (chunk) => {
      ended.err += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ ...ended, code }))
  })
}

const both = ({ url, ownerUrl }: TestDatabase) => ({ DATABASE_URL: url, DATABASE_OWNER_URL: ownerUrl })

const firstLine = (text: string) => text.split('\n')[0]

/** A command that says in one line what is wrong. */
async function refused(t: Test, running: Promise<Ended>, code: number, line: RegExp): Promise<Ended> {
  const ended = await running
  t.equal(ended.code, code, ended.err)
  t.match(firstLine(ended.err), line)
  return ended
}

t.test('a wrong call is answered with how to call, and exit code 64', async (t) => {
  const calls: [string[], RegExp][] = [
    [[], /^samenspel: USAGE: a command is needed$/],
    [['conquer'], /^samenspel: USAGE: there is no command "conquer"$/],
    [['key'], /^samenspel: USAGE: key needs one of: create, list, rotate, revoke$/],
    [['key', 'create', '--role', 'ADMIN'], /^samenspel: USAGE: --organisation is needed$/],
    [['key', 'revoke'], /^samenspel: USAGE: 0 operands are given, 1 needed$/],
    [['migrate', '--fast'], /^samenspel: USAGE: Unknown option '--fast'$/],
    [['import', 'cbs'], /^samenspel: USAGE: --from is needed$/],
    [['export', 'Regions.csv', '--json'], /^samenspel: USAGE: --json needs --to/],
  ]
  await Promise.all(
    calls.map(async ([args, line]) => {
      const { out, err } = await refused(t, samenspel({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }, ...args), 64, line)
      t.match(err, /^usage: samenspel /m)
      if (args.includes('--json')) t.match(JSON.parse(out), { error: { code: 'USAGE' } })
      else t.equal(out, '')
    }),
  )
})

t.test('--help tells what there is, without a database', async (t) => {
  const [all, one] = await Promise.all([samenspel({}, '--help'), samenspel({}, 'import', 'cbs', '--help')])
  t.match(all, { code: 0, err: '' })
  for (const command of ['migrate', 'seed', 'key create', 'key list', 'key rotate', 'key revoke', 'import cbs', 'export', 'doctor'])
    t.match(all.out, new RegExp(`^  ${command} `, 'm'))
  t.match(one, { code: 0, err: '' })
  t.match(one.out, /^usage: samenspel import cbs --from /)
})

t.test('a wrong environment is told at once, with exit code 78; one that is not there with 69', async (t) => {
  const db = await testDatabase(t)
  const elsewhere = new URL(db.ownerUrl)
  elsewhere.pathname = '/no_such_database'
  await Promise.all([
    refused(
      t,
      samenspel({ DATABASE_URL: 'mysql://x', PORT: 'many' }, 'doctor'),
      78,
      /^samenspel: CONFIGURATION: .*PORT.*DATABASE_URL|^samenspel: CONFIGURATION: .*DATABASE_URL.*PORT/,
    ),
    refused(t, samenspel({ DATABASE_URL: db.url }, 'key', 'list'), 78, /^samenspel: CONFIGURATION: DATABASE_OWNER_URL: /),
    refused(t, samenspel({ DATABASE_OWNER_URL: db.ownerUrl }, 'doctor'), 78, /^samenspel: CONFIGURATION: DATABASE_URL: /),
    refused(
      t,
      samenspel({ DATABASE_OWNER_URL: elsewhere.href }, 'migrate'),
      78,
      /^samenspel: CONFIGURATION: There is no such database .*\/no_such_database\)$/,
    ),
    refused(
      t,
      samenspel({ DATABASE_URL: db.url.replace('runtime', 'wrong') }, 'doctor'),
      78,
      /^samenspel: CONFIGURATION: .*role or its password \([^@]+\)$/,
    ),
    refused(
      t,
      samenspel({ DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:1/none' }, 'doctor'),
      69,
      /^samenspel: UNAVAILABLE: The database cannot be reached \(127\.0\.0\.1:1\/none\)$/,
    ),
    refused(t, samenspel({ DATABASE_URL: db.url }, 'import', 'cbs', '--from', '/nowhere'), 65, /^samenspel: BAD_USER_INPUT: /),
  ])
})

t.test('whoever forgets to migrate is told to', async (t) => {
  const db = await testDatabase(t)
  const superuser = new pg.Client({ connectionString: db.superuserUrl })
  await superuser.connect()
  const empty = new URL(db.ownerUrl)
  empty.pathname += '_empty'
  const name = empty.pathname.slice(1)
  await superuser.query(`create database "${name}" owner samenspel_owner template template0`)
  t.teardown(async () => {
    await superuser.query(`drop database "${name}" with (force)`)
    await superuser.end()
  })
  const notMigrated = /^samenspel: CONFIGURATION: The database is not migrated: run `samenspel migrate` first/
  const creating = ['key', 'create', '--organisation', 'woonpunt', '--role', 'PARTNER_SYSTEM', '--label', 'first']
  for (const command of [['seed'], ['key', 'list'], creating])
    await refused(t, samenspel({ DATABASE_OWNER_URL: empty.href }, ...command), 78, notMigrated)
  const asRuntime = new URL(db.url)
  asRuntime.pathname = empty.pathname
  const env = { DATABASE_URL: asRuntime.href, SAMENSPEL_API_KEY: db.keys['research_statistics@gemeente-maastricht'] as string }
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'samenspel-export-')), 'Regions.csv')
  t.teardown(() => rmSync(path.dirname(file), { recursive: true }))
  await refused(t, samenspel(env, 'export', 'Regions.csv'), 78, notMigrated)
  await refused(t, samenspel(env, 'export', 'Regions.csv', '--to', file), 78, notMigrated)
  t.same(readdirSync(path.dirname(file)), [], 'and no file is left')
  if (!withoutSharedData) await refused(t, samenspel(env, 'import', 'cbs', '--from', maastricht), 78, notMigrated)
  t.match(await samenspel(env, 'doctor'), { code: 78, out: /^wrong +migrations: there are no tables: run `samenspel migrate`$/m })
  for (const command of ['rotate', 'revoke'])
    await refused(t, samenspel({ DATABASE_OWNER_URL: empty.href }, 'key', command, 'first'), 78, notMigrated)
})

t.test('migrate can be repeated, seed sows once, doctor finds the database sound', async (t) => {
  const db = await testDatabase(t)
  for (const _time of [1, 2]) {
    t.same(JSON.parse((await samenspel(both(db), 'migrate', '--json')).out), { migrated: true, admitted: 'samenspel_app' })
  }
  t.match(await samenspel(both(db), 'seed'), { code: 0, out: /already/ })
  const sound = await samenspel(both(db), 'doctor', '--json')
  t.equal(sound.code, 0, sound.err)
  const found = JSON.parse(sound.out) as { ok: boolean; checks: { check: string; state: string }[] }
  t.equal(found.ok, true)
  t.match(Object.fromEntries(found.checks.map(({ check, state }) => [check, state])), { role: 'ok', migrations: 'ok', service: 'ok' })
  const asOwner = await samenspel({ DATABASE_URL: db.ownerUrl }, 'doctor')
  t.equal(asOwner.code, 78)
  t.match(asOwner.out, /^wrong +role: samenspel_owner could pass the row policies$/m)
})

t.test('a key is made, listed, replaced and ended', async (t) => {
  const db = await testDatabase(t)
  const env = both(db)
  // An answer that is the same for all of a role, and so may be kept; asked often enough that it is.
  const status = async (key: string) => {
    for (const _time of [1, 2, 3]) await ask(db, key, '{ programme(code: "VW") { code } }')
    const { status, errors } = await ask(db, key, '{ programme(code: "VW") { code } }')
    return errors?.[0]?.extensions.code ?? status
  }
  const made = await samenspel(
    env,
    'key',
    'create',
    '--organisation',
    'envida',
    '--role',
    'PARTNER_SYSTEM',
    '--role',
    'BI_READER',
    '--label',
    'Care records',
    '--expires',
    '2099-12-31',
  )
  t.equal(made.code, 0, made.err)
  const key = firstLine(made.out) as string
  t.match(key, /^ssp_live_/)
  t.equal(await status(key), 200)

  const listed = await samenspel(env, 'key', 'list', '--organisation', 'envida', '--json')
  const [first] = JSON.parse(listed.out) as { keyId: string; roles: string[]; scopes: string[]; expiresAt: string }[]
  t.match(first, {
    roles: ['PARTNER_SYSTEM', 'BI_READER'],
    scopes: ['status:write', 'note:write', 'contribution:write'],
    expiresAt: /^2099-12-31/,
  })
  t.notOk(listed.out.includes(key.slice(-51, -8)), 'never the secret')
  const keyId = first?.keyId as string
  t.match((await samenspel(env, 'key', 'list')).out, new RegExp(`^${keyId}  envida +.*Care records`, 'm'))

  const rotated = JSON.parse((await samenspel(env, 'key', 'rotate', keyId, '--overlap', '1', '--json')).out) as {
    key: string
    keyId: string
  }
  t.same([await status(key), await status(rotated.key)], [200, 200], 'both hold while the overlap lasts')

  t.match(await samenspel(env, 'key', 'revoke', keyId), { code: 0, out: /is revoked/ })
  t.same([await status(key), await status(rotated.key)], ['UNAUTHENTICATED', 200], 'a revoked key is refused at once')

  await refused(t, samenspel(env, 'key', 'rotate', keyId), 1, /^samenspel: CONFLICT: /)
  await refused(t, samenspel(env, 'key', 'revoke', 'nobodys'), 65, /^samenspel: NOT_FOUND: /)
  const wrong = await refused(
    t,
    samenspel(env, 'key', 'create', '--organisation', 'envida', '--role', 'KING', '--label', ' ', '--expires', '2001-01-01', '--json'),
    65,
    /^samenspel: BAD_USER_INPUT: .*roles\.0: .*label: .*expiresAt: /,
  )
  t.match(JSON.parse(wrong.out), {
    error: { code: 'BAD_USER_INPUT', errors: [{ path: ['roles', 0] }, { path: ['label'] }, { path: ['expiresAt'] }] },
  })
})

t.test('import cbs stores what the key may store, and export gives it back', { skip: withoutSharedData }, async (t) => {
  const db = await testDatabase(t)
  const env = { DATABASE_URL: db.url }
  const key = db.keys['research_statistics@gemeente-maastricht'] as string
  const run = (...args: string[]) => samenspel(env, 'import', 'cbs', '--from', maastricht, ...args)

  await refused(t, run('--key', db.keys['partner_editor@servatius'] as string), 77, /^samenspel: FORBIDDEN: .*RESEARCH_STATISTICS$/)
  await refused(t, run('--key', 'ssp_live_x'), 77, /^samenspel: UNAUTHENTICATED: /)
  await refused(t, run(), 78, /^samenspel: CONFIGURATION: SAMENSPEL_API_KEY: /)
  await refused(t, run('--key', key, '--regions', 'GM9999'), 65, /^samenspel: BAD_USER_INPUT: /)

  const first = await run('--key', key, '--json', '--regions', 'GM0935')
  t.equal(first.code, 0, first.err)
  t.match(JSON.parse(first.out), { table: '84799NED', counts: { regions: 52, created: 52 * 17 - 51, revised: 0, unchanged: 51 } })
  t.match(first.err, /^52 of 17341 regions$/m, 'progress is told elsewhere than the result')
  const again = await run('--key', key, '--release', 'again')
  t.match(again, { code: 0, out: /release again: 53 regions\n17 figures new, 0 revised, 884 as they were/ })

  const folder = mkdtempSync(path.join(tmpdir(), 'samenspel-export-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'Observations.csv')
  const exported = await samenspel(env, 'export', 'Observations.csv', '--to', file, '--key', key, '--json')
  t.equal(exported.code, 0, exported.err)
  const door = await db.app.inject({ url: '/api/v1/exports/Observations.csv', headers: { authorization: `Bearer ${key}` } })
  t.equal(readFileSync(file, 'utf8'), door.body, 'the very bytes of the door')
  t.match(JSON.parse(exported.out), { set: 'Observations.csv', file, bytes: Buffer.byteLength(door.body) })
  const regions = await samenspel(env, 'export', 'Regions.csv')
  t.equal(regions.code, 0, regions.err)
  t.equal(regions.out, (await db.app.inject('/api/v1/exports/Regions.csv')).body)
  await refused(t, samenspel(env, 'export', 'Secrets.csv', '--to', path.join(folder, 'x.csv')), 65, /^samenspel: NOT_FOUND: /)
  await refused(t, samenspel(env, 'export', 'Regions.csv', '--to', path.join(folder, 'no/x.csv')), 65, /^samenspel: BAD_USER_INPUT: to: /)
  t.notOk(existsSync(path.join(folder, 'x.csv')))
})

t.test('without DATABASE_URL it works on the embedded database, running or not, and leaves it so', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'samenspel-cli-'))
  const dataDir = path.join(folder, 'data')
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const env = { DATA_DIR: dataDir }

  t.match(await samenspel(env, 'seed'), { code: 0, out: /is sown/, err: /programme/ })
  t.notOk(existsSync(path.join(dataDir, 'samenspel.lock')), 'it stopped what it had started')

  const { server, ownerUrl } = await provision(dataDir, () => undefined)
  t.teardown(() => server.stop())
  const { pid, port } = server
  writePrivately(path.join(dataDir, 'demo-keys.json'), await makeDemoKeys(ownerUrl))
  const listed = await samenspel(env, 'key', 'list', '--json')
  t.equal(listed.code, 0, listed.err)
  t.ok(JSON.parse(listed.out).length > 30)
  if (!withoutSharedData) {
    const imported = await samenspel(env, 'import', 'cbs', '--from', maastricht, '--regions', 'BU09350203', '--json')
    t.equal(imported.code, 0, imported.err)
    t.match(JSON.parse(imported.out), { counts: { regions: 1, created: 0, unchanged: 17 } }, 'as the demo key of Research & Statistics')
  }
  t.same([server.pid, server.port], [pid, port], 'on the server that was running')
})
