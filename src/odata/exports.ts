import { once } from 'node:events'
import { pipeline, type Readable, Transform } from 'node:stream'
import { type SQL, sql } from 'drizzle-orm'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Credential, Reads } from '../db/session.ts'
import { Problem } from '../errors.ts'
import type { Feed, FeedProperty } from '../read/feed.ts'
import { flatten, nothingButIdentity, where } from './statement.ts'

export interface ExportOptions {
  feeds: readonly Feed[]
  reads: Reads
  credential(request: FastifyRequest): Credential
}

type Delimiter = ',' | ';'

/** `GET /exports/:file`: a whole feed as one CSV file (`Observations.csv?bom=true&delimiter=;`), RFC 4180, streamed. Problems are thrown. */
export function exportFiles({ feeds, reads, credential }: ExportOptions): FastifyPluginAsync {
  const texts = new Map(feeds.map((feed) => [`${feed.set}.csv`, { ',': copyText(feed, ','), ';': copyText(feed, ';') }]))

  return async (app: FastifyInstance) => {
    const handler = async (request: FastifyRequest<{ Params: { file: string } }>, reply: FastifyReply) => {
      const { file } = request.params
      const text = texts.get(file)
      if (text === undefined) throw new Problem('NOT_FOUND')
      const { bom, delimiter } = readOptions(request.query as Record<string, unknown>)
      const caller = credential(request)
      const rows = request.method === 'HEAD' ? await identified(reads, caller) : await started(await reads.copyOut(caller, text[delimiter]))
      reply
        .type('text/csv;charset=utf-8;header=present')
        .header('content-disposition', `attachment; filename="${file}"`)
        .header('cache-control', caller.kind === 'public' ? 'public, no-cache' : 'private, no-cache')
        .header('vary', 'Authorization')
      return reply.send(rows && asFile(rows, bom))
    }
    app.route({ method: ['GET', 'HEAD'], url: '/exports/:file', exposeHeadRoute: false, handler })
  }
}

/** `copy` takes no parameters, so the text holds the feed's own words and nothing else. */
export function copyText(feed: Feed, delimiter: Delimiter): string {
  const columns = Object.entries(feed.properties).map(([name, property]) => sql`${csvValue(property)} as ${sql.identifier(name)}`)
  const order = feed.properties[feed.key]!.sql
  const { text, values } = flatten(sql`select ${sql.join(columns, sql`, `)} from ${feed.from}${where(feed)} order by ${order}`)
  if (values.length > 0) throw new TypeError(`${feed.set} cannot be exported: it holds a parameter`)
  return `copy (${text}) to stdout with (format csv, header true, delimiter '${delimiter}')`
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

function readOptions(query: Record<string, unknown>): { bom: boolean; delimiter: Delimiter } {
  const { bom = 'false', delimiter = ',', ...others } = query
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw new Problem('BAD_USER_INPUT', 'The query string has an unknown option', [unknown])
  if (bom !== 'true' && bom !== 'false') throw new Problem('BAD_USER_INPUT', 'bom is true or false', ['bom'])
  if (delimiter !== ',' && delimiter !== ';') throw new Problem('BAD_USER_INPUT', 'delimiter is a comma or a semicolon', ['delimiter'])
  return { bom: bom === 'true', delimiter }
}

/** A HEAD copies nothing, yet a wrong credential is refused. */
async function identified(reads: Reads, caller: Credential): Promise<undefined> {
  await reads.read(caller, [nothingButIdentity])
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
