import { decodeBaselineRow, encodeBaselineRow } from '../format/rows-bucket.js'
import type { Baseline, BaselineRow } from '../model/baseline.js'
import type { BucketUid } from '../model/ids.js'
import type { ObjectKey } from '../model/key.js'
import type { Committer, Job } from './committer.js'
import { namedKey } from './keys.js'
import type { Table } from './table.js'
import { pagesUnder, type Tables } from './tables.js'

/** A baseline's rows ride with the next commit, whoever makes it. */
export function createBaseline(tables: Tables, committer: Committer, bucket: BucketUid, name: string): Baseline {
  const prefix = namedKey(bucket, name)
  const keyOf = (key: ObjectKey): Buffer => Buffer.concat([prefix, Buffer.from(key)])

  return {
    async *scan({ signal, prefix: below = '' } = {}) {
      await committer.flush()
      const under = Buffer.concat([prefix, Buffer.from(below)])
      for await (const page of pagesUnder(tables.baselines, under)) {
        signal?.throwIfAborted()
        yield page.map(
          ({ key, value }): BaselineRow => ({
            key: key.toString('utf8', prefix.length) as ObjectKey,
            ...decodeBaselineRow(value),
          }),
        )
      }
    },

    async get(keys) {
      await committer.flush()
      return keys.flatMap((key) => {
        const row = tables.baselines.get(keyOf(key))
        return row === undefined ? [] : [{ key, ...decodeBaselineRow(row) }]
      })
    },

    async put(rows, gone) {
      committer.throwPastFailure()
      if (rows.length + gone.length === 0) return
      const puts = rows.map(({ key, ...row }) => ({ key: keyOf(key), row: encodeBaselineRow(row) }))
      await committer.submitLazily(rowsJob(tables.baselines, puts, gone.map(keyOf)))
    },
  }
}

const rowsJob = (
  table: Table,
  puts: readonly { readonly key: Buffer; readonly row: Buffer }[],
  removals: readonly Buffer[],
): Job => ({
  prepare: async (group) => group.rows(),
  apply: () => {
    for (const { key, row } of puts) table.putSync(key, row)
    for (const key of removals) table.removeSync(key)
  },
  settle: () => 'done',
  fail: () => false,
})
