import type { ChildProcess } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import fs from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Binaries } from './binaries.ts'
import {
  belongsTo,
  DataDirError,
  HOST,
  inspect,
  lastLine,
  processesOf,
  type Runner,
  readIfThere,
  run,
  StartupError,
  SUPERUSER,
  signal,
  start,
  until,
  writeAtomically,
} from './process.ts'

/** The cluster on disk: made whole or not at all, started, stopped, and what an earlier start left behind. */

export const STOP_TIMEOUT = 10_000

export const START_TIMEOUT = 300_000

export const SETTINGS = {
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

export const NOT_DURABLE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/** Everything that is fixed before the server starts. */
export interface Cluster {
  /** The real path of the cluster. */
  dir: string
  /** `cluster_name`: stands in the command line or title of each of the server's processes, so that no other is ever signalled. */
  tag: string
  runner: Runner
  binaries: Binaries
  settings: Readonly<Record<string, string>>
  log: (line: string) => void
}

export interface Running {
  child: ChildProcess
  pid: number
  /** Resolves with the reason once the process is gone. */
  exited: Promise<string>
}

/* ------------------------------------------------------------------------------------------------ small helpers */

export function passwordOf(dataDir: string, clusterExists: boolean): string {
  const file = path.join(dataDir, 'postgres-password')
  const stored = readIfThere(file)?.trim()
  if (stored) return stored
  if (clusterExists) throw new DataDirError(`${file} is missing or unreadable: put it back, or move ${dataDir} away to start anew`)
  const password = randomBytes(24).toString('base64url')
  writeAtomically(file, `${password}\n`) // before initdb, so that no cluster ever has a password nobody knows
  return password
}

/** initdb beside the final place, then a rename: a kill at any moment leaves a whole cluster or none. */
export async function createCluster(
  at: string,
  cluster: Omit<Cluster, 'dir'>,
  major: string,
  password: string,
  durable: boolean,
): Promise<void> {
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

export function postmaster(cluster: Pick<Cluster, 'dir'>): { pid: number; status: string } | undefined {
  const lines = readIfThere(path.join(cluster.dir, 'postmaster.pid'))?.split('\n')
  const pid = Number(lines?.[0])
  return Number.isSafeInteger(pid) && pid > 0 ? { pid, status: lines?.[7]?.trim() ?? '' } : undefined
}

/** Ends whatever a killed node or a killed postmaster left behind, so that the next server may have the directory. */
export async function endLeftovers(cluster: Cluster): Promise<void> {
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
export async function stopByControl(cluster: Cluster): Promise<void> {
  const control = path.join(path.dirname(cluster.binaries.postgres), 'pg_ctl.exe')
  await run(cluster.runner, control, ['stop', '-D', cluster.dir, '-m', 'fast', '-w', '-t', String(STOP_TIMEOUT / 1000)])
}

/* -------------------------------------------------------------------------------------------------- the server */

export async function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: HOST, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

/** Below the range from which systems take outgoing ports, so that no connection sits on it while the server restarts. */
export async function freePort(stored?: number): Promise<number> {
  if (stored !== undefined && (await isFree(stored))) return stored
  for (;;) {
    const port = randomInt(20_000, 32_700)
    if (await isFree(port)) return port
  }
}

/** Fast shutdown, then force. */
export async function end(cluster: Cluster, { child, pid, exited }: Running): Promise<void> {
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
export async function launch(cluster: Cluster, port: number, aborted: () => boolean = () => false): Promise<Running> {
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
