import fc from 'fast-check'
import { expect } from 'vitest'
import { EfsError, type ErrorCode } from '../../src/base/errors.js'
import { LIMITS } from '../../src/base/limits.js'
import {
  type BucketUid,
  bucketUid,
  type ChunkId,
  type ContentHash,
  chunkId,
  contentHash,
  type SegmentGuid,
  segmentGuid,
  type VersionId,
  versionId,
} from '../../src/model/ids.js'
import { keyFault, type ObjectKey, objectKey } from '../../src/model/key.js'
import type { Attributes, Content, Manifest } from '../../src/model/manifest.js'

/** The code of the EfsError that `work` throws; anything else that it throws goes through. */
export function codeOf(work: () => unknown): ErrorCode | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof EfsError) return error.code
    throw error
  }
}

/** Whatever bytes come, either a value or a refusal in one line. */
export function refusesGarbage(decode: (bytes: Buffer) => unknown, seeds: readonly Uint8Array[]): void {
  const garbage = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
  const spoilt = fc
    .tuple(fc.constantFrom(...seeds), fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 8 }))
    .map(([seed, where, bytes]) => {
      const out = Buffer.from(seed)
      out.set(bytes.subarray(0, out.length - (where % out.length)), where % out.length)
      return out
    })
  const cut = fc
    .tuple(fc.constantFrom(...seeds), fc.nat())
    .map(([seed, to]) => Buffer.from(seed.slice(0, to % seed.length)))
  fc.assert(
    fc.property(fc.oneof(garbage, spoilt, cut), (bytes) => {
      try {
        decode(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(EfsError)
        expect(['CORRUPT', 'NEWER_FORMAT']).toContain(error instanceof EfsError && error.code)
        expect(error instanceof Error && error.message).not.toContain('\n')
      }
    }),
    { numRuns: 2000 },
  )
}

/** Each of the copies of `bytes` that differ from it in one bit of one byte. */
export function* flipped(bytes: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at++) {
    const copy = Buffer.from(bytes)
    copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8))
    yield copy
  }
}

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((raw) => Buffer.from(raw).toString('hex'))

export const anyChunkId: fc.Arbitrary<ChunkId> = hex(32).map(chunkId)
export const anyVersionId: fc.Arbitrary<VersionId> = hex(32).map(versionId)
export const anyContentHash: fc.Arbitrary<ContentHash> = hex(32).map(contentHash)
export const anySegmentGuid: fc.Arbitrary<SegmentGuid> = hex(16).map(segmentGuid)
export const anyBucketUid: fc.Arbitrary<BucketUid> = hex(16).map(bucketUid)

const anyText = fc.string({ unit: 'binary', maxLength: 20 })
export const anyKey: fc.Arbitrary<ObjectKey> = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 60 })
  .filter((text) => keyFault(text) === undefined)
  .map(objectKey)

const anyTimeNs = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -300n, max: 300n }),
  fc.constantFrom(2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n), -(2n ** 53n) + 1n, -(2n ** 63n), 2n ** 63n - 1n),
)

const anyAttributes: fc.Arbitrary<Attributes> = fc.record(
  {
    mode: fc.nat(0o7777),
    mtimeNs: anyTimeNs,
    xattrs: fc.dictionary(anyText, fc.uint8Array({ maxLength: 20 }), { noNullPrototype: true }),
    user: fc.dictionary(anyText, anyText, { noNullPrototype: true }),
  },
  { requiredKeys: [] },
)

const inline = (kind: 'file' | 'link', most: number): fc.Arbitrary<Pick<Content, 'kind' | 'size' | 'root'>> =>
  fc.uint8Array({ maxLength: most }).map((bytes) => ({ kind, size: bytes.length, root: { inline: bytes } }))

const anyBody: fc.Arbitrary<Pick<Content, 'kind' | 'size' | 'root'>> = fc.oneof(
  fc
    .constantFrom('deleted' as const, 'folder' as const)
    .map((kind) => ({ kind, size: 0, root: { inline: new Uint8Array() } })),
  inline('file', LIMITS.inlineBytesMax),
  inline('link', 400),
  fc.record({ id: anyChunkId, size: fc.integer({ min: 1, max: LIMITS.chunkBytesMax }) }).map(({ id, size }) => ({
    kind: 'file' as const,
    size,
    root: { ref: { id, size, node: false }, depth: 0 },
  })),
  fc
    .record({
      id: anyChunkId,
      bytes: fc.integer({ min: 1, max: LIMITS.chunkBytesMax }),
      size: fc.maxSafeNat().map((size) => size % LIMITS.objectBytesMax),
      depth: fc.integer({ min: 1, max: LIMITS.treeDepthMax }),
    })
    .map(({ id, bytes, size, depth }) => ({
      kind: 'file' as const,
      size,
      root: { ref: { id, size: bytes, node: true }, depth },
    })),
)

export const anyManifest: fc.Arbitrary<Manifest> = fc
  .record({
    body: anyBody,
    contentHash: anyContentHash,
    attributes: anyAttributes,
    time: fc.maxSafeNat(),
    segment: anySegmentGuid,
    others: fc.array(fc.tuple(anySegmentGuid, fc.maxSafeNat()), { maxLength: 3 }),
    parents: fc.array(anyVersionId, { maxLength: 3 }),
  })
  .map(({ body, contentHash, attributes, time, segment, others, parents }) => ({
    ...body,
    contentHash,
    attributes,
    stamp: { time, segment },
    vector: { ...Object.fromEntries(others.map(([guid, at]) => [guid, Math.min(at, time)])), [segment]: time },
    parents,
  }))
