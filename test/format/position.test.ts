import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodePosition, encodePosition, POSITION_BYTES } from '../../src/format/position.js'
import { journalId } from '../../src/model/ids.js'
import { anySegmentGuid, codeOf, refusesGarbage } from './samples.js'

const JOURNAL = journalId('0123456789abcdef0123456789abcdef')

test('position', () => {
  const position = { journal: JOURNAL, epoch: 3, sequence: 2 ** 40 + 5 }
  const bytes = encodePosition(position)
  expect(bytes.toString('hex')).toBe(`${JOURNAL}000000030000010000000005`)
  expect(decodePosition(bytes)).toEqual(position)
})

test('what is written is read', () => {
  fc.assert(
    fc.property(anySegmentGuid, fc.nat(0xffff_ffff), fc.maxSafeNat(), (guid, epoch, sequence) => {
      const position = { journal: journalId(guid), epoch, sequence }
      expect(decodePosition(encodePosition(position))).toEqual(position)
    }),
  )
})

test('other lengths, and sequences that no journal reaches, are refused', () => {
  const bytes = encodePosition({ journal: JOURNAL, epoch: 0, sequence: 0 })
  expect(codeOf(() => decodePosition(bytes.subarray(1)))).toBe('CORRUPT')
  expect(codeOf(() => decodePosition(Buffer.alloc(POSITION_BYTES, 0xff)))).toBe('CORRUPT')
  refusesGarbage(decodePosition, [bytes])
})
