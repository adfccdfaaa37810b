import { expect } from 'vitest'
import { objectKey } from '../../src/model/key.js'
import { both, expectSame } from './acts.js'
import { type Site, settle, started } from './site.js'

/** The first one writes: an offer crosses a link at most once a direction, a body comes to each of the others once. */
export async function ringFallsSilent(sites: readonly [Site, Site, Site], atOnce: boolean): Promise<void> {
  const [a, b, c] = sites
  const flows = await started([...both(a, b), ...both(b, c), ...both(c, a)])
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 4; i++) await a.write(`k${i}`, `text ${i} of round ${round}, of more than one chunk`)
    await settle(flows, atOnce)
  }
  for (const site of [b, c]) await expectSame(a, site)
  const versions = 20
  for (const { state } of flows) {
    expect(state.counts.versionsOffered).toBeLessThanOrEqual(versions)
    expect(state.counts.versionsApplied).toBeLessThanOrEqual(versions)
  }
  for (const site of [b, c]) expect(site.bodies.length).toBe(new Set(site.bodies).size)
  expect(a.bodies).toEqual([])
  expect(a.segment.versions.versions(a.uid, objectKey('k0')).length).toBe(5)
}
