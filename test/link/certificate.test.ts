import { createPrivateKey, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeCertificate } from '../../src/link/certificate.js'
import { US } from './links.js'

test('a certificate is signed with its own key, names its segment, and never expires', async () => {
  const { keyPem, certPem, fingerprint } = await makeCertificate(US)
  const certificate = new X509Certificate(certPem)
  expect(certificate.checkPrivateKey(createPrivateKey(keyPem))).toBe(true)
  expect(certificate.verify(certificate.publicKey)).toBe(true)
  expect(certificate.subject).toBe(`CN=efs ${US}`)
  expect(new Date(certificate.validTo).getUTCFullYear()).toBe(9999)
  expect(fingerprint).toBe(`sha256:${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`)
  expect((await makeCertificate(US)).fingerprint).not.toBe(fingerprint)
})
