import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

const assets = join(dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui/package.json')), 'static')

/** All from this server. Swagger UI sets styles on elements. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

export interface DocsOptions {
  /** Where the description is; default `/api/v1/openapi.json`. */
  openapi?: string
}

/** The human reference of the REST door. Register it with a prefix, `/api/docs`. */
export async function docs(app: FastifyInstance, { openapi = '/api/v1/openapi.json' }: DocsOptions): Promise<void> {
  const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Samenspel REST API</title>
<link rel="icon" type="image/png" href="${app.prefix}/static/favicon-32x32.png">
<link rel="stylesheet" href="${app.prefix}/static/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="${app.prefix}/static/swagger-ui-bundle.js"></script>
<script src="${app.prefix}/start.js"></script>
</body>
</html>
`
  const start = `SwaggerUIBundle({ url: ${JSON.stringify(openapi)}, dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null })\n`

  app.addHook('onRequest', async (_request, reply) => {
    reply.header('content-security-policy', policy).header('x-content-type-options', 'nosniff').header('x-frame-options', 'DENY')
  })
  app.get('', async (_request, reply) => reply.type('text/html; charset=utf-8').send(page))
  app.get('/start.js', async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(start))
  app.register(fastifyStatic, { root: assets, prefix: '/static', decorateReply: false, index: false, maxAge: '1d' })
}
