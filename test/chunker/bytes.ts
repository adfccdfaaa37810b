import { Cutter, type Piece } from '../../src/chunker/cutter.js'
import type { Chunking } from '../../src/model/settings.js'

/** Bytes that look random and are the same for the same seed, everywhere (xorshift32). */
export function noise(seed: number, length: number): Buffer {
  const out = Buffer.alloc(length)
  let x = seed | 0 || 1
  for (let at = 0; at < length; at++) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    out[at] = x >>> 24
  }
  return out
}

/** All pieces of bytes that are there at once. */
export function cutWhole(chunking: Chunking, bytes: Buffer): Piece[] {
  const cutter = new Cutter(chunking)
  const pieces: Piece[] = []
  for (let at = 0; at < bytes.length; ) at += add(pieces, cutter.cut(bytes, at, bytes.length, true))
  return pieces
}

/** Appends a piece, one hole to another, and gives its length; 0 where there is none. */
function add(pieces: Piece[], piece: Piece | undefined): number {
  if (piece === undefined) return 0
  const last = pieces.at(-1)
  if (piece.hole && last?.hole) pieces[pieces.length - 1] = { length: last.length + piece.length, hole: true }
  else pieces.push(piece)
  return piece.length
}

/**
 * All pieces of bytes that arrive in parts: `arrival` says how many more come each time; what could not be cut is kept.
 * Holes that touch are one.
 */
export function cutInWindows(chunking: Chunking, bytes: Buffer, arrival: () => number): Piece[] {
  const cutter = new Cutter(chunking)
  const pieces: Piece[] = []
  let here = 0
  let at = 0
  while (at < bytes.length) {
    here = Math.min(bytes.length, here + Math.max(1, arrival()))
    while (at < here) {
      // A copy that ends where the bytes that are here end: what lies behind cannot be looked at.
      const window = Buffer.from(bytes.subarray(at, here))
      const length = add(pieces, cutter.cut(window, 0, window.length, here === bytes.length))
      if (length === 0) break
      at += length
    }
  }
  return pieces
}
