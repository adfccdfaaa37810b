import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { Assembly } from '../../src/endpoints/s3/assembly.js'
import { dressFor, toldBy } from '../../src/endpoints/s3/dress.js'
import { s3Fault } from '../../src/endpoints/s3/faults.js'
import { FoldersDue } from '../../src/endpoints/s3/folders-due.js'
import { copiedExtents, isCopied, layParts, type Part, worthCopying } from '../../src/endpoints/s3/parts.js'
import type { SameExtent } from '../../src/model/extent.js'
import type { ObjectKey } from '../../src/model/key.js'
import type { Attributes } from '../../src/model/manifest.js'
import { objectPrint, untouched } from '../../src/model/version-ref.js'
import { small } from '../directory/sinking.js'

const PART = 10

/** An object in parts of so many bytes, of which every third stands there already. */
const partsOf = (size: number, copied = false): Part[] =>
  Array.from({ length: Math.ceil(size / PART) }, (_, i) => {
    const offset = i * PART
    const part = { offset, length: Math.min(PART, size - offset) }
    return copied && i % 3 === 1 ? { ...part, from: 1000 - offset } : part
  })

test('slices in any order become the parts that are sent, and what none of them wrote is zeros', async () => {
  const slice = fc.record({ length: fc.integer({ min: 1, max: 35 }), hole: fc.boolean(), rank: fc.nat() })
  await fc.assert(
    fc.asyncProperty(fc.array(slice, { minLength: 1, maxLength: 12 }), fc.boolean(), async (pieces, copied) => {
      const size = pieces.reduce((sum, { length }) => sum + length, 0)
      const expected = Buffer.alloc(size)
      let at = 0
      const writes = pieces.flatMap(({ length, hole, rank }, i) => {
        const offset = at
        at += length
        if (hole) return []
        const bytes = Buffer.alloc(length, i + 1)
        expected.set(bytes, offset)
        return [{ offset, bytes, rank }]
      })
      const sent = new Map<number, Buffer>()
      const parts = partsOf(size, copied)
      const assembly = new Assembly(parts, async (number, bytes) => void sent.set(number, Buffer.from(bytes)))
      for (const { offset, bytes } of writes.sort((a, b) => a.rank - b.rank)) await assembly.write(offset, bytes)
      await assembly.end()
      const due = parts.flatMap((part, i) => (isCopied(part) ? [] : [i + 1]))
      expect([...sent.keys()].sort((a, b) => a - b)).toEqual(due)
      for (const number of due) {
        const { offset, length } = parts[number - 1] as Part
        expect(sent.get(number)?.equals(expected.subarray(offset, offset + length))).toBe(true)
      }
      expect(assembly.broken).toBe(false)
    }),
  )
})

test('a slice for a part that went already breaks the object, and is not lost without a word', async () => {
  const assembly = new Assembly(partsOf(2000 * PART), async () => undefined)
  for (let part = 0; part < 100; part++) await assembly.write(part * PART, Buffer.alloc(1, 1))
  await assembly.write(5, Buffer.alloc(1, 1))
  expect(assembly.broken).toBe(true)
})

const MiB = 1024 * 1024
const LEAST = LIMITS.s3CopyBytesLeast

/** The parts, and that they keep every rule: the server's, and that what is copied is the same. */
function laid(size: number, same: readonly SameExtent[]): readonly Part[] {
  const parts = layParts(size, same)
  let end = 0
  for (const [i, { offset, length, from }] of parts.entries()) {
    expect(offset).toBe(end)
    expect(length).toBeGreaterThanOrEqual(i === parts.length - 1 ? 1 : LEAST)
    expect(length).toBeLessThanOrEqual(5 * 1024 * MiB)
    end = offset + length
    if (from === undefined) continue
    const of = same.find((one) => one.offset <= offset && end <= one.offset + one.length)
    expect(of && from - of.from).toBe(of && offset - of.offset)
    expect(of).toBeDefined()
  }
  expect(end).toBe(size)
  expect(parts.length).toBeLessThanOrEqual(LIMITS.s3PartsMax)
  return parts
}

const worth = async (size: number, same: readonly SameExtent[]): Promise<SameExtent[]> =>
  worthCopying(
    size,
    (async function* () {
      yield* same
    })(),
  )

const bytes = fc.oneof(fc.constant(0), fc.nat(100), fc.nat(12 * MiB), fc.nat(1024 * MiB), fc.nat(1024 * 1024 * MiB))

test('parts make the object once, each as long as the server takes it, and what is copied is the same', async () => {
  const stretch = fc.record({ gap: bytes, length: bytes, from: bytes })
  await fc.assert(
    fc.asyncProperty(fc.array(stretch, { maxLength: 40 }), bytes, async (stretches, rest) => {
      let end = 0
      const same = stretches.map(({ gap, length, from }) => {
        const offset = end + gap
        end = offset + length + 1
        return { offset, length: length + 1, from }
      })
      const size = Math.min(end + rest + 1, 5 * 1024 * 1024 * MiB)
      const fit = same.filter(({ offset, length }) => offset + length <= size)
      laid(size, await worth(size, fit))
    }),
  )
})

