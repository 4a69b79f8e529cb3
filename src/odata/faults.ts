import { Problem } from '../errors.ts'
import type { Feed } from '../read/feed.ts'

/** A piece of the URL, decoded, and what it is called there: `$filter`, `$orderby`, `key`, or the name of an alias. */
export interface Source {
  option: string
  text: string
}

/** Where in it; `at` counts characters from zero. */
export interface Place {
  source: Source
  at: number
}

/** 400: the text breaks the grammar or the types. */
export const malformed = (place: Place, why: string) => fault('BAD_USER_INPUT', place, why)

/** 501: legal OData, but not something this service does. */
export const unsupported = (place: Place, what: string) => fault('NOT_IMPLEMENTED', place, `${what} is not supported`)

/** 400, with its own code since it is what a changed report asks for. */
export const unknownProperty = (place: Place, feed: Feed, name: string) =>
  fault('UNKNOWN_PROPERTY', place, `${feed.type} has no ${quote(name)}`)

/** User text for a message: quoted, and short whatever was sent. */
export const quote = (text: string) => `'${text.length > 60 ? `${text.slice(0, 60)}…` : text}'`

function fault(code: 'BAD_USER_INPUT' | 'NOT_IMPLEMENTED' | 'UNKNOWN_PROPERTY', { source, at }: Place, why: string): Problem {
  return new Problem(code, `${source.option}: ${why} (position ${at})`, [source.option, at])
}
