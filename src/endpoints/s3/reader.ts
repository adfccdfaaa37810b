import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { forEachBounded } from '../../base/pool.js'
import { follower } from '../../base/signals.js'
import type { Done, Parcel, Parked, ReadOptions, Wanted } from '../../model/endpoint.js'
import { isFolderKey } from '../../model/key.js'
import { type Content, DELETION } from '../../model/manifest.js'
import { batches } from '../batches.js'
import { ContentBuilder } from '../content-builder.js'
import { builtContent, type Cut, inlineContent, type Load, parcelOf, Room } from '../lent-parcel.js'
import type { Told } from './dress.js'
import { type Got, getObject } from './getting.js'
import { readLarge } from './large.js'
import { changed, checkHash, doneOf, lossOf, printOf, type ReadFrom, toldOf } from './read-object.js'

/** So many parcels of small objects are asked for ahead of the one that is taken. */
const AHEAD = 2

/** Reads objects: small ones many at a time, a large one in parts that come side by side. Cuts them in this thread. */
export async function* readObjects(
  from: ReadFrom,
  wanted: AsyncIterable<readonly Wanted[]>,
  asked: ReadOptions,
): AsyncGenerator<Parcel> {
  const room = new Room(asked.parcelsInFlight)
  const coming: Promise<Load>[] = []
  const { stop, release } = follower(...(asked.signal ? [asked.signal] : []))
  const how = { ...asked, signal: stop.signal }
  try {
    for await (const batch of batches(wanted)) {
      const [first] = batch
      if (first !== undefined && first.here.size > LIMITS.parcelBytesMax) {
        for (const load of coming.splice(0)) yield await room.lend(await load, how.signal)
        for await (const load of readLarge(from, first, how)) yield await room.lend(load, how.signal)
        continue
      }
      const load = readBatch(from, batch, how)
      // Whoever takes it sees it fail; until then nobody does.
      load.catch(() => undefined)
      coming.push(load)
      if (coming.length > AHEAD) yield await room.lend(await (coming.shift() as Promise<Load>), how.signal)
    }
    for (const load of coming.splice(0)) yield await room.lend(await load, how.signal)
  } finally {
    stop.abort(new EfsError('INTERRUPTED', 'the reading was stopped'))
    await Promise.allSettled(coming)
    release()
  }
}

type Outcome = { readonly cuts: readonly Cut[]; readonly nodes: Load['nodes'] } & (
  | { readonly done: Done }
  | { readonly parked: Parked }
)

type Reading = ReadOptions & { readonly signal: AbortSignal }

async function* numbered<T>(all: readonly T[]): AsyncGenerator<[number, T]> {
  yield* all.entries()
}

async function readBatch(from: ReadFrom, batch: readonly Wanted[], how: Reading): Promise<Load> {
  const outcomes: Outcome[] = []
  await forEachBounded(numbered(batch), LIMITS.s3RequestsMax, how.signal, async ([i, one], signal) => {
    outcomes[i] = await readOne(from, one, { ...how, signal })
  })
  const done = outcomes.flatMap((one) => ('done' in one ? [one.done] : []))
  const parked = outcomes.flatMap((one) => ('parked' in one ? [one.parked] : []))
  from.stats.add('objectsRead', done.filter(({ key }) => !isFolderKey(key)).length)
  return parcelOf(
    outcomes.flatMap(({ cuts }) => cuts),
    outcomes.flatMap(({ nodes }) => nodes),
    done,
    how,
    parked,
  )
}

const NOTHING = { cuts: [], nodes: [] }

async function readOne(from: ReadFrom, wanted: Wanted, how: Reading): Promise<Outcome> {
  const { here, state } = wanted
  if (here.kind === 'folder') return { ...NOTHING, done: doneOf(wanted, FOLDER, here.seen) }
  if (here.kind === 'deleted') return { ...NOTHING, done: doneOf(wanted, DELETION, here.seen) }
  try {
    const got = await getObject(from.bucket, from.prefix + here.key, {
      signal: how.signal,
      ...(state !== undefined && { version: state }),
    })
    if (got.bytes.length > 2 * LIMITS.parcelBytesMax) throw changed()
    from.stats.add('bytesRead', got.bytes.length)
    const told = await toldOf(from, wanted, got.answer, how)
    from.denials.allow()
    return cutWhole(wanted, got, told, printOf(from, got), how)
  } catch (error) {
    return { ...NOTHING, parked: { key: here.key, why: lossOf(error, from, here.key).message } }
  }
}

const FOLDER: Content = { ...DELETION, kind: 'folder' }

function cutWhole(wanted: Wanted, { bytes }: Got, told: Told, seen: Done['seen'], how: ReadOptions): Outcome {
  const { kind, attributes } = told
  if (bytes.length <= LIMITS.inlineBytesMax || (kind === 'link' && bytes.length <= LIMITS.linkTargetBytesMax)) {
    const content = { ...inlineContent(bytes, attributes), kind }
    checkHash(content.contentHash, told)
    return { ...NOTHING, done: doneOf(wanted, content, seen) }
  }
  const builder = new ContentBuilder(how.chunking)
  const cuts: Cut[] = []
  builder.take(bytes, 0, bytes.length, true, (ref, offset, at) => {
    cuts.push({ slice: { object: wanted.object, offset, ref }, plain: bytes.subarray(at, at + ref.size) })
  })
  const content = builtContent(builder, attributes)
  checkHash(content.contentHash, told)
  return { cuts, nodes: builder.takeNodes(), done: doneOf(wanted, content, seen) }
}
