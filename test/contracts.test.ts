import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  buildSchema,
  findBreakingChanges,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql'
import t from 'tap'
import { contracts } from '../contracts/contracts.ts'

const committed = (name: string): string => readFileSync(fileURLToPath(new URL(`../contracts/${name}`, import.meta.url)), 'utf8')
const meant = committed('breaking.txt')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))

/** What a client of the former schema could no longer do. */
const broken = (former: string, schema: GraphQLSchema): string[] =>
  findBreakingChanges(buildSchema(former), schema)
    .map(({ description }) => description)
    .filter((description) => !meant.includes(description))

interface Described {
  name: string
  description?: string | null
  deprecationReason?: string | null
}

/** Everything that a client can name, by its coordinate. */
function coordinates(schema: GraphQLSchema): [string, Described][] {
  return Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
    .flatMap((type): [string, Described][] => {
      const inner: [string, Described][] = []
      if (isEnumType(type)) inner.push(...type.getValues().map((value): [string, Described] => [`${type.name}.${value.name}`, value]))
      if (isInputObjectType(type))
        inner.push(...Object.values(type.getFields()).map((field): [string, Described] => [`${type.name}.${field.name}`, field]))
      if (isObjectType(type) || isInterfaceType(type)) {
        for (const field of Object.values(type.getFields())) {
          inner.push([`${type.name}.${field.name}`, field])
          inner.push(...field.args.map((arg): [string, Described] => [`${type.name}.${field.name}(${arg.name})`, arg]))
        }
      }
      return [[type.name, type], ...inner]
    })
}

const undescribed = (schema: GraphQLSchema): string[] =>
  coordinates(schema)
    .filter(([name, { description }]) => !description?.trim() && !['Query', 'Mutation'].includes(name))
    .map(([name]) => name)

/** A deprecation says why, what instead, and until when: `… Use x. Removed after 2027-06-30.` */
function wrongDeprecations(schema: GraphQLSchema, day: string): string[] {
  return coordinates(schema).flatMap(([name, { deprecationReason }]) => {
    if (deprecationReason == null) return []
    const until = /\bRemoved after (\d{4}-\d{2}-\d{2})\.$/.exec(deprecationReason)?.[1]
    if (until === undefined) return [`${name} does not say until when`]
    return until < day ? [`${name} was to be removed after ${until}`] : []
  })
}

/** Where the schema departs from its conventions (CONTRIBUTING). */
function unconventional(schema: GraphQLSchema): string[] {
  const wrong: string[] = []
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type))
  const nouns = types
    .filter((type) => isObjectType(type) || isInterfaceType(type))
    .map(({ name }) => name[0]?.toLowerCase() + name.slice(1))
  for (const type of types) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue
    const fields = Object.values(type.getFields())
    if (
      type.name.endsWith('Connection') &&
      fields
        .map(({ name }) => name)
        .sort()
        .join() !== 'edges,nodes,pageInfo,totalCount'
    )
      wrong.push(`${type.name} is no connection`)
    if (isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Node') && String(type.getFields().id?.type) !== 'ID!')
      wrong.push(`${type.name}.id`)
    for (const field of fields) {
      const named = getNamedType(field.type).name
      if (named === 'DateTime' && !/(^at|At|^asOf)$/.test(field.name)) wrong.push(`${type.name}.${field.name} is an instant, not …At`)
      if (named === 'Date' && !/(^on|On|From)$/.test(field.name)) wrong.push(`${type.name}.${field.name} is a day, not …On`)
      if (
        named.endsWith('Connection') &&
        !['first', 'last', 'after', 'before'].every((name) => field.args.some((arg) => arg.name === name))
      )
        wrong.push(`${type.name}.${field.name} is not paged`)
    }
  }
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    if (!nouns.some((noun) => noun.startsWith(field.name.split(/[A-Z]/)[0] as string)))
      wrong.push(`${field.name} does not begin with what it changes`)
    const payload = getNamedType(field.type)
    if (!payload.name.endsWith('Payload')) wrong.push(`${field.name} answers ${payload.name}`)
    const errors = isObjectType(payload) ? payload.getFields().userErrors : undefined
    if (String(errors?.type) !== '[UserError!]!') wrong.push(`${payload.name}.userErrors`)
    for (const other of isObjectType(payload) ? Object.values(payload.getFields()) : []) {
      if (isNonNullType(other.type) && isObjectType(other.type.ofType) && !isListType(other.type.ofType))
        wrong.push(`${payload.name}.${other.name} cannot be null`)
    }
  }
  return wrong
}

