import type { FastifyBodyParser, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { actionRoutes } from '../action/routes.ts'
import type { Credential, Session } from '../db/session.ts'
import { Problem } from '../errors.ts'
import { eventRoutes } from '../event/routes.ts'
import { accepts, isUtf8 } from '../media-type.ts'
import { exportFiles } from '../odata/exports.ts'
import type { EventSource } from '../read/event.ts'
import type { Feed } from '../read/feed.ts'
import { apiVersion, describeApi } from './openapi.ts'
import { sendProblem } from './problem.ts'
import { zodRoutes } from './validation.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whoever asks for `Actions.csv` gets that, whatever the client's library puts in Accept. */
    namesItsForm?: boolean
  }
}

export interface RestOptions {
  session: Session
  /** What is exported as files. */
  feeds: readonly Feed[]
  /** What can be followed. */
  events: readonly EventSource[]
  /** What the request brings; the database judges it. Throws UNAUTHENTICATED when it cannot be a credential. */
  credential(request: FastifyRequest): Credential
  /** How clients reach the service, where that is not the address of the request. */
  baseUrl?: ((request: FastifyRequest) => string) | undefined
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
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, readJson(app))
  app.addHook('onRequest', sendHeaders)
  app.addHook('onRequest', demandAcceptable)
  const offered = offeredMethods(app)
  await describeApi(app)
  actionRoutes(app.withTypeProvider<ZodTypeProvider>(), options)
  eventRoutes(app.withTypeProvider<ZodTypeProvider>(), { ...options, sources: options.events })
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

const json = 'application/json'

/** Answers are JSON, and a client that takes none is told so before anything is done (RFC 9110 §15.5.7). Problems are told to all. */
async function demandAcceptable({ headers, is404, routeOptions }: FastifyRequest): Promise<void> {
  const anything = is404 || routeOptions.config.namesItsForm
  if (!anything && !accepts(headers.accept, json)) throw new Problem('NOT_ACCEPTABLE', `The answer is ${json}`)
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** JSON is UTF-8 between systems (RFC 8259 §8.1); what says that it is something else is not read. */
function readJson(app: FastifyInstance): FastifyBodyParser<Buffer> {
  const parse = app.getDefaultJsonParser('error', 'error')
  return (request, body, done) => {
    const { 'content-type': type = '', 'content-encoding': coding = 'identity' } = request.headers
    if (!isUtf8(type) || coding !== 'identity') {
      done(new Problem('UNSUPPORTED_MEDIA_TYPE', `A body is ${json} in UTF-8, not compressed`))
      return
    }
    try {
      return parse(request, decoder.decode(body), (fault, value) => done(fault && new Problem('BAD_REQUEST', unread(body)), value))
    } catch {
      done(new Problem('BAD_REQUEST', 'The body is not UTF-8'))
    }
  }
}

const unread = (body: Buffer): string =>
  body.length === 0 ? 'The body is empty' : 'The body is not JSON, or names a key that no input has (`__proto__`)'

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
