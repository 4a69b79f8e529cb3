import { Column, is, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
} from 'graphql'
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js'
import { getArgumentValues } from 'graphql/execution/values.js'
import type { Problem } from '../errors.ts'
import { type Binding, candidates, FieldArgs, type PlannedStatement, type Probe, parameter } from './arguments.ts'
import {
  type Answer,
  inline,
  leafOf,
  listOf,
  objectOf,
  type PathStep,
  type Place,
  pathOf,
  quote,
  settled,
  unless,
  type Writer,
} from './assemble.ts'
import type { BesideField, Entity, Field, GroupField, ManyField, OneField, Order, RootField, Through } from './model.ts'
import { parseGlobalId } from './model.ts'
import { beyond, chosenOrders, cursorsOf, limitOf, type Ordering, pageProblem, pageSize, writeCursor } from './page.ts'
import { type Aliased, column, type Instance, type RowsOf, rankOf, type Shape, Statements } from './statements.ts'
import { canWrite, type Member, objectText } from './whole.ts'

/** An operation made into flat statements and a writer of its answer. Holds for every request that answers its probes alike. */
export interface Plan {
  statements: readonly PlannedStatement[]
  /** What each statement returns. */
  shapes: readonly Shape[]
  /** Writes the `data` of the answer, undefined when it is null. */
  write: (answer: Answer) => string | undefined
  /** The arguments of each field for these variables. */
  argumentsFor(variables: Record<string, unknown>): Record<string, unknown>[]
  probes: readonly Probe[]
}

type Variables = Record<string, unknown>

export class Planner {
  readonly #schema: GraphQLSchema
  readonly #roots: Readonly<Record<string, RootField>>
  readonly #fragments: Record<string, FragmentDefinitionNode>
  readonly #variables: Variables
  readonly #statements = new Statements()
  readonly #argumented: { field: GraphQLField<unknown, unknown>; node: FieldNode; values: Record<string, unknown> }[] = []
  readonly #probes: Probe[] = []
  readonly #languages = [0, 1, 2].map((index) => parameter(({ languages }) => languages[index] ?? null, 'text'))
  /** An executor needs to be told which type an object of an interface has. */
  readonly #typed: boolean
  #slots = 0

  constructor(
    schema: GraphQLSchema,
    roots: Readonly<Record<string, RootField>>,
    fragments: Record<string, FragmentDefinitionNode>,
    variables: Variables,
    objects: 'plain' | 'typed' = 'plain',
  ) {
    this.#typed = objects === 'typed'
    this.#schema = schema
    this.#roots = roots
    this.#fragments = fragments
    this.#variables = variables
  }

