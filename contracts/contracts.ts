import { lexicographicSortSchema, printSchema } from 'graphql'
import { buildApp } from '../src/app.ts'
import { Session } from '../src/db/session.ts'
import { features } from '../src/features.ts'
import { makeSchema } from '../src/graphql/schema.ts'
import { metadataXml } from '../src/odata/metadata.ts'

/** File name → text: the GraphQL schema, the OpenAPI description and the OData metadata. No database is asked. */
export async function contracts(): Promise<Record<string, string>> {
  const session = new Session({ url: 'postgres://nobody@127.0.0.1:1/none' })
  const app = await buildApp({ session })
  try {
    const openapi = await app.inject({ url: '/api/v1/openapi.json' })
    return {
      'schema.graphql': `${printSchema(lexicographicSortSchema(makeSchema(features)))}\n`,
      'openapi.json': `${JSON.stringify(openapi.json(), undefined, 2)}\n`,
      'metadata.xml': metadataXml(features.feeds),
    }
  } finally {
    await app.close()
    await session.close()
  }
}
