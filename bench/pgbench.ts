import { spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Database } from './database.ts'
import type { Measured } from './load.ts'
import type { QueryName } from './queries.ts'
import { pgbenchScript } from './statements.ts'

export const hasPgbench = (): boolean => spawnSync('pgbench', ['--version'], { stdio: 'ignore' }).status === 0

/** The flat statements without any server before the database: what PostgreSQL itself can do. */
export async function measurePgbench(
  { url }: Database,
  folder: string,
  query: QueryName,
  connections: number,
  milliseconds: number,
): Promise<Measured> {
  const { hostname, port, username, password, pathname } = new URL(url)
  const script = path.join(folder, `${query}.sql`)
  writeFileSync(script, pgbenchScript(query))
  const seconds = Math.max(1, Math.round(milliseconds / 1000))
  // More than a few connections on as many cores only queue.
  const clients = Math.min(connections, 8)
  const said = await new Promise<string>((resolve, reject) => {
    const child = spawn(
      'pgbench',
      ['-n', '-M', 'prepared', '-c', `${clients}`, '-j', '1', '-T', `${seconds}`, '-f', script, pathname.slice(1)],
      {
        env: { PATH: process.env.PATH, PGHOST: hostname, PGPORT: port, PGUSER: username, PGPASSWORD: password, PGOPTIONS: options },
      },
    )
    let text = ''
    child.stdout.on('data', (data) => {
      text += data
    })
    child.stderr.on('data', (data) => {
      text += data
    })
    child.once('error', reject)
    child.once('close', () => resolve(text))
  })
  const perSecond = Number(/tps = ([\d.]+)/.exec(said)?.[1])
  if (!(perSecond > 0)) throw new Error(`pgbench failed: ${said}`)
  const latency = Number(/latency average = ([\d.]+)/.exec(said)?.[1])
  return { requests: perSecond * seconds, seconds, p50: latency, p99: Number.NaN, bytes: Number.NaN, errors: 0 }
}

/** As the service's own read connections. */
const options =
  '-c TimeZone=UTC -c DateStyle=ISO -c search_path=public -c jit=off -c plan_cache_mode=force_generic_plan -c default_transaction_isolation=repeatable\\ read -c default_transaction_read_only=on'
