import { LIMITS } from '../base/limits.js'
import { untilAborted } from '../base/signals.js'
import { Cutter } from '../chunker/cutter.js'
import type { Parcel, Reader, ReadOptions, Wanted } from '../model/endpoint.js'
import type { ObjectKey } from '../model/key.js'
import type { Attributes } from '../model/manifest.js'
import { ContentBuilder } from './content-builder.js'
import { builtContent, type Cut, inlineContent, parcelOf, Room } from './lent-parcel.js'

export interface StreamObject {
  /** Read once. */
  readonly bytes: AsyncIterable<Uint8Array>
  readonly key: ObjectKey
  readonly attributes: Attributes
}

/** A source of exactly one object, whose bytes come as a stream (stdin). It can be read once. */
export function streamReader(object: StreamObject): Reader {
  return {
    kind: 'reads',
    async *list() {
      yield [{ key: object.key, kind: 'file', size: 0 }]
    },
    async *read(wanted, how) {
      for await (const page of wanted) for (const one of page) yield* readStream(object, one, how)
    },
  }
}

/** Cuts the stream in this thread, a window at a time; waits while `how.parcelsInFlight` windows are not released. */
async function* readStream(
  { bytes, attributes }: StreamObject,
  wanted: Wanted,
  how: ReadOptions,
): AsyncGenerator<Parcel> {
  const builder = new ContentBuilder(how.chunking)
  const room = new Room(how.parcelsInFlight)
  const capacity = Math.max(LIMITS.parcelBytesMax, new Cutter(how.chunking).lookAhead)
  let window = Buffer.allocUnsafeSlow(capacity)
  let filled = 0
  let large = false
  const take = (final: boolean): { cuts: Cut[]; end: number } => {
    const cuts: Cut[] = []
    const end = builder.take(window, 0, filled, final, (ref, offset, at) => {
      cuts.push({ slice: { object: wanted.object, offset, ref }, plain: window.subarray(at, at + ref.size) })
    })
    return { cuts, end }
  }
  for await (const piece of abortable(bytes, how.signal)) {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + capacity - filled)
      window.set(part, filled)
      filled += part.length
      at += part.length
      if (filled < capacity) continue
      large = true
      const { cuts, end } = take(false)
      yield await room.lend(parcelOf(cuts, builder.takeNodes(), [], how), how.signal)
      const next = Buffer.allocUnsafeSlow(capacity)
      filled = window.copy(next, 0, end)
      window = next
    }
  }
  const inline = !large && filled <= LIMITS.inlineBytesMax
  const { cuts } = inline ? { cuts: [] } : take(true)
  const content = inline ? inlineContent(window.subarray(0, filled), attributes) : builtContent(builder, attributes)
  const done = { object: wanted.object, key: wanted.here.key, content, ...(wanted.there && { there: wanted.there }) }
  yield await room.lend(parcelOf(cuts, builder.takeNodes(), [done], how), how.signal)
}

/** The same stream; an abort is thrown at once, even while the next bytes are waited for. */
async function* abortable<T>(items: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]()
  let ended = false
  try {
    for (;;) {
      const next = await untilAborted(signal, () => iterator.next())
      ended = next.done === true
      if (next.done) return
      yield next.value
    }
  } finally {
    // Not awaited: a stream that gives no bytes does not answer before it does.
    if (!ended) void iterator.return?.()
  }
}
