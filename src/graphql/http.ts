import { createHash } from 'node:crypto'
import type {} from '@fastify/swagger' // its `schema.hide`
import websocket, { type WebsocketHandler } from '@fastify/websocket'
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { GraphQLFormattedError, GraphQLSchema, OperationTypeNode } from 'graphql'
import { handleProtocols } from 'graphql-ws'
import { catalogue, Problem, toProblem } from '../errors.ts'
import { isUtf8 } from '../media-type.ts'
import { OperationRefused, ofProblem } from './errors.ts'
import { defaultLimits, type Limits, type ListSize, tooManyValues } from './limits.ts'
import { json, type MediaType, namesJson, negotiate } from './negotiate.ts'
import { createPrepare, type GraphqlParameters, type Prepare, type PreparedOperation, readParameters } from './prepare.ts'
import { Recall } from './recall.ts'

export interface Executed {
  /** The complete JSON text of the response, or its bytes in UTF-8. */
  body: string | Buffer
  /** A `data` entry exists, also when it is null. */
  hasData: boolean
  notModified?: never
}

export interface GraphqlHttpOptions {
  schema: GraphQLSchema
  limits?: Partial<Limits>
  listSize?: ListSize
  /** Shared with the WebSocket door, so that both have one cache; made from the three above when absent. */
  prepare?: Prepare
  /** `Cache-Control` of a GET answer. */
  cacheControl?(request: FastifyRequest): string
  execute(operation: PreparedOperation, request: FastifyRequest): Promise<Executed>
  /** What a WebSocket on the same path is for. */
  subscriptions?: WebsocketHandler
}

const bodyLimit = 1024 * 1024
/** Of a WebSocket, in bytes. */
const longestMessage = 64 * 1024
const mostSockets = 1_000

/** What Fastify itself refuses, in our vocabulary. */
function ofRequest(error: unknown): Problem {
  const { code, statusCode } = (typeof error === 'object' && error !== null ? error : {}) as { code?: unknown; statusCode?: unknown }
  if (error instanceof Problem || typeof statusCode !== 'number') return toProblem(error)
  if (statusCode === 413) return new Problem('CONTENT_TOO_LARGE', `The body is larger than ${bodyLimit} bytes`)
  if (statusCode === 415) return new Problem('UNSUPPORTED_MEDIA_TYPE', 'POST takes application/json in UTF-8')
  if (statusCode === 503) return new Problem('UNAVAILABLE')
  if (statusCode >= 400 && statusCode < 500 && typeof code === 'string' && code.startsWith('FST_')) return new Problem('BAD_REQUEST')
  return toProblem(error)
}

const csrfHeaders = ['x-graphql-csrf-prevention', 'apollo-require-preflight', 'x-apollo-operation-name']

/**
 * Cross-site request forgery. POST takes `application/json` alone, which a browser lets no other site send without a preflight.
 *
 * GET runs queries only and has no side effect, no cookie is a credential here, and no other site can read an answer; what is left to refuse is a page that
 * makes a visitor's browser fetch something dear by a link, image, script or form. So a GET must show that it is none of these:
 * - a header that other sites cannot set without a preflight (also `content-type: application/json`), or
 * - `Sec-Fetch-Mode: cors` or `same-origin`, which a browser sets itself and no page can forge: `fetch` asked for a readable answer. With any other mode
 *   nothing below counts, for `fetch` with `no-cors` may set Accept as it likes; or
 * - without Sec-Fetch-Mode (no browser, or one of before 2023) an Accept that names one of our media types, as no link, image, script or form does.
 */
function preventForgery(request: FastifyRequest): void {
  const { headers } = request
  if (csrfHeaders.some((name) => headers[name]) || mediaTypeOf(headers['content-type']) === json) return
  const mode = headers['sec-fetch-mode']
  if (mode === undefined ? namesJson(headers.accept) : mode === 'cors' || mode === 'same-origin') return
  throw new Problem('CSRF_PREVENTION', `Name ${json} in Accept, or send the header ${csrfHeaders[0]}; the explorer is at /graphiql`)
}

const mediaTypeOf = (contentType: string | undefined): string | undefined => contentType?.split(';', 1)[0]?.trim().toLowerCase()

