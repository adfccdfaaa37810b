import { expect, test } from 'vitest'
import { seldom } from '../../src/app/gateway/seldom.js'
import { HandClock } from '../contracts/samples.js'

test('each is told once in its time, and however many come only so many are', () => {
  const clock = new HandClock(1_000_000)
  const isNews = seldom(clock, 1000)
  expect(['a', 'a', 'b', 'a'].map(isNews)).toEqual([true, false, true, false])
  clock.ms += 1000
  expect(['a', 'b', 'b'].map(isNews)).toEqual([true, true, false])
  const flood = Array.from({ length: 10_000 }, (_, i) => isNews(`of ${i}`))
  expect(flood.filter((isTold) => isTold)).toHaveLength(62)
  // By a clock that was set back nothing is quiet for ever.
  clock.ms = 0
  expect(isNews('a')).toBe(true)
})
