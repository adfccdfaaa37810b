import { expect, test } from 'vitest'
import { type Goal, isThere } from '../../src/app/waiting/goals.js'
import type { VersionRef } from '../../src/model/version-ref.js'
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
