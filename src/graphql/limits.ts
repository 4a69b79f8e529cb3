import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getIntrospectionQuery,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  type ValueNode,
} from 'graphql'
import { Problem } from '../errors.ts'

/** What one operation may ask. Everything but `cost` and `values` depends on the document alone and is judged before validation. */
export interface Limits {
  /** Characters of the document; comments are no tokens. */
  characters: number
  /** Lexical tokens; the parser stops there. */
  tokens: number
  /** Operations and fragments in one document. */
  definitions: number
  /** Levels of fields, counted through fragments; a field of the root is level 1. */
  depth: number
  /** Levels below and with `__schema` or `__type`; the introspection query of GraphiQL has 15. */
  introspectionDepth: number
  /** Fields of all operations, with fragments expanded. */
  fields: number
  /** Comparisons that fields with the same response name cost in validation: per response path their number squared. */
  repeats: number
  aliases: number
  directives: number
  rootFields: number
  /** Estimated objects in the answer: see `estimateCost`. */
  cost: number
  /** Introspection is free of SQL and has its own measure: percent of what the whole standard introspection query costs on this schema. */
  introspection: number
  /** Scalars, lists and objects in the variables. */
  values: number
}

/**
 * The first query of the documentation costs 120,484 with every plain list at the default size of 20.
 * The dearest documents that pass take about 20 ms to judge warm and 40 ms in a cold process (measured; test/graphql-http.test.ts has them). The default rules
 * alone took 1.4 s for 3,000 fragments.
 */
export const defaultLimits: Limits = Object.freeze({
  characters: 50_000,
  tokens: 2_000,
  definitions: 40,
  depth: 12,
  introspectionDepth: 16,
  fields: 5_000,
  repeats: 10_000,
  aliases: 30,
  directives: 30,
  rootFields: 20,
  cost: 250_000,
  introspection: 200,
  values: 20_000,
})

/** How many elements an unbounded list is taken to have. */
export const defaultListSize = 20
/** `first` and `last` are refused above this by the reader of the list, so they cost no more. */
const maxPage = 100

/** The elements of a plain list, or of a connection asked without `first`, where the default of 20 is wrong. */
export type ListSize = (typeName: string, fieldName: string) => number | undefined

export class TooExpensive extends Problem {
  readonly extensions: { what: keyof Limits; limit: number; actual?: number }

  constructor(what: keyof Limits, limit: number, actual: number | undefined, message: string) {
    super('OPERATION_TOO_EXPENSIVE', message)
    this.extensions = { what, limit, ...(actual === undefined ? {} : { actual: Math.min(actual, Number.MAX_SAFE_INTEGER) }) }
  }
}

const names: Record<keyof Limits, string> = {
  characters: 'characters',
  tokens: 'tokens',
  definitions: 'operations and fragments',
  depth: 'levels of fields',
  introspectionDepth: 'levels of introspection',
  fields: 'fields, fragments expanded',
  repeats: 'comparisons of fields with the same response name',
  aliases: 'aliases',
  directives: 'directives',
  rootFields: 'root fields',
  cost: 'estimated objects',
  introspection: 'percent of a full introspection',
  values: 'values in its variables',
}

function hold(limits: Limits, what: keyof Limits, actual: number): void {
  const limit = limits[what]
  if (actual <= limit) return
  const number = actual > Number.MAX_SAFE_INTEGER ? 'too many' : actual
  const message =
    what === 'cost'
      ? `The operation has an estimated cost of ${number}, the limit is ${limit}; ask shorter pages (first) or fewer nested lists`
      : `The operation has ${number} ${names[what]}, the limit is ${limit}`
  throw new TooExpensive(what, limit, actual, message)
}

/** When counting stopped at the limit. */
function stopped(limits: Limits, what: keyof Limits): TooExpensive {
  return new TooExpensive(what, limits[what], undefined, `The operation has more than ${limits[what]} ${names[what]}`)
}

export const tooManyTokens = (limits: Limits): TooExpensive => stopped(limits, 'tokens')
export const tooManyValues = (limits: Limits): TooExpensive => stopped(limits, 'values')
export const holdCharacters = (limits: Limits, source: string): void => hold(limits, 'characters', source.length)

