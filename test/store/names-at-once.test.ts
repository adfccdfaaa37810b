import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { rebuildIndex } from '../../src/store/rebuild/rebuild.js'
import { openSegment, withSegment } from '../../src/store/segment.js'
import { home } from './homes.js'

const OPTIONS = { clock: systemClock }
const PATH = 'Hawaii/Cola/bk1'
const ROUNDS = 20

test('of settings that two processes change at once each change holds, also in an index made anew', async () => {
  const where = await home()
  const [one, other] = [await openSegment(where, OPTIONS), await openSegment(where, OPTIONS)]
  for (let round = 1; round <= ROUNDS; round++)
    await Promise.all([
      one.names.set(PATH, (before) => ({ ...before, quota: round })),
      other.names.set(PATH, (before) => ({ ...before, quotaCount: round })),
    ])
  const settings = { ...one.names.find(PATH)?.settings, quota: ROUNDS, quotaCount: ROUNDS }
  expect(one.names.find(PATH)?.settings).toEqual(settings)
  for (const segment of [one, other]) await segment.close()
  await rebuildIndex(where, { ...OPTIONS, tell: () => Promise.resolve() })
  await withSegment(where, OPTIONS, async ({ names }) => expect(names.find(PATH)?.settings).toEqual(settings))
})
