import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { type GraphQLSchema, getNamedType, isAbstractType, isInterfaceType, isObjectType } from 'graphql'
import type { Features } from '../features.ts'
import type { Entity, Field } from '../read/model.ts'
import { scalars } from './scalars.ts'

const folder = fileURLToPath(new URL('../../schema/', import.meta.url))

/** Types whose fields the engine writes itself: not described by an entity. */
const written = /(Connection|Edge)$|^(PageInfo|LocalisedText)$/

/** The schema of `schema/*.graphql`, with resolvers that hand on what the engine or a mutation made. */
export function makeSchema(features: Features): GraphQLSchema {
  const typeDefs = readdirSync(folder)
    .filter((name) => name.endsWith('.graphql'))
    .sort()
    .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
  const schema = makeExecutableSchema({ typeDefs, resolvers: scalars })
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type))
      type.resolveType = (object: { __resolved?: string; currentVersion?: number }) =>
        object.__resolved ?? (object.currentVersion === undefined ? 'InputError' : 'ConflictError')
    if (!isObjectType(type) || type.name.startsWith('__') || type.getInterfaces().some(({ name }) => name === 'UserError')) continue
    // What the engine writes is keyed as the client asked for it.
    for (const field of Object.values(type.getFields())) {
      field.resolve = (source, _args, _context, info) => (source as Record<string, unknown>)[info.path.key]
    }
  }
  agree(schema, features)
  return schema
}

/** The schema and the read model tell the same; a field that one of them lacks stops the service from starting. */
function agree(schema: GraphQLSchema, features: Features): void {
  const missing: string[] = []
  const roots = Object.keys(schema.getQueryType()?.getFields() ?? {})
  missing.push(...difference(roots, Object.keys(features.roots)).map((name) => `Query.${name}`))
  missing.push(
    ...difference(Object.keys(schema.getMutationType()?.getFields() ?? {}), Object.keys(features.mutations)).map(
      (name) => `Mutation.${name}`,
    ),
  )
  missing.push(
    ...difference(Object.keys(schema.getSubscriptionType()?.getFields() ?? {}), Object.keys(features.subscriptions)).map(
      (name) => `Subscription.${name}`,
    ),
  )
  for (const entity of features.entities) missing.push(...disagreements(schema, entity.name, entity.fields))
  const known = new Set(features.entities.map(({ name }) => name))
  for (const type of Object.values(schema.getTypeMap())) {
    const node = isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Node')
    if (node && !known.has(type.name)) missing.push(`entity ${type.name}`)
  }
  if (missing.length > 0) throw new Error(`The schema and the read model differ: ${missing.join(', ')}`)
}

function disagreements(schema: GraphQLSchema, typeName: string, fields: Entity['fields']): string[] {
  const type = schema.getType(typeName)
  if (!isObjectType(type) && !isInterfaceType(type)) return [`type ${typeName}`]
  const found = difference(Object.keys(type.getFields()), Object.keys(fields)).map((name) => `${typeName}.${name}`)
  for (const [name, field] of Object.entries(fields) as [string, Field<unknown>][]) {
    const declared = type.getFields()[name]
    if (declared === undefined || field.kind !== 'group') continue
    found.push(...disagreements(schema, getNamedType(declared.type).name, field.fields))
  }
  return found.filter((coordinate) => !written.test(coordinate))
}

/** Names that stand in one list and not in the other. */
function difference(left: readonly string[], right: readonly string[]): string[] {
  return [...left.filter((name) => !right.includes(name)), ...right.filter((name) => !left.includes(name))]
}
