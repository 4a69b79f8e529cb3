import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { callerOf, counted, regionsOf } from './data.ts'
import { type Database, startDatabase } from './database.ts'
import type { Measured, Request, Work } from './load.ts'
import { benchFolder, installPeers, type PeerName, type Row, rows, type Started, startPeer } from './peers.ts'
import { hasPgbench, measurePgbench } from './pgbench.ts'
import { Child, cpuOf, cpuOfMachine, ownCpu } from './processes.ts'
import { profiled } from './profile.ts'
import { callerAt, type QueryName, queries, queryNames, requestsOf } from './queries.ts'
import { type Cell, report } from './report.ts'
import { type Answers, differences, verify } from './verify.ts'

const usage = `npm run bench -- [options]
  --quick              the same table from fewer observations and repetitions, at 16 connections only, in under five minutes
  --peers a,b          only these rows: ${rows.map(({ name }) => name).join(' ')}
  --queries a,b        only these queries: ${queryNames.join(' ')}
  --conns 1,16,64      at these numbers of connections
  --repetitions n      how often each cell is measured at 16 connections
  --seconds n          how long each time
  --profile folder     instead of the table: where the time of these rows (Samenspel's alone, unless named) goes, with a CPU profile of each in this folder
  --json file          the measurements themselves, beside the table`

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    peers: { type: 'string' },
    queries: { type: 'string' },
    conns: { type: 'string' },
    repetitions: { type: 'string' },
    seconds: { type: 'string' },
    profile: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

function chosen<T extends string>(given: string | undefined, known: readonly T[]): T[] {
  const wanted = given?.split(',') ?? known
  const unknown = wanted.find((name) => !known.includes(name as T))
  if (unknown !== undefined) throw new Error(`${unknown} is none of ${known.join(', ')}`)
  return known.filter((name) => wanted.includes(name))
}

const { quick } = options
const milliseconds = 1000 * Number(options.seconds ?? (quick ? 0.8 : 3))
const connections = (options.conns ?? (quick ? '16' : '1,16,64')).split(',').map(Number)
const repetitionsAt = (count: number): number => {
  const most = Number(options.repetitions ?? (quick ? 3 : 5))
  return count === 16 ? most : Math.min(most, quick ? 1 : 3)
}

const started = Date.now()
const say = (line: string): void => void process.stderr.write(`${((Date.now() - started) / 1000).toFixed(0).padStart(4)} s  ${line}\n`)

/** What has to be undone, last first, however the run ends. */
const undo: (() => void | Promise<void>)[] = []
async function cleanUp(): Promise<void> {
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step()
}

/** Compiles the service and the peers, so that what is measured is what `npm start` runs. Beside node_modules, where programs find their packages. */
function compile(): string {
  const root = path.dirname(path.resolve(benchFolder))
  const build = mkdtempSync(path.join(root, '.data-bench-'))
  undo.push(() => rmSync(build, { recursive: true, force: true }))
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [compiler, '-p', benchFolder, '--outDir', build], { stdio: ['ignore', 2, 2] })
  for (const name of ['schema', 'drizzle']) symlinkSync(path.join(root, name), path.join(build, name), 'junction')
  return build
}

/** All that runs: the database, the load, the peers. */
class Bench {
  readonly #build: string
  readonly #database: Database
  readonly #load: Child
  readonly #running = new Map<PeerName, Started>()
  readonly #answers = new Map<string, Answers>()
  readonly #files = new Set<string>()

