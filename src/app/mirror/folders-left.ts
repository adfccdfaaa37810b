import type { Baseline, BaselineRow } from '../../model/baseline.js'
import { isDelete } from '../../model/done.js'
import type { Done, Parked } from '../../model/endpoint.js'
import type { BucketUid } from '../../model/ids.js'
import { isFolderKey, type ObjectKey } from '../../model/key.js'
import type { VersionIndex } from '../../model/segment.js'
import { leftOut, mirrorName } from './notes.js'

/** What still stands in a folder after so many tries is to stay, and the folder with it. */
const TRIES_MAX = 4

/** Where a pass gives out deletes. */
interface Giving {
  readonly versions: VersionIndex
  readonly uid: BucketUid
  readonly place: string
  readonly baseline: Baseline
}

/**
 * Folders that were deleted in the bucket and cannot be removed yet, since what is in them goes by a later pass, or is looked at when it rests.
 * Until then both sides agree on them as they did: as news from there they would come back.
 */
export class FoldersLeft {
  readonly #giving: Giving
  readonly #rows = new Map<ObjectKey, BaselineRow>()

  constructor(giving: Giving) {
    this.#giving = giving
  }

  /** Before they are removed. */
  async note(done: readonly Done[]): Promise<void> {
    const deleted = done.filter((one) => isFolderKey(one.key) && isDelete(one)).map(({ key }) => key)
    if (deleted.length === 0) return
    for (const row of await this.#giving.baseline.get(deleted)) this.#rows.set(row.key, row)
  }

  /** After the pass, and before what it left out is noted. */
  async settle(parked: readonly Parked[]): Promise<void> {
    const rows = parked.flatMap(({ key }) => this.#rows.get(key) ?? [])
    if (rows.length === 0) return
    const tries = await this.#tries()
    await this.#giving.baseline.put(
      rows.filter(({ key }) => (tries.get(key) ?? 0) < TRIES_MAX),
      [],
    )
  }

  async #tries(): Promise<ReadonlyMap<ObjectKey, number>> {
    const { versions, uid, place } = this.#giving
    const tries = new Map<ObjectKey, number>()
    for await (const page of leftOut(versions, uid, mirrorName(place)))
      for (const retry of page) if (this.#rows.has(retry.key)) tries.set(retry.key, retry.tries)
    return tries
  }
}
