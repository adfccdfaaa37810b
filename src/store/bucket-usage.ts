import { decodeVersionRow } from '../format/rows-version.js'
import type { ChunkRef } from '../model/chunk.js'
import type { BucketUid } from '../model/ids.js'
import type { BucketUsage } from '../model/usage.js'
import type { MarkParts } from './collect/mark.js'
import { Marks } from './collect/marks.js'
import { uidKey } from './index/keys.js'
import { pagesUnder } from './index/tables.js'
import { visitTrees } from './trees.js'

/**
 * Looks at each chunk that a bucket needs, once: a bit of memory a chunk, a look into the index a reference. What is removed
 * meanwhile is not counted.
 */
export async function bucketUsage(
  { tables, index, chunks }: MarkParts,
  bucket: BucketUid,
  signal: AbortSignal | undefined,
): Promise<BucketUsage> {
  const marks = new Marks()
  const take = async (table: typeof tables.heads): Promise<{ plain: number; stored: number }> => {
    const sum = { plain: 0, stored: 0 }
    const newNodes = (refs: readonly ChunkRef[]): ChunkRef[] =>
      refs.filter(({ id, node }) => {
        const row = index.row(id)
        if (row === undefined || !marks.add(row.dense)) return false
        if (!node) sum.plain += row.size
        sum.stored += row.place.length
        return node
      })
    for await (const page of pagesUnder(table, uidKey(bucket))) {
      const rows = page.map(({ value }) => decodeVersionRow(value))
      // What stands in its manifest is not shared, and not compressed.
      const inline = rows.reduce((bytes, { root, size }) => bytes + (root === undefined ? size : 0), 0)
      sum.plain += inline
      sum.stored += inline
      await visitTrees(
        chunks,
        rows.flatMap(({ root }) => root?.ref ?? []),
        newNodes,
        signal,
      )
    }
    return sum
  }
  const { plain: unique, stored: compressed } = await take(tables.heads)
  const { stored: older } = await take(tables.versions)
  return { unique, compressed, older }
}
