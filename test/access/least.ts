import { type GraphQLInputType, type GraphQLSchema, isEnumType, isInputObjectType, isListType, isNonNullType } from 'graphql'

const scalars: Readonly<Record<string, unknown>> = {
  Boolean: false,
  Date: '2025-06-24',
  DateTime: '2025-06-24T10:00:00Z',
  Decimal: '1',
  Float: 1,
  ID: 'bm9ib2R5',
  Int: 1,
  Language: 'nl',
  String: 'woorden',
}

/** The least that the schema takes for an input: of the right form, naming nothing. */
function least(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return least(type.ofType)
  if (isListType(type)) return []
  if (isEnumType(type)) return type.getValues()[0]?.name
  if (isInputObjectType(type)) {
    const required = Object.values(type.getFields()).filter((field) => isNonNullType(field.type) && field.defaultValue === undefined)
    return Object.fromEntries(required.map((field) => [field.name, least(field.type)]))
  }
  return scalars[type.name]
}

/** A mutation with the least it takes, and nothing selected but whether it was refused. */
export function attempt(schema: GraphQLSchema, name: string): { query: string; variables: Record<string, unknown> } {
  const args = schema.getMutationType()?.getFields()[name]?.args ?? []
  const needed = args.filter((arg) => isNonNullType(arg.type))
  const declared = needed.map((arg) => `$${arg.name}: ${arg.type}`).join(', ')
  const passed = needed.map((arg) => `${arg.name}: $${arg.name}`).join(', ')
  return {
    query: `mutation${declared && `(${declared})`} { ${name}${passed && `(${passed})`} { userErrors { code } } }`,
    variables: Object.fromEntries(needed.map((arg) => [arg.name, least(arg.type)])),
  }
}
