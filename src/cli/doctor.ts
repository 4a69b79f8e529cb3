import { readFileSync } from 'node:fs'
import path from 'node:path'
import { migrationsFolder } from '../db/migrate.ts'
import type { Session } from '../db/session.ts'
import type { Command } from './command.ts'
import { inSession } from './place.ts'

export const doctor: Command = {
  name: 'doctor',
  usage: '',
  summary: `Looks whether the service can run safely on this database, and changes nothing.
Exit code 78 when something is wrong.`,
  run: ({ config }) =>
    inSession(config, async (session) => {
      const checks = await examine(session)
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

async function examine(session: Session): Promise<Check[]> {
  const { role, tables, superuser, bypass, owner } = await session.check()
  const mayPass = superuser || bypass || owner
  return [
    judged('role', !mayPass, `${role} ${mayPass ? 'could pass the row policies' : 'owns nothing and is bound by the row policies'}`),
    asMigrated(tables),
    ...(tables > 0 ? [await answering(session)] : []),
    { check: 'row policies', state: 'unknown', detail: 'whether they are forced on every table is not looked at yet' },
  ]
}

const judged = (check: string, right: boolean, detail: string): Check => ({ check, state: right ? 'ok' : 'wrong', detail })

/** Only the owner can read which migrations ran; what they made, everybody can count. */
function asMigrated(tables: number): Check {
  const wanted = Object.keys(readMeta<{ tables: object }>(`${newestSnapshot()}_snapshot.json`).tables).length
  const detail = tables === wanted ? `${tables} tables` : `${tables} tables instead of ${wanted}: run \`samenspel migrate\``
  return judged('migrations', tables === wanted, detail)
}

const newestSnapshot = (): string => String(readMeta<{ entries: { idx: number }[] }>('_journal.json').entries.at(-1)?.idx).padStart(4, '0')

const readMeta = <T>(name: string): T => JSON.parse(readFileSync(path.join(migrationsFolder, 'meta', name), 'utf8'))

/** The whole service, asked in this process: its schema fits its read model, and the public is let in. */
async function answering(session: Session): Promise<Check> {
  // Loaded by who needs it: the other commands start twice as fast.
  const { buildApp } = await import('../app.ts')
  const app = await buildApp({ session })
  const { statusCode } = await app.inject('/health/ready')
  await app.close()
  return judged('service', statusCode === 200, statusCode === 200 ? 'is ready' : 'is not ready on this database')
}
