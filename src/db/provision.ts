import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts'
import { admitRuntime, migrate } from './migrate.ts'

/** The embedded default: PostgreSQL on DATA_DIR, migrated by an owner that is no superuser, served by the runtime role. */
export interface Provisioned {
  /** The runtime role's address. */
  url: string
  ownerUrl: string
  server: EmbeddedPostgres
}

const database = 'samenspel'
const owner = 'samenspel_owner'
const runtime = 'samenspel_app'

export async function provision(dataDir: string, log: (line: string) => void): Promise<Provisioned> {
  const server = await startEmbeddedPostgres({ dataDir, log })
  try {
    const passwords = passwordsOf(dataDir)
    await makeDatabase(server.superuserUrl(), passwords.owner)
    const address = (role: string, password: string) => `postgres://${role}:${password}@${server.host}:${server.port}/${database}`
    const ownerUrl = address(owner, passwords.owner)
    const url = address(runtime, passwords.runtime)
    await migrate(ownerUrl)
    await admitRuntime(ownerUrl, url)
    return { url, ownerUrl, server }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** The roles' passwords, made once per DATA_DIR. */
function passwordsOf(dataDir: string): { owner: string; runtime: string } {
  const file = path.join(dataDir, 'database-passwords.json')
  if (!existsSync(file)) {
    writePrivately(file, { owner: randomBytes(24).toString('hex'), runtime: randomBytes(24).toString('hex') })
  }
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** Whole or not at all, and for its owner's eyes only. */
export function writePrivately(file: string, content: unknown): void {
  const temporary = `${file}.${process.pid}`
  writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
  renameSync(temporary, file)
}

async function makeDatabase(superuserUrl: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl })
  await client.connect()
  try {
    const role = await client.query('select 1 from pg_roles where rolname = $1', [owner])
    if (role.rowCount === 0) await client.query(`create role ${owner} login createrole`)
    await client.query(`alter role ${owner} password ${pg.escapeLiteral(password)}`)
    const known = await client.query('select 1 from pg_database where datname = $1', [database])
    if (known.rowCount === 0) await client.query(`create database ${database} owner ${owner} template template0`)
  } finally {
    await client.end()
  }
}
