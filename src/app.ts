import { randomUUID } from 'node:crypto'
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { credentialOf } from './auth/plugin.ts'
import type { Session } from './db/session.ts'
import { features } from './features.ts'
import { graphiql } from './graphql/graphiql.ts'
import { graphql } from './graphql/plugin.ts'
import { serializers } from './log.ts'
import { odata, sendFault } from './odata/plugin.ts'
import { health, index } from './operations.ts'
import { docs } from './rest/docs.ts'
import { problemHandler, rest } from './rest/plugin.ts'
import { refuseSocket, sendProblem } from './rest/problem.ts'

export interface AppOptions {
  session: Session
  logger?: FastifyServerOptions['logger']
  /** How clients reach the service, where that is not the address of the request. */
  publicUrl?: string
  /** Bytes of answers kept for readers of the same scope; 0 keeps none. */
  cacheBytes?: number
}

/** The whole service, in the order in which it stands: read this first. */
export async function buildApp({ session, logger, publicUrl, cacheBytes = 0 }: AppOptions): Promise<FastifyInstance> {
  const app = fastify({
    logger: logger ? { ...(logger === true ? {} : logger), serializers } : false,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    bodyLimit: 1024 * 1024,
    // A slow sender holds no place for long (Node closes it at the smaller of these).
    requestTimeout: 30_000,
    http: { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 1_000 },
    routerOptions: { maxParamLength: 500 },
    // An address that cannot even be decoded, told in the way of its door.
    frameworkErrors: (error, request, reply) =>
      void (request.url.startsWith('/odata/') ? sendFault(error, request, reply) : sendProblem(error, request, reply)),
    clientErrorHandler: refuseSocket,
  })
  const doors = {
    session,
    reads: session,
    feeds: features.feeds,
    events: features.events,
    credential: credentialOf,
    baseUrl: publicUrl ? () => publicUrl.replace(/\/$/, '') : undefined,
  }

  problemHandler(app)
  await app.register(index)
  await app.register(health, { session })
  await app.register(graphql, { session, features, cacheBytes })
  await app.register(graphiql)
  await app.register(rest, { ...doors, prefix: '/api/v1' })
  await app.register(docs, { prefix: '/api/docs' })
  await app.register(odata(doors), { prefix: '/odata/v4' })
  return app
}
