// PostGraphile 5 as its authors ship it (grafserv on node:http, the Amber preset), on the same database, role and policies. Runs on a Node of its own (>= 22).
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import pg from 'pg'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'

/**
 * PostGraphile opens a transaction for each request and sets `pgSettings` in it. Here that statement, and no other, is taken for ours that lets a caller in,
 * so the number of round trips is PostGraphile's own; it is prepared, which PostGraphile's is not.
 */
class Entering extends pg.Client {
  query(config, ...rest) {
    if (!config?.text?.startsWith('select set_config(')) return super.query(config, ...rest)
    const { id, hash } = Object.fromEntries(JSON.parse(config.values[0]))
    return super.query({ name: 'enter', text: 'select enter($1, $2)', values: [id, hash] }, ...rest)
  }
}

const pool = new pg.Pool({
  Client: Entering,
  connectionString: process.env.DATABASE_URL,
  max: 8,
  idleTimeoutMillis: 0,
  // As the service's own read connections; it saves PostGraphile a fifth of the database's work.
  options: '-c plan_cache_mode=force_generic_plan -c jit=off',
})

/** `Bearer ssp_bench_<id>_<secret><checksum>` → what `enter` takes. */
function callerOf(authorization = '') {
  const [, , id = '', secret = ''] = authorization.split('_')
  return { id, hash: `\\x${createHash('sha256').update(secret.slice(0, 43)).digest('hex')}` }
}

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ pool, schemas: ['public'], pubsub: false })],
  grafserv: { graphiql: false, watch: false },
  grafast: {
    explain: false,
    context: (request) => ({ pgSettings: callerOf(request.node?.req.headers.authorization) }),
  },
})

if (process.env.PRINT_SCHEMA) {
  const { printSchema } = await import('postgraphile/graphql')
  const { schema } = await instance.getSchemaResult()
  process.stdout.write(printSchema(schema))
  process.exit(0)
}

const serv = instance.createServ(grafserv)
const server = createServer()
await serv.addTo(server)
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('disconnect', () => process.exit(0))
