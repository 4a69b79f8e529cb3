import { setTimeout as pause } from 'node:timers/promises'
import type { WebSocket, WebsocketHandler } from '@fastify/websocket'
import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import {
  type ExecutionArgs,
  type ExecutionResult,
  type FieldNode,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  OperationTypeNode,
} from 'graphql'
import { collectFields } from 'graphql/execution/collectFields.js'
import type { ServerOptions } from 'graphql-ws'
import { credentialOf } from '../auth/plugin.ts'
import type { Credential, Session } from '../db/session.ts'
import { Problem, problemOf, toProblem } from '../errors.ts'
import type { Operation, ReadEngine } from '../read/engine.ts'
import { fragmentsOf } from '../read/plan.ts'
import { responseTo } from './answer.ts'
import { OperationRefused, ofProblem } from './errors.ts'
import { languagesOf } from './languages.ts'
import { type Prepare, type PreparedOperation, readParameters } from './prepare.ts'
import { type Connected, socketHandler } from './socket.ts'

/** How often what is followed is read again, in milliseconds: within so long a change is told, and a right that ended is noticed. */
const interval = 1_000
const mostOnASocket = 20

export interface SubscriptionOptions {
  schema: GraphQLSchema
  prepare: Prepare
  engine: ReadEngine
  session: Session
  /** Each field of `Subscription`, and the field of `Query` whose answers it follows. */
  follows: Readonly<Record<string, string>>
}

interface Connection extends Connected {
  /** Once admitted; the only identity of the socket. */
  credential?: Credential
}

interface Followed {
  operation: Operation
  socket: WebSocket
  request: FastifyRequest
  credential: Credential
}

/**
 * The WebSocket door (graphql-transport-ws): subscriptions alone, under the validation and limits of HTTP. What is subscribed to is a query that is asked
 * again every second, each time as the caller who is judged anew, and told at once and whenever its answer is another: nothing is missed by who reconnects,
 * on whichever node something changed. When the caller is admitted no more the socket is closed.
 */
export function subscriptions({ schema, prepare, engine, session, follows }: SubscriptionOptions): WebsocketHandler {
  const told = async ({ operation, credential, request }: Followed): Promise<string> =>
    responseTo(await engine.query(operation, credential, languagesOf(request)), request).toString()

  async function* follow(followed: Followed, ended: AbortSignal): AsyncGenerator<ExecutionResult, void, void> {
    let last: string | undefined
    while (!ended.aborted) {
      const text = await told(followed).catch((error) => passing(error, followed))
      if (followed.socket.readyState !== followed.socket.OPEN) return
      if (text !== undefined && text !== last) {
        last = text
        yield JSON.parse(text)
      }
      await pause(interval, undefined, { signal: ended, ref: false }).catch(() => undefined)
    }
  }

  const refusalOf = (error: unknown, { id, log }: FastifyRequest) => {
    if (error instanceof OperationRefused) return error.errors
    const problem = toProblem(error)
    if (problem.code === 'INTERNAL') log.error({ err: error }, 'subscription')
    return [ofProblem(problem, id)]
  }

  const options: ServerOptions<Record<string, unknown>, Connection> = {
    schema,
    onConnect: async ({ extra, connectionParams }) => {
      try {
        const credential = credentialOf({ headers: { authorization: authorizationOf(connectionParams, extra.request) } })
        await session.read(credential, [])
        extra.credential = credential
        return true
      } catch (error) {
        close(extra.socket, error, extra.request.log)
        return false
      }
    },
    onSubscribe: ({ extra, subscriptions: open }, _id, payload) => {
      try {
        if (Object.keys(open).length > mostOnASocket)
          throw new Problem('OPERATION_TOO_EXPENSIVE', `A connection has at most ${mostOnASocket} subscriptions`)
        const prepared = prepare(readParameters(payload), admitOnSocket)
        const { socket, request, credential } = extra
        const followed = { operation: asQuery(schema, prepared, follows), socket, request, credential: credential as Credential }
        return { schema, document: prepared.document, operationName: prepared.operationName, contextValue: followed }
      } catch (error) {
        return [new GraphQLError('', { originalError: error as Error })]
      }
    },
    onError: ({ extra }, _id, _payload, [error]) => refusalOf(error?.originalError, extra.request),
    subscribe: ({ contextValue }: ExecutionArgs) => {
      const ending = new AbortController()
      const results = follow(contextValue as Followed, ending.signal)
      // A generator that waits would only notice after its wait.
      const end = results.return.bind(results)
      results.return = (value) => {
        ending.abort()
        return end(value)
      }
      return results
    },
    // Errors are formatted already.
    onNext: (_context, _id, _payload, _args, result) => result as FormattedExecutionResult,
  }
  return socketHandler(options, (error, { socket, request }) => close(socket, error, request.log))
}

function admitOnSocket(kind: OperationTypeNode): void {
  if (kind !== OperationTypeNode.SUBSCRIPTION)
    throw new Problem('BAD_REQUEST', `Over WebSocket run subscriptions only, not a ${kind}: use POST`)
}

/** Browsers can set no header on a socket: their first message may hold it instead. */
function authorizationOf(params: Readonly<Record<string, unknown>> | undefined, { headers }: FastifyRequest): string | undefined {
  const given = params?.authorization ?? params?.Authorization
  return given === undefined || given === null ? headers.authorization : String(given)
}

/** A database that cannot be reached for a while is asked again; whatever else goes wrong ends the connection. */
function passing(error: unknown, { socket, request }: Followed): undefined {
  if (problemOf(error)?.code !== 'UNAVAILABLE') close(socket, error, request.log)
}

/** By the codes of graphql-transport-ws; the reason is our own code. */
function close(socket: WebSocket, error: unknown, log: FastifyBaseLogger): void {
  const { code, status } = toProblem(error)
  if (code === 'INTERNAL') log.error({ err: error }, 'subscription')
  if (status === 401) socket.close(4401, code)
  else if (status === 403) socket.close(4403, code)
  else if (status === 503) socket.close(1013, code)
  else socket.close(4500, code)
}

/** The query whose answer is followed: that of the same name in the answer, of the field that it follows. */
function asQuery(schema: GraphQLSchema, prepared: PreparedOperation, follows: SubscriptionOptions['follows']): Operation {
  const { document, operation, variables } = prepared
  const type = schema.getSubscriptionType() as GraphQLObjectType
  const fields = collectFields(schema, fragmentsOf(document), variables, type, operation.selectionSet)
  const followed = (node: FieldNode): FieldNode => ({
    ...node,
    alias: node.alias ?? node.name,
    name: { kind: Kind.NAME, value: follows[node.name.value] as string },
  })
  const selections = [...fields.values()].flat().map(followed)
  const query = { ...operation, operation: OperationTypeNode.QUERY, selectionSet: { kind: Kind.SELECTION_SET as const, selections } }
  return { ...prepared, operation: query }
}
