import { hash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Credential } from '../db/session.ts'

/** An API key reads `ssp_<env>_<id>_<secret><crc>`: prefix and checksum let scanners recognise a leaked one. */
const form = /^ssp_([a-z]{2,8})_([0-9A-Za-z]{16})_([0-9A-Za-z]{43})([0-9a-f]{8})$/

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Evenly distributed letters: bytes past the last whole multiple of the alphabet are thrown away. */
function letters(length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 248 && text.length < length) text += alphabet[byte % 62]
    }
  }
  return text
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0')

export interface NewKey {
  /** Shown once. */
  key: string
  keyId: string
  hash: Buffer
}

/** A new key: 16 letters by which it is found, 43 (256 bits) that are its secret. Only the SHA-256 of the secret is kept. */
export function makeKey(environment: string): NewKey {
  const keyId = letters(16)
  const secret = letters(43)
  const body = `ssp_${environment}_${keyId}_${secret}`
  return { key: body + checksum(body), keyId, hash: hashOf(secret) }
}

const hashOf = (secret: string): Buffer => hash('sha256', secret, 'buffer')

/** The credential a key stands for, or nothing when it cannot be one of ours. */
export function parseKey(key: string): Credential | undefined {
  const match = form.exec(key)
  if (match === null) return undefined
  const [, environment, keyId, secret, crc] = match as unknown as [string, string, string, string, string]
  if (checksum(`ssp_${environment}_${keyId}_${secret}`) !== crc) return undefined
  return { kind: 'key', id: keyId, hash: hashOf(secret) }
}
