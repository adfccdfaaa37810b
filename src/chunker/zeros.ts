import { LIMITS } from '../base/limits.js'

const ZEROS = Buffer.alloc(64 * 1024)
/** Any run that is long enough for a hole holds at least one byte at a multiple of this. */
const PROBE_BYTES = LIMITS.holeBytesMin / 2
/** Short runs are counted byte by byte; comparing blocks pays only for long ones. */
const SHORT_BYTES = 256

/** Where the zeros that begin at `from` end; `from` itself where there are none. */
export function zerosEnd(bytes: Buffer, from: number, end: number): number {
  let at = from
  const near = Math.min(end, from + SHORT_BYTES)
  while (at < near && bytes[at] === 0) at++
  if (at < near) return at
  while (at < end) {
    const step = Math.min(ZEROS.length, end - at)
    if (bytes.compare(ZEROS, 0, step, at, at + step) !== 0) break
    at += step
  }
  const last = Math.min(end, at + ZEROS.length)
  while (at < last && bytes[at] === 0) at++
  return at
}

/**
 * The start of the first hole that begins in [from, until), or `until`. The bytes before `from` hold no start of a hole;
 * `end` is where the bytes end, at least LIMITS.holeBytesMin after `until` unless the object ends there.
 */
export function holeStart(bytes: Buffer, from: number, until: number, end: number): number {
  const last = Math.min(end, until + LIMITS.holeBytesMin)
  for (let probe = from; probe < last; probe += PROBE_BYTES) {
    if (bytes[probe] !== 0) continue
    let start = probe
    while (start > from && bytes[start - 1] === 0) start--
    if (start >= until) return until
    const stop = zerosEnd(bytes, probe, last)
    if (stop - start >= LIMITS.holeBytesMin) return start
  }
  return until
}
