import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'

/** How a column's text becomes JSON. `id` is a uuid told as an opaque global id; `json` is JSON already. */
export type Leaf = 'text' | 'int' | 'float' | 'decimal' | 'boolean' | 'date' | 'datetime' | 'id' | 'json'

/** Arguments of a field, as read while its statement is planned. Values become parameters; only what `has` and `choice` tell may change the shape. */
export interface Args {
  /** Is the argument (dotted path) given and not null? */
  has(path: string): boolean
  /** The argument itself, where the statement's shape depends on it (an ordering). */
  choice<T>(path: string): T | undefined
  /** The argument as a parameter, cast to a PostgreSQL type; `scalar[]` takes a list. */
  value(path: string, type: string): SQL
  /** A global id (of one of these types, or of any) as a uuid parameter: null, so equal to nothing, when it is not one. */
  id(path: string, ...types: string[]): SQL
}

type Expression = SQL | SQLWrapper

export interface LeafField<T> {
  kind: 'leaf'
  leaf: Leaf
  sql: (table: T, args: Args) => Expression
}

/** `{ text language isFallback }` of a jsonb column of texts by language, in the language asked for. */
export interface LocalisedField<T> {
  kind: 'localised'
  sql: (table: T) => Expression
}

/** A value object read from the same row: `term { startsOn endsOn }`. */
export interface GroupField<T> {
  kind: 'group'
  fields: Record<string, Field<T>>
  /** When it is false the object is null. */
  present?: (table: T) => Expression
}

/** A row of another table, at most one, that holds what is told as the entity's own. */
export interface Beside<T, B> {
  table: B
  on: (table: T, beside: B) => SQL
}

/** A field read from the row beside, which is joined once however many fields are read from it. */
export interface BesideField<T> {
  kind: 'beside'
  // biome-ignore lint/suspicious/noExplicitAny: the table is typed where the relation is made (see `beside`)
  row: Beside<T, any>
  // biome-ignore lint/suspicious/noExplicitAny: as above
  field: LeafField<any> | LocalisedField<any> | GroupField<any>
}

/** A table between two others, joined on the way. */
export interface Through<P, X> {
  table: X
  on: (parent: P, through: X, args: Args) => SQL
}

/** At most one row, joined into the parent's statement. */
export interface OneField<P = never> {
  kind: 'one'
  to: () => Entity
  // biome-ignore lint/suspicious/noExplicitAny: the tables at both ends are typed where the relation is made (see `one`)
  on: (parent: P, child: any, args: Args, through: any) => SQL
  // biome-ignore lint/suspicious/noExplicitAny: as above
  through?: Through<P, any>
}

export interface Order<C, X> {
  /** Never null; ties are broken by id. */
  sql: (child: C, through: X) => Expression
  /** PostgreSQL type of the expression, by which a cursor is read back. */
  type: string
  /** Of an enum: all there are. */
  values?: readonly string[]
  descending?: boolean
  /** No two rows of one parent are alike in it, so that there are no ties to break. */
  unique?: boolean
}

/** Turns the operators a client gave (`{ eq } { in } …`) into a condition on an expression of a PostgreSQL type. */
export interface Test {
  (expression: Expression, type: string): SQL
  /** The words of `matches`, which are looked for in all texts of a row together (see `byText`), and whether that is all that is asked. */
  matches?: { words: SQL; alone: boolean }
}

/** @param past the rows are those of a moment, of which there is no index. */
export type Filter<C> = (child: C, test: Test, past: boolean) => SQL

/** Any number of rows: at most one more statement for the whole answer, however many parents there are. */
export interface ManyField<P = never> {
  kind: 'many'
  to: () => Entity
  /** connection: Relay, paged per parent. list: all of a small closed set. */
  as: 'connection' | 'list'
  // biome-ignore lint/suspicious/noExplicitAny: the tables at both ends are typed where the relation is made (see `many`)
  on: (parent: P, child: any, args: Args, through: any) => SQL
  // biome-ignore lint/suspicious/noExplicitAny: as above
  through?: Through<P, any>
  // biome-ignore lint/suspicious/noExplicitAny: as above
  order: readonly Order<any, any>[]
  /** What `orderBy { field }` may name. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  orderings?: Record<string, Order<any, any>>
  /** What `where` may name. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  filters?: Record<string, Filter<any>>
  /** One child may stand under several parents. */
  shared?: boolean
}

/** A row of one of several entities, each joined: that which is there. */
export interface AnyField<P = never> {
  kind: 'any'
  of: readonly OneField<P>[]
}

export type Field<T> = LeafField<T> | LocalisedField<T> | GroupField<T> | BesideField<T> | OneField<T> | AnyField<T> | ManyField<T>

