import { createHash } from 'node:crypto'
import { getTableName, Param, type SQL, sql } from 'drizzle-orm'
import { alias, getTableConfig, PgDialect, type PgTable } from 'drizzle-orm/pg-core'
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLOutputType,
  type GraphQLSchema,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  print,
} from 'graphql'
import pg from 'pg'
import { dayInMaastricht } from '../../src/action/status.ts'
import type { Credential } from '../../src/db/session.ts'
import { NotSettled, Problem } from '../../src/errors.ts'
import type { Features } from '../../src/features.ts'
import { makeSchema } from '../../src/graphql/schema.ts'
import type { Args, Beside, Entity, Field, Filter, ManyField, OneField, Order, RootField, Test } from '../../src/read/model.ts'

// A read model's expressions are typed where they are made; here they are only put into a statement.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Any = any

interface Caller {
  name: string
  credential: Credential
}

/** One row that a resolver holds: only which it is; each of its fields is looked up when asked for. */
class Row {
  readonly entity: Entity
  readonly fields: Record<string, Field<Any>>
  readonly id: string
  /** The type, and the group of its fields. */
  readonly place: string
  /** Where its columns are, when not in the row itself. */
  readonly beside: Beside<Any, Any> | undefined
  /** The moment as of which it is told. */
  readonly asOf: string | undefined
  constructor(
    entity: Entity,
    fields: Record<string, Field<Any>>,
    id: string,
    asOf: string | undefined,
    place = entity.name,
    beside?: Beside<Any, Any>,
  ) {
    this.asOf = asOf
    this.place = place
    this.beside = beside
    this.entity = entity
    this.fields = fields
    this.id = id
  }
}

/** A row of a list with the values it is ordered by, its id the last. */
interface Ranked {
  row: Row
  values: readonly string[]
}

type Found = (string | null)[][]
type Values = Record<string, unknown>

const told = <T, U>(value: T | null, tell: (value: T) => U): U | null => (value === null ? null : tell(value))

const dialect = new PgDialect()
const parameter = (value: unknown, type: string): SQL => sql`${new Param(value)}::${sql.raw(type)}`

function at(values: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, step) => (value as Values | null | undefined)?.[step], values) ?? undefined
}

function idOf(text: unknown, types: readonly string[]): string | null {
  const parts = /^([A-Za-z]+):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(Buffer.from(String(text ?? ''), 'base64url').toString())
  return parts && (types.length === 0 || types.includes(parts[1] as string)) ? (parts[2] as string) : null
}

const typeOfId = (text: unknown): string | undefined => /^([A-Za-z]+):/.exec(Buffer.from(String(text), 'base64url').toString())?.[1]

const textOf = (value: unknown): unknown => (Array.isArray(value) ? value.map(String) : value === undefined ? null : String(value))

const argsOf = (values: Values): Args => ({
  has: (path) => at(values, path) !== undefined,
  choice: (path) => at(values, path) as Any,
  value: (path, type) => parameter(textOf(at(values, path)), type),
  id: (path, ...types) => parameter(idOf(at(values, path), types), 'uuid'),
})

/** The operators of a filter, written out once more. */
const operators: Record<string, (expression: SQL, value: unknown, type: string) => SQL> = {
  eq: (expression, value, type) => sql`(${expression}) is not distinct from ${parameter(textOf(value), type)}`,
  in: (expression, value, type) =>
    (value as unknown[]).length === 0
      ? sql`false`
      : sql`(${sql.join(
          (value as unknown[]).map((item) => sql`coalesce((${expression}) = ${parameter(textOf(item), type)}, false)`),
          sql` or `,
        )})`,
  gte: (expression, value, type) => sql`not coalesce((${expression}) < ${parameter(textOf(value), type)}, true)`,
  lte: (expression, value, type) => sql`not coalesce((${expression}) > ${parameter(textOf(value), type)}, true)`,
  contains: (expression, value) => sql`position(lower(${parameter(textOf(value), 'text')}) in lower(${expression})) > 0`,
}

