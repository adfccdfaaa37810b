import { expect, test } from 'vitest'
import { bucketUid, journalId, segmentGuid } from '../../src/model/ids.js'
import type { FlowNote } from '../../src/model/service.js'
import { numbersDocument, parseNumbers } from '../../src/stats/document.js'
import { LiveNumbers } from '../../src/stats/live-numbers.js'
import { NO_NUMBERS } from '../../src/stats/never-run.js'

const PATH = 'Hawaii/Cola/bk1'
const NOTE: FlowNote = {
  served: PATH,
  direction: 'send',
  here: PATH,
  there: 'R/Cola/bk1',
  thereUid: bucketUid('ab'.repeat(16)),
  peer: segmentGuid('cd'.repeat(16)),
  checkpoint: { position: { journal: journalId('ef'.repeat(16)), epoch: 3, sequence: 17 }, pass: 'a/key' },
  parked: 2,
  bytesAhead: 5,
}

function numbers() {
  const told = { times: 0 }
  const live = new LiveNumbers(NO_NUMBERS, { nowMs: () => 1000 }, () => told.times++)
  return { live, told }
}

test('what is as before is no news', () => {
  const { live, told } = numbers()
  live.count(PATH, { requests: 0, bytesSent: 0 })
  live.set(PATH, { lastError: null })
  expect(told.times).toBe(0)
  live.count(PATH, { requests: 1 })
  live.set(PATH, { status: 'idle', behind: { objects: 1, bytes: 2, oldestMs: 3 } })
  live.note(NOTE)
  expect(told.times).toBe(3)
  live.set(PATH, { status: 'idle', behind: { objects: 1, bytes: 2, oldestMs: 3 } })
  live.note({ ...NOTE })
  expect(told.times).toBe(3)
})

test('a flow has one note, the last; it goes with the path that it is of', () => {
  const { live } = numbers()
  live.note(NOTE)
  live.note({ ...NOTE, parked: 0 })
  live.note({ ...NOTE, direction: 'receive' })
  expect(live.read().flows).toEqual([
    { ...NOTE, parked: 0 },
    { ...NOTE, direction: 'receive' },
  ])
  live.keepOnly([])
  expect(live.read().flows).toEqual([])
})

test('notes come back from the file as they were; what is none is passed over', () => {
  const bare = { ...NOTE, checkpoint: undefined }
  const { live } = numbers()
  live.note(NOTE)
  live.note({ ...bare, here: 'Hawaii/Cola/bk2' })
  const before = live.read()
  expect(parseNumbers(numbersDocument(before))).toEqual(before)
  const [first] = before.flows
  const bad = [null, 'text', {}, { ...first, peer: 'nobody' }, { ...first, parked: -1 }, { ...first, direction: 'up' }]
  const text = JSON.stringify({ report: null, served: {}, flows: [...bad, first] })
  expect(parseNumbers(text).flows).toEqual([first])
})
