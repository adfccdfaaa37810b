import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { streamReader } from '../../src/endpoints/stream.js'
import { CODEC } from '../../src/model/chunk.js'
import type { Parcel, ReadOptions } from '../../src/model/endpoint.js'
import { objectKey } from '../../src/model/key.js'
import { noise } from '../chunker/bytes.js'
import { emptyFolder, makeFile } from '../directory/folders.js'
import { asked, collect, HOW, parcelsOf } from '../directory/reading.js'

const KEY = objectKey('from stdin')
const ROWS = [{ key: KEY, kind: 'file', size: 0 }] as const
const MTIME = { mtimeNs: 5n }

/** The bytes in parts of the given lengths, over and over. */
async function* inParts(bytes: Buffer, lengths: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1
    yield bytes.subarray(at, at + length)
    at += length
  }
}

const streamed = (bytes: AsyncIterable<Uint8Array>, how: Partial<ReadOptions> = {}): AsyncIterable<Parcel> =>
  streamReader({ bytes, key: KEY, attributes: MTIME }).read(asked(ROWS), { ...HOW, ...how })

test('a stream becomes the same content as a file of the same bytes, however it arrives', async () => {
  const root = emptyFolder()
  const holed = Buffer.concat([noise(3, 100_000), Buffer.alloc(200_000), noise(4, 2 * LIMITS.parcelBytesMax)])
  const contents = [Buffer.alloc(0), noise(1, 128), noise(2, 129), noise(1, LIMITS.parcelBytesMax), holed]
  for (const [index, bytes] of contents.entries()) makeFile(root, `f${index}`, bytes)
  const rows = contents.map(
    (bytes, index) => ({ key: objectKey(`f${index}`), kind: 'file', size: bytes.length }) as const,
  )
  const { objects } = await collect(parcelsOf(root, rows))
  const lengths = fc.array(fc.integer({ min: 1, max: 3_000_000 }), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: contents.length - 1 }), lengths, async (index, parts) => {
      const bytes = contents[index] ?? Buffer.alloc(0)
      const least = Math.ceil(bytes.length / 1000)
      const came = await collect(
        streamed(
          inParts(
            bytes,
            parts.map((length) => Math.max(length, least)),
          ),
        ),
      )
      const expected = objects.get(path.join(`f${index}`))
      expect(came.objects.get(KEY)?.content).toEqual({ ...expected?.content, attributes: MTIME })
      expect(came.objects.get(KEY)?.bytes.equals(bytes)).toBe(true)
      expect(came.parked).toEqual([])
    }),
    { numRuns: 25 },
  )
})

test('no more windows are held than may be in flight', async () => {
  let read = 0
  async function* endless(): AsyncGenerator<Buffer> {
    const part = noise(1, 1 << 20)
    for (;;) {
      read += part.length
      yield part
    }
  }
  const parcels = streamed(endless(), { parcelsInFlight: 2 })[Symbol.asyncIterator]()
  const first = await parcels.next()
  await parcels.next()
  let settled = false
  const third = parcels.next().then((result) => {
    settled = true
    return result
  })
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(settled).toBe(false)
  expect(read).toBeLessThanOrEqual(4 * LIMITS.parcelBytesMax)
  first.value?.release()
  expect((await third).value?.slices.length).toBeGreaterThan(0)
  await parcels.return?.()
})

test('chunks come compressed where it pays', async () => {
  const text = Buffer.from('all work and no play\n'.repeat(5000))
  const { chunks } = await collect(streamed(inParts(text, [1000]), { compress: true }))
  expect([...chunks.values()].map(({ codec }) => codec)).toEqual([CODEC.zstd])
})

test('a stream that fails makes nothing complete', async () => {
  async function* failing(): AsyncGenerator<Buffer> {
    yield noise(1, 1000)
    throw new Error('the pipe broke')
  }
  await expect(collect(streamed(failing()))).rejects.toThrow('the pipe broke')
})

test('an abort is felt while the next bytes are waited for', async () => {
  const stop = new AbortController()
  let closed = false
  const silent: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => undefined),
      return: async () => {
        closed = true
        return { value: undefined, done: true }
      },
    }),
  }
  const parcels = collect(streamed(silent, { signal: stop.signal }))
  setTimeout(() => stop.abort(new Error('enough')), 10)
  await expect(parcels).rejects.toThrow('enough')
  expect(closed).toBe(true)
})
