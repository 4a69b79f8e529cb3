import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import tap, { type Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import { buildApp } from '../src/app.ts'
import { record } from '../src/audit/record.ts'
import type { PrincipalActor } from '../src/auth/actor.ts'
import { parseKey } from '../src/auth/key.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/db/embedded.ts'
import { admitRuntime, migrate, migrationsFolder } from '../src/db/migrate.ts'
import { writePrivately } from '../src/db/provision.ts'
import { type Credential, Session, type Tx } from '../src/db/session.ts'
import { adoptExamplePlan, makeDemoKeys } from '../src/seed/demo.ts'
import { seed } from '../src/seed/seed.ts'

/** The whole service over a database of its own: migrated, seeded, with demo keys and Pottenberg's plan adopted. */
export interface TestDatabase {
  name: string
  ownerUrl: string
  /** The runtime role's address. */
  url: string
  superuserUrl: string
  /** `<role>@<organisation slug>` → API key. */
  keys: Record<string, string>
  session: Session
  app: FastifyInstance
}

export const sharedData = fileURLToPath(new URL('../../shared/data/', import.meta.url))

/** Why a test that reads the published tables cannot run, or false. */
export const withoutSharedData = existsSync(sharedData) ? false : 'the published tables (../shared/data) are not on this machine'

const runtimePassword = 'runtime'
const ownerPassword = 'owner'

/** A server that test/run.mjs started for all files, or one of this file's own. */
const shared = process.env.SAMENSPEL_TEST_POSTGRES
let own: Promise<{ superuser: string; folder: string }> | undefined

async function serverOf(): Promise<{ superuser: string; folder: string }> {
  if (shared) return { superuser: shared, folder: process.env.SAMENSPEL_TEST_FOLDER as string }
  own ??= startOwn()
  return own
}

async function startOwn(): Promise<{ superuser: string; folder: string }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'samenspel-test-'))
  const server: EmbeddedPostgres = await startEmbeddedPostgres({ dataDir: path.join(folder, 'data'), durable: false })
  tap.teardown(async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return { superuser: server.superuserUrl(), folder }
}

function address(superuser: string, role: string, password: string, database: string): string {
  const url = new URL(superuser)
  url.username = role
  url.password = password
  url.pathname = `/${database}`
  return url.href
}

/** Everything that decides what a seeded database looks like. */
function fingerprint(): string {
  const hash = createHash('sha256')
  const folders = [
    migrationsFolder,
    ...[
      'council',
      'evaluation',
      'seed',
      'plan',
      'action',
      'governance',
      'indicator',
      'organisation',
      'participation',
      'publication',
      'db',
    ].map((name) => fileURLToPath(new URL(`../src/${name}`, import.meta.url))),
  ]
  for (const folder of folders) {
    for (const name of readdirSync(folder).sort()) {
      if (/\.(sql|ts)$/.test(name)) hash.update(name).update(readFileSync(path.join(folder, name)))
    }
  }
  return hash.digest('hex').slice(0, 16)
}

/** One migrated and seeded database per server, of which every test file gets a copy (77 ms instead of seconds). */
async function templateOf(superuser: string, folder: string): Promise<{ template: string; keys: Record<string, string> }> {
  const template = `template_${fingerprint()}`
  const keysFile = path.join(folder, `${template}.json`)
  const client = new pg.Client({ connectionString: superuser })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock(720001)')
    const made = await client.query('select 1 from pg_database where datname = $1', [template])
    if (made.rowCount === 0 || !existsSync(keysFile)) await makeTemplate(client, superuser, template, keysFile)
    return { template, keys: JSON.parse(readFileSync(keysFile, 'utf8')) }
  } finally {
    await client.end()
  }
}

async function makeTemplate(client: pg.Client, superuser: string, template: string, keysFile: string): Promise<void> {
  const draft = `draft_${randomBytes(6).toString('hex')}`
  const role = await client.query(`select 1 from pg_roles where rolname = 'samenspel_owner'`)
  if (role.rowCount === 0) await client.query(`create role samenspel_owner login createrole password '${ownerPassword}'`)
  await client.query(`drop database if exists ${template}`)
  await client.query(`create database ${draft} owner samenspel_owner template template0`)
  const ownerUrl = address(superuser, 'samenspel_owner', ownerPassword, draft)
  const url = address(superuser, 'samenspel_app', runtimePassword, draft)
  await migrate(ownerUrl)
  await admitRuntime(ownerUrl, url)
  await seed(ownerUrl)
  const keys = await makeDemoKeys(ownerUrl)
  const session = new Session({ url })
  await adoptExamplePlan(session, keys['programme_team@gemeente-maastricht'] as string)
  await session.close()
  mkdirSync(path.dirname(keysFile), { recursive: true })
  writePrivately(keysFile, keys)
  await client.query(`alter database ${draft} rename to ${template}`)
}

/** A fresh database for this test file, dropped with it. */
export async function testDatabase(t: Test, options: { sessionUrl?: (url: string) => string } = {}): Promise<TestDatabase> {
  const { superuser, folder } = await serverOf()
  const { template, keys } = await templateOf(superuser, folder)
  const name = `test_${randomBytes(8).toString('hex')}`
  await asSuperuser(superuser, `create database ${name} owner samenspel_owner template ${template} strategy wal_log`)
  // A copy has everything of its template but the rights on the database itself.
  await asSuperuser(superuser, `revoke temporary, create on database ${name} from public`)
  const url = address(superuser, 'samenspel_app', runtimePassword, name)
  const session = new Session({ url: options.sessionUrl?.(url) ?? url })
  const app = await buildApp({ session })
  t.teardown(async () => {
    await app.close()
    await session.close()
    await asSuperuser(superuser, `drop database ${name} with (force)`)
  })
  return {
    name,
    url,
    ownerUrl: address(superuser, 'samenspel_owner', ownerPassword, name),
    superuserUrl: address(superuser, new URL(superuser).username, new URL(superuser).password, name),
    keys,
    session,
    app,
  }
}

async function asSuperuser(superuser: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuser })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** Writes what no verb does, in a transaction of the service and with an audit entry, as every change has. */
export function writeAs<T>({ session }: Pick<TestDatabase, 'session'>, key: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  return session.write(parseKey(key) as Credential, undefined, async (tx, actor) => {
    const result = await work(tx)
    await record(tx, actor as PrincipalActor, { operation: 'test', subjectType: 'Programme', subjectId: uuidv7() })
    return result
  })
}

/** Asks GraphQL as the holder of a key, or as the public. */
export async function ask<T = Record<string, unknown>>(
  { app }: Pick<TestDatabase, 'app'>,
  key: string | undefined,
  query: string,
  variables?: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<{
  status: number
  data: T
  errors?: { message: string; path?: (string | number)[]; extensions: { code: string } }[]
  raw: string
}> {
  const response = await app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { ...headers, 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
    payload: JSON.stringify({ query, variables }),
  })
  return { status: response.statusCode, ...response.json(), raw: response.body }
}
