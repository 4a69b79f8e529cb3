import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { challenge } from '../auth/plugin.ts'
import { catalogue, type ErrorCode, Problem, toProblem } from '../errors.ts'

const codes = Object.keys(catalogue) as [ErrorCode, ...ErrorCode[]]

export const faultSchema = z.object({
  code: z.enum(codes),
  path: z.array(z.union([z.string(), z.int()])).describe('Where in the input, from its outside in'),
  message: z.string(),
})

/** RFC 9457, as the NLGov REST API Design Rules ask it. */
export const problemSchema = z
  .object({
    type: z.url(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(codes).describe('Stable: decide by this one'),
    errors: z.array(faultSchema).describe('Everything that was wrong with the input'),
    requestId: z.string().describe('Name it when you ask us about this'),
  })
  .meta({ id: 'Problem' })

const kebab = (code: ErrorCode): string => code.toLowerCase().replaceAll('_', '-')

const told = ({ code, message, path }: Problem) => ({ code, path: [...path], message })

function bodyOf(problem: Problem, requestId: string): z.output<typeof problemSchema> {
  const { code, status, message, path, errors } = problem
  const faults = errors.length > 0 ? errors : path.length > 0 ? [problem] : []
  return {
    type: `https://samenspel.maastricht.nl/problems/${kebab(code)}`,
    title: catalogue[code].title,
    status,
    detail: message,
    code,
    errors: faults.map(told),
    requestId,
  }
}

const ofStatus: Record<number, ErrorCode> = {
  400: 'BAD_REQUEST',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  406: 'NOT_ACCEPTABLE',
  413: 'CONTENT_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  503: 'UNAVAILABLE',
}

/** Also what Fastify itself refuses before a handler runs, of which only the status is told on. */
export function problemOf(error: unknown): Problem {
  const { statusCode } = error as { statusCode?: number }
  if (error instanceof Problem || statusCode === undefined) return toProblem(error)
  const code = ofStatus[statusCode] ?? (statusCode < 500 ? 'BAD_REQUEST' : 'INTERNAL')
  return new Problem(code)
}

/** Any error as `application/problem+json`: an error handler, and fit for `frameworkErrors`, which sees what comes before routing. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error)
  if (problem.status >= 500) request.log.error({ code: problem.code, err: error }, problem.message)
  reply.removeHeader('etag')
  if (problem.code === 'UNAUTHENTICATED' && !reply.hasHeader('www-authenticate')) reply.header('www-authenticate', challenge)
  if (problem.code === 'UNAVAILABLE' && !reply.hasHeader('retry-after')) reply.header('retry-after', '5')
  if (problem.code === 'IDEMPOTENCY_KEY_IN_USE') reply.header('retry-after', '1')
  reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .header('content-language', 'en')
    .type('application/problem+json')
    .send(JSON.stringify(bodyOf(problem, request.id)))
}

const ofParser: Record<string, ErrorCode> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'CONTENT_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
}

/** Answers what is no HTTP request, of which there is a socket and no more. */
export function refuseSocket(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const problem = new Problem(ofParser[error.code ?? ''] ?? 'BAD_REQUEST')
  const body = JSON.stringify(bodyOf(problem, randomUUID()))
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Content-Language: en',
    'Cache-Control: no-store',
    'Connection: close',
  ]
  if (socket.writable) socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  socket.destroySoon()
}

const problemContent = { 'application/problem+json': { schema: problemSchema } }

/** For the description of a route: the problems it may answer with, by status. Those of every route are known. */
export function problems(...ofRoute: ErrorCode[]) {
  const byStatus = new Map<number, string[]>()
  for (const code of [...ofEveryRoute, ...ofRoute]) {
    const { status, title } = catalogue[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), `\`${code}\` ${title}`])
  }
  const responses = [...byStatus].map(([status, told]) => [status, { description: told.join(' · '), content: problemContent }])
  return Object.fromEntries(responses) as Record<number, { description: string; content: typeof problemContent }>
}

const ofEveryRoute: readonly ErrorCode[] = ['BAD_REQUEST', 'UNAUTHENTICATED', 'MEMBERSHIP_ENDED', 'INTERNAL', 'UNAVAILABLE']
