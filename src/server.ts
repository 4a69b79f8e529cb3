import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import { buildApp } from './app.ts'
import { strangeRoles } from './auth/permissions.ts'
import { addressOf, type Config, ConfigError, readConfig } from './config.ts'
import { DataDirError } from './db/embedded/process.ts'
import { type Provisioned, provision, writePrivately } from './db/provision.ts'
import { Session } from './db/session.ts'
import { sourceOf } from './errors.ts'
import { adoptExamplePlan, makeDemoKeys } from './seed/demo.ts'
import { seed } from './seed/seed.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** One line for the operator, and an exit code that tells configuration (78) from everything else. */
function refuse(error: unknown): never {
  const message = sourceOf(error).message ?? String(error)
  process.stderr.write(`samenspel: ${message.split('\n')[0]}\n`)
  process.exit(error instanceof ConfigError || error instanceof DataDirError ? 78 : 1)
}

async function free(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, host, () => probe.close(() => resolve(true)))
  })
}

/** The port that was asked for, or the next free one from 3000. */
async function portOf({ HOST, PORT }: Config): Promise<number> {
  if (PORT !== undefined) {
    if (PORT !== 0 && !(await free(HOST, PORT))) throw new ConfigError(`PORT ${PORT} on ${HOST} is taken`)
    return PORT
  }
  for (let port = 3000; port < 3100; port++) if (await free(HOST, port)) return port
  throw new ConfigError(`no free port on ${HOST} from 3000 to 3099`)
}

interface Database {
  url: string
  embedded: Provisioned | undefined
}

async function databaseOf(config: Config): Promise<Database> {
  if (config.DATABASE_URL) return { url: config.DATABASE_URL, embedded: undefined }
  say(`Starting the embedded PostgreSQL in ${config.DATA_DIR} …`)
  const embedded = await provision(path.resolve(config.DATA_DIR), () => undefined)
  return { url: embedded.url, embedded }
}

/** The service itself must not be able to pass the policies, and its permissions must be of the roles that callers hold. */
async function checkRole(session: Session, url: string): Promise<void> {
  const role = await session.check().catch((error: Error) => {
    throw new ConfigError(`DATABASE_URL cannot be used (${addressOf(url)}): ${error.message || (sourceOf(error).code ?? error.name)}`)
  })
  if (role.superuser || role.bypass || role.owner) {
    throw new ConfigError(
      `DATABASE_URL names the role ${role.role}, which could pass the row policies: use one that owns nothing (see README)`,
    )
  }
  if (role.tables === 0) throw new ConfigError('DATABASE_URL names a database that is not migrated: run `samenspel migrate` first')
  const strange = strangeRoles(role.roles)
  if (strange.length > 0)
    throw new ConfigError(`The database and this version differ in the roles ${strange.join(', ')}: run \`samenspel migrate\` first`)
}

/** The programme, demo keys and an example adoption: with the embedded database only, and once. */
async function furnish(session: Session, { ownerUrl }: Provisioned, dataDir: string): Promise<string> {
  const file = path.resolve(dataDir, 'demo-keys.json')
  if ((await seed(ownerUrl)) === 'seeded') say('Seeded the programme of the source document.')
  if (!existsSync(file)) writePrivately(file, await makeDemoKeys(ownerUrl))
  const keys = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
  await adoptExamplePlan(session, keys['programme_team@gemeente-maastricht'] as string)
  return file
}

async function start(): Promise<void> {
  const config = readConfig()
  const port = await portOf(config)
  const { url, embedded } = await databaseOf(config)
  let app: FastifyInstance | undefined
  const session = new Session({
    url,
    readConnections: config.READ_CONNECTIONS,
    writeConnections: config.WRITE_CONNECTIONS,
    statementTimeout: config.STATEMENT_TIMEOUT,
    log: (message, error) => app?.log.warn({ err: error }, message),
  })
  const stop = async () => {
    await app?.close()
    await session.close()
    await embedded?.server.stop()
  }
  try {
    await checkRole(session, url)
    const keys = embedded && (await furnish(session, embedded, config.DATA_DIR))
    app = await buildApp({
      session,
      publicUrl: config.PUBLIC_URL,
      cacheBytes: config.CACHE_BYTES,
      logger: { level: config.LOG_LEVEL, redact: ['req.headers.authorization'] },
    })
    closeWithGrace({ delay: 10_000 }, stop)
    const address = await app.listen({ host: config.HOST, port })
    announce(address, keys)
  } catch (error) {
    await stop().catch(() => undefined)
    throw error
  }
}

function announce(address: string, keys: string | undefined): void {
  say('')
  say(`Samenspel is ready on ${address}`)
  say(`  GraphQL      ${address}/graphql   (explore it at ${address}/graphiql)`)
  say(`  Push         ${address}/api/v1    (reference at ${address}/api/docs)`)
  say(`  BI           ${address}/odata/v4/ (Power BI, Excel, Tableau)`)
  if (keys) say(`  Demo keys    ${keys}`)
  say('')
}

start().catch(refuse)
