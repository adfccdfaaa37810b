import { EfsError } from '../../src/base/errors.js'
import { hashHex } from '../../src/base/hash.js'
import { encodeManifest } from '../../src/format/manifest.js'
import { decodeNode } from '../../src/format/node.js'
import { attributesHash } from '../../src/model/attributes.js'
import { type Chunk, type ChunkRef, plainOf } from '../../src/model/chunk.js'
import type { Done, Endpoint, Fetcher, Listing, ListOptions, PublishResult, Sink } from '../../src/model/endpoint.js'
import { type ChunkId, segmentGuid, type VersionId } from '../../src/model/ids.js'
import { type ObjectKey, objectKey } from '../../src/model/key.js'
import {
  type Attributes,
  type Content,
  covers,
  DELETION,
  type KindName,
  mint,
  type Version,
} from '../../src/model/manifest.js'
import type { VersionRef } from '../../src/model/version-ref.js'
import { Faults } from './faults.js'
import { byKey, pagesOf } from './pages.js'
import { tinyTree } from './tiny-tree.js'

let buckets = 0

/** A bucket in memory that keeps the contracts of a source that fetches and of a sink that stores. */
export class MemoryBucket implements Endpoint {
  readonly label = 'memory bucket'
  readonly identity: string
  readonly chunks = new Map<ChunkId, Chunk>()
  /** Live heads and deletes. */
  readonly heads = new Map<ObjectKey, Version>()
  readonly source: Fetcher
  readonly sink: Sink
  readonly #guid = segmentGuid((++buckets).toString(16).padStart(32, '0'))
  readonly #versions = new Map<VersionId, Version>()

  constructor(
    readonly faults = new Faults(),
    readonly chunkBytes = 16,
  ) {
    this.identity = `memory-bucket:${this.#guid}`
    const list = (options: ListOptions): Listing => this.#list(options)
    this.source = {
      kind: 'fetches',
      list,
      versions: (refs) => this.#fetchVersions(refs),
      fetch: (refs) => this.#fetch(refs),
      entries: (node) => decodeNode(plainOf(node)).entries,
    }
    this.sink = {
      plain: false,
      chunking: { kind: 'fixed', bytes: chunkBytes },
      compress: false,
      list,
      missing: async (refs) => {
        await faults.hit('sink.missing')
        return refs.filter((ref) => this.lacking(ref).length > 0)
      },
      put: async (chunks) => {
        await faults.hit('sink.put')
        for (const chunk of chunks) this.chunks.set(chunk.ref.id, chunk)
      },
      publish: async (done) => {
        await faults.hit('sink.publish')
        return done.map((one) => this.#publish(one))
      },
      finish: async () => {
        await faults.hit('sink.finish')
        return []
      },
    }
  }

  write(key: string, bytes: Uint8Array, attributes: Attributes = {}, kind: KindName = 'file'): Version {
    const { content, leaves, nodes } = tinyTree(kind, bytes, attributes, this.chunkBytes)
    for (const chunk of [...leaves.map((leaf) => leaf.chunk), ...nodes]) this.chunks.set(chunk.ref.id, chunk)
    return this.#write(objectKey(key), content)
  }

  remove(key: string): void {
    this.#write(objectKey(key), DELETION)
  }

  /** The refs under a ref, itself too, that are not here. */
  lacking(ref: ChunkRef): ChunkRef[] {
    const chunk = this.chunks.get(ref.id)
    if (chunk === undefined) return [ref]
    if (!ref.node) return []
    return decodeNode(plainOf(chunk)).entries.flatMap((entry) => (entry.ref ? this.lacking(entry.ref) : []))
  }

  /** All plain bytes, read through the tree. @throws where a chunk is not here, or the content is not what is declared */
  bytesOf({ root, size, contentHash }: Content): Uint8Array {
    const bytes = 'inline' in root ? Buffer.from(root.inline) : Buffer.alloc(size)
    if (!('inline' in root)) this.#fill(bytes, root.ref, 0)
    if (hashHex(bytes) !== contentHash) throw new Error('content that is not what its version declares')
    return bytes
  }

  #fill(bytes: Uint8Array, ref: ChunkRef, start: number): void {
    const chunk = this.chunks.get(ref.id)
    if (chunk === undefined) throw new Error('a chunk of a published version is missing')
    if (!ref.node) bytes.set(plainOf(chunk), start)
    let offset = start
    for (const entry of ref.node ? decodeNode(plainOf(chunk)).entries : []) {
      if (entry.ref !== undefined) this.#fill(bytes, entry.ref, offset)
      offset += entry.span
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async *#list({ deleted, signal }: ListOptions): Listing {
    await this.faults.hit('list')
    const rows = [...this.heads].map(([key, version]) => rowOf(key, version)).sort(byKey)
    yield* pagesOf(
      rows.filter(({ kind }) => deleted === true || kind !== 'deleted'),
      { ...(signal && { signal }) },
    )
  }

  async #fetchVersions(refs: readonly VersionRef[]): Promise<Version[]> {
    await this.faults.hit('source.versions')
    return refs.map(({ held, key }) => {
      const version = held && this.#versions.get(held.id)
      if (version === undefined) throw new EfsError('NOT_FOUND', `${key} is gone`)
      return version
    })
  }

