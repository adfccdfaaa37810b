import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { encodeCbor } from '../../src/format/cbor.js'
import { decodeCbor } from '../../src/format/fields.js'
import type { Shape } from '../../src/format/shape.js'
import { fitting, parts } from '../../src/link/protocol/body.js'
import { bitsOf, chunkRefs, versionRef, withBits } from '../../src/link/protocol/values.js'
import { chunkId, contentHash, segmentGuid, versionId } from '../../src/model/ids.js'
import { keyFault, objectKey } from '../../src/model/key.js'
import type { VersionRef } from '../../src/model/version-ref.js'

const hexOf = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((b) => Buffer.from(b).toString('hex'))
const size = fc.integer({ min: 1, max: LIMITS.chunkBytesMax })
const chunkRef = fc.record({ id: hexOf(32).map(chunkId), size, node: fc.boolean() })

const held = fc.record({
  id: hexOf(32).map(versionId),
  stamp: fc.record({ time: fc.maxSafeNat(), segment: hexOf(16).map(segmentGuid) }),
  contentHash: hexOf(32).map(contentHash),
  attributesHash: hexOf(32),
  root: fc.option(
    fc
      .tuple(chunkRef, fc.nat(LIMITS.treeDepthMax))
      .map(([ref, depth]) => ({ ref: { ...ref, node: depth > 0 }, depth })),
    { nil: undefined },
  ),
  tips: fc.nat(65_535),
})

const row: fc.Arbitrary<VersionRef> = fc
  .record({
    key: fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => keyFault(text) === undefined),
    kind: fc.constantFrom('deleted', 'file', 'link', 'folder'),
    size: fc.maxSafeNat(),
    mode: fc.option(fc.nat(0o7777), { nil: undefined }),
    mtimeNs: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { nil: undefined }),
    held,
  })
  .map(({ key, mode, mtimeNs, ...rest }) => ({
    ...rest,
    key: objectKey(key),
    ...(mode === undefined ? {} : { mode }),
    ...(mtimeNs === undefined ? {} : { mtimeNs }),
  }))

const through = <T>(shape: Shape<T>, value: T): T => shape.read(decodeCbor(encodeCbor(shape.write(value))))

test('rows and refs come out as they went in', () => {
  fc.assert(
    fc.property(row, (value) => {
      expect(through(versionRef, value)).toEqual(value)
    }),
  )
  fc.assert(
    fc.property(fc.array(chunkRef), (value) => {
      expect(through(chunkRefs, value)).toEqual(value)
    }),
  )
})

test('bits tell which of what was asked', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), (set) => {
      const asked = set.map((is, i) => ({ is, i }))
      expect(
        withBits(
          asked,
          bitsOf(asked, ({ is }) => is),
        ),
      ).toEqual(asked.filter(({ is }) => is))
    }),
  )
})

test('parts are all there is, in order, and hold a parcel or a single thing', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2 * LIMITS.parcelBytesMax)), (sizes) => {
      const all = [...parts(sizes, (one) => one)]
      expect(all.flat()).toEqual(sizes)
      for (const part of all) {
        expect(part.length === 1 || part.reduce((sum, one) => sum + one, 0) <= LIMITS.parcelBytesMax).toBe(true)
      }
      expect(fitting(sizes, (one) => one)).toEqual(all[0] ?? [])
    }),
  )
})
