import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseSize, sizeText } from '../../src/model/size.js'

test('a size that is written is read as the same', () => {
  fc.assert(fc.property(fc.maxSafeNat(), (bytes) => parseSize(sizeText(bytes)) === bytes))
})

for (const [text, bytes] of [
  ['0', 0],
  ['8192', 8192],
  ['8k', 8192],
  ['8K', 8192],
  ['1.5M', 1572864],
  ['10MiB', 10485760],
  ['10GB', 10737418240],
  ['2T', 2199023255552],
] as const) {
  test(`${text} is ${bytes} bytes`, () => expect(parseSize(text)).toBe(bytes))
}

for (const text of ['', 'K', '-1', '1e3', '1 K', '8KK', '0x10', '９', '99999999P', '1,5M']) {
  test(`${JSON.stringify(text)} is no size`, () => expect(parseSize(text)).toBeUndefined())
}

for (const [bytes, text] of [
  [0, '0'],
  [8192, '8K'],
  [4194304, '4M'],
  [1536, '1536'],
] as const) {
  test(`${bytes} bytes are written ${text}`, () => expect(sizeText(bytes)).toBe(text))
}
