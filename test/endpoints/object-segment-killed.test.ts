import path from 'node:path'
import { expect, test } from 'vitest'
import { MemoryObjects } from '../fakes/memory-objects.js'
import { folder } from '../store/homes.js'
import { run } from '../transfer/runs.js'
import { bytes, contentsOf, filled, leaveMany, withObjects } from './object-segments.js'

const FIRST = { a: bytes(1, 5000), 'b/c': bytes(2, 3000), tiny: Buffer.from('x') }
const SECOND = { a: bytes(3, 7000), 'b/c': bytes(2, 3000), new: bytes(5, 400) }

/** Pushes once and once more; what was acknowledged, by key. Dies before its nth put or delete. */
async function pushTwice(objects: MemoryObjects, dieAt: number, cache: string): Promise<Map<string, string>> {
  let calls = 0
  const acknowledged = new Map<string, string>()
  const client = objects.client(() => {
    if (++calls === dieAt) throw new Error('killed')
  })
  const push = (entries: Record<string, Buffer>) =>
    withObjects(
      client,
      async (to) =>
        run(
          { from: filled(entries), to },
          { settled: ({ key, status }) => acknowledged.set(key, status), parcelsInFlight: 1 },
        ),
      cache,
    )
  await push(FIRST)
  await push(SECOND)
  return acknowledged
}

const points = (calls: number, step: number): [number, boolean][] =>
  Array.from({ length: Math.ceil(calls / step) }, (_, i) => 1 + i * step).flatMap((at) => [
    [at, true],
    [at, false],
  ])

async function callsOf(objects: MemoryObjects): Promise<number> {
  await pushTwice(objects, 0, path.join(await folder(), 'cache'))
  return objects.counts.put + objects.counts.delete
}

test.each([
  ['an empty store', 0],
  ['a store with much to merge', 40],
])('killed before any put or delete, in %s: it can be read, and the next run completes it', async (_, left) => {
  const model = new MemoryObjects()
  await leaveMany(model.client(), left)
  const calls = (await callsOf(model)) - left
  expect(calls).toBeGreaterThan(left === 0 ? 12 : 40)
  // With much to merge, most are deletes of what is covered, one like the other.
  const step = left === 0 ? 1 : 19
  for (const [dieAt, same] of points(calls, step)) {
    const objects = new MemoryObjects()
    await leaveMany(objects.client(), left)
    const cache = path.join(await folder(), 'cache')
    await expect(pushTwice(objects, dieAt, cache)).rejects.toThrow()
    await withObjects(objects.client(), async (reader) => {
      const seen = await contentsOf(reader)
      expect(
        Object.keys(seen).filter((key) => key.startsWith('old/') && !key.endsWith('/')).length,
      ).toBeLessThanOrEqual(left)
    })
    // With what the dead one knew, and as somebody else.
    await withObjects(
      objects.client(),
      async (to) => {
        await run({ from: filled(SECOND), to })
      },
      same ? cache : undefined,
    )
    await withObjects(objects.client(), async (reader) => {
      expect(Object.keys(await contentsOf(reader)).filter((key) => !key.endsWith('/'))).toEqual(['a', 'b/c', 'new'])
    })
  }
})

test('what was acknowledged before the kill is there for others', async () => {
  for (let dieAt = 9; dieAt <= 20; dieAt++) {
    const objects = new MemoryObjects()
    let calls = 0
    const published: string[] = []
    const client = objects.client(() => {
      if (++calls === dieAt) throw new Error('killed')
    })
    const writing = withObjects(client, async (to) => {
      for (const [i, key] of ['p', 'q', 'r', 's'].entries()) {
        await run({ from: filled({ [key]: bytes(i, 900) }), to }, { policy: { deleteExtra: false, checksum: false } })
        published.push(key)
      }
    })
    await writing.catch((error: unknown) => expect(String(error)).toContain('killed'))
    await withObjects(objects.client(), async (reader) => {
      expect(Object.keys(await contentsOf(reader)).filter((key) => !key.endsWith('/'))).toEqual(
        expect.arrayContaining(published),
      )
    })
  }
})