/** What can be read of a concept: the GraphQL type of the same name, planned from here to flat statements. */
export interface Entity<T extends PgTable = PgTable> {
  name: string
  table: T
  // biome-ignore lint/suspicious/noExplicitAny: a list of entities holds many tables; `entity` types each at its making
  fields: Record<string, Field<any>>
  /** Can be found again by its global id. */
  node: boolean
  /** What its rows are read from, where that is no table: named tables alone, so that it can be told of any moment. Read as to-many only. */
  from?: SQL
  /** For an interface: the concrete types over the same table, and the expression that names a row's own. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  abstract?: { types: readonly Entity[]; typename: (table: any) => Expression }
  /** For a concrete type of a shared table: the condition that makes a row its own. Never the guard of a secret. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  scope?: (table: any) => SQL
}

export function entity<T extends PgTable>(definition: {
  name: string
  table: T
  fields: Record<string, Field<T>>
  node?: boolean
  from?: SQL
  abstract?: { types: readonly Entity[]; typename: (table: T) => Expression }
  scope?: (table: T) => SQL
}): Entity {
  return { node: true, ...definition } as unknown as Entity
}

/** A field of the root query. It has no parent row; its conditions come from its arguments alone. */
export interface RootField {
  to: () => Entity
  as: 'one' | 'list' | 'connection' | 'node'
  /** What its rows are read from, where they depend on its arguments; else the entity's table. */
  from?: (args: Args) => SQL
  // biome-ignore lint/suspicious/noExplicitAny: the table is typed where the root is made (see `root`)
  on: (table: any, args: Args) => SQL
  // biome-ignore lint/suspicious/noExplicitAny: as above
  order: readonly Order<any, undefined>[]
  // biome-ignore lint/suspicious/noExplicitAny: as above
  orderings?: Record<string, Order<any, undefined>>
  // biome-ignore lint/suspicious/noExplicitAny: as above
  filters?: Record<string, Filter<any>>
}

export const leaf = <T>(kind: Leaf, sql: LeafField<T>['sql']): LeafField<T> => ({ kind: 'leaf', leaf: kind, sql })
export const localised = <T>(sql: LocalisedField<T>['sql']): LocalisedField<T> => ({ kind: 'localised', sql })
export const group = <T>(fields: Record<string, Field<T>>, present?: GroupField<T>['present']): GroupField<T> => ({
  kind: 'group',
  fields,
  present,
})

/** Makes fields of a row beside: `const agreed = beside(agreedAction, (t, g) => …)`, then `title: agreed(localised((g) => g.title))`. */
export function beside<T, B>(
  table: B,
  on: Beside<T, B>['on'],
): (field: LeafField<B> | LocalisedField<B> | GroupField<B>) => BesideField<T> {
  const row = { table, on }
  return (field) => ({ kind: 'beside', row, field })
}

/** A to-one relation; `C` and `X` are the tables at its far end and between. */
export function one<P, C, X = undefined>(relation: {
  to: () => Entity
  on: (parent: P, child: C, args: Args, through: X) => SQL
  through?: Through<P, X>
}): OneField<P> {
  return { kind: 'one', ...relation }
}

/** A to-many relation; `C` and `X` are the tables at its far end and between. */
export function many<P, C, X = undefined>(relation: {
  to: () => Entity
  as: 'connection' | 'list'
  on: (parent: P, child: C, args: Args, through: X) => SQL
  through?: Through<P, X>
  order: readonly Order<C, X>[]
  orderings?: Record<string, Order<C, X>>
  filters?: Record<string, Filter<C>>
  shared?: boolean
}): ManyField<P> {
  return { kind: 'many', ...relation }
}

export function root<C>(field: {
  to: () => Entity
  as: RootField['as']
  from?: RootField['from']
  on: (table: C, args: Args) => SQL
  order?: readonly Order<C, undefined>[]
  orderings?: Record<string, Order<C, undefined>>
  filters?: Record<string, Filter<C>>
}): RootField {
  return { order: [], ...field }
}

const separator = ':'

/** Opaque, stable, the same for everyone: the type and the uuid. */
export function globalId(type: string, uuid: string): string {
  return Buffer.from(type + separator + uuid).toString('base64url')
}

/** The same of a type and an id that the database tells. */
export const globalIdOf = (type: SQL, uuid: SQL): SQL =>
  sql`translate(rtrim(encode(convert_to(${type} || ${sql.raw(`'${separator}'`)} || ${uuid}, 'UTF8'), 'base64'), '='), E'+/\\n', '-_')`

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The type and uuid of a global id; nothing when it is not one. */
export function parseGlobalId(id: string): { type: string; uuid: string } | undefined {
  const [type, uuid, ...rest] = Buffer.from(id, 'base64url').toString().split(separator)
  if (type === undefined || uuid === undefined || rest.length > 0 || !uuidForm.test(uuid) || !/^[A-Za-z]+$/.test(type)) return undefined
  return { type, uuid }
}

/** The uuid of a global id of this type; nothing when it is not one, so that it names what is not there. */
export function uuidOf(type: string, id: unknown): string | undefined {
  const parsed = parseGlobalId(String(id ?? ''))
  return parsed?.type === type ? parsed.uuid : undefined
}