/** The largest of each over the operations of the document; `fields` and `repeats` are those of the whole document. */
export interface Shape {
  depth: number
  introspectionDepth: number
  fields: number
  repeats: number
  aliases: number
  directives: number
  rootFields: number
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

function fragmentsOf(document: DocumentNode): Fragments {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  return fragments
}

/**
 * Judges the document as written, before `validate`: it needs no schema, is not confused by unknown fields or fragments, and ends on recursive ones.
 * Validation is quadratic in fields of one response path and in fragments; `repeats` and `definitions` bound just that.
 */
export function checkShape(document: DocumentNode, limits: Limits = defaultLimits): Shape {
  hold(limits, 'definitions', document.definitions.length)
  const fragments = fragmentsOf(document)
  const shape: Shape = { depth: 0, introspectionDepth: 0, fields: 0, repeats: 0, aliases: 0, directives: 0, rootFields: 0 }
  const counted = new Map<string, Count | undefined>()
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue
    const count = countSelections(definition.selectionSet, fragments, counted)
    let directives = count.directives + (definition.directives?.length ?? 0)
    for (const variable of definition.variableDefinitions ?? []) directives += variable.directives?.length ?? 0
    shape.directives = Math.max(shape.directives, directives)
    shape.aliases = Math.max(shape.aliases, count.aliases)
    shape.depth = Math.max(shape.depth, count.depth)
    shape.introspectionDepth = Math.max(shape.introspectionDepth, count.introspectionDepth)
    shape.rootFields = Math.max(shape.rootFields, count.rootFields)
  }
  for (const what of ['depth', 'introspectionDepth', 'aliases', 'directives', 'rootFields'] as const) hold(limits, what, shape[what])
  countRepeats(document, fragments, limits, shape)
  return shape
}

interface Count {
  depth: number
  introspectionDepth: number
  aliases: number
  directives: number
  rootFields: number
}

/** Counts through fragments, each fragment once however often it is spread, so a chain that doubles at each step takes no doubled time. */
function countSelections(set: SelectionSetNode, fragments: Fragments, counted: Map<string, Count | undefined>): Count {
  const total: Count = { depth: 0, introspectionDepth: 0, aliases: 0, directives: 0, rootFields: 0 }
  for (const selection of set.selections) {
    total.directives += selection.directives?.length ?? 0
    if (selection.kind === Kind.FIELD) {
      total.rootFields++
      if (selection.alias !== undefined) total.aliases++
      const inner = selection.selectionSet && countSelections(selection.selectionSet, fragments, counted)
      total.aliases += inner?.aliases ?? 0
      total.directives += inner?.directives ?? 0
      const depth = 1 + (inner?.depth ?? 0)
      // The field's own name: an alias, an operation or a fragment that is called __schema gets no allowance. Validation knows these two at the root only.
      if (selection.name.value === '__schema' || selection.name.value === '__type') {
        total.introspectionDepth = Math.max(total.introspectionDepth, depth)
        total.depth = Math.max(total.depth, 1)
      } else {
        total.introspectionDepth = Math.max(total.introspectionDepth, inner?.introspectionDepth ?? 0)
        total.depth = Math.max(total.depth, depth)
      }
      continue
    }
    let inner: Count | undefined
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      inner = countSelections(selection.selectionSet, fragments, counted)
    } else {
      const name = selection.name.value
      const fragment = fragments.get(name)
      if (fragment === undefined) continue
      if (!counted.has(name)) {
        counted.set(name, undefined) // under way: a recursive spread counts nothing and is refused by validation
        counted.set(name, countSelections(fragment.selectionSet, fragments, counted))
      }
      inner = counted.get(name)
      total.directives += fragment.directives?.length ?? 0
    }
    if (inner === undefined) continue
    total.depth = Math.max(total.depth, inner.depth)
    total.introspectionDepth = Math.max(total.introspectionDepth, inner.introspectionDepth)
    total.aliases += inner.aliases
    total.directives += inner.directives
    total.rootFields += inner.rootFields
  }
  return total
}

/** Groups fields by response path, as the rule "fields can merge" does, and adds up the pairs it has to compare. Stops at the first limit reached. */
function countRepeats(document: DocumentNode, fragments: Fragments, limits: Limits, shape: Shape): void {
  const maxLevel = Math.max(limits.depth, limits.introspectionDepth)
  const reached = new Set<string>()
  const level = (sets: readonly SelectionSetNode[], depth: number): void => {
    const groups = new Map<string, FieldNode[]>()
    const spread = new Set<string>()
    const collect = (set: SelectionSetNode): void => {
      for (const selection of set.selections) {
        if (selection.kind === Kind.FIELD) {
          if (++shape.fields > limits.fields) throw stopped(limits, 'fields')
          const name = (selection.alias ?? selection.name).value
          const group = groups.get(name)
          if (group === undefined) groups.set(name, [selection])
          else group.push(selection)
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          collect(selection.selectionSet)
        } else if (!spread.has(selection.name.value)) {
          spread.add(selection.name.value)
          reached.add(selection.name.value)
          const fragment = fragments.get(selection.name.value)
          if (fragment !== undefined) collect(fragment.selectionSet)
        }
      }
    }
    sets.forEach(collect)
    for (const group of groups.values()) {
      if (group.length > 1) {
        shape.repeats += group.length * group.length
        if (shape.repeats > limits.repeats) throw stopped(limits, 'repeats')
      }
      const inner = group.flatMap((field) => field.selectionSet ?? [])
      if (inner.length > 0 && depth < maxLevel) level(inner, depth + 1)
    }
  }
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) level([definition.selectionSet], 1)
  }
  for (const [name, fragment] of fragments) {
    if (!reached.has(name)) level([fragment.selectionSet], 1)
  }
}

