import { readFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { migrationsFolder } from './migrate.ts'

export interface Inspection {
  /** `18.1`. */
  version: string
  /** 15 or newer. */
  supported: boolean
  /** Tables whose row policies are not forced, or that have none. */
  open: string[]
  /** The service could read what proves a key. */
  hashesReadable: boolean
}

/** What the catalogue says of a migrated database, asked as the runtime role. */
export const inspect = (url: string): Promise<Inspection> =>
  asked(url, async (client) => {
    const { rows } = await client.query(`select current_setting('server_version') as version,
      current_setting('server_version_num')::int >= 150000 as supported,
      array(select c.relname::text from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
        and not (c.relrowsecurity and c.relforcerowsecurity and exists (select from pg_policy p where p.polrelid = c.oid)) order by 1) as open,
      has_column_privilege('api_key', 'hash', 'select') as "hashesReadable"`)
    return rows[0]
  })

/** The migrations that this code has and the database has not, asked as its owner, who alone can read which ran. */
export const pendingMigrations = (ownerUrl: string): Promise<string[]> =>
  asked(ownerUrl, async (client) => {
    const { rows } = await client.query('select created_at from drizzle.__drizzle_migrations')
    const ran = new Set(rows.map((row) => Number(row.created_at)))
    return journal()
      .filter(({ when }) => !ran.has(when))
      .map(({ tag }) => tag)
  })

const journal = (): { tag: string; when: number }[] =>
  JSON.parse(readFileSync(path.join(migrationsFolder, 'meta/_journal.json'), 'utf8')).entries

async function asked<T>(url: string, ask: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'samenspel-doctor', connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await ask(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}
