import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Database } from './database.ts'
import { Child } from './processes.ts'
import type { Callers } from './queries.ts'

/** A server under test, in a process of its own. */
export interface Peer {
  /** The program in `peers/`, without its ending. */
  program: string
  env?: (database: Database) => Record<string, string>
}

export const peers = {
  samenspel: { program: 'samenspel' },
  postgraphile: { program: 'postgraphile' },
  mercurius: { program: 'mercurius' },
  'hand-flat': { program: 'hand', env: () => ({ SHAPE: 'flat' }) },
  'hand-json': { program: 'hand', env: () => ({ SHAPE: 'json' }) },
  static: { program: 'static' },
  cached: { program: 'samenspel', env: () => ({ CACHE_BYTES: String(64 * 1024 * 1024) }) },
  'without-policies': { program: 'samenspel', env: ({ urlWithoutPolicies }) => ({ DATABASE_URL: urlWithoutPolicies }) },
  'without-identity': { program: 'samenspel', env: ({ urlWithoutPolicies }) => ({ DATABASE_URL: urlWithoutPolicies, IDENTITY: 'none' }) },
} satisfies Record<string, Peer>

export type PeerName = keyof typeof peers

/** A row of the tables: a peer as some callers find it. */
export interface Row {
  name: string
  title: string
  /** Missing for pgbench, which is no server. */
  peer?: PeerName
  callers: Callers
  /** Measured at 16 connections only. */
  sixteen?: boolean
  /** Whose answers its own must equal. */
  equals?: string
}

export const rows: readonly Row[] = [
  { name: 'samenspel', title: '**Samenspel**', peer: 'samenspel', callers: 'all' },
  { name: 'postgraphile', title: 'PostGraphile 5.1.5', peer: 'postgraphile', callers: 'all', equals: 'samenspel' },
  { name: 'mercurius', title: 'mercurius + loaders + drizzle', peer: 'mercurius', callers: 'all', equals: 'samenspel' },
  { name: 'hand-flat', title: 'by hand, flat statements', peer: 'hand-flat', callers: 'all', equals: 'samenspel' },
  { name: 'hand-json', title: 'by hand, one json statement', peer: 'hand-json', callers: 'all', equals: 'samenspel' },
  { name: 'pgbench', title: 'pgbench, the flat statements', callers: 'all' },
  { name: 'static', title: 'Fastify, a static string', peer: 'static', callers: 'all' },
  { name: 'team', title: 'Samenspel, team', peer: 'samenspel', callers: 'team', sixteen: true },
  {
    name: 'without-policies',
    title: 'Samenspel, team, no policies',
    peer: 'without-policies',
    callers: 'team',
    sixteen: true,
    equals: 'team',
  },
  {
    name: 'without-identity',
    title: 'Samenspel, team, no policies, no identity',
    peer: 'without-identity',
    callers: 'team',
    sixteen: true,
    equals: 'team',
  },
  { name: 'public', title: 'Samenspel, public', peer: 'samenspel', callers: 'public', sixteen: true },
  { name: 'cached', title: 'Samenspel, public, kept answer', peer: 'cached', callers: 'public', sixteen: true, equals: 'public' },
]

export const benchFolder = fileURLToPath(new URL('.', import.meta.url))
const postgraphileNode = path.join(benchFolder, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node')

/** The Node that runs PostGraphile: the one at hand where it is new enough, so that it is the same for all. */
export const nodeOfPostgraphile = (): string => (Number(process.versions.node.split('.')[0]) >= 22 ? process.execPath : postgraphileNode)

/** Installs what the benchmark compares with, the first time. */
export function installPeers(say: (line: string) => void): void {
  if (existsSync(path.join(benchFolder, 'node_modules/postgraphile/package.json')) && existsSync(nodeOfPostgraphile())) return
  say('installing what is compared with (npm ci in bench/) …')
  execFileSync('npm', ['ci', '--prefix', benchFolder, '--loglevel', 'error'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
}

export interface Started {
  child: Child
  port: number
}

/** @param build where the compiled programs are. */
export async function startPeer(name: PeerName, build: string, database: Database, sizes: Record<string, number>): Promise<Started> {
  const { program, env }: Peer = peers[name]
  const foreign = program === 'postgraphile'
  const file = foreign ? path.join(benchFolder, 'peers/postgraphile.mjs') : path.join(build, `bench/peers/${program}.js`)
  const child = new Child(name, foreign ? nodeOfPostgraphile() : process.execPath, [file], {
    DATABASE_URL: database.url,
    GRAPHILE_ENV: 'production',
    SIZES: JSON.stringify(sizes),
    ...env?.(database),
  })
  const { port } = await child.answer<{ port: number }>()
  return { child, port }
}
