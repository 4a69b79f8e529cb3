import { randomBytes } from 'node:crypto'
import { sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import { getDistDirectory, renderAltair } from 'altair-static'
import type { FastifyInstance, FastifyReply } from 'fastify'

export interface GraphiqlOptions {
  endpoint?: string
  query?: string
}

const starterQuery = `# Who works where, on what, and how far along is it? Run with Ctrl+Enter; the schema is under "Docs".
# Without a key you are PUBLIC. With one: Set Headers, Authorization: Bearer <key>.
{
  programme(code: "VW") {
    name { text language }
    term { startsOn endsOn }
    pillars { code name { text } }
  }
  neighbourhoods {
    slug
    name
    executionPlans(first: 5) {
      nodes {
        term { startsOn endsOn }
        actions(first: 20) {
          totalCount
          nodes { ref title { text } status progressPercent lead { slug } }
        }
      }
    }
  }
}
`

/** Three styles that Altair 8.5.9 writes without its nonce: an empty one for media queries, icons, and the editor's first, before it knows the nonce. */
const styleHashes = [
  '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
  'KEusrVhJr9hIBdaMJvOVaP+WWz8kc3DCY43CCLLIGfY=',
  'yk9i/VlAiCewfGAOHBXDc9YkttDeM+lHMEWQuZFElGM=',
]

/** Everything from this server; scripts and styles that stand in the page need the nonce of this one answer. */
const pagePolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}' ${styleHashes.map((hash) => `'sha256-${hash}'`).join(' ')}`,
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

/** Assets are no pages, and a worker takes the policy of its own file. */
const assetPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'"

/**
 * The explorer at /graphiql: Altair (altair-static) with all its assets from here. Scripts that run before or after a request, and accounts, are
 * features of Altair that load other sites: off, and kept off by the policy.
 */
export async function graphiql(app: FastifyInstance, options: GraphiqlOptions = {}): Promise<void> {
  const endpoint = options.endpoint ?? '/graphql'
  const slot = randomBytes(16).toString('hex')
  const template = renderAltair({
    baseURL: '/graphiql/',
    endpointURL: endpoint,
    subscriptionsEndpoint: endpoint,
    initialSubscriptionRequestHandlerId: 'graphql-ws',
    initialQuery: options.query ?? starterQuery,
    initialHeaders: { Accept: 'application/graphql-response+json, application/json;q=0.9' },
    initialSettings: { theme: 'system', disablePushNotification: true },
    instanceStorageNamespace: 'samenspel_',
    disableAccount: true,
    cspNonce: slot,
  })
    .replace('<html>', '<html lang="en">')
    // Its one banner advertises a plug-in from another site.
    .replace('</head>', `<style nonce="${slot}">app-banner-container { display: none }</style></head>`)
    .replace('<title>Altair</title>', '<title>GraphiQL – Samenspel</title>')

  const page = (reply: FastifyReply): FastifyReply => {
    const nonce = randomBytes(16).toString('base64')
    return reply
      .header('content-security-policy', pagePolicy(nonce))
      .header('cache-control', 'no-store')
      .header('referrer-policy', 'no-referrer')
      .header('x-content-type-options', 'nosniff')
      .type('text/html; charset=utf-8')
      .send(template.replaceAll(slot, nonce))
  }

  await app.register(async (scope) => {
    for (const url of ['/graphiql', '/graphiql/', '/graphiql/index.html']) {
      scope.get(url, { schema: { hide: true } }, (_request, reply) => page(reply))
    }
    await scope.register(fastifyStatic, {
      root: getDistDirectory(),
      prefix: '/graphiql/',
      decorateReply: false,
      index: false,
      schemaHide: true,
      allowedPath: (path) => !path.includes('iframe-sandbox'),
      setHeaders: (reply, path) => {
        reply.header('content-security-policy', assetPolicy)
        reply.header('x-content-type-options', 'nosniff')
        // Names with a hash in them never change their content.
        const hashed = /^(chunk|worker)-[A-Z0-9]{8}\.js$/.test(path.slice(path.lastIndexOf(sep) + 1))
        reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600')
      },
    })
  })
}
