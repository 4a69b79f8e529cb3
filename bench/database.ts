import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { startEmbeddedPostgres } from '../src/db/embedded.ts'
import { admitRuntime, migrate } from '../src/db/migrate.ts'
import { generate } from './data.ts'

/** A PostgreSQL of its own with our schema and generated rows. */
export interface Database {
  /** The server's process; its children serve the connections. */
  pid: number
  superuserUrl: string
  /** As the service: every row passes a policy. */
  url: string
  /** The same rights, and no policy. */
  urlWithoutPolicies: string
}

const name = 'bench'
const password = 'bench'

/** @param undo is told at once of whatever is to be undone, so that a run that is stopped early leaves nothing either. */
export async function startDatabase(
  regions: number,
  progress: (line: string) => void,
  undo: (step: () => void | Promise<void>) => void,
): Promise<Database> {
  const folder = mkdtempSync(path.join(tmpdir(), 'samenspel-bench-'))
  undo(() => rmSync(folder, { recursive: true, force: true }))
  progress('PostgreSQL: starting')
  const dataDir = path.join(folder, 'data')
  const server = await startEmbeddedPostgres({ dataDir, durable: false, restart: false, settings: { max_wal_size: '4GB' } })
  undo(() => server.stop())
  const address = (role: string) => `postgres://${role}:${password}@${server.host}:${server.port}/${name}`
  const ownerUrl = address('samenspel_owner')
  await run(
    server.superuserUrl(),
    `create role samenspel_owner login createrole password '${password}'`,
    `create database ${name} owner samenspel_owner template template0`,
  )
  progress('PostgreSQL: migrating')
  await migrate(ownerUrl)
  await admitRuntime(ownerUrl, address('samenspel_app'))
  const superuserUrl = server.superuserUrl(name)
  await run(
    superuserUrl,
    `create role bench_free login bypassrls password '${password}' in role samenspel_app`,
    'create extension if not exists pg_stat_statements',
  )
  await generate(superuserUrl, regions, progress)
  return { pid: server.pid, superuserUrl, url: address('samenspel_app'), urlWithoutPolicies: address('bench_free') }
}

async function run(url: string, ...statements: string[]): Promise<void> {
  const db = drizzle({ connection: { connectionString: url, max: 1 } })
  try {
    for (const statement of statements) await db.execute(sql.raw(statement))
  } finally {
    await db.$client.end()
  }
}
