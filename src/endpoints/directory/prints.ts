import type { Fingerprint } from '../../model/version-ref.js'

const FIELDS = 4

/** Fingerprints as plain numbers, to cross to another thread at little cost. `takenMs` is one for all. */
export function packPrints(prints: readonly (Fingerprint | undefined)[]): BigInt64Array {
  const packed = new BigInt64Array(prints.length * FIELDS)
  for (const [index, print] of prints.entries()) {
    if (print === undefined) continue
    packed[index * FIELDS] = BigInt(print.size)
    packed[index * FIELDS + 1] = print.mtimeNs
    packed[index * FIELDS + 2] = print.ctimeNs
    packed[index * FIELDS + 3] = print.inode
  }
  return packed
}

/** The fingerprint at `index`; undefined where none was packed, which shows as inode 0. */
export function unpackPrint(packed: BigInt64Array, index: number, takenMs: number): Fingerprint | undefined {
  const print = printAt(packed, index, takenMs)
  return print.inode === 0n ? undefined : print
}

/** The fingerprint at `index`, where one was packed. */
export function printAt(packed: BigInt64Array, index: number, takenMs: number): Fingerprint {
  const at = index * FIELDS
  const [size, mtimeNs, ctimeNs, inode] = [packed[at], packed[at + 1], packed[at + 2], packed[at + 3]]
  if (size === undefined || mtimeNs === undefined || ctimeNs === undefined || inode === undefined)
    throw new RangeError(`no fingerprint ${index}`)
  return { size: Number(size), mtimeNs, ctimeNs, inode: BigInt.asUintN(64, inode), takenMs }
}
