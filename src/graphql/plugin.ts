import type { FastifyInstance } from 'fastify'
import {
  type GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql'
import mercurius from 'mercurius'
import { credentialOf } from '../auth/plugin.ts'
import type { Session } from '../db/session.ts'
import type { Features } from '../features.ts'
import { type Answered, ReadEngine } from '../read/engine.ts'
import { fragmentsOf } from '../read/plan.ts'
import { responseTo } from './answer.ts'
import { graphqlHttp } from './http.ts'
import { languagesOf } from './languages.ts'
import { type Context, mutationResolver } from './mutation.ts'
import { createPrepare, type PreparedOperation } from './prepare.ts'
import { makeSchema } from './schema.ts'
import { subscriptions } from './subscriptions.ts'

/**
 * The GraphQL door. A query goes to the read engine; everything else (mutations, introspection) to mercurius' executor,
 * whose resolvers come from the same read model.
 */
export async function graphql(
  app: FastifyInstance,
  { session, features, cacheBytes }: { session: Session; features: Features; cacheBytes: number },
): Promise<void> {
  const schema = makeSchema(features)
  const engine = new ReadEngine(schema, features.roots, session, cacheBytes)
  resolveRoots(schema, engine)
  for (const [name, field] of Object.entries(schema.getMutationType()?.getFields() ?? {})) {
    const mutation = features.mutations[name]
    if (mutation) field.resolve = mutationResolver(mutation, session, engine, features.entities) as GraphQLFieldResolver<unknown, unknown>
  }
  await app.register(mercurius, {
    schema,
    routes: false,
    graphiql: false,
    jit: 0,
    // Errors are formatted once, below, with what they were made from.
    errorFormatter: (execution) => ({ statusCode: 200, response: execution }),
  })

  const prepare = createPrepare(schema)
  await graphqlHttp(app, {
    schema,
    prepare,
    subscriptions: subscriptions({ schema, prepare, engine, session, follows: features.subscriptions }),
    cacheControl: (request) => (request.headers.authorization === undefined ? 'public, no-cache' : 'private, no-cache'),
    execute: async (operation, request) => {
      const context: Context = { credential: credentialOf(request), requestId: request.id, languages: languagesOf(request) }
      const answered = readable(operation)
        ? await engine.query(operation, context.credential, context.languages)
        : await executed(app, operation, context)
      return { body: responseTo(answered, request), hasData: true }
    },
  })
}

async function executed(app: FastifyInstance, operation: PreparedOperation, context: Context): Promise<Answered> {
  const { data, errors } = await app.graphql(
    operation.source,
    context as unknown as Record<string, unknown>,
    operation.rawVariables,
    operation.operationName,
  )
  return { data: JSON.stringify(data ?? null), errors: (errors ?? []) as GraphQLError[] }
}

/** Root fields for the executor: each asks the engine for its own part of the operation. */
function resolveRoots(schema: GraphQLSchema, engine: ReadEngine): void {
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    field.resolve = async (_source, _args, context, info) => {
      const { credential, languages } = context as Context
      const operation = { ...info.operation, selectionSet: { kind: Kind.SELECTION_SET, selections: info.fieldNodes } as SelectionSetNode }
      const { data, errors } = await engine.part(operation, info.fragments, info.variableValues, credential, languages)
      if (errors[0]) throw errors[0]
      return (JSON.parse(data) as Record<string, unknown>)[info.path.key]
    }
  }
}

const readableOnes = new WeakMap<OperationDefinitionNode, boolean>()

/** A query of data alone; one that asks for the schema as well is the executor's. */
function readable({ operation, document }: PreparedOperation): boolean {
  let known = readableOnes.get(operation)
  if (known === undefined) {
    known = operation.operation === OperationTypeNode.QUERY && !introspects(operation.selectionSet, fragmentsOf(document))
    readableOnes.set(operation, known)
  }
  return known
}

function introspects(selection: SelectionSetNode, fragments: ReturnType<typeof fragmentsOf>): boolean {
  return selection.selections.some((node) => {
    if (node.kind === Kind.FIELD) return node.name.value === '__schema' || node.name.value === '__type'
    const inner = node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet : fragments[node.name.value]?.selectionSet
    return inner !== undefined && introspects(inner, fragments)
  })
}