  /** Plans a query operation. */
  operation(operation: OperationDefinitionNode): Plan {
    const query = this.#schema.getQueryType() as GraphQLObjectType
    const selected = collectFields(this.#schema, this.#fragments, this.#variables, query, operation.selectionSet)
    const fields = [...selected].map(([key, nodes]) => ({ key, write: this.#rootField(query, key, nodes) }))
    const write = objectOf(fields)
    return this.#plan((answer) => write([], answer))
  }

  /** Plans the fields selected of one object that is known by its uuid, as a mutation's payload needs. */
  object(entity: Entity, uuid: string, nodes: readonly FieldNode[], path: readonly PathStep[]): Plan {
    const child = this.#statements.name(entity.table)
    const where = sql`${child.table.id} = ${uuid}::uuid`
    const instance = this.#statements.rows({ parent: undefined, child, through: undefined, where, orderings: [] })
    const write = this.#selection(entity, instance, nodes, path)
    return this.#plan((answer) => {
      const row = answer.rows(instance.source.index, '')[0]
      return row === undefined ? 'null' : write(row, answer)
    })
  }

  #plan(write: Plan['write']): Plan {
    const argumented = this.#argumented.map((asked) => ({
      ...asked,
      varies: (asked.node.arguments ?? []).some(({ value }) => namesVariable(value)),
    }))
    return {
      statements: this.#statements.planned,
      shapes: this.#statements.shapes,
      write,
      argumentsFor: (variables) =>
        argumented.map(({ field, node, values, varies }) => (varies ? getArgumentValues(field, node, variables) : values)),
      probes: this.#probes,
    }
  }

  #args(type: GraphQLObjectType, nodes: readonly FieldNode[]): FieldArgs {
    const node = nodes[0] as FieldNode
    const field = type.getFields()[node.name.value] as GraphQLField<unknown, unknown>
    const values = getArgumentValues(field, node, this.#variables)
    const number = this.#argumented.push({ field, node, values }) - 1
    return new FieldArgs(number, values, this.#probes)
  }

  #rootField(query: GraphQLObjectType, key: string, nodes: readonly FieldNode[]): Writer {
    const name = (nodes[0] as FieldNode).name.value
    if (name === '__typename') return constant(query.name)
    const field = this.#roots[name]
    if (field === undefined) throw new Error(`Query.${name} has no root in the read model`)
    const place = placeOf(query, name, nodes, [key])
    const args = this.#args(query, nodes)
    const entity = field.as === 'node' ? this.#entityOfId(field, args) : field.to()
    if (entity === undefined) return (_row, answer) => settled(place, null, answer)
    return this.#rows(place, entity, field, args, undefined)
  }

  /** `node(id)`: the id names the type, so the shape depends on that part of it. */
  #entityOfId(field: RootField, args: FieldArgs): Entity | undefined {
    const type = args.probe((values) => parseGlobalId(String(values.id ?? ''))?.type)
    return field.to().abstract?.types.find((entity) => entity.name === type)
  }

  /** The rows of a root field or a to-many relation: one, a list, or a connection. */
  #rows(place: Place, entity: Entity, field: RootField | ManyField<Aliased>, args: FieldArgs, parent: Instance | undefined): Writer {
    const child = this.#statements.name(entity.table)
    const between = 'through' in field ? (field.through as Through<Aliased, Aliased> | undefined) : undefined
    const through = between && this.#statements.name(between.table)
    const on = field as { on: (...tables: Aliased[]) => SQL }
    const conditions = [
      parent === undefined ? on.on(child.table, args) : on.on(parent.table, child.table, args, through?.table),
      ...(entity.scope ? [entity.scope(child.table)] : []),
      ...this.#filters(field, args, child.table),
    ]
    if (between && parent) conditions.push(between.on(parent.table, through?.table, args))
    const where = sql.join(
      conditions.map((condition) => sql`(${condition})`),
      sql` and `,
    )
    const orders = [
      ...chosenOrders(args, field.orderings),
      ...field.order.map((order, index) => ({ name: `${index}`, order: order as Order<Aliased, Aliased> })),
    ]
    const names = [...orders.map(({ name }) => name), 'id']
    const orderings: Ordering[] = orders.map(({ order }) => ({
      expression: sql`${order.sql(child.table, through?.table)}`,
      type: order.type,
      descending: order.descending ?? false,
    }))
    orderings.push({ expression: sql`${child.table.id}`, type: 'uuid', descending: false })
    const list: ListOf = { parent, child, through, where, orderings, names, args, shared: sharedOf(field) }
    if (field.as === 'connection') return this.#connection(place, entity, list)
    const whole = field.as === 'list' && parent !== undefined ? this.#whole(place, entity, { ...list, parent }) : undefined
    if (whole !== undefined) return whole
    const instance = this.#statements.rows(list)
    if (field.as === 'list') return this.#list(place, entity, instance, parent)
    const write = this.#selection(entity, instance, place.nodes, place.path)
    return (_row, answer) => {
      const found = answer.rows(instance.source.index, '')[0]
      return settled(place, found === undefined ? null : write(found, answer), answer)
    }
  }

  #filters(field: RootField | ManyField, args: FieldArgs, child: Aliased): SQL[] {
    return Object.entries(field.filters ?? {})
      .filter(([name]) => args.has(`where.${name}`))
      .map(([name, filter]) => filter(child, args.test(`where.${name}`)))
  }

  #list(place: Place, entity: Entity, instance: Instance, parent: Instance | undefined): Writer {
    const slot = this.#slots++
    const item = itemOf(fieldType(place))
    const write = listOf(slot, item.nonNull, this.#selection(entity, instance, place.nodes, [...place.path, { slot }]))
    const key = this.#keyOf(parent)
    return (row, answer) => settled(place, write(answer.rows(instance.source.index, key(row)), answer), answer)
  }

  /** A list of objects of mere leaves that cannot fail, which the database writes whole. */
  #whole(place: Place, entity: Entity, list: ListOf & { parent: Instance }): Writer | undefined {
    if (entity.abstract !== undefined) return undefined
    const type = this.#schema.getType(entity.name) as GraphQLObjectType
    const members: Member[] = this.#typed ? [{ key: '__resolved', constant: quote(type.name) }] : []
    for (const [key, nodes] of collectSubfields(this.#schema, this.#fragments, this.#variables, type, place.nodes)) {
      const name = (nodes[0] as FieldNode).name.value
      const field = entity.fields[name]
      if (name === '__typename') members.push({ key, constant: quote(type.name) })
      else if (field?.kind !== 'leaf') return undefined
      else {
        const expression = field.sql(list.child.table, this.#args(type, nodes)) as SQL
        if (!canWrite(field.leaf, expression, placeOf(type, name, nodes, []).nonNull)) return undefined
        members.push({ key, leaf: field.leaf, expression })
      }
    }
    const { index } = this.#statements.whole(list, objectText(members))
    const parentKey = this.#keyOf(list.parent)
    return (row, answer) => `[${answer.told(index, parentKey(row)) ?? ''}]`
  }

  /** Reads the parent's key out of its row. */
  #keyOf(parent: Instance | undefined): (row: readonly (string | null)[]) => string {
    if (parent === undefined) return () => ''
    const index = column(parent.source, sql`${parent.table.id}`)
    return (row) => row[index] as string
  }

  #connection(place: Place, entity: Entity, list: ListOf): Writer {
    const { args, parent } = list
    const type = getNamedType(fieldType(place)) as GraphQLObjectType
    const cursors = cursorsOf(place.coordinate, list.orderings, list.names)
    const backward = args.has('last')
    const paging = [list.where]
    const given = { hasAfter: args.has('after'), hasBefore: args.has('before') }
    if (given.hasAfter) paging.push(beyond('after', args, list.orderings, cursors))
    if (given.hasBefore) paging.push(beyond('before', args, list.orderings, cursors))

    let instance: Instance | undefined
    const rows = (): Instance => {
      instance ??= this.#statements.rows({
        ...list,
        where: sql.join(paging, sql` and `),
        page: { limit: limitOf(args.field, cursors, () => page.tellsNext), reversed: backward },
      })
      return instance
    }
    const key = this.#keyOf(parent)
    const slot = this.#slots++
    const page: PageOf = { cursors, backward, ...given, tellsNext: false, key, slot }
    const fields = [...collectSubfields(this.#schema, this.#fragments, this.#variables, type, place.nodes)].map(([responseKey, nodes]) => ({
      key: responseKey,
      write: this.#connectionField(type, responseKey, nodes, place, entity, list, rows, page),
    }))
    const write = objectOf(fields)
    const { field } = args
    return (row, answer) => {
      const problem = pageProblem(cursors, answer.args[field] as object)
      if (problem !== undefined) return refused(place, problem, answer)
      return settled(place, write(row, answer), answer)
    }
  }

  #connectionField(
    type: GraphQLObjectType,
    responseKey: string,
    nodes: readonly FieldNode[],
    connection: Place,
    entity: Entity,
    list: ListOf,
    rows: () => Instance,
    page: PageOf,
  ): Writer {
    const name = (nodes[0] as FieldNode).name.value
    if (name === '__typename') return constant(type.name)
    const place = placeOf(type, name, nodes, [...connection.path, responseKey])
    if (name === 'totalCount') return this.#totalCount(list, page)
    const instance = rows()
    const pageRows = (row: Parameters<Writer>[0], answer: Answer) => {
      const size = pageSize(answer.args[list.args.field] as object)
      const all = answer.rows(instance.source.index, page.key(row))
      const kept = all.length > size ? all.slice(0, size) : all
      return page.backward ? [...kept].reverse() : kept
    }
    const path = [...place.path, { slot: page.slot }]
    if (name === 'nodes') {
      const write = listOf(page.slot, itemOf(fieldType(place)).nonNull, this.#selection(entity, instance, nodes, path))
      return (row, answer) => settled(place, write(pageRows(row, answer), answer), answer)
    }
    const ranks = list.orderings.map((_, index) => column(instance.source, rankOf(instance, index)))
    const cursor = (row: readonly (string | null)[]) =>
      quote(
        writeCursor(
          page.cursors,
          ranks.map((index) => row[index] as string | null),
        ),
      )
    if (name === 'edges') {
      const write = listOf(page.slot, itemOf(fieldType(place)).nonNull, this.#edge(place, entity, instance, nodes, path, cursor))
      return (row, answer) => settled(place, write(pageRows(row, answer), answer), answer)
    }
    return this.#pageInfo(place, instance, nodes, list, page, cursor, pageRows)
  }

  #edge(
    place: Place,
    entity: Entity,
    instance: Instance,
    nodes: readonly FieldNode[],
    path: readonly PathStep[],
    cursor: (row: readonly (string | null)[]) => string,
  ): Writer {
    const type = getNamedType(fieldType(place)) as GraphQLObjectType
    const fields = [...collectSubfields(this.#schema, this.#fragments, this.#variables, type, nodes)].map(
      ([key, selected]): { key: string; write: Writer } => {
        const name = (selected[0] as FieldNode).name.value
        if (name === '__typename') return { key, write: constant(type.name) }
        if (name === 'cursor') return { key, write: cursor }
        const node = placeOf(type, name, selected, [...path, key])
        const write = this.#selection(entity, instance, selected, node.path)
        return { key, write: (row, answer) => settled(node, write(row, answer), answer) }
      },
    )
    return objectOf(fields)
  }

  #pageInfo(
    place: Place,
    instance: Instance,
    nodes: readonly FieldNode[],
    list: ListOf,
    page: PageOf,
    cursor: (row: readonly (string | null)[]) => string,
    pageRows: (row: readonly (string | null)[], answer: Answer) => readonly (readonly (string | null)[])[],
  ): Writer {
    const type = getNamedType(fieldType(place)) as GraphQLObjectType
    const more: Writer = (row, answer) =>
      String(answer.rows(instance.source.index, page.key(row)).length > pageSize(answer.args[list.args.field] as object))
    page.tellsNext = true
    const edge =
      (position: 0 | -1): Writer =>
      (row, answer) => {
        const found = pageRows(row, answer).at(position)
        return found === undefined ? 'null' : cursor(found)
      }
    const writers: Record<string, Writer> = {
      __typename: constant(type.name),
      hasNextPage: page.backward ? () => String(page.hasBefore) : more,
      hasPreviousPage: page.backward ? more : () => String(page.hasAfter),
      startCursor: edge(0),
      endCursor: edge(-1),
    }
    const selected = collectSubfields(this.#schema, this.#fragments, this.#variables, type, nodes)
    return objectOf([...selected].map(([key, [node]]) => ({ key, write: writers[(node as FieldNode).name.value] as Writer })))
  }

  #totalCount(list: ListOf, { key }: PageOf): Writer {
    const { index } = this.#statements.count(list)
    return (row, answer) => answer.told(index, key(row)) ?? '0'
  }

  /** The fields selected of an entity's row. Of an interface: for each concrete type its own, chosen by the row. */
  #selection(entity: Entity, instance: Instance, nodes: readonly FieldNode[], path: readonly PathStep[]): Writer {
    if (entity.abstract === undefined) return this.#object(entity, entity.fields, entity.name, instance, nodes, path)
    const typename = column(instance.source, sql`${entity.abstract.typename(instance.table)}`)
    const byType = new Map(
      entity.abstract.types.map((type) => [type.name, this.#object(type, type.fields, type.name, instance, nodes, path)]),
    )
    return (row, answer) => byType.get(row[typename] as string)?.(row, answer)
  }

  #object(
    entity: Entity,
    fields: Record<string, Field<Aliased>>,
    typeName: string,
    instance: Instance,
    nodes: readonly FieldNode[],
    path: readonly PathStep[],
  ): Writer {
    const type = this.#schema.getType(typeName) as GraphQLObjectType
    const selected = collectSubfields(this.#schema, this.#fragments, this.#variables, type, nodes)
    const told = this.#typed ? [{ key: '__resolved', write: constant(typeName) }] : []
    return objectOf([
      ...told,
      ...[...selected].map(([key, keyed]) => ({ key, write: this.#field(entity, fields, type, instance, key, keyed, path) })),
    ])
  }

  #field(
    entity: Entity,
    fields: Record<string, Field<Aliased>>,
    type: GraphQLObjectType,
    instance: Instance,
    key: string,
    nodes: readonly FieldNode[],
    path: readonly PathStep[],
  ): Writer {
    const name = (nodes[0] as FieldNode).name.value
    if (name === '__typename') return constant(type.name)
    const field = fields[name]
    if (field === undefined) throw new Error(`${type.name}.${name} is not in the read model`)
    const place = placeOf(type, name, nodes, [...path, key])
    if (field.kind !== 'beside') return this.#fieldOf(entity, field, type, instance, place)
    return this.#fieldOf(
      entity,
      field.field,
      type,
      { ...instance, table: this.#statements.beside(instance, field.row), optional: true },
      place,
    )
  }

  #fieldOf(
    entity: Entity,
    field: Exclude<Field<Aliased>, BesideField<Aliased>>,
    type: GraphQLObjectType,
    instance: Instance,
    place: Place,
  ): Writer {
    const { nodes } = place
    switch (field.kind) {
      case 'leaf': {
        const expression = field.sql(instance.table, this.#args(type, nodes))
        const index = column(instance.source, sql`${expression}`)
        return leafOf(field.leaf, entity.name, index, place, neverNull(expression, instance))
      }
      case 'localised':
        return this.#localised(place, field.sql(instance.table), instance, this.#args(type, nodes))
      case 'group':
        return this.#group(place, entity, field, instance)
      case 'one':
        return this.#one(place, field, instance, this.#args(type, nodes))
      case 'many':
        return this.#rows(place, field.to(), field, this.#args(type, nodes), instance)
    }
  }

  #group(place: Place, entity: Entity, field: GroupField<Aliased>, instance: Instance): Writer {
    const write = this.#object(entity, field.fields, getNamedType(fieldType(place)).name, instance, place.nodes, place.path)
    if (field.present === undefined) return write.source ? write : (row, answer) => settled(place, write(row, answer), answer)
    const present = column(instance.source, sql`${field.present(instance.table)}`)
    return unless({ source: `row[${present}] !== 't'`, holds: (row) => row[present] !== 't' }, place, write)
  }

  /** The text in the first language wanted that is there, else in its source language, which is then told. */
  #localised(place: Place, expression: SQL | SQLWrapper, instance: Instance, args: FieldArgs): Writer {
    const type = getNamedType(fieldType(place)) as GraphQLObjectType
    const [first, second, third] = this.#languagesOf(place, args)
    const texts = sql`${expression}`
    const text = column(
      instance.source,
      sql`coalesce(${texts} ->> ${first}, ${texts} ->> ${second}, ${texts} ->> ${third}, ${texts} ->> (${texts} ->> 'source'))`,
    )
    let told: number | undefined
    const language = (): number => {
      told ??= column(
        instance.source,
        sql`case when ${texts} ? ${first} then ${first} when ${texts} ? ${second} then ${second} when ${texts} ? ${third} then ${third} else ${texts} ->> 'source' end`,
      )
      return told
    }
    const writerOf = (name: string): Writer => {
      if (name === '__typename') return constant(type.name)
      if (name === 'text') return inline(`quote(row[${text}])`)
      const index = language()
      if (name === 'language') return inline(`quote(row[${index}])`)
      return (row, answer) =>
        String(
          !candidatesOf(answer, args.field)
            .slice(0, 2)
            .includes(row[index] as string),
        )
    }
    const selected = collectSubfields(this.#schema, this.#fragments, this.#variables, type, place.nodes)
    const write = objectOf([...selected].map(([key, [node]]) => ({ key, write: writerOf((node as FieldNode).name.value) })))
    if (neverNull(expression, instance)) return write
    return unless({ source: `row[${text}] === null`, holds: (row) => row[text] === null }, place, write)
  }

  /** The languages to try as parameters: the field's own where it names one, else those of the request, which all such fields share. */
  #languagesOf(place: Place, args: FieldArgs): readonly SQL[] {
    const own = place.nodes[0]?.arguments?.some(({ name }) => name.value === 'language')
    if (!own) return this.#languages
    return [0, 1, 2].map((index) => parameter((binding) => candidatesOf(binding, args.field)[index] ?? null, 'text'))
  }

  #one(place: Place, field: OneField<Aliased>, parent: Instance, args: FieldArgs): Writer {
    const entity = field.to()
    const child = this.#statements.name(entity.table)
    const between = field.through && this.#statements.name(field.through.table)
    const joins: SQL[] = []
    if (between)
      joins.push(sql` left join ${between.from} on ${(field.through as Through<Aliased, Aliased>).on(parent.table, between.table, args)}`)
    joins.push(sql` left join ${child.from} on ${field.on(parent.table, child.table, args, between?.table)}`)
    const instance = this.#statements.join(parent, child, joins)
    const present = column(instance.source, sql`${child.table.id}`)
    const write = this.#selection(entity, instance, place.nodes, place.path)
    return unless({ source: `row[${present}] === null`, holds: (row) => row[present] === null }, place, write)
  }
}

