import { createReadStream, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { EfsError, systemCode } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { forEachBounded } from '../../base/pool.js'
import { parseObjectPath } from '../../model/address.js'
import type { Done, Parcel, Reader, Sink, Wanted } from '../../model/endpoint.js'
import { isFolderKey, type ObjectKey, objectKey } from '../../model/key.js'
import { inherited, type Settings } from '../../model/settings.js'
import type { Stats } from '../../model/stats.js'
import type { Settled } from '../../model/transfer.js'
import { Mover } from '../../transfer/mover.js'
import { unpaced } from '../../transfer/pace.js'
import { type App, withSegment } from '../app.js'
import { effectiveSettings, findBucket, leftOut, storingOf } from '../buckets.js'
import type { Watch } from '../watch.js'

/** Where an object's bytes come from: a file, or a stream that is read once. */
export type PutSource = { readonly file: string } | { readonly stream: AsyncIterable<Uint8Array> }

type Options = NonNullable<Settings['options']>

/**
 * Takes one object in, with options of its own, which go before its bucket's. `watch.stats` tells what was new.
 * @throws NOT_FOUND (no such bucket or file), BAD_KEY, USAGE (a folder), PARTLY where the file cannot be read or the bucket is full
 */
export function putObject(
  app: App,
  to: string,
  from: PutSource,
  watch: Pick<Watch, 'stats' | 'signal'>,
  options: Options = {},
): Promise<Settled> {
  return withSegment(app, async (segment) => {
    const { bucket: at, key: text } = parseObjectPath(to)
    const key = objectKey(text)
    if (isFolderKey(key)) throw new EfsError('BAD_KEY', `bad key ${key}: one that ends in / names a folder`)
    const bucket = findBucket(segment.names, at)
    const { segmentEndpoint } = await import('../../endpoints/segment.js')
    const settings = inherited([effectiveSettings(segment.names, bucket.path), { options }])
    const endpoint = segmentEndpoint(segment, bucket, '', storingOf(settings))
    const { reader, wanted, close } = await readerOf(app, from, key, watch.stats)
    const results: Settled[] = []
    const refusals: EfsError[] = []
    const sink = hearing(endpoint.sink, (why) => refusals.push(leftOut(bucket, key, why)))
    const mover = new Mover(
      { sink, pace: unpaced, stats: watch.stats, settled: (what) => results.push(what) },
      ({ why }) => refusals.push(new EfsError('PARTLY', `${'file' in from ? from.file : to}: ${why}`)),
    )
    const how = { ...sink, parcelsInFlight: LIMITS.parcelsInFlightMax, signal: watch.signal }
    try {
      await forEachBounded(reader.read(once([wanted]), how), how.parcelsInFlight, watch.signal, (parcel, signal) =>
        mover.move(asObject(parcel, key, options), signal),
      )
    } finally {
      await close()
    }
    const [refusal] = refusals
    if (refusal !== undefined) throw refusal
    const [settled] = results
    if (settled === undefined) throw new Error('one object was taken in')
    return settled
  })
}

/** The same sink, that tells what it does not take in. */
const hearing = (sink: Sink, refused: (why: string) => void): Sink => ({
  ...sink,
  async publish(done, how) {
    const results = await sink.publish(done, how)
    for (const result of results) if (result.status === 'parked') refused(result.why)
    return results
  },
})

interface OneReader {
  readonly reader: Reader
  readonly wanted: Wanted
  close(): Promise<void>
}

async function readerOf(app: App, from: PutSource, key: string, stats: Stats): Promise<OneReader> {
  if ('stream' in from) return streamOf(app, from.stream, key)
  const stat = statSync(from.file, { throwIfNoEntry: false })
  if (stat === undefined) throw new EfsError('NOT_FOUND', `no file ${from.file || '""'}`)
  if (stat.isDirectory()) {
    const folder = /^[./~]/.test(from.file) ? from.file : `./${from.file}`
    throw new EfsError('USAGE', `${from.file} is a folder`, { hint: `efs sync ${folder} BUCKET takes a folder in` })
  }
  if (!stat.isFile()) return streamOf(app, bytesOf(from.file), key)
  const { directoryEndpoint } = await import('../../endpoints/directory/endpoint.js')
  const file = realpathSync(from.file)
  const endpoint = await directoryEndpoint(path.dirname(file), { clock: app.clock, stats })
  if (endpoint.source?.kind !== 'reads') throw new Error('a directory is read')
  const here = { key: objectKey(path.basename(file)), kind: 'file', size: stat.size } as const
  return { reader: endpoint.source, wanted: { object: 0, here }, close: () => endpoint.close() }
}

async function streamOf(app: App, bytes: AsyncIterable<Uint8Array>, text: string): Promise<OneReader> {
  const { streamReader } = await import('../../endpoints/stream.js')
  const here = { key: objectKey(text), kind: 'file', size: 0 } as const
  const mtimeNs = BigInt(app.clock.nowMs()) * 1_000_000n
  const reader = streamReader({ bytes, key: here.key, attributes: { mtimeNs } })
  return { reader, wanted: { object: 0, here }, close: async () => undefined }
}

/** Of a pipe or a device. @throws PARTLY where it cannot be read */
async function* bytesOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const bytes of createReadStream(file)) yield bytes
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    const { why } = await import('../../endpoints/directory/why.js')
    throw new EfsError('PARTLY', `${file}: cannot be read: ${why(error)}`, { cause: error })
  }
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value
}

/** The same parcel, its one object under another key and with options. */
function asObject(parcel: Parcel, key: ObjectKey, options: Options): Parcel {
  return {
    slices: parcel.slices,
    nodes: parcel.nodes,
    done: parcel.done.map((done) => ({ ...done, key, content: withOptions(done.content, options) })),
    parked: parcel.parked.map((what) => ({ ...what, key })),
    load: (refs, how) => parcel.load(refs, how),
    release: () => parcel.release(),
  }
}

const withOptions = (content: Done['content'], user: Options): Done['content'] =>
  'manifest' in content ? content : { ...content, attributes: { ...content.attributes, user } }