export interface Cost {
  cost: number
  /** Objects of introspection, counted apart. */
  introspection: number
  /** The variables that the numbers depend on. */
  variables: ReadonlySet<string>
}

interface Sum {
  cost: number
  introspection: number
}
type Field = GraphQLField<unknown, unknown>
type SizeOf = (parent: GraphQLCompositeType, field: Field, given: number | undefined) => number

/**
 * The objects that the answer of a valid operation may hold: 1 for an object, 1 with what it holds for each element of a list; scalars are free.
 * A list has `first` or `last` elements: those of its own arguments, or for `nodes` and `edges` those of the connection around it. Without them it has
 * `listSize`, else 20. Selections that exclude each other are added up, and so are repeated fields: it is never too low where the list sizes hold.
 */
export function estimateCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  listSize?: ListSize,
): Cost {
  const fragments = fragmentsOf(document)
  const used = new Set<string>()
  const memo = new Map<string, Sum>()

  const pageOf = (field: Field, node: FieldNode): number | undefined => {
    let page: number | undefined
    for (const arg of field.args) {
      if (arg.name !== 'first' && arg.name !== 'last') continue
      const given = node.arguments?.find((argument) => argument.name.value === arg.name)?.value
      const value = given === undefined ? arg.defaultValue : numberOf(given, variables, used, arg.defaultValue)
      if (typeof value !== 'number' || Number.isNaN(value)) continue
      page = Math.max(page ?? 1, Math.min(value, maxPage))
    }
    return page
  }
  const plainSize: SizeOf = (parent, field, given) => given ?? listSize?.(parent.name, field.name) ?? defaultListSize
  const introspectedSize: SizeOf = (_parent, field) => introspectionSizes(schema).get(field.name) ?? 1

  const selections = (set: SelectionSetNode, type: GraphQLCompositeType, inherited: number | undefined, sizeOf: SizeOf): Sum => {
    const sum: Sum = { cost: 0, introspection: 0 }
    for (const selection of set.selections) {
      let part: Sum | undefined
      if (selection.kind === Kind.FIELD) {
        part = field(selection, type, inherited, sizeOf)
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        part = selections(selection.selectionSet, conditionOf(selection.typeCondition?.name.value, type), inherited, sizeOf)
      } else {
        const fragment = fragments.get(selection.name.value)
        if (fragment === undefined) continue
        const key = `${selection.name.value} ${inherited ?? ''}`
        part = memo.get(key)
        if (part === undefined) {
          memo.set(key, { cost: 0, introspection: 0 })
          part = selections(fragment.selectionSet, conditionOf(fragment.typeCondition.name.value, type), inherited, sizeOf)
          memo.set(key, part)
        }
      }
      sum.cost += part?.cost ?? 0
      sum.introspection += part?.introspection ?? 0
    }
    return sum
  }

  const conditionOf = (name: string | undefined, otherwise: GraphQLCompositeType): GraphQLCompositeType => {
    const type = name === undefined ? undefined : schema.getType(name)
    return isCompositeType(type) ? type : otherwise
  }

  const field = (node: FieldNode, parent: GraphQLCompositeType, inherited: number | undefined, sizeOf: SizeOf): Sum | undefined => {
    const definition = fieldOf(schema, parent, node.name.value)
    if (definition === undefined || node.selectionSet === undefined) return undefined
    const type = getNamedType(definition.type)
    if (!isCompositeType(type)) return undefined
    if (definition === SchemaMetaFieldDef || definition === TypeMetaFieldDef) {
      return { cost: 0, introspection: 1 + selections(node.selectionSet, type, undefined, introspectedSize).cost }
    }
    const own = sizeOf === introspectedSize ? undefined : pageOf(definition, node)
    if (isListType(getNullableType(definition.type))) {
      const given = own ?? (definition.name === 'nodes' || definition.name === 'edges' ? inherited : undefined)
      const size = Math.max(1, sizeOf(parent, definition, given))
      const each = selections(node.selectionSet, type, undefined, sizeOf)
      return { cost: size * (1 + each.cost), introspection: size * each.introspection }
    }
    const connection = sizeOf !== introspectedSize && definition.args.some((arg) => arg.name === 'first' || arg.name === 'last')
    const inner = selections(node.selectionSet, type, connection ? sizeOf(parent, definition, own) : undefined, sizeOf)
    return { cost: 1 + inner.cost, introspection: inner.introspection }
  }

  const root = schema.getRootType(operation.operation)
  const sum = root ? selections(operation.selectionSet, root, undefined, plainSize) : { cost: 0, introspection: 0 }
  return { ...sum, variables: used }
}

