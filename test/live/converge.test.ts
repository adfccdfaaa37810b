import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Flow } from '../../src/transfer/live/flow.js'
import { Faults } from '../fakes/faults.js'
import { anyAct, both, expectNothingSkipped, expectSame, perform } from './acts.js'
import { ringFallsSilent } from './ring.js'
import { flowOf, NEVER, Site, settle, started } from './site.js'

test('whatever is written at both sides, and wherever it is cut off, both have every version in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyAct, { maxLength: 25, size: 'max' }), fc.boolean(), async (acts, atOnce) => {
      const sites = [await Site.memory(), await Site.memory()] as const
      await started(both(...sites))
      for (const act of acts) await perform(act, sites)
      await settle(await started(both(...sites)), atOnce)
      await expectSame(...sites)
      const all = await sites[0].versions()
      expect(await sites[1].versions()).toEqual(all)
      for (const [key, id] of sites.flatMap(({ written }) => written)) expect(all[key]).toContain(id)
    }),
    { numRuns: 120 },
  )
})

test('where flows begin late, or few versions are kept, both have the same tips in the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyAct, { maxLength: 25, size: 'max' }),
      fc.integer({ min: 1, max: 3 }),
      async (acts, keep) => {
        const sites = [
          await Site.memory({ numberOfVersions: keep }),
          await Site.memory({ numberOfVersions: 3 }),
        ] as const
        for (const act of acts)
          await perform(act.kind === 'bring' ? { ...act, kind: 'clock', site: 0, ms: 1 } : act, sites)
        await settle(await started(both(...sites)), true)
        await expectSame(...sites)
      },
    ),
    { numRuns: 60 },
  )
})

test('a flow that is killed between any two calls skips nothing, and the next one ends it', async () => {
  for (let nth = 1; ; nth++) {
    const [a, b] = [await Site.memory(), await Site.memory()]
    for (let i = 0; i < 4; i++) await a.write(`old${i}`, `what was there before ${i}`)
    const faults = new Faults().plan('*', nth, () => {
      throw new Error('killed')
    })
    const run = async (): Promise<void> => {
      const flow = flowOf({ from: a, to: b, faults })
      await flow.start(NEVER)
      for (let i = 0; i < 4; i++) await a.write(`new${i}`, `what came later ${i}`)
      await a.write('old1', 'changed')
      await flow.catchUp(NEVER)
    }
    const outcome = await run().then(
      () => 'done',
      () => 'killed',
    )
    await expectNothingSkipped(a, b)
    if (outcome === 'done') {
      expect(nth).toBeGreaterThan(15)
      return
    }
    await settle(await started([{ from: a, to: b }]))
    await expectSame(a, b)
  }
})

const countsOf = (flows: readonly Flow[]) => flows.map(({ state }) => state.counts)

test.each([false, true])('a chain falls silent, all at once: %s', async (atOnce) => {
  const [a, b, c] = [await Site.memory(), await Site.memory(), await Site.memory()]
  const flows = await started([...both(a, b), ...both(b, c)])
  for (let i = 0; i < 5; i++) await a.write(`k${i}`, `what a wrote as number ${i}`)
  await c.write('c', 'what c wrote')
  await c.write('k1', 'at the same time')
  await settle(flows, atOnce)
  await expectSame(a, b)
  await expectSame(b, c)
  const before = JSON.stringify(countsOf(flows))
  const faults = new Faults()
  for (const flow of await started([...both(a, b), ...both(b, c)].map((link) => ({ ...link, faults }))))
    await flow.catchUp(NEVER)
  for (const flow of flows) await flow.catchUp(NEVER)
  expect(JSON.stringify(countsOf(flows))).toBe(before)
  for (const call of ['sink.take', 'sink.put', 'sink.missing', 'sink.lacking']) expect(faults.count(call)).toBe(0)
})

test.each([false, true])('one writer in a ring of three, all at once: %s', async (atOnce) =>
  ringFallsSilent([await Site.memory(), await Site.memory(), await Site.memory()], atOnce),
)
