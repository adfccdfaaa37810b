import { createHash } from 'node:crypto'

/** `sha256:` and the hash of a certificate's DER, as 64 hex digits. */
export const certificateFingerprint = (der: Uint8Array): string =>
  `sha256:${createHash('sha256').update(der).digest('hex')}`
