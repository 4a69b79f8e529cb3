import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Credential, Reads } from '../db/session.ts'
import { Problem } from '../errors.ts'
import type { Feed } from '../read/feed.ts'
import { problemOf } from '../rest/problem.ts'
import {
  type Answer,
  connectionFile,
  countAnswer,
  entityAnswer,
  propertyAnswer,
  type Request,
  rawAnswer,
  serviceDocument,
  setAnswer,
} from './answer.ts'
import { etagOf, matches } from './etag.ts'
import { metadataXml } from './metadata.ts'
import { checkMaxVersion, demandXml, negotiateJson } from './negotiate.ts'
import { type Feeds, type Resource, readPath } from './path.ts'
import { allowOnly, momentOf, parseQuery, readOptions } from './query.ts'
import { Settled } from './settled.ts'
import { pageSize as defaultPageSize, pageStatement } from './statement.ts'

export interface OdataOptions {
  feeds: readonly Feed[]
  reads: Reads
  /** What the request brings; the database judges it. May throw a Problem. */
  credential(request: FastifyRequest): Credential
  /** Where clients reach the app, without a slash at its end; the plugin's prefix follows. Default: the request's own protocol and host. */
  baseUrl?(request: FastifyRequest): string
  /** Rows a page, 10 000 unless told. */
  pageSize?: number
}

/**
 * The BI door: OData 4.0, read only, for Power Query, Excel and Tableau. Register it with a prefix, `/odata/v4`.
 * Every answer, errors too, is OData's own; the prefix has its own error handler.
 */
export function odata(options: OdataOptions): FastifyPluginAsync {
  const { feeds, reads, pageSize = defaultPageSize } = options
  const bySet: Feeds = new Map(feeds.map((feed) => [feed.set, feed]))
  feeds.forEach(demandSound)
  const metadata = metadataXml(feeds)
  const settled = new Settled(reads)

  async function answer(resource: Resource, request: Request): Promise<Answer> {
    switch (resource.kind) {
      case 'service':
        return serviceDocument(feeds, request)
      case 'set':
        return setAnswer(resource.feed, request, pageSize)
      case 'count':
        return countAnswer(resource.feed, request)
      case 'entity':
        return entityAnswer(resource, request)
      case 'property':
        return propertyAnswer(resource, request)
      case 'value':
        return rawAnswer(resource, request)
      case 'connection':
        return connectionFile(request.root)
      case 'metadata':
        return { type: 'application/xml;charset=utf-8', body: metadata }
    }
  }

  return async (app: FastifyInstance) => {
    app.setErrorHandler(sendFault)
    app.setNotFoundHandler(() => {
      throw new Problem('NOT_FOUND')
    })
    app.addHook('onRequest', async (request, reply) => {
      reply.header('odata-version', '4.0')
      demandRead(request, reply)
      checkMaxVersion(single(request.headers['odata-maxversion']))
    })
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      const [path = '', search = ''] = splitOnce(request.url.slice(app.prefix.length), '?')
      const resource = readPath(bySet, path)
      const credential = options.credential(request)
      const root = (options.baseUrl?.(request) ?? addressOf(request)) + app.prefix
      const asked = readOptions(search)
      const format = negotiate(resource, request, asked.values.get('format'))
      if (resource.kind === 'metadata') allowOnly(asked, 'format')
      const asOf = momentOf(asked)
      const made = await answer(resource, {
        root,
        options: asked,
        format,
        settled: async (feed, query) => (asOf === undefined ? settled.window(feed, query) : query),
        read: (statements) =>
          asOf === undefined
            ? reads.read(credential, statements)
            : settled.readAsOf(asOf, credential, statements, 'feed' in resource ? resource.feed : undefined),
      })
      if (resource.kind === 'connection') reply.header('content-disposition', 'attachment; filename="samenspel.pbids"')
      return send(request, reply, credential, made)
    }
    app.all('/', handler)
    app.all('/*', handler)
  }
}

/** A feed that could not be read shows at the start, not at a client's first request. */
function demandSound(feed: Feed): void {
  const key = feed.properties[feed.key]
  if (key === undefined || key.nullable) throw new TypeError(`The key of ${feed.set} is missing or may be null`)
  const names = [feed.set, feed.type, ...Object.keys(feed.properties)]
  if (!names.every((name) => /^[A-Za-z_]\w*$/.test(name))) throw new TypeError(`${feed.set} has a name that OData cannot write`)
  pageStatement(feed, parseQuery(feed, ''))
}

function demandRead(request: FastifyRequest, reply: FastifyReply): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  reply.header('allow', 'GET, HEAD')
  throw new Problem('METHOD_NOT_ALLOWED', 'The feed is read only')
}

/** The address as the client named it, which becomes part of links: only what can be a host. */
function addressOf({ protocol, host }: FastifyRequest): string {
  if (!wellFormedHost.test(host)) throw new Problem('BAD_REQUEST', 'The Host header is not a host')
  return `${protocol}://${host}`
}

const wellFormedHost = /^(?:[a-z0-9](?:[a-z0-9._-]{0,252}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i

/** Text and XML have one form; only JSON is negotiated. */
function negotiate(resource: Resource, request: FastifyRequest, format: string | undefined) {
  const negotiable = ['service', 'set', 'entity', 'property'].includes(resource.kind)
  if (resource.kind === 'metadata') demandXml(format)
  return negotiateJson(negotiable ? single(request.headers.accept) : undefined, negotiable ? format : undefined)
}

/** 200, 204, or 304 when the client has these very bytes. */
function send(request: FastifyRequest, reply: FastifyReply, credential: Credential, { type, body }: Answer): FastifyReply {
  reply.header('cache-control', credential.kind === 'public' ? 'public, no-cache' : 'private, no-cache')
  reply.header('vary', 'Authorization, Accept')
  if (body === undefined) return reply.code(204).send()
  const etag = etagOf(type, body)
  reply.header('etag', etag)
  if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send()
  return reply.type(type).send(body)
}

/** OData's error object; a code of our catalogue, never what a library or the database said. */
export function sendFault(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error)
  if (problem.code === 'INTERNAL') request.log.error({ err: error }, 'odata')
  if (problem.code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Basic realm="samenspel", Bearer')
  reply.header('odata-version', '4.0').header('content-language', 'en').header('cache-control', 'no-store')
  reply.removeHeader('etag')
  return reply
    .code(problem.status)
    .type('application/json;odata.metadata=minimal;charset=utf-8')
    .send(
      JSON.stringify({ error: { ...described(problem), details: problem.errors.length > 0 ? problem.errors.map(described) : undefined } }),
    )
}

function described({ code, message, path }: Problem) {
  return { code, message, target: path[0] === undefined ? undefined : String(path[0]) }
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

/** Node joins a repeated header with a comma, or gives a list. */
const single = (header: string | string[] | undefined) => (Array.isArray(header) ? header.join(',') : header)
