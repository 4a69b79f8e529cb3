import { type DocumentNode, GraphQLError, GraphQLScalarType, Kind, type ValueNode, visit } from 'graphql'
import { Problem } from '../errors.ts'
import { tooManyValues } from './limits.ts'

/** A refusal of one input value. graphql-js puts the variable and its path before the message. */
const refuse = (message: string, node?: ValueNode): GraphQLError => new GraphQLError(message, { nodes: node })

/** Long input is not echoed whole. */
const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

/** A scalar whose every form is a string: `parse` checks and normalises, output was formatted by the read engine and passes as it is. */
function textScalar(
  name: string,
  specifiedByURL: string,
  description: string,
  parse: (text: string) => string,
): GraphQLScalarType<string, string> {
  return new GraphQLScalarType({
    name,
    description,
    specifiedByURL,
    serialize: (value) => {
      if (typeof value === 'string') return value
      throw new TypeError(`${name} must be formatted before it is written`)
    },
    parseValue: (value) => {
      if (typeof value !== 'string') throw refuse(`${name} is written as a string`)
      return parse(value)
    },
    parseLiteral: (node) => {
      if (node.kind !== Kind.STRING) throw refuse(`${name} is written as a string`, node)
      return parse(node.value)
    },
  })
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function isCalendarDate(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day <= (month === 2 && leap ? 29 : monthDays[month - 1]!)
}

const rfc3339 = 'https://www.rfc-editor.org/rfc/rfc3339#section-5.6'

export const DateScalar = textScalar('Date', rfc3339, 'A calendar date, `2026-05-31`, in the years 0001 to 9999.', (text) => {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (parts === null) throw refuse(`A Date has the form YYYY-MM-DD, not ${shown(text)}`)
  if (!isCalendarDate(Number(parts[1]), Number(parts[2]), Number(parts[3]))) throw refuse(`${shown(text)} is not a date of the calendar`)
  return text
})

const dateTime = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/

export const DateTimeScalar = textScalar(
  'DateTime',
  rfc3339,
  'An instant, `2026-05-31T12:00:00Z`. Input may have any offset and is told in UTC; microseconds are kept, finer digits are cut off.',
  (text) => {
    const parts = dateTime.exec(text)
    if (parts === null)
      throw refuse(`A DateTime has the form YYYY-MM-DDThh:mm:ss[.ffffff] with Z or an offset as +01:00, not ${shown(text)}`)
    const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [number, number, number, number, number, number]
    const offsetHour = Number(parts[9] ?? 0)
    const offsetMinute = Number(parts[10] ?? 0)
    const real = isCalendarDate(year, month, day) && hour < 24 && minute < 60 && second < 60 && offsetHour < 24 && offsetMinute < 60
    if (!real) throw refuse(`${shown(text)} is not an instant of the calendar${second === 60 ? '; leap seconds are not known here' : ''}`)
    const offset = (parts[8] === '-' ? -1 : 1) * (offsetHour * 60 + offsetMinute)
    const local = Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}Z`)
    const utc = new Date(local - offset * 60_000)
    if (utc.getUTCFullYear() < 1 || utc.getUTCFullYear() > 9999) throw refuse(`${shown(text)} lies outside the years 0001 to 9999`)
    const fraction = (parts[7] ?? '').slice(0, 6).replace(/0+$/, '')
    return `${utc.toISOString().slice(0, 19)}${fraction === '' ? '' : `.${fraction}`}Z`
  },
)

const maxDigits = 38

function decimal(text: string): string {
  if (text.length > 3 * maxDigits) throw refuse(`A Decimal has at most ${maxDigits} digits`)
  const parts = /^(-?)0*(\d+)(\.\d+)?$/.exec(text)
  if (parts === null) throw refuse(`A Decimal is written in plain digits, as "12.50", not ${shown(text)}`)
  const [, sign = '', whole = '', fraction = ''] = parts
  const digits = (whole === '0' ? 0 : whole.length) + Math.max(0, fraction.length - 1)
  if (digits > maxDigits) throw refuse(`A Decimal has at most ${maxDigits} digits`)
  const zero = !/[1-9]/.test(whole + fraction)
  return `${zero ? '' : sign}${whole}${fraction}`
}

export const DecimalScalar = new GraphQLScalarType<string, string>({
  name: 'Decimal',
  description: `An exact decimal number in plain digits, at most ${maxDigits} of them. Always a string in answers; a string or a number as input.`,
  specifiedByURL: 'https://www.w3.org/TR/xmlschema11-2/#decimal',
  serialize: (value) => {
    if (typeof value === 'string') return value
    if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return decimal(String(value))
    throw new TypeError('Decimal must be formatted before it is written')
  },
  parseValue: (value) => {
    if (typeof value === 'string') return decimal(value)
    if (typeof value !== 'number' || !Number.isFinite(value)) throw refuse('A Decimal is written as a string or a number')
    const text = String(value)
    // By now JSON has made it binary: what more digits said is lost.
    if (text.includes('e') || text.replace(/^-?0*\.?0*|\./g, '').length > 15) {
      throw refuse('A number with more than 15 digits loses precision: write this Decimal as a string')
    }
    return decimal(text)
  },
  parseLiteral: (node) => {
    if (node.kind === Kind.STRING || node.kind === Kind.INT || node.kind === Kind.FLOAT) return decimal(node.value)
    throw refuse('A Decimal is written as a string or a number', node)
  },
})

/** The canonical form of a well-formed BCP 47 tag (`NL-nl` → `nl-NL`). A well-formed tag that nobody knows passes: it falls back. */
export function canonicalLanguage(tag: string): string {
  if (tag.length <= 64) {
    try {
      const [canonical] = Intl.getCanonicalLocales(tag)
      if (canonical !== undefined) return canonical
    } catch {
      // A RangeError: malformed.
    }
  }
  const hint = /^[A-Za-z]{2,3}_[A-Za-z0-9]+$/.test(tag) ? `; write ${shown(tag.replace('_', '-'))}` : ''
  throw new Problem('INVALID_LANGUAGE', `${shown(tag)} is not a well-formed language tag (BCP 47)${hint}`)
}

export const LanguageScalar = textScalar(
  'Language',
  'https://www.rfc-editor.org/info/bcp47',
  'A language tag, `nl`, `en-GB`. A malformed tag is an error, an unknown one falls back to the source language.',
  canonicalLanguage,
)

/** For `makeExecutableSchema`: the scalars by name. */
const webSearch = 'https://www.postgresql.org/docs/current/textsearch-controls.html#TEXTSEARCH-PARSING-QUERIES'
const mostCharacters = 200

export const SearchWordsScalar = textScalar(
  'SearchWords',
  webSearch,
  `Words to search for, 1 to ${mostCharacters} characters: all of them, \`or\` between them, a phrase in quotes, one after \`-\` not.`,
  (text) => {
    if (text.trim() === '' || text.length > mostCharacters) throw refuse(`SearchWords are 1 to ${mostCharacters} characters`)
    return text
  },
)

export const scalars = {
  Date: DateScalar,
  DateTime: DateTimeScalar,
  Decimal: DecimalScalar,
  Language: LanguageScalar,
  SearchWords: SearchWordsScalar,
}

/** PostgreSQL stores neither NUL nor half a surrogate pair. */
const unstorable = (text: string): boolean => text.includes('\0') || /\p{Surrogate}/u.test(text)

const notStorable = (path: readonly (string | number)[]): Problem =>
  new Problem('BAD_USER_INPUT', 'Text may not hold the character NUL or an unpaired surrogate', path)

/** Deeper input than this is no input of ours, and coercion is recursive. */
const maxNesting = 64

/**
 * Refuses variables that hold what no column can store, keys that reach for a prototype, and more or deeper values than any input has.
 * Every door of GraphQL calls it before coercion, so no scalar has to.
 */
export function noNul(variables: Readonly<Record<string, unknown>>, limits?: Parameters<typeof tooManyValues>[0]): void {
  const maxValues = limits?.values ?? Number.POSITIVE_INFINITY
  const stack: { value: unknown; path: readonly (string | number)[] }[] = [{ value: variables, path: [] }]
  let count = -1 // the map of variables itself
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    const { value, path } = item
    if (++count > maxValues && limits !== undefined) throw tooManyValues(limits)
    if (typeof value === 'string') {
      if (unstorable(value)) throw notStorable(path)
    } else if (typeof value === 'object' && value !== null) {
      if (path.length > maxNesting) throw new Problem('BAD_USER_INPUT', 'The variables are nested too deeply', path.slice(0, 8))
      if (Array.isArray(value)) {
        for (let index = value.length - 1; index >= 0; index--) stack.push({ value: value[index], path: [...path, index] })
      } else {
        for (const [key, member] of Object.entries(value)) {
          if (unstorable(key)) throw notStorable(path)
          if (key === '__proto__') throw new Problem('BAD_USER_INPUT', 'A key may not be called __proto__', path)
          stack.push({ value: member, path: [...path, key] })
        }
      }
    }
  }
}

/** The same for the strings that stand in the document itself. */
export function noNulInDocument(document: DocumentNode): void {
  visit(document, {
    StringValue(node) {
      if (unstorable(node.value)) throw notStorable([])
    },
  })
}