const decoder = new TextDecoder('utf-8', { fatal: true })

const quote = 0x22
const backslash = 0x5c

/** JSON.parse takes 0.2 s for a megabyte of brackets: nesting and number of values are bounded on the bytes first. */
function scan(bytes: Buffer, limits: Limits): void {
  const maxCommas = limits.values + 100
  let depth = 0
  let commas = 0
  let inString = false
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index]
    if (inString) {
      if (byte === backslash) index++
      else if (byte === quote) inString = false
    } else if (byte === quote) {
      inString = true
    } else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > 100) throw new Problem('BAD_REQUEST', 'The body is nested too deeply')
    } else if (byte === 0x5d || byte === 0x7d) {
      depth--
    } else if (byte === 0x2c && ++commas > maxCommas) {
      throw tooManyValues(limits)
    }
  }
}

function parseBody(bytes: Buffer, limits: Limits): unknown {
  if (bytes.length === 0) throw new Problem('BAD_REQUEST', 'The body is empty')
  scan(bytes, limits)
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch {
    throw new Problem('BAD_REQUEST', 'The body is not JSON in UTF-8')
  }
}

/** GET writes maps as JSON text. */
function parametersOfGet(query: unknown): GraphqlParameters {
  const input: Record<string, unknown> = { ...(query as Record<string, unknown>) }
  for (const name of ['variables', 'extensions']) {
    const text = input[name]
    if (text === '') delete input[name]
    else if (typeof text === 'string') {
      try {
        input[name] = JSON.parse(text)
      } catch {
        throw new Problem('BAD_REQUEST', `The parameter ${name} is not JSON`, [name])
      }
    }
  }
  return readParameters(input)
}

function admitOnGet(kind: OperationTypeNode): void {
  if (kind !== 'query') throw new Problem('METHOD_NOT_ALLOWED', `GET runs queries only, not a ${kind}: use POST`)
}

function admitOnPost(kind: OperationTypeNode): void {
  if (kind === 'subscription') throw new Problem('BAD_REQUEST', 'Subscriptions run over WebSocket (graphql-transport-ws) on this path')
}

const vary = ['Authorization', 'Accept', 'Accept-Language']
const ours = vary.join(', ')

function addVary(reply: FastifyReply): void {
  const set = reply.getHeader('vary')
  if (set === undefined) {
    reply.header('vary', ours)
    return
  }
  const present = [set].flat().join(', ')
  if (present.includes('*')) return
  const known = present.toLowerCase().split(/\s*,\s*/)
  reply.header('vary', [present, ...vary.filter((name) => !known.includes(name.toLowerCase()))].filter(Boolean).join(', '))
}

const etagOf = (type: MediaType, body: string | Buffer): string =>
  `W/"${createHash('sha256').update(type).update(body).digest('base64url').slice(0, 27)}"`

