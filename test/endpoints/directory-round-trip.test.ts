import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { directoryEndpoint } from '../../src/endpoints/directory/endpoint.js'
import { createStats } from '../../src/stats/counters.js'
import { Faults } from '../fakes/faults.js'
import { MemoryBaseline } from '../fakes/memory-baseline.js'
import { MemoryBucket } from '../fakes/memory-bucket.js'
import { run } from '../transfer/runs.js'
import { bucketContents, folderTree, plant, treeContents } from '../transfer/trees.js'

const tree = folderTree.map(
  (leaves) =>
    new Map([...leaves].filter(([, { kind, bytes }]) => kind !== 'link' || (bytes.length > 0 && !bytes.includes(0)))),
)

/** A link's own mode is whatever the platform says, and the directory itself is not of the random tree. */
const withoutLinkModes = ({ '/': _, ...contents }: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(contents).map(([key, text]) => [
      key,
      text.replace(/^link \d+/, 'link').replace(/^link undefined/, 'link'),
    ]),
  )

test('a tree goes out into a directory, is changed into another, and comes back as it was', async () => {
  await fc.assert(
    fc.asyncProperty(tree, tree, async (first, second) => {
      const dir = await mkdtemp(path.join(tmpdir(), 'efs-round-'))
      try {
        const [from, back] = [new MemoryBucket(), new MemoryBucket(new Faults(), 8192)]
        const options = { clock: systemClock, missing: 'made' as const, stats: createStats() }
        const out = await directoryEndpoint(path.join(dir, 'out'), options)
        const baseline = new MemoryBaseline()
        plant(first, from)
        expect((await run({ from, to: out, baseline })).report.parked).toEqual([])
        for (const key of [...from.heads.keys()]) from.remove(key)
        plant(second, from)
        expect((await run({ from, to: out, baseline })).report.parked).toEqual([])
        await out.close()
        const again = await directoryEndpoint(path.join(dir, 'out'), options)
        if (again.source === undefined) throw new Error('no source')
        expect((await run({ from: { ...again, source: again.source }, to: back })).report.parked).toEqual([])
        await again.close()
        expect(withoutLinkModes(bucketContents(back))).toEqual(withoutLinkModes(treeContents(second)))
      } finally {
        await rm(dir, { recursive: true, force: true })
      }
    }),
    { numRuns: 40 },
  )
})
