import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from './cluster.ts'

/** Processes of PostgreSQL: started without the caller's environment and without root's rights, recognised, signalled. */

/** A start that cannot go on; the message is one line for the operator. */
export class StartupError extends Error {
  override name = 'StartupError'
}

/** DATA_DIR names a place that cannot hold the database, or holds another: a fault of configuration. */
export class DataDirError extends StartupError {
  override name = 'DataDirError'
}

export const HOST = '127.0.0.1'

export const SUPERUSER = 'postgres'

export const NOBODY = 65534

export const NAMESPACE = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, '--']

/** All that a child sees: above all no PG* of the caller's shell (a stray PGPORT breaks initdb). Windows adds what it must have. */
export const CHILD_ENV: Record<string, string> =
  process.platform === 'win32' ? {} : { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }

/** As whom the binaries run. */
export interface Runner {
  prefix: readonly string[]
  uid?: number
  gid?: number
}

export const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

export const isRoot = () => process.getuid?.() === 0

export function readIfThere(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

export function writeAtomically(file: string, content: string): void {
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
export function lastLine(lines: readonly string[]): string {
  const filled = lines.map((line) => line.trim()).filter((line) => line !== '')
  return filled.findLast((line) => /\b(FATAL|PANIC|ERROR|error)\b:/.test(line)) ?? filled.at(-1) ?? 'no message'
}

export async function until(condition: () => boolean, timeout: number): Promise<boolean> {
  const deadline = Date.now() + timeout
  while (!condition()) {
    if (Date.now() > deadline) return false
    await sleep(20)
  }
  return true
}

/* ---------------------------------------------------------------------------------------------------- processes */

export function ps(...args: string[]): string {
  try {
    return execFileSync('ps', args, { env: CHILD_ENV, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}

/** Whether a process lives, and something that tells it from a later one with the same id (where the platform has it). */
export function inspect(pid: number): { alive: boolean; start?: string } {
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

export function commandOf(pid: number): string | undefined {
  if (process.platform === 'linux') return readIfThere(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ')
  return process.platform === 'win32' ? undefined : `${ps('-ww', '-o', 'command=', '-p', String(pid))} `
}

export const isTagged = (command: string, tag: string) =>
  command.startsWith(`postgres: ${tag}:`) || command.includes(` cluster_name=${tag} `)

/** The living processes of this cluster's server, by their titles. */
export function processesOf(tag: string): number[] {
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
export function belongsTo(pid: number, cluster: Pick<Cluster, 'dir' | 'tag'>): boolean | undefined {
  const command = commandOf(pid)
  if (command === undefined || command.trim() === '') return undefined
  if (isTagged(command, cluster.tag)) return true
  try {
    return fs.readlinkSync(`/proc/${pid}/cwd`) === cluster.dir // the directory was moved under a running server
  } catch {
    return false
  }
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error
  }
}

/** What must not outlive this process: PostgreSQL is out of the terminal's process group, so nobody else would tell it. */
export const children = new Set<ChildProcess>()
let hooked = false

export function start(runner: Runner, file: string, args: readonly string[], detached: boolean): ChildProcess {
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
export async function run(
  runner: Runner,
  file: string,
  args: readonly string[],
): Promise<{ ok: boolean; stdout: string; lines: string[] }> {
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
