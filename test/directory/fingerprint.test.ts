import { lstatSync } from 'node:fs'
import { expect, test } from 'vitest'
import { attributesOf, fingerprintOf } from '../../src/endpoints/directory/fingerprint.js'

const LAST_NS = 2n ** 63n - 1n
const SECOND_NS = 1_000_000_000n

test.each([
  ['of 2446, the last that ext4 knows', 15_032_385_535n * SECOND_NS, LAST_NS],
  ['of 1600, where a file system knows that', -11_676_096_000n * SECOND_NS, -LAST_NS],
  ['of 1901', -2_147_483_648n * SECOND_NS, -2_147_483_648n * SECOND_NS],
  ['of 2106', 4_294_967_296n * SECOND_NS + 5n, 4_294_967_296n * SECOND_NS + 5n],
])('a time %s is kept as near as an i64 comes', (_, mtimeNs, kept) => {
  const stat = Object.assign(lstatSync('.', { bigint: true }), { mtimeNs })
  expect(fingerprintOf(stat, 0).mtimeNs).toBe(kept)
  expect(attributesOf(stat).mtimeNs).toBe(kept)
})
