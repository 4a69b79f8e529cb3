import fastify from 'fastify'
import { credentialOf } from '../../src/auth/plugin.ts'
import { Session, type Statement } from '../../src/db/session.ts'
import { operationNames } from '../queries.ts'
import { byHand } from '../statements.ts'
import { databaseUrl, serve } from './serve.ts'

// No GraphQL: the operation's name picks statements that were written for it. The session is the service's own: one round trip, named statements.
interface Asked {
  operationName: string
  variables: Record<string, unknown>
}

const session = new Session({ url: databaseUrl })
const single = process.env.SHAPE === 'json'
const app = fastify()
app.post('/graphql', async (request, reply) => {
  const { operationName, variables } = request.body as Asked
  const { values, flat, json, assemble } = byHand[operationNames[operationName] as keyof typeof byHand]
  const given = values(variables)
  const bound = (text: string): Statement => ({ text, values: given.slice(0, parametersOf(text)) })
  const { results } = await session.readAs(credentialOf(request), single ? [bound(json)] : flat.map(bound))
  reply.header('content-type', 'application/json; charset=utf-8')
  return `{"data":${single ? results[0]?.[0]?.[0] : assemble(results)}}`
})
await serve(app)

const counts = new Map<string, number>()
function parametersOf(text: string): number {
  let count = counts.get(text)
  if (count === undefined) {
    count = Math.max(0, ...[...text.matchAll(/\$(\d)/g)].map(([, number]) => Number(number)))
    counts.set(text, count)
  }
  return count
}
