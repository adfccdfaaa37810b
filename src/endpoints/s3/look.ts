import { LIMITS } from '../../base/limits.js'
import { forEachBounded } from '../../base/pool.js'
import type { CallOptions } from '../../model/endpoint.js'
import { isFolderKey, type ObjectKey, ROOT_FOLDER } from '../../model/key.js'
import type { VersionRef } from '../../model/version-ref.js'
import { listKeys } from './listing.js'
import { folderRow, type RowsOf, rowOf } from './rows.js'
import { keyFaultAt } from './sink-write.js'

/**
 * The rows of single keys, as a listing would have them: each is asked for by a listing of its own, which tells times as
 * all listings do, and of a folder whether something is in it.
 */
export async function lookRows(
  of: RowsOf,
  keys: readonly ObjectKey[],
  { signal = new AbortController().signal }: CallOptions,
): Promise<VersionRef[]> {
  const rows = new Map<ObjectKey, VersionRef>()
  await forEachBounded(keys, LIMITS.s3RequestsMax, signal, async (key, either) => {
    const row = await lookAt(of, key, either)
    if (row !== undefined) rows.set(key, row)
  })
  return keys.flatMap((key) => rows.get(key) ?? [])
}

async function lookAt(of: RowsOf, key: ObjectKey, signal: AbortSignal): Promise<VersionRef | undefined> {
  if (key === ROOT_FOLDER) return of.withRoot ? folderRow(key) : undefined
  if (keyFaultAt(of.prefix, key) !== undefined) return undefined
  // A key comes before all that start with it.
  for await (const [first] of listKeys(of.bucket, { prefix: of.prefix + key, rows: 1, signal })) {
    if (first?.key === of.prefix + key) return rowOf(of, first)
    return isFolderKey(key) ? folderRow(key) : undefined
  }
  return undefined
}