/** A connection's rows, before they are cut into pages. */
interface ListOf extends RowsOf {
  names: readonly string[]
  args: FieldArgs
}

interface PageOf {
  cursors: ReturnType<typeof cursorsOf>
  backward: boolean
  hasAfter: boolean
  hasBefore: boolean
  /** Whether one row more is read than the page holds. */
  tellsNext: boolean
  key: (row: readonly (string | null)[]) => string
  slot: number
}

/** A column that is never null, of a row that is there. */
const neverNull = (expression: SQL | SQLWrapper, { optional }: Instance): boolean =>
  !optional && is(expression, Column) && expression.notNull

const constant = (name: string): Writer => inline(`'"${name}"'`)

const sharedOf = (field: RootField | ManyField): boolean => ('shared' in field ? (field.shared ?? false) : false)

interface TypedPlace extends Place {
  type: GraphQLOutputType
}

function placeOf(parent: GraphQLObjectType, name: string, nodes: readonly FieldNode[], path: readonly PathStep[]): TypedPlace {
  const { type } = parent.getFields()[name] as GraphQLField<unknown, unknown>
  return { coordinate: `${parent.name}.${name}`, path, nodes, nonNull: isNonNullType(type), type }
}

const fieldType = (place: Place): GraphQLOutputType => (place as TypedPlace).type

function itemOf(type: GraphQLOutputType): { nonNull: boolean } {
  const list = isNonNullType(type) ? type.ofType : type
  return { nonNull: isListType(list) && isNonNullType(list.ofType) }
}

function refused(place: Place, problem: Problem, answer: Answer): string | undefined {
  answer.errors.push(new GraphQLError(problem.message, { nodes: place.nodes, path: pathOf(place.path, answer), originalError: problem }))
  return place.nonNull ? undefined : 'null'
}

function namesVariable(value: ValueNode): boolean {
  if (value.kind === Kind.LIST) return value.values.some(namesVariable)
  if (value.kind === Kind.OBJECT) return value.fields.some((field) => namesVariable(field.value))
  return value.kind === Kind.VARIABLE
}

/** The languages to try for a field: for the one it asks for, else for those of the request. */
function candidatesOf({ args, languages }: Pick<Binding, 'args' | 'languages'>, field: number): readonly string[] {
  const asked = args[field]?.language as string | null | undefined
  return asked ? candidates([asked]) : languages
}

export function fragmentsOf(document: DocumentNode): Record<string, FragmentDefinitionNode> {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null)
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition
  }
  return fragments
}
