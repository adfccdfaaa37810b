import type { Chunk } from '../../model/chunk.js'
import type { Done, PublishResult } from '../../model/endpoint.js'
import type { LiveBucket } from '../../model/live.js'
import type { Counted } from '../../stats/live-numbers.js'

/** What a peer did in one request, in the columns of the numbers of a service. Bytes are those of chunks as they travel, and nothing else. */
export type GuestWork = Readonly<Partial<Record<Counted, number>>>

/** The bucket in a coat that tells what is done with it, once it is done. */
export function watched(bucket: LiveBucket, told: (work: GuestWork) => void): LiveBucket {
  const { source, sink } = bucket
  const taken = async (done: readonly Done[], results: Promise<PublishResult[]>): Promise<PublishResult[]> => {
    const all = await results
    if (done.length > 0) told(workOf(all))
    return all
  }
  return {
    ...bucket,
    source: {
      ...source,
      async fetch(refs, options) {
        const chunks = await source.fetch(refs, options)
        const leaves = chunks.filter(({ ref }) => !ref.node).length
        told({ dataChunksSent: leaves, chunkManifests: chunks.length - leaves, bytesSent: bytesOf(chunks) })
        return chunks
      },
    },
    sink: {
      ...sink,
      async put(chunks, slices, options) {
        await sink.put(chunks, slices, options)
        const leaves = chunks.filter(({ ref }) => !ref.node).length
        told({ dataChunksReceived: leaves, chunkManifests: chunks.length - leaves, bytesReceived: bytesOf(chunks) })
      },
      publish: (done, options) => taken(done, sink.publish(done, options)),
      take: (done, options) => taken(done, sink.take(done, options)),
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
