import { readFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { migrationsFolder } from '../db/migrate.ts'
import type { Session, TextRow } from '../db/session.ts'
import type { Command } from './command.ts'
import { inSession, type Place } from './place.ts'

export const doctor: Command = {
  name: 'doctor',
  usage: '',
  summary: `Looks whether the service can run safely on this database, and changes nothing.
Exit code 78 when something is wrong.`,
  run: ({ config }) =>
    inSession(config, async (session, place) => {
      const checks = await examine(session, place)
      const ok = checks.every(({ state }) => state !== 'wrong')
      const lines = checks.map(({ check, state, detail }) => `${state.padEnd(7)} ${check}: ${detail}`)
      return { json: { ok, checks }, lines, exitCode: ok ? 0 : 78 }
    }),
}

interface Check {
  check: string
  state: 'ok' | 'wrong' | 'unknown'
  detail: string
}

const judged = (check: string, right: boolean, detail: string, remedy = ''): Check => ({
  check,
  state: right ? 'ok' : 'wrong',
  detail: right || remedy === '' ? detail : `${detail}; ${remedy}`,
})

async function examine(session: Session, place: Place): Promise<Check[]> {
  const role = await session.check()
  const mayPass = role.superuser || role.bypass || role.owner
  const asRole = judged(
    'role',
    !mayPass,
    `${role.role} ${mayPass ? 'could pass the row policies' : 'owns nothing and is bound by the row policies'}`,
  )
  if (role.tables === 0) return [asRole, judged('migrations', false, 'there are no tables', 'run `samenspel migrate`')]
  const [server, migrations, ...rest] = await Promise.all([
    version(session),
    migrated(place, role.tables),
    secured(session),
    keptSecret(session),
    seeded(session),
  ])
  return [server, asRole, migrations, ...rest]
}

const ask = async (session: Session, text: string): Promise<TextRow[]> =>
  (await session.read({ kind: 'public' }, [{ text, values: [] }]))[0] ?? []

async function version(session: Session): Promise<Check> {
  const [[text, number] = []] = await ask(session, `select current_setting('server_version'), current_setting('server_version_num')`)
  return judged('PostgreSQL', Number(number) >= 150_000, String(text), 'it takes 15 or newer')
}

/** Only the owner sees which migrations ran. */
async function migrated({ ownerUrl }: Place, tables: number): Promise<Check> {
  if (ownerUrl === undefined)
    return { check: 'migrations', state: 'unknown', detail: `${tables} tables; DATABASE_OWNER_URL would tell more` }
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'samenspel-doctor' })
  await client.connect()
  try {
    const { rows } = await client.query('select created_at from drizzle.__drizzle_migrations')
    const ran = new Set(rows.map((row) => Number(row.created_at)))
    const missing = journal().filter(({ when }) => !ran.has(when))
    const detail = missing.length === 0 ? `all ${ran.size} have run` : `${missing.map(({ tag }) => tag).join(', ')} did not run`
    return judged('migrations', missing.length === 0, detail, 'run `samenspel migrate`')
  } finally {
    await client.end()
  }
}

const journal = (): { tag: string; when: number }[] =>
  JSON.parse(readFileSync(path.join(migrationsFolder, 'meta/_journal.json'), 'utf8')).entries

async function secured(session: Session): Promise<Check> {
  const tables = await ask(
    session,
    `select c.relname, c.relrowsecurity and c.relforcerowsecurity and exists (select from pg_policy p where p.polrelid = c.oid)
     from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1`,
  )
  const open = tables.filter(([, forced]) => forced !== 't').map(([name]) => name)
  const detail = open.length === 0 ? `forced on all ${tables.length} tables` : `not forced on ${open.join(', ')}`
  return judged('row policies', open.length === 0, detail)
}

async function keptSecret(session: Session): Promise<Check> {
  const [[readable] = []] = await ask(session, `select has_column_privilege('api_key', 'hash', 'select')`)
  return judged('key hashes', readable === 'f', readable === 'f' ? 'the service cannot read them' : 'the service can read them')
}

async function seeded(session: Session): Promise<Check> {
  const rows = await ask(session, 'select code from programme order by code')
  const codes = rows.map(([code]) => code).join(', ')
  return {
    check: 'programme',
    state: codes ? 'ok' : 'unknown',
    detail: codes || 'none yet; `samenspel seed` sows that of the source document',
  }
}
