import { Column, getTableName, is, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { alias, type PgTable } from 'drizzle-orm/pg-core'
import type { PlannedStatement } from './arguments.ts'
import { render } from './arguments.ts'
import { inline, type Writer } from './assemble.ts'
import { keptIn } from './known.ts'
import type { Beside } from './model.ts'
import { type Ordering, orderBy } from './page.ts'

// A table under an alias of its own, whatever the table is; entities type their own expressions.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Aliased = any

/** What a statement returns: rows, rows that begin with the key of their parent, or for each parent its key and one thing told of it. */
export type Shape = 'rows' | 'rowsByParent' | 'toldByParent'

/** A table in a statement: its alias, its columns under that alias, and how it stands after `from`. */
export interface Named {
  name: string
  table: Aliased
  from: SQL
}

/** One statement while it is planned: what it selects from, the to-one joins and the columns its writers asked for. */
export interface Source {
  index: number
  from: SQL
  joins: SQL[]
  columns: SQL[]
  /** The moment as of which its tables are read; now, when there is none. */
  asOf: SQL | undefined
  /** Rows of now under which those of a moment are read: a name for them, and what they are. */
  beneath: SQL | undefined
  /** The columns as text, by which an expression is known again. */
  rendered: PlannedStatement[]
  order: SQL | undefined
}

/** Where one thing is told of each row of a parent: in a column of that row, or by a statement of its own. */
export type Told = { column: number } | { statement: number }

/** A row of an entity within a statement. `rows` is a sub-select of exactly these rows, for the statements below it. */
export interface Instance {
  source: Source
  name: string
  table: Aliased
  rows: () => SQL
  /** It is what its statement returns, once: no row that is joined to that, nor one of several parents. */
  own: boolean
  /** It, or what is required of it today, may be missing in a row. */
  optional: boolean
  /** The rows that stand beside it in its statement, as far as its fields asked for them. */
  besides: Map<object, Aliased>
}

/** The rows of a to-many relation, or of a root: of which table, by which condition, in which order, how many. */
export interface RowsOf {
  parent: Instance | undefined
  child: Named
  through: Named | undefined
  where: SQL
  orderings: readonly Ordering[]
  page?: { limit: SQL; reversed: boolean }
  /** The moment as of which they are read, with all that is below them. */
  asOf: SQL | undefined
  /** One child may stand under several parents. */
  shared?: boolean
}

/** The flat statements of one operation: one for each level of to-many, however many rows there are above it. */
export class Statements {
  readonly #sources: { source: Source; shape: Shape }[] = []
  readonly #kept: ReadonlySet<string>
  #aliases = 0

  /** @param kept the tables of which the database keeps all states, each in a view `<table>_as_known`. */
  constructor(kept: ReadonlySet<string>) {
    this.#kept = kept
  }

  /** A table under a new alias. */
  name(table: PgTable): Named {
    const name = `t${this.#aliases++}`
    return { name, table: alias(table, name), from: sql`${sql.identifier(getTableName(table))} ${sql.identifier(name)}` }
  }

  /** A new statement over the rows of `child`: for each row of `parent` (whose id is then its first column), or once. */
  rows({ parent, child, through, where, orderings, page, shared, asOf }: RowsOf): Instance {
    const name = sql.identifier(child.name)
    const ranks = orderings.map(({ expression }, index) => sql`, ${expression} as ${sql.identifier(rank(index))}`)
    const limit = page === undefined ? sql`` : sql` order by ${orderBy(orderings, page.reversed)} limit ${page.limit}`
    const inner = sql`(select ${name}.*${sql.join(ranks)} from ${joined(through, child)} where ${where}${limit}) ${name}`
    const outer = orderings.map(({ descending }, index) => ({ expression: rankOf(child, index), descending }))
    const source = this.#add({
      ...this.#under(parent, asOf, (parents) => (parents === undefined ? inner : sql`${parents} cross join lateral ${inner}`)),
      columns: parent === undefined ? [] : [sql`${parent.table.id}`],
      order: outer.length === 0 ? undefined : orderBy(outer, page?.reversed ?? false),
      shape: parent === undefined ? 'rows' : 'rowsByParent',
    })
    const once = shared ? sql`distinct on (${child.table.id}) ` : sql``
    return {
      source,
      name: child.name,
      table: child.table,
      rows: () => sql`(select ${once}${name}.* from ${source.from})`,
      own: !shared,
      optional: asOf !== undefined,
      besides: new Map(),
    }
  }

  /** Tells the rows of `child` as one text for each row of `parent`: `item` of each, with commas between. */
  whole(rows: RowsOf & { parent: Instance }, item: SQL): Told {
    const { child, through, where, orderings } = rows
    return this.#told(
      rows.parent,
      rows.asOf,
      sql`(select string_agg(${item}, ',' order by ${orderBy(orderings, false)}) from ${joined(through, child)} where ${where})`,
    )
  }

  /** Counts the rows of `child`: for each row of `parent`, or once, of which no row is the parent. */
  count({ parent, child, through, where, asOf }: RowsOf): Told {
    const count = sql`(select count(*) from ${joined(through, child)} where ${where})`
    if (parent !== undefined) return this.#told(parent, asOf, count)
    const under = this.#under(parent, asOf, () => sql`(select ${count} as total) ${sql.identifier(`c_${child.name}`)}`)
    return { statement: this.#add({ ...under, columns: [sql`''`, sql`total`], order: undefined, shape: 'toldByParent' }).index }
  }

  /** One thing told of each row of `parent`: beside it, or where that would tell it more than once, by a new statement. */
  #told(parent: Instance, asOf: SQL | undefined, value: SQL): Told {
    if (parent.own && asOf === parent.source.asOf) return { column: column(parent.source, value) }
    const under = this.#under(parent, asOf, (parents) => sql`${parents}`)
    return { statement: this.#add({ ...under, columns: [sql`${parent.table.id}`, value], order: undefined, shape: 'toldByParent' }).index }
  }

  /** At most one row, joined to an instance within its own statement. */
  join(parent: Instance, child: Named, joins: readonly SQL[]): Instance {
    const { source } = parent
    source.joins.push(...joins)
    const soFar = [...source.joins]
    const rows = () =>
      sql`(select distinct on (${child.table.id}) ${sql.identifier(child.name)}.* from ${source.from}${sql.join(soFar)} where ${child.table.id} is not null)`
    return {
      source,
      name: child.name,
      table: child.table,
      rows,
      own: false,
      optional: parent.source.asOf !== undefined,
      besides: new Map(),
    }
  }

  /** The instance's row in a table beside its own; joined at the first asking. */
  beside(instance: Instance, row: Beside<Aliased, Aliased>): Aliased {
    let table = instance.besides.get(row)
    if (table === undefined) {
      const named = this.name(row.table)
      table = named.table
      instance.source.joins.push(sql` left join ${named.from} on ${row.on(instance.table, table)}`)
      instance.besides.set(row, table)
    }
    return table
  }

  /** What a statement selects from, given its parents' rows. Rows of now get a name outside of the moment of what is read under them. */
  #under(
    parent: Instance | undefined,
    asOf: SQL | undefined,
    from: (parents: SQL | undefined) => SQL,
  ): Pick<Source, 'from' | 'asOf' | 'beneath'> {
    if (parent === undefined) return { from: from(undefined), asOf, beneath: undefined }
    const name = sql.identifier(parent.name)
    if (asOf === parent.source.asOf) return { from: from(sql`${parent.rows()} ${name}`), asOf, beneath: parent.source.beneath }
    return { from: from(sql`${name}`), asOf, beneath: sql`${name} as ${parent.rows()}` }
  }

  #add({ shape, ...source }: Pick<Source, 'from' | 'asOf' | 'beneath' | 'columns' | 'order'> & { shape: Shape }): Source {
    const added: Source = { ...source, rendered: source.columns.map(render), index: this.#sources.length, joins: [] }
    this.#sources.push({ source: added, shape })
    return added
  }

  get planned(): PlannedStatement[] {
    return this.#sources.map(({ source }) => render(source.asOf === undefined ? textOf(source) : this.#asKnown(source, source.asOf)))
  }

  /** A statement in which every table that it names stands for what the table was known to hold then. */
  #asKnown(source: Source, asOf: SQL): SQL {
    const now = textOf(source)
    const then = keptIn(render(now).text, this.#kept).map(
      (table) =>
        sql`${sql.identifier(table)} as not materialized (select * from ${sql.identifier(`${table}_as_known`)} where system_period @> ${asOf})`,
    )
    return sql`with ${sql.join(source.beneath === undefined ? then : [source.beneath, ...then], sql`, `)} ${now}`
  }

  get shapes(): Shape[] {
    return this.#sources.map(({ shape }) => shape)
  }
}

