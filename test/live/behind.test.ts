import { expect, test } from 'vitest'
import { behind } from '../../src/transfer/live/behind.js'
import { NEVER, Site, started } from './site.js'

const START_MS = 1_700_000_000_000

test('what the sink has not acknowledged is counted by object, with its latest size and its oldest change', async () => {
  const [a, b] = [await Site.memory(), await Site.memory()]
  const [flow] = await started([{ from: a, to: b }])
  const now = () => behind(a.live().source, flow?.state.checkpoint, { without: b.segment.guid })
  const nothing = { objects: 0, bytes: 0, oldestAtMs: null, capped: false }
  expect(await now()).toEqual(nothing)
  await a.write('k', 'x'.repeat(100))
  a.clock.ms += 1000
  await a.write('k', 'x'.repeat(30))
  await a.write('k2', 'x')
  expect(await now()).toEqual({ objects: 2, bytes: 31, oldestAtMs: START_MS, capped: false })
  await flow?.catchUp(NEVER)
  expect(await now()).toEqual(nothing)
})

test('what the sink itself brought is not behind', async () => {
  const [a, b] = [await Site.memory(), await Site.memory()]
  const [there, back] = await started([
    { from: a, to: b },
    { from: b, to: a },
  ])
  await b.write('k', 'x')
  await back?.catchUp(NEVER)
  const now = await behind(a.live().source, there?.state.checkpoint, { without: b.segment.guid })
  expect(now.objects).toBe(0)
})

test('before a first pass everything is behind, and of much no more is looked at than the bound', async () => {
  const a = await Site.memory()
  for (let i = 0; i < 20; i++) await a.write(`k${i}`, 'xx')
  const { source } = a.live()
  const without = a.segment.guid
  expect(await behind(source, undefined, { without })).toMatchObject({ objects: 20, bytes: 40, capped: false })
  const position = a.segment.versions.position(a.uid)
  const halfway = await behind(source, { position, pass: 'k5' }, { without })
  expect(halfway).toMatchObject({ objects: 4, capped: false })
  expect(await behind(source, undefined, { without, rowsMax: 5 })).toMatchObject({ objects: 6, capped: true })
  const lost = { ...position, sequence: 1000 }
  expect(await behind(source, { position: lost }, { without })).toMatchObject({ objects: 20 })
})