t.test('what the service promises', async (t) => {
  const now = await contracts()
  const schema = buildSchema(now['schema.graphql'] as string)
  const bad = buildSchema(`
    type Query { a: String @deprecated(reason: "Old.") b: DateTime c: Thing } scalar DateTime
    type Thing { d: String @deprecated(reason: "Use e. Removed after 2020-01-01.") "An e." e: ThingConnection } type ThingConnection { nodes: [Thing!]! }
    type Mutation { makeThing: Thing }`)

  t.test('F7 no client of the committed schema is broken, but where that is listed', async (t) => {
    t.same(broken(committed('schema.graphql'), schema), [], 'see contracts/breaking.txt')
    const narrower = (now['schema.graphql'] as string).replace(/^ {2}contentHash: String$/m, '  hash: String')
    t.match(broken(now['schema.graphql'] as string, buildSchema(narrower)), ['PlanVersion.contentHash was removed.'], 'the test finds one')
  })

  t.test('nor one of the REST description or of the BI feed', async (t) => {
    const paths = (text: string) => {
      const operations = (JSON.parse(text) as { paths: Record<string, Record<string, { responses: object }>> }).paths
      return Object.entries(operations).flatMap(([path, item]) =>
        Object.entries(item).flatMap(([method, { responses }]) => Object.keys(responses).map((status) => `${method} ${path} ${status}`)),
      )
    }
    const properties = (text: string) =>
      [...text.matchAll(/<EntityType Name="(\w+)"[\s\S]*?<\/EntityType>/g)].flatMap(([body, type]) =>
        [...body.matchAll(/<Property Name="(\w+)" Type="([\w.]+)"/g)].map(([, name, of]) => `${type}.${name} ${of}`),
      )
    const gone = (former: string[], present: string[]) => former.filter((name) => !present.includes(name) && !meant.includes(name))
    t.ok(paths(now['openapi.json'] as string).length > 3)
    t.ok(properties(now['metadata.xml'] as string).length > 20)
    t.same(gone(paths(committed('openapi.json')), paths(now['openapi.json'] as string)), [])
    t.same(gone(properties(committed('metadata.xml')), properties(now['metadata.xml'] as string)), [])
  })

  t.test('every type, field, argument and value is described', async (t) => {
    t.same(undescribed(schema), [])
    t.match(undescribed(bad), ['Query.a', 'Query.b', 'Query.c', 'DateTime', 'Thing', 'Thing.d'])
  })

  t.test('F7 a deprecation says until when, and is gone by then', async (t) => {
    t.same(wrongDeprecations(schema, new Date().toISOString().slice(0, 10)), [])
    t.same(wrongDeprecations(bad, '2026-01-01'), ['Query.a does not say until when', 'Thing.d was to be removed after 2020-01-01'])
  })

  t.test('F6 every mutation tells its errors as data; names and shapes follow the conventions', async (t) => {
    t.same(unconventional(schema), [])
    const found = unconventional(bad).join()
    for (const what of [
      'Query.b is an instant',
      'ThingConnection is no connection',
      'Thing.e is not paged',
      'makeThing does not begin',
      'makeThing answers Thing',
    ])
      t.match(found, what)
  })
})
