import { Problem } from '../errors.ts'
import type { Feed } from '../read/feed.ts'
import type { Literal } from './expression.ts'
import { parseKey } from './parser.ts'

/** What a path below the service root names. */
export type Resource =
  | { kind: 'service' | 'metadata' | 'connection' }
  | { kind: 'set' | 'count'; feed: Feed }
  | { kind: 'entity'; feed: Feed; key: Literal }
  | { kind: 'property' | 'value'; feed: Feed; key: Literal; name: string }

export type Feeds = ReadonlyMap<string, Feed>

const elsewhere = new Set(['$batch', '$crossjoin', '$all', '$entity', '$ref', '$each', '$filter', '$it'])

/** @throws Problem NOT_FOUND for what is not there, NOT_IMPLEMENTED for what OData could have there. */
export function readPath(feeds: Feeds, path: string): Resource {
  const [first = '', ...rest] = path.replace(/^\//, '').split('/').map(decode)
  if (first === '$metadata' && rest.length === 0) return { kind: 'metadata' }
  if (first === 'samenspel.pbids' && rest.length === 0) return { kind: 'connection' }
  if (first === '' && rest.length === 0) return { kind: 'service' }
  for (const segment of [first, ...rest]) if (elsewhere.has(segment.replace(/\(.*$/s, ''))) throw new Problem('NOT_IMPLEMENTED')
  const [, set = '', , key] = /^(\w+)(\((.*)\))?$/s.exec(first) ?? []
  const feed = feeds.get(set)
  if (feed === undefined) throw new Problem('NOT_FOUND')
  return key === undefined ? ofSet(feed, rest) : ofEntity(feed, parseKey(feed, key), rest)
}

function ofSet(feed: Feed, rest: readonly string[]): Resource {
  if (rest.length === 0) return { kind: 'set', feed }
  if (rest.length === 1 && rest[0] === '$count') return { kind: 'count', feed }
  throw new Problem('NOT_FOUND')
}

function ofEntity(feed: Feed, key: Literal, [name, segment, ...rest]: readonly string[]): Resource {
  if (name === undefined) return { kind: 'entity', feed, key }
  if (!Object.hasOwn(feed.properties, name) || rest.length > 0) throw new Problem('NOT_FOUND')
  if (segment === undefined) return { kind: 'property', feed, key, name }
  if (segment === '$value') return { kind: 'value', feed, key, name }
  throw new Problem('NOT_FOUND')
}

/** Segments are cut before they are decoded, so a key may hold an encoded slash. */
function decode(segment: string): string {
  try {
    const decoded = decodeURIComponent(segment)
    if (!decoded.includes('\0')) return decoded
  } catch {
    throw new Problem('BAD_USER_INPUT', 'The percent-encoding of the path is malformed')
  }
  throw new Problem('BAD_USER_INPUT', 'A NUL character is not allowed')
}
