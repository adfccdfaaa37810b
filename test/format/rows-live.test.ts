import { expect, test } from 'vitest'
import { encodePosition } from '../../src/format/position.js'
import {
  decodeCheckpoint,
  decodeRetryRow,
  encodeCheckpoint,
  encodeRetryRow,
  waitingOf,
} from '../../src/format/rows-live.js'
import { journalId, segmentGuid } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { codeOf } from './samples.js'

const position = { journal: journalId('0123456789abcdef0123456789abcdef'), epoch: 3, sequence: 2 ** 40 + 5 }

test('a checkpoint row is a position, and the last key of a pass where one is under way', () => {
  expect(encodeCheckpoint({ position })).toEqual(encodePosition(position))
  for (const checkpoint of [{ position }, { position, pass: '' }, { position, pass: 'é/😀' }]) {
    expect(decodeCheckpoint(encodeCheckpoint(checkpoint))).toEqual(checkpoint)
  }
  expect(codeOf(() => decodeCheckpoint(Buffer.alloc(27)))).toBe('CORRUPT')
  expect(codeOf(() => decodeCheckpoint(Buffer.concat([encodePosition(position), Buffer.of(2)])))).toBe('CORRUPT')
})

test('a retry row', () => {
  const retry = { key: objectKey('k'), why: 'the chunk is löst', tries: 7, firstMs: 1_700_000_000_000, nextMs: 2 ** 45 }
  const stamps = [1, 2 ** 45].map((time) => ({ time, segment: segmentGuid('7f'.repeat(16)) }))
  for (const waiting of [[], stamps]) {
    const row = encodeRetryRow(retry, waiting)
    expect(decodeRetryRow(retry.key, row)).toEqual(retry)
    expect(waitingOf(row)).toEqual(waiting)
  }
})
