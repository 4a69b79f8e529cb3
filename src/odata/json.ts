import type { TextRow } from '../db/session.ts'
import type { EdmType, Feed } from '../read/feed.ts'
import type { JsonFormat } from './negotiate.ts'

/** PostgreSQL's text of one value → JSON text. */
export type Encoder = (text: string | null) => string

/** A type whose JSON tells it already needs no annotation, even with full metadata. */
const selfEvident: readonly EdmType[] = ['Edm.String', 'Edm.Boolean']

export function encoder(type: EdmType, { ieee754 }: JsonFormat): Encoder {
  switch (type) {
    case 'Edm.String':
      return (text) => JSON.stringify(text)
    case 'Edm.Int32':
      return (text) => text ?? 'null'
    case 'Edm.Int64':
    case 'Edm.Decimal':
      return ieee754 ? quoted : number
    case 'Edm.Boolean':
      return (text) => (text === null ? 'null' : text === 't' ? 'true' : 'false')
    case 'Edm.DateTimeOffset':
      return (text) => quoted(instant(text))
    case 'Edm.Guid':
    case 'Edm.Date':
      return quoted
  }
}

/** Writes the JSON of one row; `properties` name its leading columns, `keyAt` is where its key stands (only full metadata asks). */
export function rowWriter(
  feed: Feed,
  properties: readonly string[],
  format: JsonFormat,
  root: string,
  keyAt: number,
): (row: TextRow) => string {
  const full = format.metadata === 'full'
  const members = properties.map((name) => {
    const { type } = feed.properties[name]!
    const annotation = full && !selfEvident.includes(type) ? `"${name}@odata.type":"#${type.slice(4)}",` : ''
    return { label: `${annotation}"${name}":`, encode: encoder(type, format) }
  })
  return (row) => {
    let json = full ? identity(feed, root, row[keyAt]) : ''
    for (let index = 0; index < members.length; index++) {
      const { label, encode } = members[index]!
      json += `${json === '' ? '' : ','}${label}${encode(row[index]!)}`
    }
    return `{${json}}`
  }
}

/** What `metadata=full` adds to an entity. */
function identity(feed: Feed, root: string, key: string | null | undefined): string {
  const id = JSON.stringify(`${root}/${entityPath(feed, key ?? '')}`)
  return `"@odata.type":"#samenspel.${feed.type}","@odata.id":${id},"@odata.editLink":${id}`
}

/** `Set(key)` as it stands in a URL; `key` is PostgreSQL's text or the caller's. */
export function entityPath(feed: Feed, key: string): string {
  const literal = feed.properties[feed.key]!.type === 'Edm.String' ? `'${encodeURIComponent(key.replaceAll("'", "''"))}'` : key
  return `${feed.set}(${literal})`
}

/** ISO 8601 in UTC with every digit of the fraction; what OData cannot write (infinity, BC) is null. */
export function instant(text: string | null): string | null {
  if (text === null) return null
  if (text.endsWith('+00') && text[10] === ' ') return `${text.slice(0, 10)}T${text.slice(11, -3)}Z`
  const [, day, clock, fraction = '', offset] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?([-+]\d\d(?::\d\d)?)$/.exec(text) ?? []
  if (offset === undefined) return null
  const hours = offset.length === 3 ? `${offset}:00` : offset
  return `${new Date(`${day}T${clock}${hours}`).toISOString().slice(0, 19)}${fraction}Z`
}

/** For text that needs no escape. */
function quoted(text: string | null): string {
  return text === null ? 'null' : `"${text}"`
}

/** PostgreSQL's numerals are JSON's, except NaN and Infinity, which OData writes as strings. */
function number(text: string | null): string {
  if (text === null) return 'null'
  const last = text.charCodeAt(text.length - 1)
  if (last >= 48 && last <= 57) return text
  return text === 'NaN' ? '"NaN"' : text.startsWith('-') ? '"-INF"' : '"INF"'
}

/** An instant as a client wrote it, `2026-01-01T01:00:00+01:00`, in UTC. */
export const inUtc = (text: string): string => instant(text.replace('T', ' ').replace('Z', '+00')) as string
