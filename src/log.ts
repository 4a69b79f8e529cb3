import type { FastifyRequest } from 'fastify'

const longestMessage = 500
const deepest = 5

interface Logged {
  [more: string]: unknown
  type: string
  code?: string
  message: string
  stack: string
  cause?: Logged
}

type Thrown = Error & { code?: unknown; severity?: unknown; query?: unknown }

/** Of an error its class, code and place: never a statement, its parameters or a database's message, which can embed what people wrote. */
function errorOf(error: unknown, depth = 0): Logged {
  if (!(error instanceof Error)) return { type: typeof error, message: '', stack: '' }
  const { name, code, message, stack, cause, severity, query } = error as Thrown
  const frames = stack?.split('\n').filter((line) => /^\s+at /.test(line))
  return {
    type: error.constructor.name || name,
    ...(typeof code === 'string' && { code }),
    message: severity === undefined && query === undefined ? message.slice(0, longestMessage) : '',
    stack: (frames ?? []).join('\n'),
    ...(cause !== undefined && depth < deepest && { cause: errorOf(cause, depth + 1) }),
  }
}

/** What the log holds of requests and errors (BIO2 8.15.02): a query can hold a key, so an address is logged without it. */
export const serializers = {
  req: ({ method, url, host, ip }: FastifyRequest) => ({ method, path: url.split('?', 1)[0], host, remoteAddress: ip }),
  err: (error: unknown) => errorOf(error),
}
