import { randomBytes, timingSafeEqual } from 'node:crypto'
import { hashHex } from '../../base/hash.js'
import type { SegmentGuid } from '../../model/ids.js'
import type { Credential } from '../../model/link.js'
import { ONE_TIME_LENGTH, ONE_TIME_SIGNS } from '../../model/pairing-url.js'

/** Tells a token from a secret that people chose. */
const TOKEN = /^efs1_[A-Za-z0-9_-]{43}$/

/** 256 bits. */
export const newToken = (): string => `efs1_${randomBytes(32).toString('base64url')}`

/** 60 bits, for people to read out: `K7Q2-M4XD-9TPL`. */
export function newOneTime(): string {
  const signs = [...randomBytes(ONE_TIME_LENGTH)].map((byte) => ONE_TIME_SIGNS[byte % ONE_TIME_SIGNS.length])
  return (signs.join('').match(/.{4}/g) ?? []).join('-')
}

/** As it is kept. A copy of a home that became a segment of its own honours nothing that its original gave out. */
export const tokenHash = (kind: 'one-time' | 'token' | 'nonce', segment: SegmentGuid, text: string): string =>
  hashHex(Buffer.from(`efs ${kind} of ${segment}\0${text}`))

/** In constant time. */
export const isSameHash = (a: string, b: string): boolean =>
  timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'))

/** What a secret is shown to a peer as. */
export function credentialOf(secret: string | undefined): Credential {
  if (secret === undefined) return { kind: 'none' }
  return TOKEN.test(secret) ? { kind: 'paired', token: secret } : { kind: 'shared', secret }
}
