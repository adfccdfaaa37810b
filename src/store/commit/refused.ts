import type { ManifestAt, PublishEntry } from '../../format/log.js'
import type { BucketUid } from '../../model/ids.js'
import { headKey, keyOfHead, placeBytes, publishedKey, readPublished, UID_BYTES } from '../index/keys.js'
import { ALL, rowsUnder, type Tables } from '../index/tables.js'

/** A version that stands published in a pack, in a place that the index does not hold. */
export interface Refused {
  readonly bucket: BucketUid
  readonly entry: PlacedEntry
  readonly row: Buffer
}

export interface PlacedEntry extends PublishEntry {
  readonly at: ManifestAt
}

const NOTHING = Buffer.of(0)

/** In a transaction: the next commit, of whatever process, says in its pack that it does not count. */
export function refuse(tables: Tables, bucket: BucketUid, { key, id, at }: PlacedEntry): void {
  tables.refused.putSync(Buffer.concat([publishedKey(headKey(bucket, key), id), placeBytes(at)]), NOTHING)
}

/** What is still to be said. */
export const refusedRows = (tables: Tables): Refused[] =>
  rowsUnder(tables.refused, ALL).map(({ key: row }) => {
    const { head, id, place } = readPublished(row)
    const bucket = head.toString('hex', 0, UID_BYTES) as BucketUid
    return { bucket, entry: { key: keyOfHead(head), id, at: place }, row }
  })

/** In a transaction: it is said. */
export function forgetRefused(tables: Tables, said: readonly Refused[]): void {
  for (const { row } of said) tables.refused.removeSync(row)
}
