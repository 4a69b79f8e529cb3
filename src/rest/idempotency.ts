import { Problem } from '../errors.ts'

const raw = /^[\x21-\x7e]{1,255}$/
const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/

/** The Idempotency-Key as a structured-field string (RFC 9651) or raw; both name the same key. Absent: undefined. */
export function readIdempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined || header === '') return undefined
  const text = String(header).trim()
  const key = text.startsWith('"') ? quoted.exec(text)?.[1]?.replace(/\\(.)/g, '$1') : raw.exec(text)?.[0]
  if (key === undefined || key === '' || key.length > 255)
    throw new Problem('BAD_USER_INPUT', 'An Idempotency-Key is a string of 1 to 255 visible ASCII characters', ['Idempotency-Key'])
  return key
}