function fieldOf(schema: GraphQLSchema, parent: GraphQLCompositeType, name: string): Field | undefined {
  if (name === TypeNameMetaFieldDef.name) return undefined
  if (parent === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef
  }
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined
}

function numberOf(node: ValueNode, variables: Readonly<Record<string, unknown>>, used: Set<string>, otherwise: unknown): unknown {
  if (node.kind === Kind.INT) return Number(node.value)
  if (node.kind !== Kind.VARIABLE) return undefined
  const name = node.name.value
  used.add(name)
  return Object.hasOwn(variables, name) ? variables[name] : otherwise
}

const sizesBySchema = new WeakMap<GraphQLSchema, ReadonlyMap<string, number>>()

/** The lists of introspection have known sizes: the schema's own, on average per type. */
function introspectionSizes(schema: GraphQLSchema): ReadonlyMap<string, number> {
  const known = sizesBySchema.get(schema)
  if (known !== undefined) return known
  const types = Object.values(schema.getTypeMap())
  const counts = { fields: 0, args: 0, enumValues: 0, inputFields: 0, interfaces: 0 }
  const holders = { fields: 0, enumValues: 0, inputFields: 0 }
  for (const type of types) {
    if (isObjectType(type) || isInterfaceType(type)) {
      const fields = Object.values(type.getFields())
      holders.fields++
      counts.fields += fields.length
      counts.interfaces += type.getInterfaces().length
      for (const field of fields) counts.args += field.args.length
    } else if (isEnumType(type)) {
      holders.enumValues++
      counts.enumValues += type.getValues().length
    } else if (isInputObjectType(type)) {
      holders.inputFields++
      counts.inputFields += Object.keys(type.getFields()).length
    }
  }
  const average = (count: number, of: number): number => (of === 0 ? 1 : Math.max(1, Math.ceil(count / of)))
  const sizes = new Map([
    ['types', types.length],
    ['directives', schema.getDirectives().length],
    ['fields', average(counts.fields, holders.fields)],
    ['args', average(counts.args, counts.fields)],
    ['enumValues', average(counts.enumValues, holders.enumValues)],
    ['inputFields', average(counts.inputFields, holders.inputFields)],
    ['interfaces', average(counts.interfaces, holders.fields)],
    ['possibleTypes', average(holders.fields, 4)],
  ])
  sizesBySchema.set(schema, sizes)
  return sizes
}

const standardIntrospections = new WeakMap<GraphQLSchema, number>()

function standardIntrospection(schema: GraphQLSchema): number {
  let standard = standardIntrospections.get(schema)
  if (standard === undefined) {
    const document = parse(
      getIntrospectionQuery({
        specifiedByUrl: true,
        directiveIsRepeatable: true,
        schemaDescription: true,
        inputValueDeprecation: true,
        oneOf: true,
      }),
    )
    standard = estimateCost(schema, document, document.definitions[0] as OperationDefinitionNode, {}).introspection
    standardIntrospections.set(schema, standard)
  }
  return standard
}

export function checkCost(schema: GraphQLSchema, cost: Cost, limits: Limits = defaultLimits): void {
  hold(limits, 'cost', cost.cost)
  if (cost.introspection > 0) hold(limits, 'introspection', Math.ceil((cost.introspection / standardIntrospection(schema)) * 100))
}

/** All limits over a parsed, validated operation with its coerced variables; throws the first that is passed. Doors without a cache call just this. */
export function checkLimits(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  options: { limits?: Partial<Limits>; listSize?: ListSize } = {},
): Shape & Cost {
  const limits = { ...defaultLimits, ...options.limits }
  const shape = checkShape(document, limits)
  const cost = estimateCost(schema, document, operation, variables, options.listSize)
  checkCost(schema, cost, limits)
  return { ...shape, ...cost }
}
