import { describe, expect, test } from 'vitest'
import { copyInto } from '../../src/base/copy.js'

const own = (bytes: readonly number[]): Buffer => Buffer.from(bytes)
const shared = (bytes: readonly number[]): Buffer => {
  const copy = Buffer.from(new SharedArrayBuffer(bytes.length))
  for (const [at, byte] of bytes.entries()) copy[at] = byte
  return copy
}

describe.each([
  ['own', own],
  ['shared', shared],
])('copying into %s memory', (_, into) => {
  test.each([
    ['own', own],
    ['shared', shared],
  ])('takes all bytes of %s memory, and touches no others', (_, from) => {
    const target = into([9, 9, 9, 9, 9])
    copyInto(target, 1, from([1, 2, 3, 4]).subarray(1))
    expect([...target]).toEqual([9, 2, 3, 4, 9])
  })

  test('of no bytes is nothing', () => {
    const target = into([9])
    copyInto(target, 1, own([]))
    expect([...target]).toEqual([9])
  })

  test('of more than there is room for is refused', () => {
    expect(() => copyInto(into([9, 9]), 1, own([1, 2]))).toThrow(RangeError)
  })
})
