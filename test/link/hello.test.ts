import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openRemote } from '../../src/endpoints/remote/bucket.js'
import { pairLink } from '../../src/link/client/client.js'
import { OPS } from '../../src/link/protocol/ops.js'
import { shortGuid } from '../../src/model/ids.js'
import { ONE_TIME, SECRET } from '../fakes/link-host.js'
import { LiveSegment } from '../fakes/live-segment.js'
import { connect, PATH, serve, testCertificate, US } from './links.js'

/** A port on which something else listens; gone when the test ends. */
async function elsewhere(server: net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test('both ends are told who the other is', async () => {
  const { host, port } = await serve({ clock: { nowMs: () => 1_774_353_600_000.5 } })
  const client = await connect(port)
  expect(client.peer).toEqual({
    segment: host.segment,
    grants: { '*': { read: true, write: true } },
    agent: 'efs test',
    version: 1,
    fingerprint: undefined,
    nowMs: 1_774_353_600_000,
  })
  expect(host.knocks).toEqual([
    {
      segment: US,
      credential: { kind: 'shared', secret: SECRET },
      secure: false,
      address: '127.0.0.1',
      listener: `127.0.0.1:${port}`,
    },
  ])
  await client.close()
  expect(host.guests).toBe(0)
})

test('an encrypted link tells the certificate that it saw, on the port that takes plain ones too', async () => {
  const { host, port } = await serve({ secure: true })
  const { fingerprint } = await testCertificate()
  expect((await connect(port, { secure: true })).peer.fingerprint).toBe(fingerprint)
  await connect(port, { secure: true, fingerprint })
  await connect(port)
  expect(host.knocks.map(({ secure }) => secure)).toEqual([true, true, false])
})

test('another certificate than the pinned one is refused before a credential is sent', async () => {
  const { host, port } = await serve({ secure: true })
  const wrong = connect(port, { secure: true, fingerprint: `sha256:${'0'.repeat(64)}` })
  await expect(wrong).rejects.toMatchObject({
    code: 'REFUSED',
    message: `the certificate of 127.0.0.1:${port} is not the one that was pinned`,
  })
  expect(host.knocks).toEqual([])
})

test('a gateway of our own segment is refused in words', async () => {
  const { at, port } = await serve()
  await expect(connect(port, { segment: at.guid })).rejects.toMatchObject({
    code: 'SAME_SEGMENT',
    message: `that gateway belongs to this same segment (${shortGuid(at.guid)}); a segment does not replicate to itself`,
    hint: 'two segments on one machine need two homes: efs --home /srv/b system init',
  })
})

test('refused credentials come with the words of the host', async () => {
  const { port } = await serve()
  await expect(connect(port, { credential: { kind: 'none' } })).rejects.toMatchObject({
    code: 'REFUSED',
    message: 'the peer knows no key for this segment',
    hint: 'pair again',
  })
  await expect(connect(port, { credential: { kind: 'paired', token: 'wrong' } })).rejects.toMatchObject({
    code: 'REFUSED',
  })
})

test('a one-time token becomes a credential', async () => {
  const { at, port } = await serve()
  const to = { secure: false, host: '127.0.0.1', port, segment: US, nonce: '6e'.repeat(32) }
  expect(await pairLink({ ...to, oneTime: ONE_TIME })).toEqual({
    segment: at.guid,
    token: 'for-ever',
    grants: { '*': { read: true, write: true } },
    fingerprint: undefined,
  })
  await expect(pairLink({ ...to, oneTime: 'spent' })).rejects.toMatchObject({ code: 'REFUSED' })
})

test('what is not there, silent, or something else is unreachable, in words with its address', async () => {
  const { port: closed, close } = await serve()
  await close()
  const refusal = (port: number, words: string) => ({
    code: 'UNREACHABLE',
    message: expect.stringMatching(new RegExp(`^(127.0.0.1|no-such-host.invalid):${port} ${words}`)),
  })
  const cannot = 'cannot be reached: '
  for (const secure of [false, true]) {
    await expect(connect(closed, { secure })).rejects.toMatchObject(refusal(closed, `${cannot}nothing listens there`))
    await expect(connect(1, { secure, host: 'no-such-host.invalid' })).rejects.toMatchObject(
      refusal(1, `${cannot}.*name`),
    )
    const silent = await elsewhere(net.createServer((socket) => onTestFinished(() => void socket.destroy())))
    await expect(connect(silent, { secure, stallMs: 200 })).rejects.toMatchObject(refusal(silent, `${cannot}no answer`))
    const cutting = await elsewhere(net.createServer((socket) => socket.resetAndDestroy()))
    await expect(connect(cutting, { secure })).rejects.toMatchObject(
      refusal(cutting, `${cannot}the connection was cut`),
    )
    const babbling = await elsewhere(net.createServer((socket) => socket.end('220 mail.example ESMTP\r\n')))
    await expect(connect(babbling, { secure })).rejects.toMatchObject({ code: 'UNREACHABLE' })
  }
  const web = await elsewhere(http.createServer((_, response) => response.end('<html>')))
  await expect(connect(web)).rejects.toMatchObject(refusal(web, 'answers, but is no efs gateway'))
  const plain = await serve()
  await expect(connect(plain.port, { secure: true })).rejects.toMatchObject({ code: 'UNREACHABLE' })
})

test('a session that the gateway lost is begun again by itself, once for all that miss it', async () => {
  const first = await serve()
  const client = await connect(first.port)
  const bucket = await openRemote(client, PATH, { need: 'write' })
  await first.close()
  await expect(bucket.source.position()).rejects.toMatchObject({ code: 'UNREACHABLE' })
  const second = await serve({ at: first.at, port: first.port })
  const positions = await Promise.all(Array.from({ length: 4 }, () => bucket.source.position()))
  expect(new Set(positions.map(({ journal }) => journal)).size).toBe(1)
  expect(second.host.knocks.length).toBe(1)
})

test('another segment at the same address by then is refused', async () => {
  const first = await serve()
  const bucket = await openRemote(await connect(first.port), PATH, { need: 'write' })
  await first.close()
  await serve({ at: new LiveSegment(), port: first.port })
  await expect(bucket.source.position()).rejects.toMatchObject({ code: 'REFUSED' })
})

test('names, making names, rights, and a bucket that was made anew', async () => {
  const { at, host, port } = await serve()
  const client = await connect(port)
  const { message } = await client.call(OPS.names, { path: 'Hawaii/Cola' })
  expect(message.names.map(({ kind, path }) => [kind, path])).toEqual([['bucket', PATH]])
  const settings = { chunkSize: 8192, options: { 'Delete-After': '9' } }
  const made = await client.call(OPS.make, { path: 'Hawaii/Pepsi/b', settings, parents: true })
  expect(made.message.name.path).toBe('Hawaii/Pepsi/b')
  expect(host.made).toEqual([settings])
  await expect(openRemote(client, 'Hawaii/Cola/bk2', { need: 'list' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: 'the peer has no bucket Hawaii/Cola/bk2',
    hint: 'it has Hawaii/Cola/bk1',
  })
  const bucket = await openRemote(client, PATH, { need: 'write' })
  host.rights = { read: false, write: true }
  await expect(bucket.source.fetch([])).resolves.toEqual([])
  await expect(openRemote(client, PATH, { need: 'read' })).rejects.toMatchObject({ code: 'REFUSED' })
  await at.segment.names.drop(PATH)
  at.make(PATH)
  await expect(bucket.source.position()).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: `${PATH} was deleted, and another bucket has its name`,
  })
})
