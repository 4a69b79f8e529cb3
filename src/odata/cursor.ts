import { createHash } from 'node:crypto'
import { Problem } from '../errors.ts'

/** Where the last page ended. */
export interface Cursor {
  /** The last row's order values, as PostgreSQL wrote them. */
  values: readonly (string | null)[]
  /** What is left of the client's `$top`. */
  remaining?: number
  /** Until when the rows of all its pages were recorded. */
  recordedUntil?: string
}

/** Opaque text for `$skiptoken`. `scope` says which list it belongs to. The digest detects mistakes, not attacks: what may be seen, policies decide. */
export function writeCursor(scope: string, cursor: Cursor): string {
  const { values, remaining, recordedUntil } = cursor
  return Buffer.from(JSON.stringify([values, remaining ?? null, recordedUntil ?? null, digest(scope, cursor)])).toString('base64url')
}

/** @throws Problem INVALID_CURSOR when it is malformed or of another list. */
export function readCursor(scope: string, token: string): Cursor {
  const content = parse(token)
  if (!Array.isArray(content) || content.length !== 4) throw new Problem('INVALID_CURSOR')
  const [values, rest, until, sum] = content as unknown[]
  if (!isValues(values) || !(rest === null || isCount(rest)) || !(until === null || isInstant(until))) throw new Problem('INVALID_CURSOR')
  const cursor = { values, remaining: rest ?? undefined, recordedUntil: until ?? undefined }
  if (sum !== digest(scope, cursor)) throw new Problem('INVALID_CURSOR')
  return cursor
}

function parse(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString())
  } catch {
    throw new Problem('INVALID_CURSOR')
  }
}

const isValues = (values: unknown): values is (string | null)[] =>
  Array.isArray(values) && values.every((value) => value === null || typeof value === 'string')

const isCount = (count: unknown): count is number => Number.isSafeInteger(count) && (count as number) > 0

const isInstant = (text: unknown): text is string => typeof text === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(text)

function digest(scope: string, { values, remaining, recordedUntil }: Cursor): string {
  const content = JSON.stringify([scope, values, remaining ?? null, recordedUntil ?? null])
  return createHash('sha256').update(content).digest('base64url').slice(0, 16)
}
