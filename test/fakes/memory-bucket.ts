import { hashHex } from '../../src/base/hash.js'
import { segmentEndpoint } from '../../src/endpoints/segment.js'
import { decodeNode } from '../../src/format/node.js'
import { type ChunkRef, plainOf } from '../../src/model/chunk.js'
import type { Digested, Endpoint, Fetcher, Sink } from '../../src/model/endpoint.js'
import type { BucketUid } from '../../src/model/ids.js'
import { type ObjectKey, objectKey } from '../../src/model/key.js'
import { type Attributes, type Content, DELETION, type KindName, type Version } from '../../src/model/manifest.js'
import { lineOf } from '../../src/model/names.js'
import { Faults } from './faults.js'
import { faulty } from './faulty.js'
import type { MemoryChunks } from './memory-segment/chunks.js'
import { tipsOf } from './memory-segment/lines.js'
import { MemorySegment } from './memory-segment/segment.js'
import { tinyTree } from './tiny-tree.js'

const PATH = 'Hawaii/Cola/bk1'

/** A bucket of a segment in memory, as the endpoint that it is above any pair, and what tests do to it by hand. */
export class MemoryBucket implements Endpoint {
  readonly label: string
  readonly identity: string
  readonly source: Fetcher
  readonly sink: Sink
  readonly digested?: Digested
  readonly chunks: MemoryChunks
  readonly #segment = new MemorySegment({ nowMs: () => 1_700_000_000_000 })
  readonly #uid: BucketUid

  constructor(
    readonly faults = new Faults(),
    readonly chunkBytes = 16,
  ) {
    const { names, chunks } = this.#segment
    const [, , bucket] = lineOf(PATH).map((path) => names.add(path, {}))
    if (bucket === undefined) throw new Error('no bucket')
    const storing = { chunking: { kind: 'fixed', bytes: chunkBytes }, compress: false } as const
    const endpoint = faulty(segmentEndpoint(this.#segment, bucket, '', storing), faults)
    this.label = endpoint.label
    this.identity = endpoint.identity
    this.source = endpoint.source
    this.sink = endpoint.sink
    if (endpoint.digested) this.digested = endpoint.digested
    this.chunks = chunks
    this.#uid = bucket.uid
  }

  /** Live heads and deletes. */
  get heads(): Map<ObjectKey, Version> {
    const heads = new Map<ObjectKey, Version>()
    for (const [key, versions] of this.#segment.versions.bucket(this.#uid).keys.under('')) {
      for (const head of tipsOf(versions).slice(0, 1)) heads.set(key, head)
    }
    return heads
  }

  write(key: string, bytes: Uint8Array, attributes: Attributes = {}, kind: KindName = 'file'): void {
    const { content, leaves, nodes } = tinyTree(kind, bytes, attributes, this.chunkBytes)
    for (const chunk of [...leaves.map((leaf) => leaf.chunk), ...nodes]) this.chunks.hold(chunk)
    this.#publish(key, content)
  }

  remove(key: string): void {
    this.#publish(key, DELETION)
  }

  /** All plain bytes, read through the tree. @throws where a chunk is not here, or the content is not what is declared */
  bytesOf({ root, size, contentHash }: Content): Uint8Array {
    const bytes = 'inline' in root ? Buffer.from(root.inline) : Buffer.alloc(size)
    if (!('inline' in root)) this.#fill(bytes, root.ref, 0)
    if (hashHex(bytes) !== contentHash) throw new Error('content that is not what its version declares')
    return bytes
  }

  close(): Promise<void> {
    return this.#segment.close()
  }

  #publish(key: string, content: Content): void {
    const [result] = this.#segment.versions.write(this.#uid, [{ object: 0, key: objectKey(key), content }], {
      overwrite: true,
    })
    if (result?.status === 'needs') throw new Error('content without its chunks')
  }

  #fill(bytes: Uint8Array, ref: ChunkRef, start: number): void {
    const plain = plainOf(this.chunks.held(ref))
    if (!ref.node) bytes.set(plain, start)
    let offset = start
    for (const entry of ref.node ? decodeNode(plain).entries : []) {
      if (entry.ref !== undefined) this.#fill(bytes, entry.ref, offset)
      offset += entry.span
    }
  }
}
