import { expect, test } from 'vitest'
import { openRemote } from '../../src/endpoints/remote/bucket.js'
import { makeChunk } from '../../src/model/chunk.js'
import { done, fileOf } from '../contracts/samples.js'
import { connect, PATH, serve } from './links.js'
import { proxyTo } from './proxy.js'

const noise = (bytes: number, seed: number) => {
  const plain = Buffer.alloc(bytes)
  for (let i = 0, x = seed; i < bytes; i++) {
    x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0
    plain[i] = x >>> 16
  }
  return makeChunk(plain, false, false)
}

const near = (told: number, counted: number): void => {
  expect(counted).toBeGreaterThan(0)
  expect(Math.abs(told - counted) / counted).toBeLessThan(0.02)
}

for (const secure of [false, true]) {
  const kind = secure ? 'encrypted' : 'plain'

  test(`the meter of a link (${kind}) tells what the network carries, also after its connections are closed`, async () => {
    const { port } = await serve({ secure })
    const proxy = await proxyTo(port)
    const client = await connect(proxy.port, { secure })
    const bucket = await openRemote(client, PATH, { need: 'write' })
    const chunks = Array.from({ length: 20 }, (_, i) => noise(300_000, i))
    await bucket.sink.put(chunks, [])
    await Promise.all(chunks.slice(0, 8).map(({ ref }) => bucket.source.fetch([ref])))
    const meter = client.meter()
    near(meter.bytesSent, proxy.count.up)
    near(meter.bytesReceived, proxy.count.down)
    expect(meter.requests).toBeGreaterThan(10)
    expect(meter.latencyMs).toBeGreaterThan(0)
    const own = client.bucketMeter(bucket.uid)
    expect(own.bytesSent).toBeGreaterThan(6_000_000)
    expect(own.bytesSent).toBeLessThanOrEqual(meter.bytesSent)
    expect(own.bytesReceived).toBeGreaterThan(2_400_000)
    await client.close()
    near(client.meter().bytesSent, proxy.count.up)
    near(client.meter().bytesReceived, proxy.count.down)
  })

  test(`a connection (${kind}) that is cut in the middle of a request or an answer is UNREACHABLE; the next one goes on`, async () => {
    const { port, at, faults } = await serve({ secure })
    const proxy = await proxyTo(port)
    const client = await connect(proxy.port, { secure })
    const bucket = await openRemote(client, PATH, { need: 'write' })
    const chunk = noise(3_000_000, 7)
    proxy.cutAfter.up = 1_000_000
    await expect(bucket.sink.put([chunk], [])).rejects.toMatchObject({ code: 'UNREACHABLE' })
    expect(at.segment.chunks.all()).toEqual([])
    proxy.cutAfter.up = Number.POSITIVE_INFINITY
    await bucket.sink.put([chunk], [])
    expect(await bucket.sink.publish([done('a', fileOf(chunk))], { overwrite: true })).toMatchObject([
      { status: 'published' },
    ])
    proxy.cutAfter.down = 1_000_000
    await expect(bucket.source.fetch([chunk.ref])).rejects.toMatchObject({ code: 'UNREACHABLE' })
    proxy.cutAfter.down = Number.POSITIVE_INFINITY
    expect((await bucket.source.fetch([chunk.ref])).length).toBe(1)
    expect(faults).toEqual([])
  })
}
