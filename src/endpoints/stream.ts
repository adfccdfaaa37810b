import { hashHex } from '../base/hash.js'
import { LIMITS } from '../base/limits.js'
import { Cutter } from '../chunker/cutter.js'
import { type Chunk, type ChunkRef, storedForm } from '../model/chunk.js'
import type { Done, Parcel, Reader, ReadOptions, Slice, Wanted } from '../model/endpoint.js'
import type { ContentHash } from '../model/ids.js'
import type { ObjectKey } from '../model/key.js'
import type { Attributes, Content } from '../model/manifest.js'
import { ContentBuilder } from './content-builder.js'

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

interface Cut {
  readonly slice: Slice
  readonly plain: Buffer
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

const inlineContent = (bytes: Buffer, attributes: Attributes): Content => ({
  kind: 'file',
  size: bytes.length,
  contentHash: hashHex(bytes) as ContentHash,
  attributes,
  root: { inline: new Uint8Array(bytes) },
})

const builtContent = (builder: ContentBuilder, attributes: Attributes): Content => ({
  kind: 'file',
  ...builder.finish(),
  attributes,
})

/** A parcel without its memory's bookkeeping. */
type Load = Omit<Parcel, 'release'>

function parcelOf(cuts: readonly Cut[], nodes: readonly Chunk[], done: readonly Done[], how: ReadOptions): Load {
  const plains = new Map(cuts.map(({ slice, plain }) => [slice.ref.id, plain]))
  const load = (ref: ChunkRef): Chunk => {
    const plain = plains.get(ref.id)
    if (plain === undefined) throw new Error(`chunk ${ref.id} is not of this parcel`)
    return storedForm(ref, plain, how.compress)
  }
  return {
    slices: cuts.map(({ slice }) => slice),
    nodes,
    done,
    parked: [],
    load: async (refs, options) => {
      options?.signal?.throwIfAborted()
      return refs.map(load)
    },
  }
}

/** Counts what is lent, and makes the lender wait when it is too much. */
class Room {
  #lent = 0
  #wake: () => void = () => undefined

  constructor(readonly limit: number) {}

  async lend(load: Load, signal: AbortSignal | undefined): Promise<Parcel> {
    while (this.#lent >= this.limit) await orAborted(new Promise<void>((resolve) => this.#onWake(resolve)), signal)
    this.#lent++
    let held = true
    const release = (): void => {
      if (held) this.#lent--
      held = false
      this.#wake()
    }
    return { ...load, release }
  }

  #onWake(resolve: () => void): void {
    this.#wake = resolve
  }
}

/** The same stream; an abort is thrown at once, even while the next bytes are waited for. */
async function* abortable<T>(items: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]()
  let ended = false
  try {
    for (;;) {
      const next = await orAborted(iterator.next(), signal)
      ended = next.done === true
      if (next.done) return
      yield next.value
    }
  } finally {
    // Not awaited: a stream that gives no bytes does not answer before it does.
    if (!ended) void iterator.return?.()
  }
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