  constructor(build: string, database: Database) {
    this.#build = build
    this.#database = database
    this.#load = new Child('load', process.execPath, [path.join(build, 'bench/load.js')], {})
    undo.push(() => this.#load.stop())
  }

  async start(peer: PeerName, sizes: Record<string, number> = {}): Promise<void> {
    if (this.#running.has(peer)) return
    const server = await startPeer(peer, this.#build, this.#database, sizes)
    undo.push(() => server.child.stop())
    this.#running.set(peer, server)
  }

  #serverOf({ peer }: Row): Started {
    return this.#running.get(peer as PeerName) as Started
  }

  /** The requests of a row and a query as a file, made at first need. */
  #fileOf({ peer, callers }: Row, query: QueryName): string {
    const { document, variables, postgraphile } = queries[query]
    const dialect = peer === 'postgraphile' ? postgraphile : { document, variables }
    const folder = path.join(this.#build, 'requests')
    mkdirSync(folder, { recursive: true })
    const file = path.join(folder, `${peer === 'postgraphile' ? peer : 'ours'}-${callers}-${query}.json`)
    if (this.#files.has(file)) return file
    this.#files.add(file)
    const operationName = /query (\w+)/.exec(document)?.[1]
    const requests = Array.from({ length: requestsOf(quick) }, (_, k): Request => {
      const caller = callerAt(k, callers)
      return {
        authorization: caller === undefined ? undefined : `Bearer ${callerOf(caller).key}`,
        // What is public is asked again and again.
        body: JSON.stringify({ query: dialect.document, operationName, variables: dialect.variables(callers === 'public' ? 0 : k) }),
      }
    })
    writeFileSync(file, JSON.stringify(requests))
    return file
  }

  /** Asks each request of each query once; tells the rows that answer otherwise than they should. */
  async compare(asked: readonly QueryName[]): Promise<void> {
    for (const query of asked) {
      for (const row of rows) {
        if (row.peer === undefined || !this.#running.has(row.peer)) continue
        const found = await verify(this.#serverOf(row).port, this.#fileOf(row, query), row, query)
        this.#answers.set(`${row.name} ${query}`, found)
        const differ = this.#differencesOf(row, query)
        if (differ === 0) continue
        say(`${queries[query].title}: ${row.name} answers otherwise than ${row.equals} to ${differ} of ${found.facts.length} requests`)
        const error = found.facts.find((facts) => facts.startsWith('error: '))
        if (error !== undefined) say(`  ${error}`)
      }
    }
  }

  #differencesOf({ name, equals }: Row, query: QueryName): number {
    const [own, other] = [this.#answers.get(`${name} ${query}`), this.#answers.get(`${equals} ${query}`)]
    return own === undefined || other === undefined ? 0 : differences(own, other)
  }

  differ(row: Row, query: QueryName): boolean {
    return this.#differencesOf(row, query) > 0
  }

  answersTo(query: QueryName): Answers {
    return this.#answers.get(`samenspel ${query}`) as Answers
  }

  ask(row: Row, query: QueryName, count: number, time: number): Promise<Measured> {
    const lengths = this.#answers.get(`${row.name} ${query}`)?.lengths
    return this.#load.ask({
      port: this.#serverOf(row).port,
      file: this.#fileOf(row, query),
      connections: count,
      milliseconds: time,
      lengths,
    } satisfies Work)
  }

  /** One measurement, with the CPU that the server, the database and strangers used meanwhile. */
  async measure(row: Row, query: QueryName, count: number): Promise<Cell> {
    const server = row.peer === undefined ? undefined : this.#serverOf(row).child.pid
    const used = () => ({
      server: server === undefined ? 0 : cpuOf(server),
      database: cpuOf(this.#database.pid),
      rest: cpuOf(this.#load.pid) + ownCpu(),
      all: cpuOfMachine(),
    })
    const before = used()
    const from = Date.now()
    const measured =
      server === undefined
        ? await measurePgbench(this.#database, this.#build, query, count, milliseconds)
        : await this.ask(row, query, count, milliseconds)
    const after = used()
    const spent = (what: keyof typeof before): number => after[what] - before[what]
    const known = before.all > 0
    const strangers = spent('all') - spent('server') - spent('database') - spent('rest')
    return {
      query,
      connections: count,
      row: row.name,
      perSecond: measured.requests / measured.seconds,
      p50: measured.p50,
      p99: measured.p99,
      bytes: measured.bytes / measured.requests,
      errors: measured.errors,
      server: known ? spent('server') / measured.requests : undefined,
      database: known ? spent('database') / measured.requests : undefined,
      strangers: known ? Math.max(0, strangers) / ((Date.now() - from) * availableParallelism()) : undefined,
    }
  }

  async profile(row: Row, query: QueryName, folder: string): Promise<string> {
    mkdirSync(folder, { recursive: true })
    await this.ask(row, query, 16, 2_000)
    const file = path.join(folder, `${row.name}-${query}.cpuprofile`)
    return profiled(
      `${row.name} ${queries[query].title}`,
      this.#serverOf(row).child,
      this.#database,
      () => this.ask(row, query, 16, 4_000),
      file,
    )
  }
}

/** Visits every cell once a repetition, another row first each time, so that a slow minute of the machine falls on all. */
async function measureAll(bench: Bench, wanted: readonly Row[], asked: readonly QueryName[]): Promise<Cell[]> {
  const rowsAt = (count: number): Row[] => wanted.filter(({ sixteen }) => count === 16 || sixteen !== true)
  const total = connections.reduce((sum, count) => sum + repetitionsAt(count) * rowsAt(count).length * asked.length, 0)
  const cells: Cell[] = []
  for (let repetition = 0; repetition < Math.max(...connections.map(repetitionsAt)); repetition++) {
    for (const query of asked) {
      for (const count of connections.filter((number) => repetition < repetitionsAt(number))) {
        const line = rowsAt(count)
        for (let index = 0; index < line.length; index++) {
          const row = line[(index + repetition) % line.length] as Row
          const cell = await bench.measure(row, query, count)
          cells.push(cell)
          const wrong = cell.errors > 0 ? `, ${cell.errors} wrong` : ''
          say(
            `${cells.length}/${total} ${queries[query].title}, ${count} connections, ${row.name}: ${cell.perSecond.toFixed(0)} a second${wrong}`,
          )
        }
      }
    }
  }
  return cells
}

async function main(): Promise<void> {
  const asked = chosen(options.queries, queryNames)
  const names = chosen(
    options.peers ?? (options.profile && 'samenspel'),
    rows.map(({ name }) => name),
  )
  const wanted = rows.filter(({ name }) => names.includes(name))
  installPeers(say)
  say('compiling')
  const build = compile()
  const database = await startDatabase(regionsOf(quick), say, (step) => undo.push(step))
  const bench = new Bench(build, database)

  say('starting the peers')
  // Samenspel always, because all others are compared with it; the static one needs to know the sizes of answers.
  await bench.start('samenspel')
  for (const { peer } of wanted) if (peer !== undefined && peer !== 'static') await bench.start(peer)
  say('comparing the answers')
  await bench.compare(asked)

  if (options.profile) {
    for (const row of wanted) {
      for (const query of asked) {
        say(`profiling: ${row.name} ${queries[query].title}`)
        console.log(await bench.profile(row, query, options.profile))
      }
    }
    return
  }

  const meanLength = (query: QueryName): number => {
    const { lengths } = bench.answersTo(query)
    return Math.round(lengths.reduce((sum, length) => sum + length, 0) / lengths.length)
  }
  if (names.includes('static')) await bench.start('static', Object.fromEntries(asked.map((query) => [query, meanLength(query)])))
  const pgbench = hasPgbench()
  const measured = wanted.filter(({ peer }) => peer !== undefined || pgbench)
  say('warming up')
  for (const row of measured) if (row.peer !== undefined) for (const query of asked) await bench.ask(row, query, 16, milliseconds / 2)
  const cells = await measureAll(bench, measured, asked)

  const refused = asked.flatMap((query) => wanted.filter((row) => bench.differ(row, query)).map(({ name }) => `${name} ${query}`))
  const results = {
    date: new Date().toISOString().slice(0, 10),
    quick,
    repetitions: Object.fromEntries(connections.map((count) => [count, repetitionsAt(count)])),
    seconds: milliseconds / 1000,
    counts: await counted(database.superuserUrl),
    requests: requestsOf(quick),
    queries: asked,
    connections,
    rows: names,
    cells,
    refused,
    distinct: Object.fromEntries(asked.map((query) => [query, new Set(bench.answersTo(query).facts).size])),
    minutes: (Date.now() - started) / 60_000,
  }
  if (options.json) writeFileSync(options.json, JSON.stringify(results))
  console.log(report(results))
  if (refused.length > 0) process.exitCode = 1
}

if (options.help) {
  console.log(usage)
} else {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      say('stopping')
      cleanUp().finally(() => process.exit(130))
    })
  }
  await main()
    .catch((error) => {
      // While it stops, whatever was under way fails.
      if (undo.length > 0) say(`failed: ${error instanceof Error ? error.message : error}`)
      process.exitCode = 1
    })
    .finally(cleanUp)
}
