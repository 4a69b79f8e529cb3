import { fileURLToPath } from 'node:url'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { PgDialect, PgSession } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { sourceOf } from '../errors.ts'

/** The migrations, beside `src` and `dist` alike. */
export const migrationsFolder = fileURLToPath(new URL('../../drizzle', import.meta.url))

const lockKey = 7_264_001

/**
 * Brings a database up to date as its owner, which needs CREATEROLE and CREATE on the database but no superuser.
 * One at a time per database (advisory lock); roles are shared by all databases of a cluster, so a first race is tried again.
 */
export async function migrate(ownerUrl: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({ connectionString: ownerUrl, application_name: 'samenspel-migrate' })
    await client.connect()
    try {
      await client.query('select pg_advisory_lock($1)', [lockKey])
      await applyMigrations(client)
      return
    } catch (error) {
      const source = sourceOf(error)
      if (attempt >= 5 || !['42710', '23505', 'XX000'].includes(source.code ?? '')) throw source
    } finally {
      await client.end()
    }
  }
}

/** Each in a transaction of its own: all of them in one would hold more locks than a server of usual settings has room for. */
async function applyMigrations(client: pg.Client): Promise<void> {
  const { dialect, session } = drizzle(client) as unknown as { dialect: PgDialect; session: PgSession }
  for (const migration of readMigrationFiles({ migrationsFolder })) await dialect.migrate([migration], session, { migrationsFolder })
}

/** Lets the role named in `runtimeUrl` serve: makes it when it is missing, gives it its password and the rights of `samenspel_app`. */
export async function admitRuntime(ownerUrl: string, runtimeUrl: string): Promise<void> {
  const { username, password } = new URL(runtimeUrl)
  const [name, secret] = [decodeURIComponent(username), decodeURIComponent(password)]
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'samenspel-migrate' })
  await client.connect()
  try {
    const known = await client.query('select 1 from pg_roles where rolname = $1', [name])
    const role = pg.escapeIdentifier(name)
    if (known.rowCount === 0) await client.query(`create role ${role} login`)
    if (secret) await client.query(`alter role ${role} login password ${pg.escapeLiteral(secret)}`)
    if (name !== 'samenspel_app') await client.query(`grant samenspel_app to ${role}`)
    await client.query(`grant connect on database ${pg.escapeIdentifier(new URL(ownerUrl).pathname.slice(1))} to ${role}`)
  } finally {
    await client.end()
  }
}
