import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseKey } from '../auth/key.ts'
import { type Config, ConfigError } from '../config.ts'
import { DataDirError, StartupError } from '../db/embedded/process.ts'
import { provision } from '../db/provision.ts'
import { type Credential, Session } from '../db/session.ts'
import { Problem } from '../errors.ts'

/** The database a command works on. */
export interface Place {
  /** As the runtime role. */
  url: string | undefined
  ownerUrl: string | undefined
  /** Of the embedded database only. */
  dataDir: string | undefined
  close(): Promise<void>
}

/** Does something with the database that the environment names, and leaves that as it was: running or not. */
export async function atPlace<T>(config: Config, work: (place: Place) => Promise<T>): Promise<T> {
  const place = await open(config)
  try {
    return await work(place)
  } finally {
    await place.close()
  }
}

export function ownerOf({ ownerUrl }: Place): string {
  if (ownerUrl === undefined) throw new ConfigError('DATABASE_OWNER_URL: is needed for this command')
  return ownerUrl
}

export function runtimeOf({ url }: Place): string {
  if (url === undefined) throw new ConfigError('DATABASE_URL: is needed for this command')
  return url
}

/** A session of one connection a lane, as the service itself would have. */
export async function inSession<T>(config: Config, work: (session: Session, place: Place) => Promise<T>): Promise<T> {
  return atPlace(config, async (place) => {
    const session = new Session({
      url: runtimeOf(place),
      readConnections: 1,
      writeConnections: 1,
      statementTimeout: config.STATEMENT_TIMEOUT,
    })
    try {
      return await work(session, place)
    } finally {
      await session.close()
    }
  })
}

export interface CallerKey {
  key: string
  credential: Credential
}

/** Who calls: the key that was given, here or in the environment, or the demo key of a role. */
export function callerOf(given: string | undefined, config: Config, { dataDir }: Place, demo?: string): CallerKey | undefined {
  const key = given ?? config.SAMENSPEL_API_KEY ?? (dataDir && demo && demoKey(dataDir, demo))
  if (!key) return undefined
  const credential = parseKey(key)
  if (credential === undefined) throw new Problem('UNAUTHENTICATED', 'This is not an API key')
  return { key, credential }
}

function demoKey(dataDir: string, holder: string): string | undefined {
  const keys = readJson(path.join(dataDir, 'demo-keys.json'))
  return typeof keys?.[holder] === 'string' ? keys[holder] : undefined
}

async function open({ DATABASE_URL: url, DATABASE_OWNER_URL: ownerUrl, DATA_DIR }: Config): Promise<Place> {
  if (url === undefined && ownerUrl === undefined) return openEmbedded(path.resolve(DATA_DIR))
  return { url, ownerUrl, dataDir: undefined, close: async () => undefined }
}

/** Longer than a service takes from its lock to its first query. */
const patience = 30_000

async function openEmbedded(dataDir: string): Promise<Place> {
  for (const began = Date.now(); ; await sleep(500)) {
    const running = await findRunning(dataDir)
    if (running !== undefined) return { ...running, dataDir, close: async () => undefined }
    try {
      const { server, url, ownerUrl } = await provision(dataDir, () => undefined)
      return { url, ownerUrl, dataDir, close: () => server.stop() }
    } catch (error) {
      // Somebody else's lock: a service that is starting, and soon can be asked.
      const isStarting =
        error instanceof StartupError && !(error instanceof DataDirError) && existsSync(path.join(dataDir, 'samenspel.lock'))
      if (!isStarting || Date.now() - began > patience) throw error
    }
  }
}

/** The addresses of the PostgreSQL that runs on this directory, if one does. See db/provision.ts for what is in the files. */
async function findRunning(dataDir: string): Promise<{ url: string; ownerUrl: string } | undefined> {
  const port = readText(path.join(dataDir, 'postgres-port'))?.trim()
  const passwords = readJson(path.join(dataDir, 'database-passwords.json'))
  if (!port || passwords === undefined) return undefined
  const address = (role: string, password: unknown) => `postgres://${role}:${password}@127.0.0.1:${port}/samenspel`
  const url = address('samenspel_app', passwords.runtime)
  return (await isMigrated(url)) ? { url, ownerUrl: address('samenspel_owner', passwords.owner) } : undefined
}

async function isMigrated(url: string): Promise<boolean> {
  const session = new Session({ url })
  try {
    return (await session.check()).tables > 0
  } catch {
    return false // nobody listens, or it is somebody else's server
  } finally {
    await session.close()
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function readJson(file: string): Record<string, unknown> | undefined {
  const text = readText(file)
  return text === undefined ? undefined : (JSON.parse(text) as Record<string, unknown>)
}
