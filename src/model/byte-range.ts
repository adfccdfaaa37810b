import { EfsError } from '../base/errors.js'

/** Bytes `start` to `end`, the end not included. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * `A-B` (both included), `A-` to the end, `-N` the last N, cut to an object of `size` bytes.
 * @throws USAGE where the text is no range or starts behind the end
 */
export function byteRange(text: string | undefined, size: number): ByteRange {
  if (text === undefined) return { start: 0, end: size }
  const match = /^(\d*)-(\d*)$/.exec(text)
  const [from = '', to = ''] = match?.slice(1) ?? []
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const end = from === '' || to === '' ? size : Math.min(size, Number(to) + 1)
  if (!match || (from === '' && to === '') || start > end || (start >= size && size > 0)) {
    throw new EfsError('USAGE', `no such range of ${size} bytes: ${text}`, {
      hint: 'write A-B (both included), A- or -N',
    })
  }
  return { start, end }
}
