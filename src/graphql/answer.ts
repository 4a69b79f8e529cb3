import type { FastifyRequest } from 'fastify'
import { type Answered, type Kept, responseOf } from '../read/engine.ts'
import { formatGraphQLErrors } from './errors.ts'

/** The whole response of an operation, whichever way it is sent: an answer that was kept, or one made now with what its caller may know of its errors. */
export function responseTo(answered: Answered | Kept, { id, log }: FastifyRequest): string | Buffer {
  if (answered.whole !== undefined) return answered.whole
  const { data, errors } = answered
  if (errors.length === 0) return responseOf(data)
  const told = formatGraphQLErrors(errors, id, { onMasked: (err) => log.error({ err }, 'masked') })
  return `{"errors":${JSON.stringify(told)},"data":${data}}`
}
