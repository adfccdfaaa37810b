import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compressed, decompressed } from '../../src/base/compression.js'

const SIZES = [100, 255, 256, 257, 65_791, 65_792, 300_000]

function smallOf(plain: Uint8Array): Uint8Array {
  const small = compressed(plain)
  if (small === undefined) throw new Error('not compressed')
  return small
}

test('what was compressed inflates, whatever its size', () => {
  for (const size of SIZES) {
    const plain = Buffer.from(Array.from({ length: size }, (_, i) => (i >> 6) % 7))
    expect(Buffer.compare(decompressed(smallOf(plain), size), plain)).toBe(0)
  }
})

test('another size than is declared, a second frame, or a part of one is refused', () => {
  const small = smallOf(Buffer.alloc(100_000, 7))
  expect(() => decompressed(small, 99_999)).toThrow(RangeError)
  expect(() => decompressed(Buffer.concat([small, small]), 200_000)).toThrow(RangeError)
  for (let end = 0; end < small.length; end++) expect(() => decompressed(small.subarray(0, end), 100_000)).toThrow()
})

test('a few bytes that claim a gigabyte', () => {
  const claim = Buffer.alloc(18)
  claim.writeUInt32LE(0xfd2fb528, 0)
  claim.writeUInt8(0xe0, 4)
  claim.writeBigUInt64LE(2n ** 30n, 5)
  claim.writeUIntLE(1, 13, 3)
  expect(() => decompressed(claim, 1000)).toThrow(RangeError)
})

test('garbage never inflates to something of another size', () => {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(1000), (bytes, size) => {
      try {
        expect(decompressed(Buffer.concat([head, bytes]), size).length).toBe(size)
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
      }
    }),
  )
})