function testOf({ matches, ...given }: Values): Test {
  const test: Test = (expression, type) =>
    sql.join(
      [
        sql`true`,
        ...Object.entries(given).flatMap(([name, value]) => {
          if (value === null || value === undefined) return []
          const operator = operators[name]
          if (operator === undefined) throw new Error(`the plain resolvers do not know the operator ${name}`)
          return [sql`(${operator(sql`${expression}`, value, type)})`]
        }),
      ],
      sql` and `,
    )
  if (matches) test.matches = { words: parameter(textOf(matches), 'text'), alone: false }
  return test
}

const leaves: Record<string, (text: string, typeName: string) => unknown> = {
  text: (text) => text,
  int: Number,
  float: Number,
  decimal: (text) => text,
  boolean: (text) => text === 'true',
  date: (text) => text,
  datetime: (text) => text.replace(' ', 'T').replace('+00', 'Z'),
  json: (text) => JSON.parse(text),
  id: (text, typeName) => Buffer.from(`${typeName}:${text}`).toString('base64url'),
}

const refusal = (code: 'BAD_USER_INPUT' | 'INVALID_CURSOR', message: string | undefined, path: string): GraphQLError =>
  refusedWith(new Problem(code, message, [path]))

const refusedWith = (originalError: Problem): GraphQLError => new GraphQLError(originalError.message, { originalError })

/** One execution over what is known. It never waits, so that errors come in the order of the document. */
interface Running {
  caller: Caller
  languages: readonly string[]
  /** What was asked of the database and is not known yet: then this execution is void. */
  missing: Map<string, { text: string; params: unknown[] }>
  /** How many fields of rows were answered. */
  fields: number
}

/** An answer, and how many fields of rows it was made of. */
export interface Plain extends ExecutionResult {
  fields: number
}

class Missing extends Error {}

/** What stands for a value that is not known yet, so that an execution comes by as many fields as it can. */
function standIn(type: GraphQLOutputType): unknown {
  if (isNonNullType(type)) return standIn(type.ofType)
  if (isListType(type)) return []
  if (isEnumType(type)) return type.getValues()[0]?.value
  if (type.name === 'LocalisedText') return { text: '', language: 'nl', isFallback: false }
  if (type.name.endsWith('Connection'))
    return { nodes: [], edges: [], totalCount: 0, pageInfo: { hasNextPage: false, hasPreviousPage: false } }
  if (type.name === 'Int' || type.name === 'Float') return 0
  if (type.name === 'Boolean') return false
  return isScalarType(type) ? '' : hollow
}

/** In place of an object that is still to be looked up: not null, or its neighbours would not be asked for in the same round. */
const hollow = {}

/**
 * Reads the read model row by row: a statement for each row's own columns, for each relation of each row, for each list; lists are put in order, cut into
 * pages and counted here, texts chosen and nulls settled here and by graphql-js. Answers of the database are remembered by caller, since nothing is written.
 */
export class PlainReader {
  readonly schema: GraphQLSchema
  /** Cursors that were given out, by the list they belong to. */
  readonly cursors = new Map<string, string[]>()
  statements = 0
  readonly #features: Features
  readonly #known = new Map<string, Found>()
  #day = ''
  readonly #free: pg.Client[]
  readonly #waiting: ((client: pg.Client) => void)[] = []
  readonly #enums: ReadonlyMap<string, readonly string[]>
  readonly #entities: ReadonlyMap<string, Entity>
  readonly #kept: readonly string[]
  readonly #settledUntil: string

  private constructor(
    features: Features,
    clients: pg.Client[],
    enums: ReadonlyMap<string, readonly string[]>,
    kept: readonly string[],
    settledUntil: string,
  ) {
    this.#kept = kept
    this.#settledUntil = settledUntil
    this.#features = features
    this.#free = clients
    this.#enums = enums
    this.#entities = new Map(features.entities.map((entity) => [entity.name, entity]))
    for (const { table, from } of features.entities) if (from) readFrom.set(getTableName(table), from)
    this.schema = makeSchema(features)
    for (const type of Object.values(this.schema.getTypeMap())) {
      if (isInterfaceType(type))
        type.resolveType = (row: Row) => (row === hollow ? this.schema.getPossibleTypes(type)[0]?.name : row.entity.name)
      if (!isObjectType(type) || type.name.startsWith('__')) continue
      for (const field of Object.values(type.getFields())) {
        field.resolve = (source, args, running: Running, info) => {
          if (source === hollow) return standIn(info.returnType)
          try {
            if (type === this.schema.getQueryType()) return this.#root(running, info.fieldName, args)
            if (!(source instanceof Row)) return (source as Record<string, unknown>)[info.fieldName]
            running.fields++
            return this.#field(running, source, info.fieldName, args, `${type.name}.${info.fieldName}`)
          } catch (error) {
            if (error instanceof Missing) return standIn(info.returnType)
            throw error
          }
        }
      }
    }
  }

