import { cp, rm, utimes } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import type { Position } from '../../src/model/position.js'
import { withSegment } from '../../src/store/segment.js'
import { done, inlineFile } from '../contracts/samples.js'
import { bucketOf, home } from './homes.js'

const YESTERDAY = new Date(systemClock.nowMs() - 24 * 60 * 60 * 1000)

const writeIn = (where: string, ...keys: readonly string[]): Promise<Position> =>
  withSegment(where, { clock: systemClock }, async (segment) => {
    const { versions } = segment
    for (const key of keys) await versions.publish(bucketOf(segment), [done(key, inlineFile(key))], { overwrite: true })
    return versions.position(bucketOf(segment))
  })

test('a backup that is put back by what leaves an equal segment.json alone: a follower plans once more, and nobody has to say anything', async () => {
  const a = await home()
  const [index, packs] = [path.join(a, 'index.mdb'), path.join(a, 'packs')]
  await writeIn(a, 'before')
  for (const each of [index, packs]) await cp(each, `${each}.backup`, { recursive: true })
  const later = await writeIn(a, 'lost1', 'lost2')
  for (const each of [index, packs]) {
    await rm(each, { recursive: true })
    await cp(`${each}.backup`, each, { recursive: true })
  }
  await utimes(index, YESTERDAY, YESTERDAY)
  const again = await writeIn(a, 'new1', 'new2', 'new3')
  expect(again.sequence).toBeGreaterThan(later.sequence)
  await withSegment(a, { clock: systemClock }, async (segment) => {
    expect(segment.versions.changes(bucketOf(segment), later)).toBeUndefined()
    expect(segment.versions.changes(bucketOf(segment), again)).toBeDefined()
    expect(segment.unadopted).toBe(false)
  })
})
