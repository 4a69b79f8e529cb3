import { inspect, pendingMigrations } from '../db/inspect.ts'
import type { Session } from '../db/session.ts'
import type { Command } from './command.ts'
import { inSession, type Place, runtimeOf } from './place.ts'

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

async function examine(session: Session, place: Place): Promise<Check[]> {
  const { role, tables, superuser, bypass, owner } = await session.check()
  const mayPass = superuser || bypass || owner
  const asRole = judged(
    'role',
    !mayPass,
    `${role} ${mayPass ? 'could pass the row policies' : 'owns nothing and is bound by the row policies'}`,
  )
  if (tables === 0) return [asRole, judged('migrations', false, 'there are no tables: run `samenspel migrate`')]
  const { version, supported, open, hashesReadable } = await inspect(runtimeOf(place))
  return [
    judged('PostgreSQL', supported, supported ? version : `${version}, but it takes 15 or newer`),
    asRole,
    await migrated(place, tables),
    judged('row policies', open.length === 0, open.length === 0 ? `forced on all ${tables} tables` : `not forced on ${open.join(', ')}`),
    judged('key hashes', !hashesReadable, hashesReadable ? 'the service can read them' : 'the service cannot read them'),
    await answering(session),
  ]
}

const judged = (check: string, right: boolean, detail: string): Check => ({ check, state: right ? 'ok' : 'wrong', detail })

async function migrated({ ownerUrl }: Place, tables: number): Promise<Check> {
  if (ownerUrl === undefined)
    return { check: 'migrations', state: 'unknown', detail: `${tables} tables; DATABASE_OWNER_URL would tell more` }
  const pending = await pendingMigrations(ownerUrl)
  return judged(
    'migrations',
    pending.length === 0,
    pending.length === 0 ? 'all have run' : `${pending.join(', ')} did not run: run \`samenspel migrate\``,
  )
}

/** The whole service, asked in this process: its schema fits its read model, and the public is let in. */
async function answering(session: Session): Promise<Check> {
  // Loaded by who needs it: the other commands start twice as fast.
  const { buildApp } = await import('../app.ts')
  const app = await buildApp({ session })
  const { statusCode } = await app.inject('/health/ready')
  await app.close()
  return judged('service', statusCode === 200, statusCode === 200 ? 'is ready' : 'is not ready on this database')
}
