import { expect, test } from 'vitest'
import { again, type Goal, isThere, lookAtGoal } from '../../src/app/waiting/goals.js'
import { LIMITS } from '../../src/base/limits.js'
import type { VersionRef } from '../../src/model/version-ref.js'
import { HomeSite } from './home-site.js'
import { NEVER, Site, settle, started } from './site.js'

async function goal(from: Site, to: Site): Promise<Goal> {
  const [source, sink] = [from.live(), to.live()]
  const bucket = 'Hawaii/Cola/bk1'
  const names = { service: 's', bucket, served: bucket, at: bucket, direction: 'send' } as const
  return { ...names, from: source, to: sink, head: await source.source.position(), mode: 'both' }
}

test('what a side wrote itself has arrived there, though its checkpoint does not move for that; nothing else has', async () => {
  const [a, b] = [await Site.memory(), await Site.memory()]
  const [there, back] = await started([
    { from: a, to: b },
    { from: b, to: a },
  ])
  if (there === undefined || back === undefined) throw new Error('two flows')
  await settle([there, back])
  await a.write('x', 'of a')
  await there.catchUp(NEVER)
  const arrived = await goal(b, a)
  expect(await isThere(arrived, NEVER)).toBe(true)
  const setBack = {
    ...arrived.to,
    sink: { ...arrived.to.sink, lacking: async (refs: readonly VersionRef[]) => [...refs] },
  }
  expect(await isThere({ ...arrived, to: setBack }, NEVER)).toBe(false)

  await b.write('y', 'of b')
  const coming = await goal(b, a)
  expect(await isThere(coming, NEVER)).toBe(false)
  await back.catchUp(NEVER)
  expect(await isThere(coming, NEVER)).toBe(true)
})

test('half of what a source had when the wait began is not all of it, though the source was killed since and begins another epoch', async () => {
  const home = await HomeSite.make()
  const to = await Site.memory()
  try {
    const writes = Array.from({ length: LIMITS.pageRowsMax + 5 }, (_, i) => home.site.write(`k/${i}`, `${i}`))
    await Promise.all(writes)
    const before = await goal(home.site, to)
    await home.boot()
    const now = await goal(home.site, to)
    expect(again([before], [now])).toEqual([{ ...now, head: before.head }])
    const page = await now.from.source.changes({ ...before.head, sequence: 0 }, { without: to.segment.guid })
    if (page === undefined) throw new Error('that position is known')
    expect([page.more, page.upTo.epoch > before.head.epoch]).toEqual([true, true])
    const sink = { ...now.to.sink, checkpoint: async () => ({ position: page.upTo }) }
    expect(await isThere({ ...now, to: { ...now.to, sink }, head: before.head }, NEVER)).toBe(false)
  } finally {
    await home.close()
  }
})

test('what a source lost since the wait began, as it was set back, is not waited for', async () => {
  const home = await HomeSite.make()
  const to = await Site.memory()
  try {
    await home.site.write('kept', '1')
    await home.keep()
    await home.site.write('lost', '2')
    const before = await goal(home.site, to)
    for (const by of ['disk', 'rsync', 'copy'] as const) {
      await home.setBack(by)
      const now = await goal(home.site, to)
      expect(again([before], [now])).toEqual([now])
    }
  } finally {
    await home.close()
  }
})

test('what the sink parks while it is asked whether all has arrived is held up', async () => {
  const [a, b] = [await Site.memory(), await Site.memory({ quotaCount: 1 })]
  const [flow] = await started([{ from: a, to: b }])
  for (const key of ['x', 'y']) await a.write(key, key)
  const all = await goal(a, b)
  const checkpoint: typeof all.to.sink.checkpoint = async (...asked) => {
    await flow?.catchUp(NEVER)
    return all.to.sink.checkpoint(...asked)
  }
  const sink = { ...all.to.sink, checkpoint }
  const standing = await lookAtGoal({ ...all, to: { ...all.to, sink } }, undefined, NEVER)
  expect(standing).toMatchObject({ isReached: true, heldUp: [{ path: 'Hawaii/Cola/bk1/y' }] })
})

test('however much is held up is told, and found', async () => {
  const [a, b] = [await Site.memory(), await Site.memory({ quotaCount: 0 })]
  const [flow] = await started([{ from: a, to: b }])
  const keys = Array.from({ length: LIMITS.parcelObjectsMax + 3 }, (_, i) => `k${1000 + i}`)
  for (const key of keys) await a.write(key, key)
  await flow?.catchUp(NEVER)
  const all = await goal(a, b)
  expect((await lookAtGoal(all, undefined, NEVER)).heldUp.length).toBe(keys.length)
  const last = keys.at(-1)
  expect((await lookAtGoal(all, last, NEVER)).heldUp).toMatchObject([{ path: `Hawaii/Cola/bk1/${last}` }])
})
