import { expect, test } from 'vitest'
import { segmentGuid } from '../../src/model/ids.js'
import type { Stamp } from '../../src/model/manifest.js'
import { waitingToo } from '../../src/model/retry.js'

const stamp = (time: number): Stamp => ({ time, segment: segmentGuid('aa'.repeat(16)) })

test('a version that is parked again and again waits once, and pushes out no other', () => {
  let waiting = waitingToo([], stamp(1))
  for (let tries = 0; tries < 100; tries++) waiting = waitingToo(waiting, stamp(2))
  expect(waiting).toEqual([stamp(1), stamp(2)])
  expect(waitingToo(waiting, undefined)).toEqual(waiting)
})
