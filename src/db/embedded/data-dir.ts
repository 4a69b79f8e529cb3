import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf, DataDirError, inspect, isRoot, messageOf, readIfThere, StartupError, writeAtomically } from './process.ts'

/** DATA_DIR belongs to one running Samenspel at a time. */

/** One node process per data directory. Returns the release. */
export async function takeLock(dataDir: string, named: string): Promise<() => void> {
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

export function readLock(file: string): { pid: number; start?: string } | undefined {
  try {
    const { pid, start } = JSON.parse(fs.readFileSync(file, 'utf8')) as { pid?: unknown; start?: unknown }
    if (!Number.isSafeInteger(pid) || (pid as number) <= 0) return undefined
    return typeof start === 'string' ? { pid: pid as number, start } : { pid: pid as number }
  } catch {
    return undefined // none, or cut off by a power failure: its owner is dead either way
  }
}

/* ------------------------------------------------------------------------------------------ binaries and users */

/** Whether it had to be made. By hand: mkdirSync's `recursive` never returns where a parent exists and answers ENOENT (/proc, Node 20). */
export function makeDirectory(dir: string): boolean {
  if (fs.statSync(dir, { throwIfNoEntry: false })?.isDirectory()) return false
  if (path.dirname(dir) !== dir) makeDirectory(path.dirname(dir))
  fs.mkdirSync(dir)
  return true
}

/** Makes DATA_DIR and takes its lock: the two things that show whether it can be written. */
export async function openDataDir(named: string): Promise<{ dataDir: string; release: () => void }> {
  try {
    const made = makeDirectory(named)
    const dataDir = fs.realpathSync(named)
    if (made && isRoot()) fs.chmodSync(dataDir, 0o711) // PostgreSQL's own user must be able to pass
    return { dataDir, release: await takeLock(dataDir, named) }
  } catch (error) {
    if (error instanceof StartupError) throw error
    throw new DataDirError(`DATA_DIR ${named} cannot be written (${messageOf(error)})`)
  }
}
