import { Problem } from '../errors.ts'
import type { Feed } from '../read/feed.ts'
import { type Cursor, readCursor } from './cursor.ts'
import type { Expression } from './expression.ts'
import { malformed, unknownProperty } from './faults.ts'
import { inUtc } from './json.ts'
import { tokenize } from './lexer.ts'
import { type Aliases, type Order, parseFilter, parseOrder } from './parser.ts'

/** A checked request for rows of one feed. */
export interface Query {
  filter?: Expression
  /** As asked, and completed by the key, so that the order is total. */
  order: readonly Order[]
  /** The properties to answer; absent means all. */
  select?: readonly string[]
  top?: number
  skip: number
  count: boolean
  /** The end of the page before. */
  after?: Cursor
  /** Only what was recorded until then. */
  recordedUntil?: string
  /** What a cursor of this list is bound to: set, filter, order. */
  scope: string
}

/** System query options under their lower-case name without `$`, decoded; aliases; and everything as it was sent. */
export interface Options {
  values: ReadonlyMap<string, string>
  aliases: Aliases
  pairs: readonly { name: string; raw: string }[]
}

const supported = new Set(['filter', 'orderby', 'select', 'top', 'skip', 'count', 'skiptoken', 'format'])
const legal = new Set(['expand', 'search', 'apply', 'compute', 'deltatoken', 'id', 'index', 'levels', 'schemaversion'])
const largest = { top: 2_147_483_647, skip: 100_000 }

/**
 * The query string, without its `?`. Custom options are ignored; names may lack the `$` and come in any case (4.01).
 * @throws Problem 400 for what is malformed, doubled or an unknown `$option`, 501 for what is legal but not served.
 */
export function readOptions(search: string): Options {
  const values = new Map<string, string>()
  const aliases = new Map<string, string>()
  const pairs: { name: string; raw: string }[] = []
  for (const raw of search.split('&')) {
    if (raw === '') continue
    const [, key = '', , value = ''] = /^([^=]*)(=(.*))?$/s.exec(raw)!
    const given = decode(key, 'The query string')
    const name = given.toLowerCase().replace(/^\$/, '')
    pairs.push({ name, raw })
    if (given === 'asOf') setOnce(values, 'asof', decode(value, given), given)
    else if (given.startsWith('@')) setOnce(aliases, given, decode(value, given))
    else if (isSystemOption(given, name)) setOnce(values, name, decode(value, `$${name}`), `$${name}`)
  }
  return { values, aliases, pairs }
}

/** Refuses options that have no meaning for this resource. */
export function allowOnly(options: Options, ...names: string[]): void {
  for (const name of options.values.keys()) {
    if (!names.includes(name)) throw new Problem('BAD_USER_INPUT', `$${name} does not apply here`, [`$${name}`])
  }
}

/** The options of a request for a whole set → what to read. */
export function collectionQuery(feed: Feed, { values, aliases }: Options): Query {
  const filter = values.get('filter')
  const orderby = values.get('orderby')
  const token = values.get('skiptoken')
  const scope = JSON.stringify([feed.set, filter, orderby, values.get('asof'), [...aliases]])
  return {
    filter: filter === undefined ? undefined : parseFilter(feed, filter, aliases),
    order: completed(feed, orderby === undefined ? [] : parseOrder(feed, orderby, aliases)),
    select: selection(feed, values),
    top: wholeNumber(values, 'top'),
    skip: wholeNumber(values, 'skip') ?? 0,
    count: flag(values, 'count'),
    after: token === undefined ? undefined : readCursor(scope, token),
    scope,
  }
}

/** URL → AST in one step. */
export function parseQuery(feed: Feed, search: string): Query {
  return collectionQuery(feed, readOptions(search))
}

/** The custom query option `asOf=2026-01-01T00:00:00Z`: as of which moment all is told. */
export function momentOf({ values }: Options): string | undefined {
  const text = values.get('asof')
  if (text === undefined) return undefined
  const source = { option: 'asOf', text }
  const [token, end] = tokenize(source)
  if (token === undefined || !('type' in token) || token.type !== 'Edm.DateTimeOffset' || end?.kind !== 'end')
    throw malformed({ source, at: 0 }, 'it is one Edm.DateTimeOffset')
  return inUtc(token.text)
}

/** `$select`: names of properties, or `*`. */
export function selection(feed: Feed, values: Options['values']): string[] | undefined {
  const text = values.get('select')
  if (text === undefined) return undefined
  const names = new Set(text.split(',').flatMap((item) => selected(feed, text, item.trim())))
  return [...names]
}

function selected(feed: Feed, text: string, name: string): string[] {
  const place = { source: { option: '$select', text }, at: text.indexOf(name) }
  if (name === '') throw malformed(place, 'a name is missing')
  if (name === '*') return Object.keys(feed.properties)
  if (!Object.hasOwn(feed.properties, name)) throw unknownProperty(place, feed, name)
  return [name]
}

/** What follows the key decides nothing, so it is dropped. */
function completed(feed: Feed, order: Order[]): Order[] {
  const isKey = ({ by }: Order) => by.kind === 'property' && by.name === feed.key
  const at = order.findIndex(isKey)
  if (at >= 0) return order.slice(0, at + 1)
  const { type } = feed.properties[feed.key]!
  return [...order, { by: { kind: 'property', name: feed.key, type, nullable: false }, descending: false }]
}

function isSystemOption(given: string, name: string): boolean {
  if (supported.has(name)) return true
  if (legal.has(name)) throw new Problem('NOT_IMPLEMENTED', `$${name} is not supported`, [`$${name}`])
  if (given.startsWith('$')) throw new Problem('BAD_USER_INPUT', 'The query string has an unknown $ option', [given])
  return false
}

function setOnce(map: Map<string, string>, name: string, value: string, given = name): void {
  if (map.has(name)) throw new Problem('BAD_USER_INPUT', 'An option is given twice', [given])
  map.set(name, value)
}

function decode(text: string, where: string): string {
  try {
    const decoded = decodeURIComponent(text.replaceAll('+', ' '))
    if (!decoded.includes('\0')) return decoded
  } catch {
    throw new Problem('BAD_USER_INPUT', `${where}: the percent-encoding is malformed`)
  }
  throw new Problem('BAD_USER_INPUT', `${where}: a NUL character is not allowed`)
}

/** Refused rather than cut when it is too large. */
function wholeNumber(values: Options['values'], name: 'top' | 'skip'): number | undefined {
  const text = values.get(name)?.trim()
  if (text === undefined) return undefined
  const fits = /^\d{1,10}$/.test(text) && Number(text) <= largest[name]
  if (!fits) throw new Problem('BAD_USER_INPUT', `$${name} is a whole number from 0 to ${largest[name]}`, [`$${name}`])
  return Number(text)
}

function flag(values: Options['values'], name: 'count'): boolean {
  const text = (values.get(name) ?? 'false').trim().toLowerCase()
  if (text !== 'true' && text !== 'false') throw new Problem('BAD_USER_INPUT', `$${name} is true or false`, [`$${name}`])
  return text === 'true'
}
