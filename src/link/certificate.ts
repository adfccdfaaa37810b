import { randomBytes, webcrypto } from 'node:crypto'
import type { SegmentGuid } from '../model/ids.js'
import { certificateFingerprint } from './fingerprint.js'

export interface Certificate {
  /** PKCS #8. */
  readonly keyPem: string
  readonly certPem: string
  /** What peers pin: `sha256:` and 64 hex digits. */
  readonly fingerprint: string
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
/** RFC 5280, 4.1.2.5: no expiry is well defined. What is pinned needs none. */
const NEVER = new Date('9999-12-31T23:59:59Z')
const ALWAYS = new Date('2000-01-01T00:00:00Z')

/** A new key with a certificate that it signs itself. Peers know it by its fingerprint alone: no name and no date in it counts. */
export async function makeCertificate(guid: SegmentGuid): Promise<Certificate> {
  const x509 = await import('@peculiar/x509')
  x509.cryptoProvider.set(webcrypto)
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: `00${randomBytes(15).toString('hex')}`,
    name: `CN=efs ${guid}`,
    notBefore: ALWAYS,
    notAfter: NEVER,
    signingAlgorithm: ALGORITHM,
    keys,
  })
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    keyPem: x509.PemConverter.encode(key, 'PRIVATE KEY'),
    certPem: certificate.toString('pem'),
    fingerprint: certificateFingerprint(new Uint8Array(certificate.rawData)),
  }
}