test('of an object with as many changes as there may be parts, no more are copied than fit', async () => {
  for (const size of [17 * MiB, 1024 * MiB, 300_000 * MiB, 5 * 1024 * 1024 * MiB]) {
    for (const length of [LEAST, size / LIMITS.s3CopiesMax, size / 50].map(Math.ceil)) {
      for (const gap of [0, 1, length]) {
        const count = Math.floor(size / (gap + length))
        const same = Array.from({ length: Math.min(count, 3 * LIMITS.s3CopiesMax) }, (_, i) => {
          const offset = i * (gap + length) + gap
          return { offset, length, from: size - offset }
        })
        laid(size, await worth(size, same))
      }
    }
  }
})

test('what is sent takes in the beginning of what comes after it, and what is then too short altogether', () => {
  const tail = { offset: 1, length: 64 * MiB, from: 0 }
  expect(laid(64 * MiB + 1, [tail])).toEqual([
    { offset: 0, length: LEAST },
    { offset: LEAST, length: 64 * MiB + 1 - LEAST, from: LEAST - 1 },
  ])
  const short = [
    { offset: 0, length: 20 * MiB, from: 0 },
    { offset: 20 * MiB + 1, length: 6 * MiB, from: 20 * MiB },
    { offset: 30 * MiB, length: 20 * MiB, from: 26 * MiB },
  ]
  expect(laid(50 * MiB + 7, short).map(({ length, from }) => [length, from])).toEqual([
    [20 * MiB, 0],
    [10 * MiB, undefined],
    [20 * MiB, 26 * MiB],
    [7, undefined],
  ])
  expect(copiedExtents(laid(200 * MiB, [{ offset: 0, length: 200 * MiB, from: 0 }]))).toEqual([
    { offset: 0, length: 200 * MiB },
  ])
})

test('mode and time come back as they went, as rclone and s3cmd write them', () => {
  const mtimes = [undefined, 0n, 1n, -1n, 1_600_000_000_000_000_000n, 1_600_000_000_123_456_789n, -1_500_000_001n]
  for (const mtimeNs of mtimes) {
    for (const mode of [undefined, 0, 0o644, 0o7777]) {
      const attributes: Attributes = { ...(mode !== undefined && { mode }), ...(mtimeNs !== undefined && { mtimeNs }) }
      const { metadata } = dressFor(small('file', 'text', attributes))
      expect(toldBy({ Metadata: metadata })).toMatchObject({ kind: 'file', attributes })
    }
  }
  const rclone = toldBy({ Metadata: { mtime: '1600000000.5' } })
  // What stands in S3 says all of an object's own options, where there are none too.
  expect(rclone.attributes).toEqual({ mtimeNs: 1_600_000_000_500_000_000n, user: {} })
  const withMode = toldBy({ Metadata: { mode: '100751' } })
  expect(withMode.attributes).toEqual({ mode: 0o751, user: {} })
  expect(dressFor(small('file', 'text', { mode: 0o751 })).metadata.mode).toBe('100751')
  const elses = toldBy({ Metadata: { mode: '33261' } })
  expect(elses.attributes).toEqual({ user: { 'amz-meta-mode': '33261' } })
  const s3cmd = toldBy({ Metadata: { 's3cmd-attrs': 'uid:0/gname:root/mode:33188/mtime:1600000000' } })
  expect(s3cmd.attributes).toEqual({ mode: 0o644, mtimeNs: 1_600_000_000_000_000_000n, user: {} })
  const nonsense = toldBy({ Metadata: { mtime: 'yesterday', 's3cmd-attrs': '///:/mode:x' } })
  expect(nonsense.attributes).toEqual({ user: {} })
  expect(toldBy({ Metadata: dressFor(small('link', 'there')).metadata }).kind).toBe('link')
})

test('of a certificate that nothing here vouches for it is said how to trust it', () => {
  const told = s3Fault(
    Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
    'cannot list s3://b/',
  )
  expect(told).toMatchObject({ code: 'UNREACHABLE', hint: expect.stringContaining('$AWS_CA_BUNDLE') })
})

test('an option that no header can hold stays behind', () => {
  const user = {
    'amz-meta-good': 'yes',
    'amz-meta-b\u00e4d': 'no',
    'amz-meta-line': 'a\nb',
    'Content-Type': 'text/\u00e9',
  }
  const { metadata, headers } = dressFor(small('file', 'text', { user }))
  expect(Object.keys(metadata)).toEqual(['good', 'efs-blake3'])
  expect(headers).toEqual({})
})

test('an object is untouched while its ETag and size are the same and it is not later', () => {
  const then = objectPrint('abc', 5, 1_600_000_000_900, 0)
  expect(untouched(objectPrint('abc', 5, 1_600_000_000_100, 0), then)).toBe(true)
  expect(untouched(objectPrint('abc', 5, 1_600_000_001_000, 0), then)).toBe(false)
  expect(untouched(objectPrint('abd', 5, 1_600_000_000_100, 0), then)).toBe(false)
  expect(untouched(objectPrint('abc', 6, 1_600_000_000_100, 0), then)).toBe(false)
})

test('only folders in which nothing came are marked, the innermost of each', () => {
  const due = new FoldersDue()
  for (const folder of ['a/', 'a/b/', 'c/', 'd/', 'd/e/']) due.add(folder as ObjectKey)
  due.fill('c/file')
  due.fill('d/other')
  expect(due.takeExcess()).toEqual([])
  expect(due.takeAll()).toEqual(['a/b/', 'd/e/'])
  expect(due.takeAll()).toEqual([])
})
