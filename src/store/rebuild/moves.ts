import { type Published, packKey, placeBytes } from '../index/keys.js'
import type { Row } from '../index/table.js'
import { rowsUnder } from '../index/tables.js'
import type { RebuildParts } from './parts.js'
import { readOffsets } from './scratch.js'

/**
 * What a removal means for one publishing: `named` where a removal names it; `linked` where one names another place of it, out of
 * which it was moved or into which.
 */
export function removalOf(
  { scratch }: RebuildParts,
  { at, place: { pack } }: Published,
  { value }: Row,
): 'named' | 'linked' | undefined {
  if (scratch.removed.doesExist(at)) return 'named'
  const isNamed = (place: Buffer): boolean => scratch.removed.doesExist(Buffer.concat([at, place]))
  const own = placesOf(pack, value)
  // Where its manifest is damaged, a removal in that pack can only have meant this publishing.
  if (own.length === 0 && rowsUnder(scratch.removed, Buffer.concat([at, packKey(pack)])).length > 0) return 'named'
  // Of the manifests of a version in one commit any may be the one that a removal names.
  if (own.some(isNamed)) return 'named'
  const seen = new Set(own.map((place) => place.toString('hex')))
  for (const place of seen) {
    const from = Buffer.concat([at, Buffer.from(place, 'hex')])
    for (const table of [scratch.copies, scratch.origins]) {
      for (const { key } of rowsUnder(table, from)) {
        const other = key.subarray(from.length)
        if (isNamed(other)) return 'linked'
        seen.add(other.toString('hex'))
      }
    }
  }
  return undefined
}

/** Whether it was copied to where it counts. */
export const isMovedOn = ({ scratch }: RebuildParts, { at, place: { pack } }: Published, { value }: Row): boolean =>
  placesOf(pack, value).some((place) => rowsUnder(scratch.copies, Buffer.concat([at, place])).length > 0)

/** Of all its manifests. */
const placesOf = (pack: number, offsets: Buffer): Buffer[] =>
  readOffsets(offsets).map((offset) => placeBytes({ pack, offset }))
