import fc from 'fast-check'
import { expect, test } from 'vitest'
import { objectKey } from '../../src/model/key.js'
import { checkpointName, type Flow } from '../../src/transfer/live/flow.js'
import { collected } from '../contracts/samples.js'
import { Faults } from '../fakes/faults.js'
import { flowOf, NEVER, Site, settle, started } from './site.js'

type Act =
  | { readonly kind: 'write'; readonly site: number; readonly key: string; readonly text: string }
  | { readonly kind: 'remove'; readonly site: number; readonly key: string }
  | { readonly kind: 'clock'; readonly site: number; readonly ms: number }
  /** One direction catches up, or is cut off at that call. */
  | { readonly kind: 'bring'; readonly to: number; readonly cutAt: number | undefined }

const anySite = fc.nat({ max: 1 })
const anyKey = fc.constantFrom('a', 'b', 'c/d', 'é', '😀')
const anyText = fc
  .tuple(fc.constantFrom('', 'x', 'some text of a file '), fc.nat({ max: 12 }))
  .map(([t, n]) => t.repeat(n))
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('write' as const), site: anySite, key: anyKey, text: anyText }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), site: anySite, key: anyKey }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('clock' as const),
      site: anySite,
      ms: fc.integer({ min: -5000, max: 5000 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('bring' as const),
      to: anySite,
      cutAt: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
    }),
  },
)

/** What stands before a checkpoint is at the sink, whatever was cut off. */
async function expectNothingSkipped(from: Site, to: Site): Promise<void> {
  const name = checkpointName({ segment: from.segment.guid, uid: from.uid })
  const checkpoint = to.segment.versions.checkpoint(to.uid, name)
  if (checkpoint === undefined || checkpoint.pass !== undefined) return
  const changes = from.segment.versions.changes(from.uid, { ...checkpoint.position, sequence: 0 })
  const waiting = new Set(to.segment.versions.retries(to.uid, name).map(({ key }) => key))
  const there = await to.versions()
  for (const { sequence, key, id, by } of changes === undefined ? [] : await collected(changes)) {
    if (sequence > checkpoint.position.sequence || by === to.segment.guid || waiting.has(key)) continue
    expect(there[key], `change ${sequence}, of ${key}`).toContain(id)
  }
}

async function perform(act: Act, sites: readonly Site[]): Promise<void> {
  if (act.kind === 'bring') {
    const [to, from] = act.to === 0 ? sites : [...sites].reverse()
    if (from === undefined || to === undefined) throw new Error('two sites')
    const cut = new Error('cut')
    const faults = new Faults()
    if (act.cutAt !== undefined)
      faults.plan('*', act.cutAt, () => {
        throw cut
      })
    try {
      const flow = flowOf({ from, to, faults })
      await flow.start(NEVER)
      await flow.catchUp(NEVER)
    } catch (error) {
      if (error !== cut) throw error
    }
    return expectNothingSkipped(from, to)
  }
  const site = sites[act.site]
  if (site === undefined) throw new Error('no site')
  if (act.kind === 'write') await site.write(act.key, act.text)
  else if (act.kind === 'remove') await site.remove(act.key)
  else site.clock.ms += act.ms
}

async function expectSame(a: Site, b: Site): Promise<void> {
  expect(b.digests).toEqual(a.digests)
  expect(await b.tips()).toEqual(await a.tips())
  expect(b.counters).toEqual({ ...a.counters, versions: b.counters.versions })
}

const both = (a: Site, b: Site) => [
  { from: a, to: b },
  { from: b, to: a },
]

test('whatever is written at both sides, and wherever it is cut off, both have every version in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyAct, { maxLength: 25, size: 'max' }), fc.boolean(), async (acts, atOnce) => {
      const sites = [await Site.memory(), await Site.memory()] as const
      await started(both(...sites))
      for (const act of acts) await perform(act, sites)
      await settle(await started(both(...sites)), atOnce)
      await expectSame(...sites)
      expect(await sites[1].versions()).toEqual(await sites[0].versions())
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

test.each([false, true])(
  'one writer in a ring: an offer crosses a link once a direction, a body comes once, all at once: %s',
  async (atOnce) => {
    const [a, b, c] = [await Site.memory(), await Site.memory(), await Site.memory()]
    const links = [...both(a, b), ...both(b, c), ...both(c, a)]
    const flows = await started(links)
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 4; i++) await a.write(`k${i}`, `text ${i} of round ${round}, of more than one chunk`)
      await settle(flows, atOnce)
    }
    for (const site of [b, c]) await expectSame(a, site)
    const versions = 20
    for (const { versionsOffered, versionsApplied } of countsOf(flows)) {
      expect(versionsOffered).toBeLessThanOrEqual(versions)
      expect(versionsApplied).toBeLessThanOrEqual(versions)
    }
    for (const site of [b, c]) expect(site.bodies.length).toBe(new Set(site.bodies).size)
    expect(a.bodies).toEqual([])
    expect(a.segment.versions.versions(a.uid, objectKey('k0')).length).toBe(5)
  },
)
