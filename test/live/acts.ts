import fc from 'fast-check'
import { expect } from 'vitest'
import { checkpointName } from '../../src/transfer/live/flow.js'
import { collected } from '../contracts/samples.js'
import { Faults } from '../fakes/faults.js'
import { flowOf, type Link, NEVER, type Site } from './site.js'

/** What happens at two sites, and between them. */
export type Act =
  | { readonly kind: 'write'; readonly site: number; readonly key: string; readonly text: string }
  | { readonly kind: 'remove'; readonly site: number; readonly key: string }
  | { readonly kind: 'clock'; readonly site: number; readonly ms: number }
  /** One direction catches up, or is cut off at that call. */
  | { readonly kind: 'bring'; readonly to: number; readonly cutAt: number | undefined }

export const anySite = fc.nat({ max: 1 })
const anyKey = fc.constantFrom('a', 'b', 'c/d', 'é', '😀')
const anyText = fc
  .tuple(fc.constantFrom('', 'x', 'some text of a file '), fc.nat({ max: 12 }))
  .map(([t, n]) => t.repeat(n))
export const anyAct: fc.Arbitrary<Act> = fc.oneof(
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

/** What stands before a checkpoint, and nothing descends from, is at the sink, whatever was cut off. A pass brings no more. */
export async function expectNothingSkipped(from: Site, to: Site): Promise<void> {
  const name = checkpointName({ segment: from.segment.guid, uid: from.uid })
  const checkpoint = to.segment.versions.checkpoint(to.uid, name)
  if (checkpoint === undefined || checkpoint.pass !== undefined) return
  const changes = from.segment.versions.changes(from.uid, { ...checkpoint.position, sequence: 0 })
  const waiting = new Set(to.segment.versions.retries(to.uid, name).map(({ key }) => key))
  const [tips, there] = [await from.tips(), await to.versions()]
  for (const { sequence, key, id, by } of changes === undefined ? [] : await collected(changes)) {
    if (sequence > checkpoint.position.sequence || by === to.segment.guid || waiting.has(key)) continue
    if (tips[key]?.includes(id) !== true) continue
    expect(there[key], `change ${sequence}, of ${key}`).toContain(id)
  }
}

export async function perform(act: Act, sites: readonly Site[]): Promise<void> {
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

export async function expectSame(a: Site, b: Site): Promise<void> {
  expect(b.digests).toEqual(a.digests)
  expect(await b.tips()).toEqual(await a.tips())
  expect(b.counters).toEqual({ ...a.counters, versions: b.counters.versions })
}

export const both = (a: Site, b: Site): Link[] => [
  { from: a, to: b },
  { from: b, to: a },
]
