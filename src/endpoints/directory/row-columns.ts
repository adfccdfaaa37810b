import type { ObjectKey } from '../../model/key.js'
import type { KindName } from '../../model/manifest.js'
import type { VersionRef } from '../../model/version-ref.js'
import { packPrints, printAt } from './prints.js'

/** A page of rows of a directory, to cross to another thread at little cost. */
export interface RowColumns {
  readonly keys: readonly ObjectKey[]
  readonly kinds: readonly KindName[]
  /** -1 where it has none. */
  readonly modes: readonly number[]
  readonly prints: BigInt64Array
}

export const packRows = (rows: readonly VersionRef[]): RowColumns => ({
  keys: rows.map(({ key }) => key),
  kinds: rows.map(({ kind }) => kind),
  modes: rows.map(({ mode }) => mode ?? -1),
  prints: packPrints(rows.map(({ seen }) => seen)),
})

/** `takenMs` is that of all of them. */
export function unpackRows({ keys, kinds, modes, prints }: RowColumns, takenMs: number): VersionRef[] {
  return keys.map((key, index) => {
    const [kind, mode, seen] = [kinds[index], modes[index], printAt(prints, index, takenMs)]
    if (kind === undefined || mode === undefined) throw new RangeError(`no row ${index}`)
    return { key, kind, size: seen.size, ...(mode >= 0 && { mode }), mtimeNs: seen.mtimeNs, seen }
  })
}
