import { randomBytes, webcrypto } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import path from 'node:path'
import tls from 'node:tls'
import * as x509 from '@peculiar/x509'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { noise } from '../chunker/bytes.js'
import { emptyFolder, makeFile, run } from '../directory/folders.js'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { codeOf, s3World } from './s3-world.js'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
let ceph: Ceph

beforeAll(async () => {
  ceph = await startCeph()
  await ceph.makeBucket('trusted')
}, 200_000)
afterAll(() => ceph.end())

/** A key, and a certificate for localhost that it signs itself: its own authority. */
async function selfSigned(name: string): Promise<{ readonly key: string; readonly cert: string }> {
  x509.cryptoProvider.set(webcrypto)
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: `00${randomBytes(15).toString('hex')}`,
    name: `CN=${name}`,
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }])],
  })
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { key: x509.PemConverter.encode(key, 'PRIVATE KEY'), cert: certificate.toString('pem') }
}

/** Speaks TLS in front of the server; gone when the test ends. */
async function secured(identity: { readonly key: string; readonly cert: string }): Promise<string> {
  const { hostname: host, port } = new URL(ceph.access.endpoint)
  const open = new Set<net.Socket>()
  const server = tls.createServer(identity, (front) => {
    const back = net.connect(Number(port), host)
    for (const [one, other] of [
      [front, back],
      [back, front],
    ] as const) {
      open.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => open.delete(one))
    }
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, 'localhost')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return `https://localhost:${(server.address() as AddressInfo).port}`
}

test('a server is believed whose authority stands in the file that was named, and no other', async () => {
  const identity = await selfSigned('here')
  const other = await selfSigned('elsewhere')
  const endpoint = await secured(identity)
  const root = emptyFolder()
  makeFile(root, 'large', noise(1, 20_000_000))
  makeFile(root, 'medium', noise(3, 3_000_000))
  makeFile(root, 'small', noise(2, 5000))
  const distrusting = await s3World(ceph, endpoint)
  const back = path.join(distrusting.dir, 'back')
  await distrusting.sync(root, 'H/C/a')
  await expect(distrusting.sync('H/C/a', 's3://trusted/p/')).rejects.toMatchObject({
    code: 'UNREACHABLE',
    hint: expect.stringContaining('$AWS_CA_BUNDLE'),
  })
  const file = path.join(distrusting.dir, 'authorities.pem')
  const trusting = await s3World(ceph, endpoint, { s3Authorities: file })
  expect(await codeOf(trusting.sync('s3://trusted/p/', 'H/C/a'))).toBe('USAGE')
  writeFileSync(file, other.cert)
  expect(await codeOf(trusting.sync('s3://trusted/p/', 'H/C/a'))).toBe('UNREACHABLE')
  writeFileSync(file, [other.cert, identity.cert].join('\n'))
  await trusting.sync(root, 'H/C/a')
  await trusting.sync('H/C/a', 's3://trusted/p/')
  // Of what is there Ceph refuses the first form of the condition, so that the SDK sends it.
  makeFile(root, 'medium', noise(4, 3_000_000))
  await trusting.sync(root, 'H/C/a')
  expect((await trusting.sync('H/C/a', 's3://trusted/p/')).parked).toEqual([])
  await trusting.sync('s3://trusted/p/', 'H/C/b')
  await trusting.sync('H/C/b', back)
  run('diff', '-r', root, back)
}, 60_000)
