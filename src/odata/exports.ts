import { once } from 'node:events'
import { pipeline, type Readable, Transform } from 'node:stream'
import { type SQL, sql } from 'drizzle-orm'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { RestApp } from '../action/routes.ts'
import type { Credential, Reads, Statement } from '../db/session.ts'
import type { Feed, FeedProperty } from '../read/feed.ts'
import { problems } from '../rest/problem.ts'
import { etagOf, matches } from './etag.ts'
import { flatten, where } from './statement.ts'

export interface ExportOptions {
  feeds: readonly Feed[]
  reads: Reads
  credential(request: FastifyRequest): Credential
  baseUrl?: ((request: FastifyRequest) => string) | undefined
}

type Delimiter = z.output<typeof options>['delimiter']

const options = z.strictObject({
  bom: z.enum(['true', 'false']).default('false').describe('Begin with a byte order mark, by which Excel knows that the text is UTF-8'),
  delimiter: z.enum([',', ';']).default(',').describe('What stands between two values'),
})

const knownVersion = z.looseObject({ 'if-none-match': z.string().optional().describe('The ETag of the file you have') })

const file = {
  description: 'The whole set, streamed: RFC 4180 with the names in the first line',
  content: { 'text/csv': { schema: z.string() } },
}

/** `GET /exports/{set}.csv`: a whole feed as one CSV file (`Observations.csv?bom=true&delimiter=;`), RFC 4180, streamed. Problems are thrown. */
export function exportFiles(app: RestApp, { feeds, ...sources }: ExportOptions): void {
  listFiles(app, feeds, sources.baseUrl)
  for (const feed of feeds) exportFile(app, feed, sources)
}

/** `GET /exports`: which files there are. */
function listFiles(app: RestApp, feeds: readonly Feed[], baseUrl: ExportOptions['baseUrl']): void {
  app.get(
    '/exports',
    {
      schema: {
        operationId: 'exports',
        tags: ['Exports'],
        summary: 'The files there are',
        response: {
          200: z.array(z.object({ set: z.string(), description: z.string(), href: z.string() })).describe('One for each set'),
          ...problems('NOT_ACCEPTABLE'),
        },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'public, no-cache')
      const root = `${baseUrl?.(request) ?? ''}${app.prefix}/exports`
      return feeds.map(({ set, description }) => ({ set, description, href: `${root}/${set}.csv` }))
    },
  )
}

function exportFile(app: RestApp, feed: Feed, { reads, credential }: Omit<ExportOptions, 'feeds'>): void {
  const url = `/exports/${feed.set}.csv`
  const texts = { ',': copyText(feed, ','), ';': copyText(feed, ';') }
  const version = versionStatement(feed)

  /** What is told of a file before it is read: of whom it is, and by which tag it is known. A wrong credential is refused here. */
  async function describe(reply: FastifyReply, caller: Credential, delimiter: Delimiter): Promise<string> {
    const [[rows, sum] = []] = await reads.readLong(caller, version)
    const etag = etagOf(texts[delimiter], `${rows} ${sum}`)
    const cacheControl = caller.kind === 'public' ? 'public, no-cache' : 'private, no-cache'
    reply.headers({ etag, 'cache-control': cacheControl, vary: 'Authorization' })
    return etag
  }
  const asCsv = (reply: FastifyReply) =>
    reply.type('text/csv;charset=utf-8;header=present').header('content-disposition', `attachment; filename="${feed.set}.csv"`)

  app.get(
    url,
    {
      exposeHeadRoute: false,
      config: { namesItsForm: true },
      schema: {
        operationId: `export${feed.set}`,
        tags: ['Exports'],
        summary: `${feed.description}, as a CSV file`,
        description: 'What the caller may read. Without a credential that is what everybody may read.',
        querystring: options,
        headers: knownVersion,
        response: { 200: file, 304: z.undefined().describe('You have this file'), ...problems('BAD_USER_INPUT') },
      },
    },
    async (request, reply) => {
      const { bom, delimiter } = request.query
      const caller = credential(request)
      const etag = await describe(reply, caller, delimiter)
      if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send()
      const rows = await started(await reads.copyOut(caller, texts[delimiter]))
      return asCsv(reply).send(asFile(rows, bom === 'true'))
    },
  )

  app.head(
    url,
    { config: { namesItsForm: true }, schema: { hide: true, querystring: options, headers: knownVersion } },
    async (request, reply) => {
      const etag = await describe(reply, credential(request), request.query.delimiter)
      if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send()
      return asCsv(reply).send()
    },
  )
}

/** `copy` takes no parameters, so the text holds the feed's own words and nothing else. */
export function copyText(feed: Feed, delimiter: Delimiter): string {
  const { text, values } = flatten(sql`${rowsOf(feed)} order by ${feed.properties[feed.key]!.sql}`)
  if (values.length > 0) throw new TypeError(`${feed.set} cannot be exported: it holds a parameter`)
  return `copy (${text}) to stdout with (format csv, header true, delimiter '${delimiter}')`
}

/** How many rows there are and the sum of their hashes: another as soon as one of them is, whatever their order, and kept in no memory. */
export const versionStatement = (feed: Feed): Statement =>
  flatten(sql`select count(*), sum(hashtextextended(r::text, 0)) from (${rowsOf(feed)}) r`)

function rowsOf(feed: Feed): SQL {
  const columns = Object.entries(feed.properties).map(([name, property]) => sql`${csvValue(property)} as ${sql.identifier(name)}`)
  return sql`select ${sql.join(columns, sql`, `)} from ${feed.from}${where(feed)}`
}

/** A spreadsheet runs text that begins like a formula, so such text gets an apostrophe; numbers stay numbers. */
function csvValue({ type, sql: source }: FeedProperty): SQL {
  switch (type) {
    case 'Edm.String': {
      const text = sql`(${source})::text`
      return sql`case when left(${text}, 1) in ('=', '+', '-', '@', chr(9), chr(13)) then '''' || ${text} else ${text} end`
    }
    case 'Edm.DateTimeOffset':
      return sql`to_char((${source}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
    case 'Edm.Boolean':
      return sql`(${source})::text`
    default:
      return source
  }
}

/** Waits for the first bytes, so that a refusal is still an error answer and not a broken file. */
async function started(rows: Readable): Promise<Readable> {
  if (rows.errored) throw rows.errored
  if (rows.readableLength === 0 && !rows.readableEnded) await once(rows, 'readable')
  return rows
}

/** PostgreSQL ends its lines with LF, RFC 4180 with CRLF; line breaks inside a quoted value stay as they are. */
function asFile(rows: Readable, bom: boolean): Transform {
  let quoted = false
  const file = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const parts: Buffer[] = []
      let from = 0
      for (let at = 0; at < chunk.length; at++) {
        if (chunk[at] === quote) quoted = !quoted
        if (chunk[at] !== lineFeed || quoted) continue
        parts.push(chunk.subarray(from, at), lineEnd)
        from = at + 1
      }
      done(null, Buffer.concat([...parts, chunk.subarray(from)]))
    },
  })
  if (bom) file.push('\ufeff')
  // An error of the rows destroys the file with it, and fastify then cuts the connection: a short file never looks whole.
  return pipeline(rows, file, () => {})
}

const quote = 0x22
const lineFeed = 0x0a
const lineEnd = Buffer.from('\r\n')
