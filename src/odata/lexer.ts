import type { EdmType } from '../read/feed.ts'
import { malformed, type Place, quote, type Source, unsupported } from './faults.ts'

/** `text` of a literal is its value as PostgreSQL reads it; of any other token, what stood in the URL. */
export type Token = { kind: 'literal'; type: EdmType; text: string; at: number } | { kind: Kind; text: string; at: number }
type Kind = 'word' | 'alias' | 'symbol' | 'end'

/** OData's ABNF cut into tokens; the last one is always `end`. */
export function tokenize(source: Source): Token[] {
  const tokens: Token[] = []
  let at = afterBlanks(source.text, 0)
  while (at < source.text.length) {
    const { token, length } = tokenAt({ source, at })
    tokens.push(token)
    at = afterBlanks(source.text, at + length)
  }
  tokens.push({ kind: 'end', text: '', at })
  return tokens
}

type Reader = (place: Place, match: RegExpExecArray) => Token

// Tried in this order: a guid may begin as a number does, a day as a time.
const readers: readonly [RegExp, Reader][] = [
  [/'(?:[^']|'')*'/y, ({ at }, [text]) => ({ kind: 'literal', type: 'Edm.String', text: text.slice(1, -1).replaceAll("''", "'"), at })],
  [/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![\w-])/iy, ({ at }, [text]) => ({ kind: 'literal', type: 'Edm.Guid', text, at })],
  [/(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::(\d\d(?:\.\d{1,12})?))?(Z|[-+ ]\d\d:\d\d)?(?![\w:.-])/iy, instant],
  [/\d{4}-\d\d-\d\d(?![\w:.-])/y, (place, [text]) => ({ kind: 'literal', type: 'Edm.Date', text: calendarDay(place, text), at: place.at })],
  [/\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?![\w:.-])/y, timeOfDay],
  [/-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.])/iy, (place, [text]) => ({ kind: 'literal', type: numberType(place, text), text, at: place.at })],
  [/@[\p{L}_][\p{L}\p{M}\p{N}_.]*/uy, ({ at }, [text]) => ({ kind: 'alias', text, at })],
  [/\$?[\p{L}_][\p{L}\p{M}\p{N}_.]*/uy, (place, [text]) => ({ kind: 'word', text: ownWord(place, text), at: place.at })],
  [/[^']/uy, ({ at }, [text]) => ({ kind: 'symbol', text, at })],
]

function tokenAt(place: Place): { token: Token; length: number } {
  for (const [pattern, read] of readers) {
    pattern.lastIndex = place.at
    const match = pattern.exec(place.source.text)
    if (match !== null) return { token: read(place, match), length: match[0].length }
  }
  throw malformed(place, 'the string is not closed')
}

function afterBlanks(text: string, at: number): number {
  let end = at
  while (text[end] === ' ' || text[end] === '\t') end++
  return end
}

const foreignLiteral = /^(?:duration|binary|geography|geometry|.*\..*)$/i

/** `duration'P1D'` and its like are one literal: a word that touches a quote. */
function ownWord(place: Place, text: string): string {
  if (place.source.text[place.at + text.length] !== "'") return text
  if (foreignLiteral.test(text)) throw unsupported(place, `a literal ${quote(text)}`)
  throw malformed(place, `${quote(text)} cannot stand before a string`)
}

/** Integers take the smallest type that holds them; everything else is a decimal. */
function numberType(place: Place, text: string): EdmType {
  const exponent = /e(.*)$/i.exec(text)?.[1]
  if (text.length > 100 || Math.abs(Number(exponent ?? 0)) > 308) throw malformed(place, 'the number is out of range')
  if (!/^-?\d+$/.test(text)) return 'Edm.Decimal'
  const value = BigInt(text)
  if (BigInt.asIntN(32, value) === value) return 'Edm.Int32'
  return BigInt.asIntN(64, value) === value ? 'Edm.Int64' : 'Edm.Decimal'
}

/** A raw `+` in a query string is a blank: that is how the offset of `…+01:00` arrives from careless clients. */
function instant(place: Place, [, day, clock, seconds = '00', offset]: RegExpExecArray): Token {
  if (offset === undefined) throw malformed(place, 'a DateTimeOffset needs an offset, such as Z')
  const [hour, minute] = clock!.split(':').map(Number)
  const [offsetHour = 0, offsetMinute = 0] = offset.slice(1).split(':').map(Number)
  const possible = hour! < 24 && minute! < 60 && Number(seconds) < 60 && offsetHour <= 14 && offsetMinute < 60
  if (!possible) throw malformed(place, 'there is no such time')
  const text = `${calendarDay(place, day!)}T${clock}:${seconds}${offset.toUpperCase().replace(' ', '+')}`
  return { kind: 'literal', type: 'Edm.DateTimeOffset', text, at: place.at }
}

function timeOfDay(place: Place): Token {
  throw unsupported(place, 'Edm.TimeOfDay')
}

function calendarDay(place: Place, text: string): string {
  const day = new Date(`${text}T00:00:00Z`)
  const exists = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) && !text.startsWith('0000')
  if (!exists) throw malformed(place, 'there is no such day')
  return text
}
