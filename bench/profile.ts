import { writeFileSync } from 'node:fs'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { Database } from './database.ts'
import type { Measured } from './load.ts'
import type { Child } from './processes.ts'

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[]
  samples: number[]
  timeDeltas: number[]
}

/** Where the time of a query goes: functions and packages of the server while it is under load, and the statements of the database. */
export async function profiled(
  title: string,
  server: Child,
  { superuserUrl }: Database,
  load: () => Promise<Measured>,
  keep: string,
): Promise<string> {
  const db = drizzle({ connection: { connectionString: superuserUrl, max: 1 } })
  try {
    await db.execute(sql`select pg_stat_statements_reset()`)
    await server.ask('profile')
    const { requests } = await load()
    const { profile } = await server.ask<{ profile: Profile }>('stop')
    writeFileSync(keep, JSON.stringify(profile))
    const { rows } =
      await db.execute(sql`select query, calls, round((total_exec_time / calls)::numeric, 3) as milliseconds, rows / calls as rows,
      round((shared_blks_hit::numeric / calls), 0) as blocks
      from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database()) and calls > 10 order by total_exec_time desc limit 12`)
    const statements = rows.map(
      ({ query, calls, milliseconds, rows: count, blocks }) =>
        `${milliseconds} ms, ${count} rows, ${blocks} blocks, ${calls} calls: ${String(query).replace(/\s+/g, ' ').slice(0, 150)}`,
    )
    return [`## ${title}: ${requests} requests`, '', ...shares(profile, requests), '', 'PostgreSQL, by statement:', ...statements, ''].join(
      '\n',
    )
  } finally {
    await db.$client.end()
  }
}

function shares({ nodes, samples, timeDeltas }: Profile, requests: number): string[] {
  const frames = new Map(nodes.map((node) => [node.id, node.callFrame]))
  const functions = new Map<string, number>()
  const packages = new Map<string, number>()
  let busy = 0
  for (const [index, sample] of samples.entries()) {
    const frame = frames.get(sample)
    const time = timeDeltas[index] ?? 0
    if (frame === undefined || frame.functionName === '(idle)') continue
    busy += time
    const place = placeOf(frame.url)
    packages.set(place, (packages.get(place) ?? 0) + time)
    const name = `${frame.functionName || '(anonymous)'} ${place}:${frame.lineNumber + 1}`
    functions.set(name, (functions.get(name) ?? 0) + time)
  }
  const top = (times: Map<string, number>, count: number) =>
    [...times]
      .sort(([, a], [, b]) => b - a)
      .slice(0, count)
      .map(([name, time]) => `${((time / busy) * 100).toFixed(1).padStart(5)} %  ${(time / requests).toFixed(0).padStart(5)} µs  ${name}`)
  return [
    `Node: busy ${(busy / requests).toFixed(0)} µs a request`,
    '',
    'By package:',
    ...top(packages, 16),
    '',
    'By function (self):',
    ...top(functions, 30),
  ]
}

function placeOf(url: string): string {
  const dependency = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
  if (dependency !== undefined) return dependency
  return /\/(src\/.*)$/.exec(url)?.[1] ?? (url === '' ? '(native)' : url)
}
