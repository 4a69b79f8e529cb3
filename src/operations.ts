import type { FastifyInstance } from 'fastify'
import type { Session } from './db/session.ts'

/** `/health/live`: the process answers. `/health/ready`: so does the database, and it is migrated. */
export async function health(app: FastifyInstance, { session }: { session: Session }): Promise<void> {
  app.get('/health/live', { schema: { hide: true } }, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  )
  app.get('/health/ready', { schema: { hide: true } }, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    try {
      await session.read({ kind: 'public' }, [{ text: 'select 1 from programme limit 1', values: [] }])
      return { status: 'ok' }
    } catch (error) {
      request.log.warn(error, 'the database is not ready')
      return reply.code(503).header('retry-after', '2').send({ status: 'unavailable' })
    }
  })
}

/** What stands here, for who opens the bare address. */
const doors = {
  graphql: '/graphql',
  graphiql: '/graphiql',
  rest: '/api/v1',
  restReference: '/api/docs',
  openapi: '/api/v1/openapi.json',
  odata: '/odata/v4/',
  health: ['/health/live', '/health/ready'],
}

/** `/` and `/api/v1`: the addresses of all doors. */
export async function index(app: FastifyInstance): Promise<void> {
  for (const url of ['/', '/api/v1']) {
    app.get(url, { schema: { hide: true } }, async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=3600').send({ service: 'Samenspel', doors }),
    )
  }
}
