import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import t, { type Test } from 'tap'
import { testDatabase } from './harness.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'samenspel-start-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  code: number | null
  lines: string[]
}

/** A child of another user cannot write what the test runner would have it write at its end. */
const alone = ['/bin/sh', '-c', 'unset NODE_OPTIONS; exec "$@"', 'sh']

/** Starts the service as its own process and waits for its end. */
function start(env: Record<string, string>, as?: { uid: number; gid: number }): Promise<Ended> {
  const [command = '', ...args] = [...(as ? alone : []), process.execPath, '--import=tsx', 'src/server.ts']
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env: { PATH: process.env.PATH, LOG_LEVEL: 'silent', ...env }, ...as })
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    child.on('close', (code) => resolve({ code, lines: errors.trim().split('\n') }))
  })
}

function refusedWith(t: Test, { code, lines }: Ended, wanted: RegExp, exitCode = 78): void {
  t.equal(code, exitCode)
  t.equal(lines.length, 1, lines.join('\n'))
  t.match(lines[0], wanted)
  t.notMatch(lines[0], /secret|node_modules|\bat /)
}

t.test('a start that cannot go on says why in one line', async (t) => {
  t.test('everything that is wrong with the environment, at once', async (t) => {
    const ended = await start({ PORT: 'seventy', DATABASE_URL: 'mysql://x', LOG_LEVEL: 'loud' })
    refusedWith(t, ended, /PORT.*DATABASE_URL.*LOG_LEVEL/)
  })

  t.test('PORT is taken', async (t) => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    t.teardown(() => other.close())
    const { port } = other.address() as AddressInfo
    refusedWith(t, await start({ PORT: String(port), DATA_DIR: path.join(folder, 'never') }), new RegExp(`PORT ${port} .*taken`))
  })

  t.test('DATA_DIR cannot be written', async (t) => {
    const file = path.join(folder, 'a-file')
    writeFileSync(file, '')
    refusedWith(t, await start({ PORT: '0', DATA_DIR: path.join(file, 'data') }), /^samenspel: DATA_DIR .*a-file\/data cannot be written/)
    refusedWith(t, await start({ PORT: '0', DATA_DIR: file }), /^samenspel: DATA_DIR .*a-file cannot be written/)
  })

  t.test('DATA_DIR holds the data of another PostgreSQL, or of none', async (t) => {
    const dataDir = path.join(folder, 'other')
    mkdirSync(path.join(dataDir, 'postgres'), { recursive: true })
    refusedWith(t, await start({ PORT: '0', DATA_DIR: dataDir }), /other\/postgres is not, or no longer leads to, a PostgreSQL cluster/)
    writeFileSync(path.join(dataDir, 'postgres-password'), 'secret')
    writeFileSync(path.join(dataDir, 'postgres', 'PG_VERSION'), '9\n')
    refusedWith(
      t,
      await start({ PORT: '0', DATA_DIR: dataDir }),
      /^samenspel: DATA_DIR .*other holds PostgreSQL 9 data; the binaries are \d+$/,
    )
  })

  t.test('DATA_DIR is another user’s', { skip: process.getuid?.() === 0 ? false : 'needs root' }, async (t) => {
    const somebody = { uid: 65_533, gid: 65_533 }
    chmodSync(folder, 0o755)
    const closed = path.join(folder, 'closed')
    mkdirSync(closed)
    refusedWith(t, await start({ PORT: '0', DATA_DIR: closed }, somebody), /^samenspel: DATA_DIR .*closed cannot be written \(EACCES/)
    const open = path.join(folder, 'open')
    mkdirSync(path.join(open, 'postgres'), { recursive: true, mode: 0o700 })
    chmodSync(open, 0o777)
    refusedWith(t, await start({ PORT: '0', DATA_DIR: open }, somebody), /open\/postgres belongs to another user \(uid 0; this is 65533\)/)
  })

  t.test('nobody answers at DATABASE_URL', async (t) => {
    refusedWith(
      t,
      await start({ PORT: '0', DATABASE_URL: 'postgres://app:secret@127.0.0.1:1/none' }),
      /DATABASE_URL cannot be used \(127\.0\.0\.1:1\/none\): /,
    )
  })

  t.test('DATABASE_URL names a role that could pass the policies', async (t) => {
    const db = await testDatabase(t)
    refusedWith(t, await start({ PORT: '0', DATABASE_URL: db.superuserUrl }), /could pass the row policies/)
    refusedWith(t, await start({ PORT: '0', DATABASE_URL: db.ownerUrl }), /could pass the row policies/)
  })

  t.test('the database knows a role that no permission is for', async (t) => {
    const db = await testDatabase(t)
    const superuser = new pg.Client({ connectionString: db.superuserUrl })
    await superuser.connect()
    await superuser.query(`alter type role add value 'VISITOR'`)
    await superuser.end()
    refusedWith(t, await start({ PORT: '0', DATABASE_URL: db.url }), /differ in the roles VISITOR/)
  })

  t.test('the database is not migrated', async (t) => {
    const db = await testDatabase(t)
    const empty = new URL(db.url)
    empty.pathname = '/template1'
    const ended = await start({ PORT: '0', DATABASE_URL: empty.href })
    t.equal(ended.code, 78)
    t.match(ended.lines.join(), /not migrated|cannot be used/)
  })
})
