import type { FastifyRequest } from 'fastify'
import type { Credential } from '../db/session.ts'
import { Problem } from '../errors.ts'
import { parseKey } from './key.ts'

const nobody: Credential = { kind: 'public' }

/**
 * Reads the credential of a request: `Bearer <api key>`, or `Basic <anything>:<api key>` for BI tools that know nothing else.
 * None at all is the public caller; one that cannot be right is refused, never taken for the public. Whether it is right, `enter` judges.
 */
export function credentialOf({ headers }: { headers: Pick<FastifyRequest['headers'], 'authorization'> }): Credential {
  const header = headers.authorization
  if (header === undefined) return nobody
  const [scheme, value, ...rest] = header.trim().split(/ +/)
  if (value === undefined || rest.length > 0) throw refused()
  switch (scheme?.toLowerCase()) {
    case 'bearer':
      return parseKey(value) ?? fail()
    case 'basic':
      return parseKey(passwordOf(value)) ?? fail()
    default:
      throw refused()
  }
}

function passwordOf(encoded: string): string {
  const text = Buffer.from(encoded, 'base64').toString()
  const colon = text.indexOf(':')
  return colon < 0 ? '' : text.slice(colon + 1)
}

const refused = (): Problem => new Problem('UNAUTHENTICATED')

function fail(): never {
  throw refused()
}

/** What an answer that refuses a credential asks for. */
export const challenge = 'Bearer realm="samenspel", Basic realm="samenspel", charset="UTF-8"'
