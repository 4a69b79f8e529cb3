import type { Reads, Statement, TextRow } from '../db/session.ts'
import { Problem } from '../errors.ts'
import type { Feed } from '../read/feed.ts'
import { writeCursor } from './cursor.ts'
import { encoder, entityPath, instant, rowWriter } from './json.ts'
import { contentType, type JsonFormat } from './negotiate.ts'
import type { Resource } from './path.ts'
import { allowOnly, collectionQuery, type Options, type Query, selection } from './query.ts'
import { countStatement, nothingButIdentity, type PageStatement, pageStatement, rowStatement } from './statement.ts'

/** A body and its media type; without a body it is 204. */
export interface Answer {
  type: string
  body?: string
}

/** What an answer is made from; `root` is the absolute URL of the service, without a slash at its end. */
export interface Request {
  root: string
  options: Options
  format: JsonFormat
  /** A query with its window of recording cut at what is settled. */
  settled(feed: Feed, query: Query): Promise<Query>
  /** The session layer as this caller. */
  read(statements: readonly Statement[]): ReturnType<Reads['read']>
}

type Single = Extract<Resource, { kind: 'property' | 'value' }>

export async function serviceDocument(feeds: readonly Feed[], { root, options, format, read }: Request): Promise<Answer> {
  allowOnly(options, 'format')
  await read([nothingButIdentity])
  const sets = feeds.map(({ set }) => JSON.stringify({ name: set, kind: 'EntitySet', url: set }))
  return json(format, [context(root, '', format), `"value":[${sets.join(',')}]`])
}

export async function setAnswer(feed: Feed, request: Request, size: number): Promise<Answer> {
  const { root, options, format } = request
  const query = await request.settled(feed, collectionQuery(feed, options))
  const page = pageStatement(feed, query, size)
  const [rows = [], counted] = await request.read(query.count ? [page, countStatement(feed, query.filter, query.recordedUntil)] : [page])
  const more = rows.length > size
  const shown = more ? rows.slice(0, size) : rows
  const write = rowWriter(feed, page.properties, format, root, page.orderedBy.at(-1)!)
  return json(format, [
    context(root, `#${feed.set}${selected(query.select)}`, format),
    counted && `"@odata.count":${encoder('Edm.Int64', format)(counted[0]![0]!)}`,
    `"value":[${shown.map(write).join(',')}]`,
    more ? `"@odata.nextLink":${JSON.stringify(nextLink(feed, request, query, page, shown.at(-1)!))}` : undefined,
  ])
}

export async function countAnswer(feed: Feed, { options, settled, read }: Request): Promise<Answer> {
  allowOnly(options, 'filter', 'format', 'asof')
  const { filter, recordedUntil } = await settled(feed, collectionQuery(feed, options))
  const [rows] = await read([countStatement(feed, filter, recordedUntil)])
  return plain(rows![0]![0]!)
}

export async function entityAnswer(
  { feed, key }: Extract<Resource, { kind: 'entity' }>,
  { root, options, format, read }: Request,
): Promise<Answer> {
  allowOnly(options, 'select', 'format', 'asof')
  const select = selection(feed, options.values)
  const properties = select ?? Object.keys(feed.properties)
  const [rows] = await read([rowStatement(feed, key, [...properties, feed.key])])
  const row = only(rows)
  const written = rowWriter(feed, properties, format, root, properties.length)(row).slice(1, -1)
  return json(format, [context(root, `#${feed.set}${selected(select)}/$entity`, format), written])
}

export async function propertyAnswer({ feed, key, name }: Single, { root, options, format, read }: Request): Promise<Answer> {
  allowOnly(options, 'format', 'asof')
  const [rows] = await read([rowStatement(feed, key, [name])])
  const [text] = only(rows) as [string | null]
  if (text === null) return { type: contentType(format) }
  const value = encoder(feed.properties[name]!.type, format)(text)
  return json(format, [context(root, `#${entityPath(feed, key.text)}/${name}`, format), `"value":${value}`])
}

export async function rawAnswer({ feed, key, name }: Single, { options, read }: Request): Promise<Answer> {
  allowOnly(options, 'format', 'asof')
  const [rows] = await read([rowStatement(feed, key, [name])])
  const [text] = only(rows) as [string | null]
  if (text === null) return { type: 'text/plain;charset=utf-8' }
  const { type } = feed.properties[name]!
  if (type === 'Edm.Boolean') return plain(text === 't' ? 'true' : 'false')
  return plain(type === 'Edm.DateTimeOffset' ? (instant(text) ?? '') : text)
}

/** The file that opens Power BI Desktop on the feed. */
export function connectionFile(root: string): Answer {
  const connection = { details: { protocol: 'odata', address: { url: `${root}/` } }, options: {}, mode: 'Import' }
  return { type: 'application/json;charset=utf-8', body: JSON.stringify({ version: '0.1', connections: [connection] }) }
}

/** The same request behind the last row of this page; `$count` is answered once. */
function nextLink(feed: Feed, { root, options }: Request, query: Query, page: PageStatement, last: TextRow): string {
  const kept = options.pairs.filter(({ name }) => !['top', 'skip', 'count', 'skiptoken'].includes(name)).map(({ raw }) => raw)
  const remaining = Number.isFinite(page.wanted) ? page.wanted - page.size : undefined
  const cursor = writeCursor(query.scope, { values: page.orderedBy.map((at) => last[at]!), remaining, recordedUntil: query.recordedUntil })
  return `${root}/${feed.set}?${[...kept, `$skiptoken=${cursor}`].join('&')}`
}

/** A row that is hidden is answered as one that is not there. */
function only(rows: readonly TextRow[] = []): TextRow {
  if (rows.length !== 1) throw new Problem('NOT_FOUND')
  return rows[0]!
}

function context(root: string, fragment: string, { metadata }: JsonFormat): string | undefined {
  return metadata === 'none' ? undefined : `"@odata.context":${JSON.stringify(`${root}/$metadata${fragment}`)}`
}

const selected = (select: readonly string[] | undefined) => (select === undefined ? '' : `(${select.join(',')})`)

function json(format: JsonFormat, members: readonly (string | undefined)[]): Answer {
  return { type: contentType(format), body: `{${members.filter((member) => member !== undefined && member !== '').join(',')}}` }
}

function plain(body: string): Answer {
  return { type: 'text/plain;charset=utf-8', body }
}
