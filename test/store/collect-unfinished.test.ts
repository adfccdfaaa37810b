import path from 'node:path'
import { expect, test } from 'vitest'
import type { Chunk } from '../../src/model/chunk.js'
import { readCollectionRow, writeCollectionRow } from '../../src/store/collection-row.js'
import { ChunkIndex } from '../../src/store/index/chunk-rows.js'
import { chunkKey } from '../../src/store/index/keys.js'
import { openTables, transact } from '../../src/store/index/tables.js'
import { withSegment } from '../../src/store/segment.js'
import { done, leaf, tree, treeFile } from '../contracts/samples.js'
import { ALL, homeWith, options, sound, write } from './collecting.js'
import { bucketOf } from './homes.js'

test('while a collection is unfinished nothing is taken for whole, and nothing is made so', async () => {
  const texts = ['left', 'right']
  const other = tree(['left', 'other'])
  const { node, leaves: under } = tree(texts)
  const [left = leaf('')] = under
  const where = await homeWith([...under, node], [done('a', treeFile(texts))])
  const tables = openTables(where, path.join(where, 'index.mdb'))
  try {
    const index = new ChunkIndex(tables)
    const isWhole = (chunk: Chunk): boolean | undefined => index.state(chunk.ref.id)?.whole
    // As a collector leaves it that was killed between two pages of its sweep.
    transact(tables, () => {
      writeCollectionRow(tables, { ...readCollectionRow(tables), unfinished: true, tick: 1 })
      tables.chunks.removeSync(chunkKey(left.ref.id))
    })
    expect(isWhole(node)).toBe(true)
    await withSegment(where, options, async (segment) => {
      const publish = () =>
        segment.versions.publish(bucketOf(segment), [done('b', treeFile(texts))], { overwrite: true })
      expect(await publish()).toEqual([{ status: 'needs', refs: [left.ref] }])
      await segment.chunks.put([left, ...other.leaves, other.node])
      expect((await publish())[0]?.status).toBe('published')
      expect(await write(segment, [done('c', treeFile(['left', 'other']))])).toEqual(['published'])
      expect(isWhole(other.node)).toBe(false)
      await segment.collect(ALL)
      expect(await write(segment, [done('d', treeFile(['left', 'other']))])).toEqual(['published'])
      expect(isWhole(other.node)).toBe(true)
      await sound(segment)
    })
  } finally {
    await tables.close()
  }
})
