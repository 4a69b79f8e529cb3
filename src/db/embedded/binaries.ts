import fs from 'node:fs'
import path from 'node:path'
import { codeOf, DataDirError, isRoot, lastLine, messageOf, NAMESPACE, NOBODY, type Runner, run, StartupError } from './process.ts'

/** Where the PostgreSQL programs are, and as whom they can run. */

export interface Binaries {
  initdb: string
  postgres: string
}

export async function findBinaries(packageName: string): Promise<Binaries> {
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

export const nativeOf = (binaries: Binaries) => path.dirname(path.dirname(binaries.postgres))

/** npm packs no symbolic links; the package's install script makes them, unless scripts are off (npm ci --ignore-scripts). */
export function restoreLinks(native: string): void {
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
export async function chooseRunner(existing: string | undefined, dropRoot: 'namespace' | 'user'): Promise<Runner> {
  if (!isRoot()) return { prefix: [] }
  const owner = existing === undefined ? undefined : fs.statSync(existing)
  if (owner !== undefined && owner.uid !== 0) return { prefix: [], uid: owner.uid, gid: owner.gid }
  if (dropRoot === 'namespace' && (await run({ prefix: NAMESPACE }, '/bin/sh', ['-c', ':'])).ok) return { prefix: NAMESPACE }
  if (owner !== undefined)
    throw new DataDirError(`${existing} belongs to root, which PostgreSQL refuses: run chown -R ${NOBODY}:${NOBODY} ${existing}`)
  return { prefix: [], uid: NOBODY, gid: NOBODY }
}

/**
 * A directory of root's own for what PostgreSQL's user cannot reach in place; the name belongs to one data directory.
 * /var/lib, because systems clean /var/tmp of files untouched for a month, and a database has such files.
 */
export function refuge(id: string): string {
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

export async function usableBinaries(found: Binaries, runner: Runner, id: string): Promise<{ binaries: Binaries; major: string }> {
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
