import { decodeBaselineRow, decodeGivenRow, encodeBaselineRow, encodeGivenRow } from '../format/rows-bucket.js'
import type { Baseline, BaselineRow, GivenRow } from '../model/baseline.js'
import type { Done } from '../model/endpoint.js'
import type { BucketUid, VersionId } from '../model/ids.js'
import type { ObjectKey } from '../model/key.js'
import { isObjectPrint, isProof } from '../model/version-ref.js'
import type { Committer, Job } from './commit/committer.js'
import { keyOfNamed, namedKey, underNamed } from './index/keys.js'
import type { Table } from './index/table.js'
import { pagesUnder, rowsUnder, type Tables } from './index/tables.js'

/** A baseline's rows ride with the next commit, whoever makes it. */
export function createBaseline(tables: Tables, committer: Committer, bucket: BucketUid, name: string): Baseline {
  const prefix = namedKey(bucket, name)
  const keyOf = (key: ObjectKey): Buffer => underNamed(prefix, key)
  // No name of a side has a NUL at its end.
  const mounts = namedKey(bucket, `${name}\0mounts`)
  const given = namedKey(bucket, `${name}\0given`)
  const past = namedKey(bucket, `${name}\0past`)

  return {
    async *scan({ signal, prefix: below = '' } = {}) {
      await committer.flush()
      const under = Buffer.concat([prefix, Buffer.from(below)])
      for await (const page of pagesUnder(tables.baselines, under)) {
        signal?.throwIfAborted()
        yield page.map(
          ({ key, value }): BaselineRow => ({
            key: keyOfNamed(key),
            ...decodeBaselineRow(value),
          }),
        )
      }
    },

    get: (keys) => rowsOf(tables, committer, prefix, keys),

    async put(rows, gone) {
      committer.throwPastFailure()
      if (rows.length + gone.length === 0) return
      const puts = rows.map(({ key, ...row }) => ({ key: keyOf(key), row: encodeBaselineRow(row) }))
      const proven = rows.filter(({ seen }) => isProof(seen)).map(({ key }) => key)
      const settled = [...proven, ...gone].map((key) => underNamed(given, key))
      // Only what stands in S3 has a past.
      const objects = rows.filter(({ seen }) => isObjectPrint(seen)).map(({ key }) => key)
      const told = [...objects, ...gone].map((key) => underNamed(past, key))
      await committer.submitLazily(rowsJob(tables.baselines, puts, [...gone.map(keyOf), ...settled, ...told]))
    },

    async mounts() {
      await committer.flush()
      return rowsUnder(tables.baselines, mounts).map(({ key }) => keyOfNamed(key))
    },

    async putMounts(mounted, gone) {
      committer.throwPastFailure()
      if (mounted.length + gone.length === 0) return
      const puts = mounted.map((key) => ({ key: underNamed(mounts, key), row: NOTHING }))
      const removals = gone.map((key) => underNamed(mounts, key))
      await committer.submitLazily(rowsJob(tables.baselines, puts, removals))
    },

    ...givenOf(tables, committer, given),
    ...pastOf(tables, committer, past),
  }
}

/** In the transaction that publishes: the version is what came of what was seen at the other side. */
export function agreeOn(tables: Tables, bucket: BucketUid, name: string, done: Done, id: VersionId): void {
  const at = underNamed(namedKey(bucket, name), done.key)
  const { kind } = 'manifest' in done.content ? done.content.manifest : done.content
  if (kind === 'deleted') tables.baselines.removeSync(at)
  else if (done.seen !== undefined) tables.baselines.putSync(at, encodeBaselineRow({ id, seen: done.seen }))
}

const pastOf = (tables: Tables, committer: Committer, at: Buffer): Pick<Baseline, 'past' | 'putPast'> => ({
  past: (keys) => rowsOf(tables, committer, at, keys),

  async putPast(rows) {
    committer.throwPastFailure()
    if (rows.length === 0) return
    const puts = rows.map(({ key, ...row }) => ({ key: underNamed(at, key), row: encodeBaselineRow(row) }))
    await committer.submitLazily(rowsJob(tables.baselines, puts, []))
    await committer.flush()
  },
})

async function rowsOf(
  tables: Tables,
  committer: Committer,
  under: Buffer,
  keys: readonly ObjectKey[],
): Promise<BaselineRow[]> {
  await committer.flush()
  return keys.flatMap((key) => {
    const row = tables.baselines.get(underNamed(under, key))
    return row === undefined ? [] : [{ key, ...decodeBaselineRow(row) }]
  })
}

const givenOf = (tables: Tables, committer: Committer, at: Buffer): Pick<Baseline, 'given' | 'putGiven'> => ({
  async given() {
    await committer.flush()
    return rowsUnder(tables.baselines, at).map(
      ({ key, value }): GivenRow => ({ key: keyOfNamed(key), ...decodeGivenRow(value) }),
    )
  },

  async putGiven(rows, gone) {
    committer.throwPastFailure()
    if (rows.length + gone.length === 0) return
    const puts = rows.map(({ key, ...row }) => ({ key: underNamed(at, key), row: encodeGivenRow(row) }))
    const removals = gone.map((key) => underNamed(at, key))
    await committer.submitLazily(rowsJob(tables.baselines, puts, removals))
    await committer.flush()
  },
})

/** The key says it all. */
const NOTHING = Buffer.of(0)

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
