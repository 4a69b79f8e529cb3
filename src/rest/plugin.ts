import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { actionRoutes } from '../action/routes.ts'
import type { Credential, Session } from '../db/session.ts'
import { Problem } from '../errors.ts'
import { exportFiles } from '../odata/exports.ts'
import type { Feed } from '../read/feed.ts'
import { apiVersion, describeApi } from './openapi.ts'
import { sendProblem } from './problem.ts'
import { zodRoutes } from './validation.ts'

export interface RestOptions {
  session: Session
  /** What is exported as files. */
  feeds: readonly Feed[]
  /** What the request brings; the database judges it. Throws UNAUTHENTICATED when it cannot be a credential. */
  credential(request: FastifyRequest): Credential
}

/** Answers every error of this scope, and whatever is not there, as `application/problem+json`. */
export function problemHandler(app: FastifyInstance): void {
  app.setErrorHandler(sendProblem)
  app.setNotFoundHandler(() => {
    throw new Problem('NOT_FOUND', 'There is no such resource')
  })
}

/** The REST door. Register it with a prefix, `/api/v1`; its errors, headers and schemas are its own. */
export async function rest(app: FastifyInstance, options: RestOptions): Promise<void> {
  problemHandler(app)
  zodRoutes(app)
  app.removeContentTypeParser('text/plain')
  app.addHook('onRequest', sendHeaders)
  const offered = offeredMethods(app)
  await describeApi(app)
  actionRoutes(app.withTypeProvider<ZodTypeProvider>(), options)
  exportFiles(app.withTypeProvider<ZodTypeProvider>(), { ...options, reads: options.session })
  refuseOtherMethods(app, offered)
}

/** On every answer, errors too: the version, and the headers that the NLGov rules ask of an API. */
async function sendHeaders(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.headers({
    'api-version': apiVersion,
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
  })
}

type Offered = Map<string, Set<string>>

/** The methods of each route that is added from here on. */
function offeredMethods(app: FastifyInstance): Offered {
  const offered: Offered = new Map()
  app.addHook('onRoute', ({ routePath, method }) => {
    const methods = offered.get(routePath) ?? new Set()
    for (const one of [method].flat()) methods.add(one)
    offered.set(routePath, methods)
  })
  return offered
}

/** A known resource answers another method with 405 and what it does allow, before it reads a body. */
function refuseOtherMethods(app: FastifyInstance, offered: Offered): void {
  for (const [url, methods] of [...offered]) {
    const allow = [...methods].sort().join(', ')
    app.route({
      method: app.supportedMethods.filter((method) => !methods.has(method)),
      url,
      schema: { hide: true },
      onRequest: async (_request, reply) => {
        reply.header('allow', allow)
        throw new Problem('METHOD_NOT_ALLOWED')
      },
      handler: async () => undefined,
    })
  }
}
