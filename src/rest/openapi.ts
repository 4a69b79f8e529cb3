import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'

export const apiVersion = '1.0.0'

const description = `For the systems of alliance partners: report the status of actions in bulk, by your own ids, as often as you like.

- Send a \`Bearer\` API key, or \`Basic\` with the key as password. It belongs to one organisation and acts for no other.
- A batch has an \`Idempotency-Key\`: after a lost answer send the same request again and get the same answer.
- Items are independent: each gets its own disposition, in the order they were sent.
- Errors are \`application/problem+json\` (RFC 9457); decide by \`code\`. Resource names are English, the language of the project.`

/** Describes the routes of this scope, told at `openapi.json`. Register it before them. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Samenspel',
        version: apiVersion,
        description,
        contact: { name: 'Samenspel', url: 'https://samenspel.maastricht.nl', email: 'samenspel@maastricht.nl' },
        license: { name: 'EUPL-1.2', identifier: 'EUPL-1.2' },
      },
      servers: [{ url: app.prefix || '/' }],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'An API key' },
          basic: { type: 'http', scheme: 'basic', description: 'Any user name, an API key as password' },
        },
      },
      security: [{ bearer: [] }, { basic: [] }],
      tags: [{ name: 'Status reports' }, { name: 'Actions' }, { name: 'Events' }, { name: 'Exports' }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withoutUnused(jsonSchemaTransformObject(document)),
  })
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    reply.header('access-control-allow-origin', '*').header('cache-control', 'public, no-cache')
    return app.swagger()
  })
}

/** A schema is written for input and for output; only what is referred to belongs in the document. */
function withoutUnused<T extends object>(document: T & { components?: { schemas?: object } }): T {
  const text = JSON.stringify(document)
  const schemas = Object.entries(document.components?.schemas ?? {}).filter(([name]) => text.includes(`"#/components/schemas/${name}"`))
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(schemas) } }
}