function textOf({ columns, from, joins, order }: Source): SQL {
  const selected = columns.length === 0 ? [sql`1`] : columns
  return sql`select ${sql.join(selected, sql`, `)} from ${from}${sql.join(joins)}${order === undefined ? sql`` : sql` order by ${order}`}`
}

const joined = (through: Named | undefined, child: Named): SQL =>
  through === undefined ? child.from : sql`${through.from} cross join ${child.from}`

/** What a row is ordered by stands beside its own columns, for the order outside and for its cursor. */
const rank = (index: number): string => `o${index}`
export const rankOf = ({ name }: { name: string }, index: number): SQL => sql`${sql.identifier(name)}.${sql.identifier(rank(index))}`

/** A column that is never null, of a row that is there. */
export const neverNull = (expression: SQL | SQLWrapper, { optional }: Instance): boolean =>
  !optional && is(expression, Column) && expression.notNull

/** Writes what is told of each row of a parent: a value that cannot fail, given as JavaScript over its text, which is null where there is nothing. */
export function toldOf(told: Told, parent: Instance | undefined, source: (text: string) => string): Writer {
  if ('column' in told) return inline(source(`row[${told.column}]`))
  const key = keyOf(parent)
  const write = inline(source('row[0]'))
  return (row, answer) => write([answer.told(told.statement, key(row)) ?? null], answer)
}

/** Reads the parent's key out of its row; a root has none. */
export function keyOf(parent: Instance | undefined): (row: readonly (string | null)[]) => string {
  if (parent === undefined) return () => ''
  const index = column(parent.source, sql`${parent.table.id}`)
  return (row) => row[index] as string
}

/** Asks a statement for a column; tells its place, which is that of the same expression asked for before. */
export function column(source: Source, expression: SQL): number {
  const asked = render(expression)
  const known = source.rendered.findIndex((other) => same(other, asked))
  if (known >= 0) return known
  source.rendered.push(asked)
  return source.columns.push(expression) - 1
}

const same = (a: PlannedStatement, b: PlannedStatement): boolean =>
  a.text === b.text && a.params.length === b.params.length && a.params.every((param, index) => param === b.params[index])
