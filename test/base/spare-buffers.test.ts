import { describe, expect, test } from 'vitest'
import { SpareBuffers } from '../../src/base/spare-buffers.js'

describe('memory that is used again', () => {
  test('what was given back is given out again, in the length that is asked for', () => {
    const spare = new SpareBuffers(1024, 2)
    const first = spare.take(1000)
    spare.give(first)
    const second = spare.take(900)
    expect(second.buffer).toBe(first.buffer)
    expect(second).toHaveLength(900)
  })

  test('two that are out are never the same', () => {
    const spare = new SpareBuffers(1024, 2)
    spare.give(spare.take(1024))
    expect(spare.take(1024).buffer).not.toBe(spare.take(1024).buffer)
  })

  test('no more than its number are kept', () => {
    const spare = new SpareBuffers(1024, 1)
    const [first, second] = [spare.take(1024), spare.take(1024)]
    spare.give(first)
    spare.give(second)
    expect(spare.take(1024).buffer).toBe(first.buffer)
    expect(spare.take(1024).buffer).not.toBe(second.buffer)
  })

  test.each([1, 63, 1025])('%i bytes have memory of their own', (length) => {
    const spare = new SpareBuffers(1024, 2)
    const own = spare.take(length)
    spare.give(own)
    expect(own).toHaveLength(length)
    expect(spare.take(1024).buffer).not.toBe(own.buffer)
  })
})
