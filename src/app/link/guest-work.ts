import type { Chunk } from '../../model/chunk.js'
import type { Done, PublishResult } from '../../model/endpoint.js'
import type { LiveBucket, LiveSink } from '../../model/live.js'
import type { Counted } from '../../stats/live-numbers.js'

/** What a peer did in one request, in the columns of the numbers of a service. Bytes are those of chunks as they travel, and nothing else. */
export type GuestWork = Readonly<Partial<Record<Counted, number>>>

/** Who hears what a peer does with a bucket. */
export interface Told {
  did(work: GuestWork): void
  /** It had the bucket take something in: why that failed, or null where it went well. */
  tookIn(error: unknown): void
  /** So many objects, of a page at most, are on the list of retries of that name. */
  leftOut(list: string, objects: number): void
}

/** The bucket in a coat that tells what is done with it, once it is done. */
export function watched(bucket: LiveBucket, told: Told): LiveBucket {
  const { source, sink } = bucket
  const tried = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      told.tookIn(error)
      throw error
    }
  }
  const taken = async (done: readonly Done[], results: Promise<PublishResult[]>): Promise<PublishResult[]> => {
    const all = await tried(results)
    // A checkpoint alone finds room on a disk that is full.
    if (done.length === 0) return all
    told.tookIn(null)
    told.did(workOf(all))
    return all
  }
  const take: LiveSink['take'] = async (done, options) => {
    const all = await taken(done, sink.take(done, options))
    const list = options.move?.name
    if (list !== undefined) told.leftOut(list, (await sink.retries(list)).length)
    return all
  }
  return {
    ...bucket,
    source: {
      ...source,
      async fetch(refs, options) {
        const chunks = await source.fetch(refs, options)
        const leaves = chunks.filter(({ ref }) => !ref.node).length
        told.did({ dataChunksSent: leaves, chunkManifests: chunks.length - leaves, bytesSent: bytesOf(chunks) })
        return chunks
      },
    },
    sink: {
      ...sink,
      async put(chunks, slices, options) {
        await tried(sink.put(chunks, slices, options))
        const leaves = chunks.filter(({ ref }) => !ref.node).length
        told.did({
          dataChunksReceived: leaves,
          chunkManifests: chunks.length - leaves,
          bytesReceived: bytesOf(chunks),
        })
      },
      publish: (done, options) => taken(done, sink.publish(done, options)),
      take,
    },
  }
}

const bytesOf = (chunks: readonly Chunk[]): number => chunks.reduce((sum, { data }) => sum + data.length, 0)

function workOf(results: readonly PublishResult[]): GuestWork {
  const applied = results.filter(({ status }) => status === 'published').length
  const there = results.filter(({ status }) => status === 'known' || status === 'superseded').length
  return {
    versionManifests: results.length,
    versionsOffered: applied + there,
    versionsThere: there,
    versionsApplied: applied,
  }
}
