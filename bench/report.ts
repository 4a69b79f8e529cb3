import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem, type } from 'node:os'
import { nodeOfPostgraphile, rows } from './peers.ts'
import { type QueryName, queries } from './queries.ts'

/** One measurement of a row, a query and a number of connections. CPU in milliseconds a request; undefined where the system does not tell. */
export interface Cell {
  query: QueryName
  connections: number
  row: string
  perSecond: number
  p50: number
  p99: number
  bytes: number
  errors: number
  server: number | undefined
  database: number | undefined
  /** The share of the machine that strangers used meanwhile. */
  strangers: number | undefined
}

export interface Results {
  date: string
  quick: boolean
  /** By number of connections. */
  repetitions: Record<number, number>
  seconds: number
  counts: Record<string, number>
  /** How many requests of each query are replayed. */
  requests: number
  queries: readonly QueryName[]
  connections: readonly number[]
  rows: readonly string[]
  cells: readonly Cell[]
  /** `<row> <query>` whose answers differ, so that no ratio is told. */
  refused: readonly string[]
  /** How many different answers the callers got. */
  distinct: Record<string, number>
  minutes: number
}

interface Ratio {
  median: number
  min: number
  max: number
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

const known = (values: readonly (number | undefined)[]): number[] =>
  values.filter((value): value is number => value !== undefined && !Number.isNaN(value))

const figure = (value: number): string =>
  Number.isNaN(value) ? '–' : value >= 100 ? value.toFixed(0) : value >= 9.95 ? value.toFixed(1) : value.toFixed(2)

class Tables {
  readonly #results: Results
  readonly #base: string

  constructor(results: Results) {
    this.#results = results
    this.#base = results.rows.includes('postgraphile') ? 'postgraphile' : (results.rows[0] as string)
  }

  cells(row: string, query: QueryName, connections: number): readonly Cell[] {
    return this.#results.cells.filter((cell) => cell.row === row && cell.query === query && cell.connections === connections)
  }