  /** @param url of the runtime role. */
  /** @param settledUntil the moment until which all is recorded: of a later one nothing is told. */
  static async open(features: Features, url: string, connections: number, settledUntil: string): Promise<PlainReader> {
    const clients = Array.from(
      { length: connections },
      () =>
        new pg.Client({
          connectionString: url,
          pipeline: true,
          options: '-c TimeZone=UTC -c DateStyle=ISO -c jit=off -c plan_cache_mode=force_generic_plan',
        } as pg.ClientConfig),
    )
    await Promise.all(clients.map((client) => client.connect()))
    const { rows } = await (clients[0] as pg.Client).query(
      `select t.typname as name, json_agg(e.enumlabel order by e.enumsortorder) as labels from pg_enum e join pg_type t on t.oid = e.enumtypid group by 1`,
    )
    const views = await (clients[0] as pg.Client).query(
      `select substring(viewname from '^(.*)_as_known$') as kept from pg_views where schemaname = 'public' and viewname like '%as_known'`,
    )
    return new PlainReader(
      features,
      clients,
      new Map(rows.map(({ name, labels }) => [name, labels])),
      views.rows.map(({ kept }) => kept),
      settledUntil,
    )
  }

  async close(): Promise<void> {
    await Promise.all(this.#free.map((client) => client.end()))
  }

  async answer(caller: Caller, document: DocumentNode, variableValues: Values, languages: readonly string[]): Promise<Plain> {
    this.#forgetYesterday()
    for (let round = 0; round < 1_000; round++) {
      const running: Running = { caller, languages, missing: new Map(), fields: 0 }
      const result = execute({ schema: this.schema, document, variableValues, contextValue: running }) as ExecutionResult
      if (running.missing.size === 0) return { ...result, fields: running.fields }
      await this.#load(running)
    }
    throw new Error(`the plain resolvers do not come to an end: ${print(document)} ${JSON.stringify(variableValues)}`)
  }

  /** What is true of a day is asked anew on the next one. */
  #forgetYesterday(): void {
    const today = dayInMaastricht(new Date().toISOString())
    if (today === this.#day) return
    this.#day = today
    this.#known.clear()
  }

  async #load({ caller, missing }: Running): Promise<void> {
    const client = this.#free.pop() ?? (await new Promise<pg.Client>((resolve) => this.#waiting.push(resolve)))
    if (this.#known.size > 400_000) this.#known.clear()
    const { credential } = caller
    const enter =
      credential.kind === 'public'
        ? { text: 'select * from enter_public()' }
        : { text: 'select * from enter($1, $2)', values: [credential.id, credential.hash] }
    const begun = [client.query('begin isolation level repeatable read read only'), client.query(enter)]
    const asked = [...missing].map(async ([key, { text, params }]) => {
      const name = createHash('sha1').update(text).digest('hex')
      const { rows } = await client.query({ name, text, values: params, rowMode: 'array' })
      this.#known.set(key, rows as unknown as Found)
    })
    this.statements += asked.length
    await Promise.all([...begun, ...asked])
    await client.query('rollback')
    const next = this.#waiting.shift()
    if (next) next(client)
    else this.#free.push(client)
  }

  /** @param place what is asked, of which row, with which arguments. */
  #ask(running: Running, asOf: string | undefined, place: readonly unknown[], query: () => SQL): Found {
    const key = `${running.caller.name} ${asOf} ${JSON.stringify(place)}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const { sql: text, params } = dialect.sqlToQuery(query())
    running.missing.set(key, { text: asOf === undefined ? text : this.#then(text, asOf), params })
    throw new Missing()
  }

  /** A statement over the states of then, in place of the tables that it names. */
  #then(text: string, asOf: string): string {
    const named = this.#kept.filter((table) => new RegExp(`\\b${table}\\b`).test(text))
    const states = named.map(
      (table) =>
        `${table} as (select * from ${table}_as_known k where lower(k.system_period) <= '${asOf}' and coalesce(upper(k.system_period) > '${asOf}', true))`,
    )
    return states.length === 0 ? text : `with ${states.join(', ')} ${text}`
  }

  #root(running: Running, name: string, values: Values): unknown {
    const field = this.#features.roots[name] as RootField
    const entity = field.as === 'node' ? field.to().abstract?.types.find((type) => type.name === typeOfId(values.id)) : field.to()
    if (entity === undefined) return null
    return this.#rows(running, undefined, `Query.${name}`, entity, field, values, ['Query', name], () => {
      const child = alias(entity.table, 'child_row') as Any
      return { child, between: undefined, tables: [child], where: [field.on(child, argsOf(values))] }
    })
  }

  #field(running: Running, row: Row, name: string, values: Values, coordinate: string): unknown {
    const field = row.fields[name] as Field<Any>
    const place = [row.place, name, row.id]
    switch (field.kind) {
      case 'leaf':
        return told(
          this.#column(running, row, [...place, values], (table) => field.sql(table, argsOf(values))),
          (text) => leaves[field.leaf]?.(text, row.entity.name),
        )
      case 'localised':
        return told(
          this.#column(running, row, place, (table) => field.sql(table)),
          (text) => chosen(JSON.parse(text), values.language ? [values.language as string] : running.languages),
        )
      case 'beside': {
        const besides = new Row(row.entity, { [name]: field.field }, row.id, row.asOf, row.place, field.row)
        return this.#field(running, besides, name, values, coordinate)
      }
      case 'group': {
        const inner = new Row(row.entity, field.fields, row.id, row.asOf, `${row.place}.${name}`, row.beside)
        if (field.present === undefined) return inner
        const { present } = field
        return this.#column(running, row, place, (table) => present(table)) === 'true' ? inner : null
      }
      case 'one':
        return this.#one(running, row, [...place, values], field, argsOf(values))
      case 'many':
        return this.#rows(running, row, coordinate, field.to(), field, values, place, () => related(row, field, argsOf(values)))
    }
  }

  /** One column of one row, as text. */
  #column(running: Running, row: Row, place: readonly unknown[], expression: (table: Any) => unknown): string | null {
    const found = this.#ask(running, row.asOf, place, () => {
      const table = alias(row.entity.table, 'this_row') as Any
      const beside = row.beside && (alias(row.beside.table, 'beside_row') as Any)
      const join = row.beside ? sql` left join ${from_(beside)} on ${row.beside.on(table, beside)}` : sql``
      return sql`select ((${expression(beside ?? table)})::text) from ${from_(table)}${join} where ${table.id} = ${parameter(row.id, 'uuid')}`
    })
    return found[0]?.[0] ?? null
  }

  #one(running: Running, row: Row, place: readonly unknown[], field: OneField<Any>, args: Args): Row | null {
    const entity = field.to()
    const found = this.#ask(running, row.asOf, place, () => {
      const { child, tables, where } = related(row, field, args)
      return sql`select ${child.id}::text, ${typename(entity, child)} from ${sql.join(tables.map(from_), sql`, `)} where ${all(where)}`
    })
    return told(found[0] ?? null, (first) => this.#row(entity, first, row.asOf))
  }

  #row(entity: Entity, [id, type]: (string | null)[], asOf: string | undefined): Row {
    const own = type ? (this.#entities.get(type) as Entity) : entity
    return new Row(own, own.fields, id as string, asOf)
  }

  #rows(
    running: Running,
    parent: Row | undefined,
    coordinate: string,
    entity: Entity,
    field: RootField | ManyField<Any>,
    values: Values,
    place: readonly unknown[],
    related: () => Related,
  ): unknown {
    const own = (values.asOf as string | null | undefined) ?? undefined
    if (own !== undefined && parent?.asOf !== undefined)
      throw refusal('BAD_USER_INPUT', 'What is above is told as of a moment already', 'asOf')
    if (own !== undefined && own > this.#settledUntil) throw refusedWith(new NotSettled(this.#settledUntil, ['asOf']))
    const asOf = own ?? parent?.asOf
    const orders: { name: string; order: Order<Any, Any> }[] = field.order.map((order, index) => ({ name: String(index), order }))
    const wanted = (field.orderings && (values.orderBy as { field: string; direction?: string }[] | null | undefined)) ?? []
    orders.unshift(
      ...wanted.map(({ field: name, direction }) => ({
        name,
        order: { ...(field.orderings?.[name] as Order<Any, Any>), descending: direction === 'DESC' },
      })),
    )
    orders.push({ name: 'id', order: { sql: (table) => table.id, type: 'uuid' } })
    const compare = this.#comparing(orders.map(({ order }) => order))
    const page = field.as === 'connection' ? pageOf(coordinate, orders, values) : undefined
    const { first, last, after, before, ...unpaged } = values
    const found = this.#ask(running, asOf, [...place, unpaged], () => {
      const { child, between, tables, where } = related()
      const kept = [...where, ...(entity.scope ? [entity.scope(child)] : []), ...filtersOf(field.filters, values, child)]
      const columns = [
        sql`${child.id}::text`,
        typename(entity, child),
        ...orders.map(({ order }) => sql`(${order.sql(child, between)})::text`),
      ]
      return sql`select ${sql.join(columns, sql`, `)} from ${sql.join(tables.map(from_), sql`, `)} where ${all(kept)}`
    })
    const ranked: Ranked[] = found
      .map((row) => ({ row: this.#row(entity, row, asOf), values: row.slice(2) as string[] }))
      .sort((a, b) => compare(a.values, b.values))
    if (page) return this.#connection(coordinate, page, ranked, compare)
    return field.as === 'list' ? ranked.map(({ row }) => row) : (ranked[0]?.row ?? null)
  }

  #comparing(orders: readonly Order<Any, Any>[]): (a: readonly string[], b: readonly string[]) => number {
    const comparing = orders.map(({ type, descending }) => {
      const labels = this.#enums.get(type)
      const ascending = (a: string, b: string): number => {
        if (labels) return labels.indexOf(a) - labels.indexOf(b)
        if (/^(int|bigint|numeric|float)/.test(type)) return Number(a) - Number(b)
        return Buffer.compare(Buffer.from(a), Buffer.from(b))
      }
      return descending ? (a: string, b: string) => ascending(b, a) : ascending
    })
    return (a, b) => {
      for (const [index, compare] of comparing.entries()) {
        const difference = compare(a[index] as string, b[index] as string)
        if (difference !== 0) return difference
      }
      return 0
    }
  }

  #connection(coordinate: string, page: Page, all: Ranked[], compare: (a: readonly string[], b: readonly string[]) => number): Values {
    const within = all.filter(
      ({ values }) => (!page.after || compare(values, page.after) > 0) && (!page.before || compare(values, page.before) < 0),
    )
    const shown = page.backward ? within.slice(Math.max(0, within.length - page.size)) : within.slice(0, page.size)
    const more = within.length > page.size
    const cursors = shown.map(({ values }) => Buffer.from(JSON.stringify([page.tag, ...values])).toString('base64url'))
    this.#note(coordinate, cursors)
    return {
      totalCount: all.length,
      nodes: shown.map(({ row }) => row),
      edges: shown.map(({ row }, index) => ({ node: row, cursor: cursors[index] })),
      pageInfo: {
        hasNextPage: page.backward ? page.before !== undefined : more,
        hasPreviousPage: page.backward ? more : page.after !== undefined,
        startCursor: cursors[0] ?? null,
        endCursor: cursors.at(-1) ?? null,
      },
    }
  }

  #note(coordinate: string, cursors: readonly string[]): void {
    const known = this.cursors.get(coordinate) ?? []
    this.cursors.set(coordinate, known)
    for (const cursor of cursors) if (known.length < 200 && !known.includes(cursor)) known.push(cursor)
  }
}

/** The tables in which a relation's rows are looked for, and how they belong together. */
interface Related {
  child: Any
  between: Any
  tables: Any[]
  where: SQL[]
}

function related(row: Row, field: Pick<OneField<Any>, 'to' | 'on' | 'through'>, args: Args): Related {
  const parent = alias(row.entity.table, 'parent_row') as Any
  const child = alias(field.to().table, 'child_row') as Any
  const between = field.through && (alias(field.through.table, 'between_row') as Any)
  const where = [sql`${parent.id} = ${parameter(row.id, 'uuid')}`, field.on(parent as never, child, args, between)]
  if (field.through) where.push(field.through.on(parent as never, between, args))
  return { child, between, tables: between ? [parent, between, child] : [parent, child], where }
}

interface Page {
  tag: string
  size: number
  backward: boolean
  after: string[] | undefined
  before: string[] | undefined
}

/** What the paging arguments say, or what is wrong with them. */
function pageOf(coordinate: string, orders: readonly { name: string; order: Order<Any, Any> }[], values: Values): Page {
  const given = values as { first?: number | null; last?: number | null; after?: string | null; before?: string | null }
  const written = orders.map(({ name, order }) => `${name} ${order.descending ?? false}`).join()
  const tag = createHash('sha256').update(`${coordinate} ${written}`).digest('base64url').slice(0, 8)
  if (typeof given.first === 'number' && typeof given.last === 'number')
    throw refusal('BAD_USER_INPUT', 'Give first or last, not both', 'last')
  for (const name of ['first', 'last'] as const) {
    const size = given[name]
    if (typeof size === 'number' && !(size >= 1 && size <= 100)) throw refusal('BAD_USER_INPUT', `${name} is 1 to 100`, name)
  }
  const cursor = (name: 'after' | 'before'): string[] | undefined => {
    if (typeof given[name] !== 'string') return undefined
    let parts: unknown
    try {
      parts = JSON.parse(Buffer.from(given[name], 'base64url').toString())
    } catch {}
    if (!Array.isArray(parts) || parts[0] !== tag || parts.length !== orders.length + 1) throw refusal('INVALID_CURSOR', undefined, name)
    return parts.slice(1)
  }
  return {
    tag,
    size: given.first ?? given.last ?? 20,
    backward: typeof given.last === 'number',
    after: cursor('after'),
    before: cursor('before'),
  }
}

/** What is read where an entity has no table of its own, by the name it goes under. */
const readFrom = new Map<string, SQL>()

const from_ = (table: Any): SQL => {
  const { name } = getTableConfig(table as PgTable)
  const original = originalName(table) ?? name
  return sql`${readFrom.get(original) ?? sql.identifier(original)} ${sql.identifier(name)}`
}

const originalName = (table: Any): string | undefined => table[Symbol.for('drizzle:OriginalName')]

const all = (conditions: readonly SQL[]): SQL =>
  sql.join(
    conditions.map((condition) => sql`(${condition})`),
    sql` and `,
  )

const typename = (entity: Entity, table: Any): SQL => (entity.abstract ? sql`(${entity.abstract.typename(table)})::text` : sql`null`)

/** Words are looked for without the index, as they are in the past. */
function filtersOf(filters: Record<string, Filter<Any>> | undefined, values: Values, child: Any): SQL[] {
  const where = (values.where ?? {}) as Record<string, Values | null>
  return Object.entries(filters ?? {}).flatMap(([name, filter]) => {
    const given = where[name]
    return given === null || given === undefined ? [] : [filter(child, testOf(given), true)]
  })
}

/** The text in the first language that is there, else in its source language. */
function chosen(texts: Record<string, string>, wanted: readonly string[]): Values {
  const { source, ...words } = texts
  const chains = wanted.map((tag) => tag.split('-').map((_, index, subtags) => subtags.slice(0, subtags.length - index).join('-')))
  const candidates = chains.flat()
  const language = candidates.find((tag) => words[tag] !== undefined) ?? (source as string)
  return { text: words[language], language, isFallback: !chains[0]?.includes(language) }
}
