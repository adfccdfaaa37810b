import { isSamePlace } from '../../format/rows-chunk.js'
import type { Job } from '../commit/committer.js'
import type { Group } from '../commit/group.js'
import type { ChunkIndex } from '../index/chunk-rows.js'
import type { IndexTransaction } from '../index/transaction.js'
import { moveManifest } from '../index/version-rows.js'
import { doom } from '../packs/owners.js'
import { copiedRecord, manifestRecord } from '../packs/records.js'
import type { Placed } from '../packs/writer.js'
import type { LiveRecord } from './live-records.js'

type Moving = Placed & { readonly record: LiveRecord }

/**
 * Writes records of an old pack into a new one, in the order of every commit. The index follows where it still points to the
 * old ones. A chunk that it no longer holds by then is garbage in the new pack. A version that was removed meanwhile is gone in both
 * places as long as the old pack is there, and the new place is refused, which is said before that pack is gone.
 */
export class MoveJob implements Job {
  readonly done: Promise<void>
  readonly #moving: readonly Moving[]
  #resolve: () => void = () => undefined
  #reject: (error: unknown) => void = () => undefined

  constructor(
    readonly index: ChunkIndex,
    records: readonly LiveRecord[],
    /** The pack that has nothing left after this, and those that are not missed either. */
    readonly emptied?: { readonly pack: number; readonly gone: ReadonlySet<number> },
  ) {
    this.#moving = records.map((record) => ({ record, place: undefined }))
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  async prepare(group: Group): Promise<void> {
    for (const moving of this.#moving) {
      const { record } = moving
      if (record.kind === 'chunk') group.copy(copiedRecord(record.header, record.payload, moving))
      else if (record.kind === 'log') group.record(record.record)
      else {
        const { bucket, key, row, payload, from } = record
        group.move(bucket, { key, id: row.id, from }, manifestRecord(row.id, payload, moving))
      }
    }
    if (this.emptied === undefined) return
    const { pack, gone } = this.emptied
    group.record({ kind: 'gone', packs: [...gone, pack].sort((a, b) => a - b) })
  }

  apply(tx: IndexTransaction): void {
    if (this.emptied !== undefined) doom(tx.tables, this.emptied.pack)
    for (const { record, place } of this.#moving) {
      if (record.kind === 'log') continue
      if (place === undefined) throw new RangeError('a record that is in no pack')
      if (record.kind === 'chunk') {
        const row = this.index.row(record.id)
        if (row !== undefined && isSamePlace(row.place, record.from)) this.index.write(record.id, { ...row, place })
        continue
      }
      moveManifest(tx, record.bucket, { key: record.key, ...record.row }, record.from, place)
    }
  }

  settle(): 'done' {
    this.#resolve()
    return 'done'
  }

  fail(error: unknown): boolean {
    this.#reject(error)
    return true
  }
}
