import { LIMITS } from '../../base/limits.js'
import type { Extent, SameExtent } from '../../model/extent.js'

const MiB = 1024 * 1024

/** One part of an upload; with `from` it is copied from there in what stands under the same key, else it is sent. */
export interface Part extends Extent {
  readonly from?: number
}

export const isCopied = (part: Part): part is SameExtent => part.from !== undefined

/** Those that are long enough for a part of their own, even if all of the object is like that. */
export async function worthCopying(size: number, same: AsyncIterable<SameExtent>): Promise<SameExtent[]> {
  const least = Math.max(LIMITS.s3CopyBytesLeast, Math.ceil(size / LIMITS.s3CopiesMax))
  const worth: SameExtent[] = []
  for await (const one of same) if (one.length >= least) worth.push(one)
  return worth
}

/**
 * The parts of an object of `size` bytes in order, of which `same` (in order, as `worthCopying` gives it) is copied. Every part but the last has
 * at least LIMITS.s3CopyBytesLeast, so that what is sent in between takes in the beginning of what comes after it; there are at most
 * LIMITS.s3PartsMax.
 */
export function layParts(size: number, same: readonly SameExtent[]): Part[] {
  const pieces = alternating(size, same)
  const copied = pieces.filter(isCopied)
  const sent = pieces.filter((piece) => !isCopied(piece))
  const copyBytes = Math.max(LIMITS.s3CopyBytesMost, Math.ceil((2 * size) / LIMITS.s3PartsMax))
  const copies = copied.reduce((sum, { length }) => sum + Math.ceil(length / copyBytes), 0)
  const left = LIMITS.s3PartsMax - copies - sent.length
  const sentBytes = sent.reduce((sum, { length }) => sum + length, 0)
  const partBytes = Math.max(LIMITS.s3PartBytesLeast, Math.ceil(sentBytes / left / MiB) * MiB)
  return pieces.flatMap((piece) => (isCopied(piece) ? evenly(piece, copyBytes) : cut(piece, partBytes, size)))
}

/** What is sent and what is copied, before either is cut. */
function alternating(size: number, same: readonly SameExtent[]): Part[] {
  const pieces: Part[] = []
  let end = 0
  for (const { offset, length, from } of same) {
    const gap = offset - end
    const taken = gap > 0 ? Math.max(0, LIMITS.s3CopyBytesLeast - gap) : 0
    if (length - taken < LIMITS.s3CopyBytesLeast) continue
    if (gap > 0) pieces.push({ offset: end, length: gap + taken })
    pieces.push({ offset: offset + taken, length: length - taken, from: from + taken })
    end = offset + length
  }
  if (end < size) pieces.push({ offset: end, length: size - end })
  return pieces
}

function evenly({ offset, length, from }: SameExtent, most: number): Part[] {
  const count = Math.ceil(length / most)
  const at = (i: number): number => Math.floor((length * i) / count)
  return Array.from({ length: count }, (_, i) => ({
    offset: offset + at(i),
    length: at(i + 1) - at(i),
    from: from + at(i),
  }))
}

/** Into parts of so many bytes. What would be too short for one is with the one before it, except at the end of the object. */
function cut({ offset, length }: Part, bytes: number, size: number): Part[] {
  const end = offset + length
  const least = end === size ? 1 : LIMITS.s3CopyBytesLeast
  const parts: Part[] = []
  let at = offset
  for (; end - at >= bytes + least; at += bytes) parts.push({ offset: at, length: bytes })
  return [...parts, { offset: at, length: end - at }]
}

/** What is copied of it, joined where one part follows another. */
export function copiedExtents(parts: readonly Part[]): Extent[] {
  const extents: Extent[] = []
  for (const { offset, length } of parts.filter(isCopied)) {
    const last = extents.at(-1)
    const follows = last !== undefined && last.offset + last.length === offset
    if (follows) extents.splice(-1, 1, { offset: last.offset, length: last.length + length })
    else extents.push({ offset, length })
  }
  return extents
}