  async #fetch(refs: readonly ChunkRef[]): Promise<Chunk[]> {
    await this.faults.hit('source.fetch')
    return refs.map((ref) => {
      const chunk = this.chunks.get(ref.id)
      if (chunk === undefined) throw new EfsError('NOT_FOUND', `chunk ${ref.id.slice(0, 16)} is not here`)
      return chunk
    })
  }

  #publish({ key, content }: Done): PublishResult {
    const head = this.heads.get(key)
    const body = 'manifest' in content ? content.manifest : content
    if (head === undefined && body.kind === 'deleted') return { status: 'known' }
    if (head !== undefined && (isSame(head.manifest, body) || ('id' in content && head.id === content.id))) {
      return { status: 'known', id: head.id }
    }
    const needs = 'inline' in body.root ? [] : this.lacking(body.root.ref)
    if (needs.length > 0) return { status: 'needs', refs: needs }
    const keeps = 'manifest' in content && (head === undefined || covers(content.manifest.vector, head.manifest.vector))
    const version = keeps ? content : this.#minted(body, head)
    this.#keep(key, version)
    return { status: 'published', id: version.id }
  }

  #write(key: ObjectKey, content: Content): Version {
    const version = this.#minted(content, this.heads.get(key))
    this.#keep(key, version)
    return version
  }

  #minted(content: Content, head: Version | undefined): Version {
    const parents = head ? [{ id: head.id, stamp: head.manifest.stamp, vector: head.manifest.vector }] : []
    const manifest = mint(content, parents, this.#guid, 1_700_000_000_000)
    return { id: encodeManifest(manifest).id, manifest }
  }

  #keep(key: ObjectKey, version: Version): void {
    this.heads.set(key, version)
    this.#versions.set(version.id, version)
  }
}

function isSame(a: Content, b: Content): boolean {
  return (
    a.kind === b.kind &&
    a.size === b.size &&
    a.contentHash === b.contentHash &&
    attributesHash(a.attributes) === attributesHash(b.attributes)
  )
}

function rowOf(key: ObjectKey, { id, manifest }: Version): VersionRef {
  const { kind, size, stamp, contentHash, attributes, root } = manifest
  return {
    key,
    kind,
    size,
    ...(attributes.mode === undefined ? {} : { mode: attributes.mode }),
    ...(attributes.mtimeNs === undefined ? {} : { mtimeNs: attributes.mtimeNs }),
    held: {
      id,
      stamp,
      contentHash,
      attributesHash: attributesHash(attributes),
      root: 'inline' in root ? undefined : root,
      tips: 1,
    },
  }
}
