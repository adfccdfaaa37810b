import { readFileSync, rmSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deleteObject } from '../../src/app/objects/objects.js'
import { listRuns, undoRun } from '../../src/app/runs/undo.js'
import { setName } from '../../src/app/system/names.js'
import { A, B, never, Site } from './site.js'

async function undo(site: Site, run: number) {
  const blocked: string[] = []
  const work = undoRun(site.app, run, never(), async ({ key, why }) => {
    blocked.push(`${key}: ${why}`)
  })
  await work.catch(() => undefined)
  return { blocked, work }
}

/** What a bucket holds, brought out into a folder. */
async function contents(site: Site, bucket: string): Promise<Record<string, string>> {
  rmSync(site.at('out'), { recursive: true, force: true })
  await site.sync(bucket, site.at('out'))
  const keys = await site.keys(bucket)
  return Object.fromEntries(keys.map((key) => [key, readFileSync(site.at('out', key), 'utf8')]))
}

const refused = expect.objectContaining({ code: 'CONFLICT', exit: 5 })

test('a run is taken back: what it changed, made and deleted; and that can be taken back too', async () => {
  const site = await Site.begin()
  site.write(['in/a', '1'], ['in/b', '1'], ['in/same', '1'])
  expect(await site.sync(site.at('in'), A)).toMatchObject({ run: 1 })
  const first = await contents(site, A)
  expect(await site.sync(site.at('in'), A)).not.toHaveProperty('run')
  site.write(['in/a', 'changed'], ['in/new/x', 'x'])
  rmSync(site.at('in/b'))
  expect(await site.sync(site.at('in'), A, { deletes: true })).toMatchObject({ run: 2 })
  const second = await contents(site, A)
  expect(await (await undo(site, 2)).work).toMatchObject({ objects: 3, run: 3, parked: [] })
  expect(await contents(site, A)).toEqual(first)
  await (await undo(site, 3)).work
  expect(await contents(site, A)).toEqual(second)
  const told = (await listRuns(site.app, A)).map(({ run, undoes, undoneBy }) => [run, undoes, undoneBy])
  expect(told).toEqual([
    [4, 3, undefined],
    [3, 2, 4],
    [2, undefined, 3],
    [1, undefined, undefined],
  ])
  expect(await listRuns(site.app, B)).toEqual([])
})

test('random runs that are taken back one by one lead through all that was before', async () => {
  const name = fc.constantFrom('a', 'b', 'c/d', 'c/e')
  const trees = fc.array(fc.dictionary(name, fc.constantFrom('1', '22', '333'), { minKeys: 1 }), {
    minLength: 2,
    maxLength: 4,
  })
  await fc.assert(
    fc.asyncProperty(trees, async (some) => {
      const site = await Site.begin()
      const states: Record<string, string>[] = [{}]
      const runs: number[] = []
      for (const tree of some) {
        rmSync(site.at('in'), { recursive: true, force: true })
        site.write(...Object.entries(tree).map(([key, text]) => [`in/${key}`, text] as const))
        const { run } = await site.sync(site.at('in'), A, { deletes: true })
        if (run === undefined) continue
        runs.push(run)
        states.push(await contents(site, A))
      }
      for (const run of runs.reverse()) {
        expect(await contents(site, A)).toEqual(states.pop())
        await (await undo(site, run)).work
      }
      expect(await contents(site, A)).toEqual({})
    }),
    { numRuns: 3 },
  )
})

test('what was changed since is named, and nothing is written', async () => {
  const site = await Site.begin()
  site.write(['in/a', '1'], ['in/b', '1'])
  await site.sync(site.at('in'), A)
  await deleteObject(site.app, `${A}/a`)
  const { blocked, work } = await undo(site, 1)
  await expect(work).rejects.toEqual(refused)
  expect(blocked).toEqual(['a: it was changed since'])
  expect(await site.keys(A)).toEqual(['b'])
})

test('where what was before is not kept, nothing is undone; what came with its own history goes as it came', async () => {
  const site = await Site.begin()
  site.write(['in/a', '1'])
  await site.sync(site.at('in'), A)
  site.write(['in/a', '2'])
  await site.sync(site.at('in'), A)
  const { run = 0 } = await site.sync(A, B)
  await (await undo(site, run)).work
  expect(await site.keys(B)).toEqual([])
  await setName(site.app, 'bucket', A, { numberOfVersions: 1 })
  site.write(['in/a', '3'])
  const last = await site.sync(site.at('in'), A)
  const { blocked, work } = await undo(site, last.run ?? 0)
  await expect(work).rejects.toEqual(refused)
  expect(blocked).toEqual([expect.stringContaining('number-of-versions is 1')])
  await expect((await undo(site, 99)).work).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
