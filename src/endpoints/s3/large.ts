import { LIMITS } from '../../base/limits.js'
import { SpareBuffers } from '../../base/spare-buffers.js'
import { Cutter } from '../../chunker/cutter.js'
import type { ReadOptions, Wanted } from '../../model/endpoint.js'
import { ContentBuilder } from '../content-builder.js'
import { builtContent, type Cut, type Load, parcelOf } from '../lent-parcel.js'
import { type Got, getObject } from './getting.js'
import { bare } from './listing.js'
import { changed, checkHash, doneOf, lossOf, printOf, type ReadFrom, toldOf } from './read-object.js'

/** So many parts of one object are on their way at once. */
const PARTS_AHEAD = 6

/**
 * Reads one large object part by part, each of the same state; a part becomes a parcel. One that changes meanwhile, or
 * is not what was written, is parked at the end.
 */
export async function* readLarge(from: ReadFrom, wanted: Wanted, how: ReadOptions): AsyncGenerator<Load> {
  try {
    yield* readParts(from, wanted, how)
  } catch (error) {
    const { code, message } = lossOf(error, from, wanted.here.key)
    const why = code === 'CONFLICT' ? changed().message : message
    yield parcelOf([], [], [], how, [{ key: wanted.here.key, why }])
  }
}

async function* readParts(from: ReadFrom, wanted: Wanted, how: ReadOptions): AsyncGenerator<Load> {
  const { here, state } = wanted
  const headroom = new Cutter(how.chunking).lookAhead
  const length = Math.max(LIMITS.parcelBytesMax, headroom)
  const spare = new SpareBuffers(headroom + length, PARTS_AHEAD + how.parcelsInFlight)
  const partOf = (offset: number, bytes: number, etag?: string): Promise<Got> =>
    getObject(from.bucket, from.prefix + here.key, {
      range: { offset, length: bytes },
      // For what was left of the part before.
      headroom,
      take: (all) => spare.take(all),
      ...(etag !== undefined && { etag }),
      ...(state !== undefined && { version: state }),
      ...(how.signal && { signal: how.signal }),
    })
  const first = await partOf(0, Math.min(length, here.size))
  const size = totalOf(first)
  const etag = bare(first.answer.ETag ?? '')
  const told = await toldOf(from, wanted, first.answer, how)
  from.denials.allow()
  const builder = new ContentBuilder(how.chunking)
  const parts: Promise<Got>[] = [Promise.resolve(first)]
  let asked = first.bytes.length - headroom
  let tail: Buffer = Buffer.alloc(0)
  try {
    for (let taken = 0; taken < size; ) {
      for (; parts.length < PARTS_AHEAD && asked < size; asked += Math.min(length, size - asked)) {
        const part = partOf(asked, Math.min(length, size - asked), etag)
        part.catch(() => undefined)
        parts.push(part)
      }
      const { bytes } = await (parts.shift() as Promise<Got>)
      from.stats.add('bytesRead', bytes.length - headroom)
      taken += bytes.length - headroom
      const start = headroom - tail.length
      tail.copy(bytes, start)
      const cuts: Cut[] = []
      const final = taken === size
      const end = builder.take(bytes, start, bytes.length, final, (ref, offset, at) => {
        cuts.push({ slice: { object: wanted.object, offset, ref }, plain: bytes.subarray(at, at + ref.size) })
      })
      tail = Buffer.from(bytes.subarray(end))
      const over = (): void => spare.give(bytes)
      if (!final) yield { ...parcelOf(cuts, builder.takeNodes(), [], how), over }
      else {
        const content = builtContent(builder, told.attributes)
        checkHash(content.contentHash, told)
        from.stats.add('objectsRead', 1)
        yield parcelOf(cuts, builder.takeNodes(), [doneOf(wanted, content, printOf(from, first, size))], how)
      }
    }
  } finally {
    await Promise.allSettled(parts)
  }
}

function totalOf({ answer }: Got): number {
  const total = Number(/\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1])
  if (!Number.isSafeInteger(total)) throw changed()
  return total
}
