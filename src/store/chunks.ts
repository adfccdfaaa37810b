import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import type { Place } from '../format/rows-chunk.js'
import type { Chunk, ChunkRef, Codec } from '../model/chunk.js'
import { admitChunk } from '../model/chunk.js'
import type { CallOptions } from '../model/endpoint.js'
import type { ChunkStore } from '../model/segment.js'
import type { Committer } from './commit/committer.js'
import type { ChunkIndex, PendingChunk } from './index/chunk-rows.js'
import type { PackReader } from './packs/reader.js'
import { chunkRecord } from './packs/records.js'
import type { PackWriter } from './packs/writer.js'
import { inWords } from './store-error.js'

interface Parts {
  readonly home: string
  readonly index: ChunkIndex
  readonly writer: PackWriter
  readonly reader: PackReader
  readonly committer: Committer
}

/** Where a chunk's bytes are. */
interface Found {
  readonly codec: Codec
  readonly place: Place
}

export function createChunkStore({ home, index, writer, reader, committer }: Parts): ChunkStore {
  /** Settles when it is in a file, where it was put and is on its way. */
  async function written(ref: ChunkRef): Promise<void> {
    if (index.pending(ref.id) !== undefined) await writer.idle()
  }

  function lookUp(ref: ChunkRef): Found {
    const pending = index.pending(ref.id)
    if (pending?.place !== undefined) return { codec: pending.codec, place: pending.place }
    return rowOf(index, ref)
  }

  return {
    missing: (refs) => refs.filter((ref) => !index.isPresent(ref)),

    get: (refs, options = {}) =>
      inWords(
        home,
        async () => {
          options.signal?.throwIfAborted()
          for (const ref of refs) await written(ref)
          let found: Found[] = []
          const find = (): Place[] => {
            found = refs.map(lookUp)
            return found.map(({ place }) => place)
          }
          const payloads = await reader.readAt(find, options)
          return refs.map((ref, i) => admitted(ref, found[i]?.codec, payloads[i]))
        },
        options.signal,
      ),

    put: (chunks, options = {}) => inWords(home, () => put(chunks, options), options.signal),

    flush: () => committer.flush(),
  }

  async function put(chunks: readonly Chunk[], { signal }: CallOptions): Promise<void> {
    signal?.throwIfAborted()
    committer.throwPastFailure()
    const fresh: { chunk: Chunk; pending: PendingChunk }[] = []
    for (const chunk of chunks) {
      const pending = index.claim(chunk)
      if (pending !== undefined) fresh.push({ chunk, pending })
    }
    if (fresh.length === 0) return
    try {
      await writer.append(fresh.map(({ chunk, pending }) => chunkRecord(chunk, pending)))
    } catch (error) {
      for (const { pending } of fresh) index.drop(pending)
      throw error
    }
    committer.noticePut()
    while (index.pendingBytes > 2 * LIMITS.commitBytesMax) await committer.room()
  }
}

/** Chunks that have rows, for who writes none. */
export async function readChunks(index: ChunkIndex, reader: PackReader, refs: readonly ChunkRef[]): Promise<Chunk[]> {
  const found = refs.map((ref) => rowOf(index, ref))
  const payloads = await reader.read(found.map(({ place }) => place))
  return refs.map((ref, i) => admitted(ref, found[i]?.codec, payloads[i]))
}

function rowOf(index: ChunkIndex, ref: ChunkRef): Found {
  const row = index.row(ref.id)
  if (row !== undefined) return row
  throw new EfsError('NOT_FOUND', `chunk ${ref.id.slice(0, 16)} is not in the segment in ${index.tables.home}`)
}

function admitted(ref: ChunkRef, codec: Codec | undefined, data: Uint8Array | undefined): Chunk {
  if (codec === undefined || data === undefined) throw new RangeError('fewer payloads than chunks')
  return admitChunk(ref, codec, data)
}
