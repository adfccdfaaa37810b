import { readU64, writeU64 } from '../../format/rows-numbers.js'
import { packKey, placeBytes } from '../index/keys.js'
import { rowsUnder, type Tables } from '../index/tables.js'

/** A stretch of a pack that holds no whole record. */
export interface Broken {
  readonly pack: number
  readonly offset: number
  readonly end: number
}

/** In a transaction: no whole record was there when the index was made anew, so nothing in it stands there. */
export function noteBroken({ broken }: Tables, at: Broken): void {
  const bytes = Buffer.alloc(8)
  writeU64(bytes, at.end, 0)
  broken.putSync(placeBytes(at), bytes)
}

export function isNotedBroken({ broken }: Tables, at: Broken): boolean {
  const row = broken.get(placeBytes(at))
  return row !== undefined && at.end <= readU64(row, 0)
}

/** In a transaction: the file goes. */
export function forgetBroken({ broken }: Tables, pack: number): void {
  for (const { key } of rowsUnder(broken, packKey(pack))) broken.removeSync(key)
}