  /** Requests a second against another row's, within each repetition. None when one of them answers otherwise or was not measured. */
  ratio(row: string, other: string, query: QueryName, connections = 16): Ratio | undefined {
    if ([row, other].some((name) => this.#results.refused.includes(`${name} ${query}`))) return undefined
    const others = this.cells(other, query, connections)
    const ratios = this.cells(row, query, connections).flatMap((cell, index) => {
      const base = others[index]
      return base === undefined ? [] : [cell.perSecond / base.perSecond]
    })
    return ratios.length === 0 ? undefined : { median: medianOf(ratios), min: Math.min(...ratios), max: Math.max(...ratios) }
  }

  /** How many times less CPU a request takes, server and database together; from the quietest moment of each. */
  ratioByCpu(row: string, other: string, query: QueryName): number | undefined {
    const least = (name: string) =>
      Math.min(...known(this.cells(name, query, 16).map(({ server, database }) => (server ?? Number.NaN) + (database ?? Number.NaN))))
    const ratio = least(other) / least(row)
    return Number.isFinite(ratio) && ratio > 0 ? ratio : undefined
  }

  #told(row: string, query: QueryName, connections = 16): string {
    if (this.#results.refused.includes(`${row} ${query}`)) return 'answers differ'
    const ratio = this.ratio(row, this.#base, query, connections)
    if (ratio === undefined) return '–'
    return row === this.#base ? '1' : `${figure(ratio.median)} (${figure(ratio.min)}..${figure(ratio.max)})`
  }

  /** The middle one of the repetitions. */
  #median(row: string, query: QueryName, connections: number, what: (cell: Cell) => number | undefined): number {
    const values = known(this.cells(row, query, connections).map(what))
    return values.length === 0 ? Number.NaN : medianOf(values)
  }

  #cpu(row: string, query: QueryName, connections = 16): string {
    const part = (what: 'server' | 'database') => figure(this.#median(row, query, connections, (cell) => cell[what]))
    return `${part('server')} + ${part('database')}`
  }

  summary(): string[] {
    const { queries: asked } = this.#results
    const head = asked.map((query) => `${queries[query].title} | CPU ms`)
    const lines = rows
      .filter(({ name, sixteen }) => this.#results.rows.includes(name) && !sixteen)
      .map(({ name, title }) => {
        const cells = asked.map((query) =>
          this.cells(name, query, 16).length === 0 ? 'not run | –' : `${this.#told(name, query)} | ${this.#cpu(name, query)}`,
        )
        return `| ${title} | ${cells.join(' | ')} |`
      })
    return [`| | ${head.join(' | ')} |`, `|---|${asked.map(() => '--:|--:|').join('')}`, ...lines]
  }

  details(query: QueryName, connections: number): string[] {
    const lines = rows
      .filter(({ name }) => this.cells(name, query, connections).length > 0)
      .map(({ name, title }) => {
        const median = (what: (cell: Cell) => number | undefined) => figure(this.#median(name, query, connections, what))
        const errors = this.cells(name, query, connections).reduce((sum, cell) => sum + cell.errors, 0)
        return `| ${title} | ${median((cell) => cell.perSecond)} | ${this.#told(name, query, connections)} | ${median((cell) => cell.p50)} | ${median((cell) => cell.p99)} | ${this.#cpu(name, query, connections)} | ${median((cell) => cell.bytes)} | ${errors} |`
      })
    return [
      '| | req/s | ratio | p50 ms | p99 ms | CPU ms, server + database | bytes | errors |',
      '|---|--:|--:|--:|--:|--:|--:|--:|',
      ...lines,
    ]
  }

  targets(): string[] {
    const lines: string[] = []
    const judge = (what: string, least: number, ratio: Ratio | undefined, byCpu?: number | undefined, floor?: number): void => {
      const goal = floor === undefined ? `≥ ${least}` : `≥ ${least} (on stock pg ≥ ${floor})`
      if (ratio === undefined) {
        lines.push(`| ${what} | ${goal} | not measured | – | – |`)
        return
      }
      const { median, min, max } = ratio
      const short = `missed by ${((1 - median / least) * 100).toFixed(0)} %`
      const verdict = median >= least ? 'met' : floor !== undefined && median >= floor ? `${short}; on stock pg met` : short
      lines.push(
        `| ${what} | ${goal} | ${figure(median)} (${figure(min)}..${figure(max)}) | ${byCpu === undefined ? '–' : figure(byCpu)} | ${verdict} |`,
      )
    }
    const against = (
      other: string,
      least: Partial<Record<QueryName, number>>,
      floors: Partial<Record<QueryName, number>>,
      own = 'samenspel',
      by = rowTitle(other),
    ): void => {
      for (const query of this.#results.queries) {
        const bound = least[query]
        if (bound === undefined) continue
        judge(`${queries[query].title} / ${by}`, bound, this.ratio(own, other, query), this.ratioByCpu(own, other, query), floors[query])
      }
    }
    const each = (least: number) => ({ plan: least, list: least, series: least, tiny: least })
    against('postgraphile', { plan: 5, list: 6, series: 4, tiny: 6 }, { plan: 5, list: 4, series: 3, tiny: 5 })
    against('hand-flat', each(0.8), {})
    against('mercurius', { plan: 8 }, {})
    against('without-policies', each(0.9), {}, 'team', 'the same rows without policies')
    against('static', each(0.7), {}, 'cached', 'a static string, by a kept answer')
    for (const query of this.#results.queries) {
      const ratios = this.cells('samenspel', query, 64).map(({ p50, p99 }) => p99 / p50)
      if (ratios.length === 0) continue
      const median = medianOf(ratios)
      const verdict = median <= 3 ? 'met' : `missed by ${((median / 3 - 1) * 100).toFixed(0)} %`
      lines.push(
        `| ${queries[query].title}: p99 / p50 at 64 connections | ≤ 3 | ${figure(median)} (${figure(Math.min(...ratios))}..${figure(Math.max(...ratios))}) | – | ${verdict} |`,
      )
    }
    return ['| target | goal | measured | by CPU | |', '|---|--:|--:|--:|---|', ...lines]
  }

  policies(): string[] {
    const names = ['team', 'without-policies', 'without-identity'].filter((name) => this.#results.rows.includes(name))
    if (names.length < 2) return []
    const asked = this.#results.queries
    const lines = names.map((name) => {
      const cells = asked.map((query) => {
        const ratio = this.ratio('team', name, query)
        return `${ratio === undefined ? '–' : name === 'team' ? '1' : `${figure(ratio.median)} (${figure(ratio.min)}..${figure(ratio.max)})`} | ${this.#cpu(name, query)}`
      })
      return `| ${rowTitle(name)} | ${cells.join(' | ')} |`
    })
    return [
      `| | ${asked.map((query) => `${queries[query].title} | CPU ms`).join(' | ')} |`,
      `|---|${asked.map(() => '--:|--:|').join('')}`,
      ...lines,
    ]
  }

  strangers(): number {
    return medianOf(known(this.#results.cells.map(({ strangers }) => strangers)))
  }

  base(): string {
    return rowTitle(this.#base)
  }
}

const rowTitle = (name: string): string => rows.find((row) => row.name === name)?.title ?? name

const versionOf = (node: string): string => {
  try {
    return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}

/** The whole measurement as Markdown. */
export function report(results: Results): string {
  const tables = new Tables(results)
  const processors = cpus()
  const strangers = tables.strangers()
  const { counts } = results
  const number = (value: number | undefined) => (value ?? 0).toLocaleString('en').replaceAll(',', ' ')
  const lines = [
    `# Benchmark of ${results.date}${results.quick ? ' (quick)' : ''}`,
    '',
    `${processors.length} × ${processors[0]?.model.trim() || 'unknown processor'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${type()} ${release()}; Node ${process.version} (PostGraphile on ${versionOf(nodeOfPostgraphile())}), PostgreSQL 18 (embedded), all on this machine with the load.`,
    `${number(counts.action)} actions, ${number(counts.status_report)} status reports, ${number(counts.observation)} observations; ${results.requests} requests of each query, each as a caller of its own, got ${results.queries.map((query) => `${results.distinct[query]} different answers to ${queries[query].title}`).join(', ')}.`,
    `${results.seconds} s a cell, ${Object.entries(results.repetitions)
      .map(([count, times]) => `${times} × at ${count}`)
      .join(
        ', ',
      )} connections; ${results.minutes.toFixed(1)} minutes in all. Other processes used ${Number.isNaN(strangers) ? 'an unknown share' : `${(strangers * 100).toFixed(0)} %`} of the machine (median).`,
    '',
    `## Requests a second against ${tables.base()}, 16 connections`,
    '',
    'Median (min..max) of the ratios within each repetition. CPU: milliseconds a request, server + PostgreSQL, median.',
    '',
    ...tables.summary(),
    '',
    '## Targets (16 connections)',
    '',
    ...tables.targets(),
  ]
  const policies = tables.policies()
  if (policies.length > 0)
    lines.push('', '## What row policies cost: requests a second of the first row against each, on equal rows', '', ...policies)
  for (const query of results.queries) {
    for (const connections of results.connections)
      lines.push('', `## ${queries[query].title}, ${connections} connections`, '', ...tables.details(query, connections))
  }
  return `${lines.join('\n')}\n`
}
