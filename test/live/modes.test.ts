import { expect, test } from 'vitest'
import { isThere } from '../../src/app/waiting/goals.js'
import { LIMITS } from '../../src/base/limits.js'
import { checkpointName } from '../../src/transfer/live/flow.js'
import { Faults } from '../fakes/faults.js'
import { flowOf, NEVER, Site, started } from './site.js'

const pair = async (): Promise<[Site, Site]> => [await Site.memory(), await Site.memory()]

/** More than a pass brings in one go. */
async function many(site: Site): Promise<void> {
  for (let i = 0; i < LIMITS.parcelObjectsMax + 100; i++) await site.write(`k${1000 + i}`, `${i}`)
}

const brokenOff = (at: number): Faults =>
  new Faults().plan('sink.take', at, () => {
    throw new Error('the power')
  })

const arrived = async (from: Site, to: Site, mode: 'continuous' | 'both'): Promise<boolean> => {
  const [source, sink] = [from.live(), to.live()]
  const names = { service: 's', bucket: 'B', served: 'B', at: 'B', direction: 'send' } as const
  return isThere({ ...names, from: source, to: sink, head: await source.source.position(), mode }, NEVER)
}

test('a link that brought only what came since its start, and is to bring all from now on, does, and is not waited for in vain before', async () => {
  const [a, b] = await pair()
  await a.write('old', '1')
  const [since] = await started([{ from: a, to: b, mode: 'continuous' }])
  await a.write('new', '2')
  await since?.catchUp(NEVER)
  expect(await b.heads()).toEqual(['new'])
  expect([await arrived(a, b, 'continuous'), await arrived(a, b, 'both')]).toEqual([true, false])
  const [all] = await started([{ from: a, to: b }])
  await all?.catchUp(NEVER)
  expect(b.digests).toEqual(a.digests)
  expect(await arrived(a, b, 'both')).toBe(true)
})

test('a link that brings only what came since its start goes on where one that brought all was', async () => {
  const [a, b] = await pair()
  const [all] = await started([{ from: a, to: b }])
  await all?.catchUp(NEVER)
  await a.write('k', '1')
  const [since] = await started([{ from: a, to: b, mode: 'continuous' }])
  await since?.catchUp(NEVER)
  expect(b.digests).toEqual(a.digests)
})

test('what a pass over all of it that is broken off as it begins has not brought, a link that brings what comes later brings', async () => {
  const [a, b] = await pair()
  const [since] = await started([{ from: a, to: b, mode: 'continuous' }])
  await since?.catchUp(NEVER)
  await flowOf({ from: a, to: b, mode: 'initial' }).start(NEVER)
  await a.write('k', '1')
  const faults = brokenOff(1)
  await expect(flowOf({ from: a, to: b, mode: 'initial', faults }).start(NEVER)).rejects.toThrow('the power')
  const [again] = await started([{ from: a, to: b, mode: 'continuous' }])
  await again?.catchUp(NEVER)
  expect(b.digests).toEqual(a.digests)
})

test('where a journal began anew, a pass that is broken off is gone on with by a link that brings only what comes later', async () => {
  const [a, b] = await pair()
  await many(a)
  const name = checkpointName({ segment: a.segment.guid, uid: a.uid })
  const strange = { position: { ...a.segment.versions.position(a.uid), sequence: 9999 } }
  const move = { name, from: undefined, to: strange, parked: [] }
  await b.segment.versions.publish(b.uid, [], { overwrite: false, move })
  for (const at of [1, 2]) {
    const flow = flowOf({ from: a, to: b, mode: 'continuous', faults: brokenOff(at) })
    await flow.start(NEVER)
    await expect(flow.catchUp(NEVER)).rejects.toThrow('the power')
  }
  const [last] = await started([{ from: a, to: b, mode: 'continuous' }])
  await last?.catchUp(NEVER)
  expect(b.digests).toEqual(a.digests)
})

test('what is there when a link starts comes, though a pass that is gone on with is past it', async () => {
  const [a, b] = await pair()
  await many(a)
  const faults = brokenOff(3)
  await expect(flowOf({ from: a, to: b, mode: 'initial', faults }).start(NEVER)).rejects.toThrow('the power')
  await a.write('k0', 'meanwhile')
  const [flow] = await started([{ from: a, to: b, mode: 'initial' }])
  expect(flow?.state.state).toBe('initial')
  expect(b.digests).toEqual(a.digests)
})