const matches = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch !== undefined &&
  (ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag.replace(/^W\//, '')))

/** GET and POST `/graphql` as GraphQL over HTTP has it. All of the protocol is here; what an operation answers is `execute`'s. */
export async function graphqlHttp(app: FastifyInstance, options: GraphqlHttpOptions): Promise<void> {
  const limits: Limits = { ...defaultLimits, ...options.limits }
  const prepare = options.prepare ?? createPrepare(options.schema, options)

  await app.register(async (scope) => {
    await scope.register(websocket, {
      options: { maxPayload: longestMessage, handleProtocols },
      // A message that is too long or no message at all: by then `ws` has closed with the code for it.
      errorHandler: (error, socket, request) => {
        request.log.info({ err: error }, 'a WebSocket was broken off')
        socket.close(1011)
      },
    })

    const typeOf = (request: FastifyRequest): MediaType => negotiate(request.headers.accept) ?? json

    const refuse = (
      request: FastifyRequest,
      reply: FastifyReply,
      status: number,
      errors: readonly GraphQLFormattedError[],
    ): FastifyReply => {
      addVary(reply)
      return reply
        .code(status)
        .header('cache-control', 'no-store')
        .header('x-content-type-options', 'nosniff')
        .header('content-type', `${typeOf(request)}; charset=utf-8`)
        .send(JSON.stringify({ errors }))
    }

    const answer = (request: FastifyRequest, reply: FastifyReply, { body, hasData }: Executed): FastifyReply => {
      const type = typeOf(request)
      const status = hasData || type === json ? 200 : 400
      addVary(reply)
      reply.header('x-content-type-options', 'nosniff')
      if (request.method === 'GET' && status === 200) {
        const etag = etagOf(type, body)
        reply.header('cache-control', options.cacheControl?.(request) ?? 'private, no-cache').header('etag', etag)
        if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send()
      } else {
        reply.header('cache-control', 'no-store')
      }
      return reply.code(status).header('content-type', `${type}; charset=utf-8`).send(body)
    }

    const run = async (request: FastifyRequest, reply: FastifyReply, operation: PreparedOperation) =>
      answer(request, reply, await options.execute(operation, request))

    const recall = new Recall()
    const ofBody = (bytes: Buffer): PreparedOperation => prepare(readParameters(parseBody(bytes, limits)), admitOnPost)

    const acceptable = (request: FastifyRequest, _reply: FastifyReply, next: (refusal?: Error) => void): void => {
      if (request.ws) admitSocket()
      else admitRequest(request)
      next()
    }
    const admitSocket = (): void => {
      if (scope.websocketServer.clients.size >= mostSockets) throw new Problem('UNAVAILABLE')
    }
    const admitRequest = (request: FastifyRequest): void => {
      if (request.method === 'GET') preventForgery(request)
      if (negotiate(request.headers.accept) === undefined) {
        throw new Problem('NOT_ACCEPTABLE', `Answers are ${json} or application/graphql-response+json, in UTF-8`)
      }
    }

    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(json, { parseAs: 'buffer', bodyLimit }, (request, body, done) => {
      if (isUtf8(request.headers['content-type'] ?? '')) done(null, body)
      else done(new Problem('UNSUPPORTED_MEDIA_TYPE', 'POST takes application/json in UTF-8'))
    })

    scope.setErrorHandler((error, request, reply) => {
      if (error instanceof OperationRefused) {
        return refuse(request, reply, typeOf(request) === json ? 200 : catalogue[error.code].status, error.errors)
      }
      const problem = ofRequest(error)
      if (problem.code === 'INTERNAL') request.log.error({ err: error }, 'graphql request failed')
      if (problem.code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer')
      if (problem.code === 'UNAVAILABLE' && !reply.hasHeader('retry-after')) reply.header('retry-after', '5')
      if (problem.code === 'UNSUPPORTED_MEDIA_TYPE') reply.header('accept-post', json)
      if (problem.code === 'METHOD_NOT_ALLOWED') reply.header('allow', request.method === 'GET' ? 'POST' : 'GET, POST')
      return refuse(request, reply, problem.status, [ofProblem(problem, request.id)])
    })

    scope.route({
      method: 'GET',
      url: '/graphql',
      exposeHeadRoute: false,
      schema: { hide: true },
      onRequest: acceptable,
      handler: (request, reply) => run(request, reply, prepare(parametersOfGet(request.query), admitOnGet)),
      ...(options.subscriptions ? { wsHandler: options.subscriptions } : undefined),
    })

    scope.route({
      method: 'POST',
      url: '/graphql',
      bodyLimit,
      schema: { hide: true },
      onRequest: acceptable,
      handler: (request, reply) => {
        if (mediaTypeOf(request.headers['content-type']) !== json)
          throw new Problem('UNSUPPORTED_MEDIA_TYPE', 'POST takes application/json in UTF-8')
        if (request.body === undefined) throw new Problem('BAD_REQUEST', 'The body is empty')
        return run(request, reply, recall.of(request.body as Buffer, ofBody))
      },
    })

    scope.route({
      method: scope.supportedMethods.filter((method) => method !== 'GET' && method !== 'POST') as HTTPMethods[],
      url: '/graphql',
      schema: { hide: true },
      onRequest: async () => {
        throw new Problem('METHOD_NOT_ALLOWED', 'GraphQL takes GET and POST')
      },
      handler: () => {},
    })
  })
}
