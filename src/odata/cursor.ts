import { createHash } from 'node:crypto'
import { Problem } from '../errors.ts'

/** Where the last page ended. */
export interface Cursor {
  /** The last row's order values, as PostgreSQL wrote them. */
  values: readonly (string | null)[]
  /** What is left of the client's `$top`. */
  remaining?: number
}

/** Opaque text for `$skiptoken`. `scope` says which list it belongs to. The digest detects mistakes, not attacks: what may be seen, policies decide. */
export function writeCursor(scope: string, { values, remaining }: Cursor): string {
  return Buffer.from(JSON.stringify([values, remaining ?? null, digest(scope, values, remaining)])).toString('base64url')
}

/** @throws Problem INVALID_CURSOR when it is malformed or of another list. */
export function readCursor(scope: string, token: string): Cursor {
  const content = parse(token)
  if (!Array.isArray(content) || content.length !== 3) throw new Problem('INVALID_CURSOR')
  const [values, rest, sum] = content as unknown[]
  if (!isValues(values) || !(rest === null || isCount(rest))) throw new Problem('INVALID_CURSOR')
  const remaining = rest ?? undefined
  if (sum !== digest(scope, values, remaining)) throw new Problem('INVALID_CURSOR')
  return { values, remaining }
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

function digest(scope: string, values: Cursor['values'], remaining?: number): string {
  const content = JSON.stringify([scope, values, remaining ?? null])
  return createHash('sha256').update(content).digest('base64url').slice(0, 16)
}
