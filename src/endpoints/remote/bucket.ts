import { loadCompression } from '../../base/compression.js'
import { CELL_BYTES, digestCellOf } from '../../format/digest.js'
import type { LinkClient } from '../../link/client/client.js'
import { type BucketRef, OPS } from '../../link/protocol/ops.js'
import type { CallOptions, DigestCells, Digested, DigestKind, Endpoint } from '../../model/endpoint.js'
import type { Rights } from '../../model/link.js'
import type { LiveBucket, LiveSink, LiveSource } from '../../model/live.js'
import { prefixedSink, prefixedSource } from '../prefix.js'
import { segmentIdentity } from '../segment.js'
import { about } from './about.js'
import { remoteSink } from './sink.js'
import { remoteSource } from './source.js'

export interface RemoteBucket extends LiveBucket, Endpoint {
  readonly source: LiveSource
  readonly sink: LiveSink
  /** As the peer told when it was opened, or refreshed. */
  readonly digested: Digested
  glance(options?: CallOptions): Promise<string | undefined>
  refresh(options?: CallOptions): Promise<void>
}

export interface OpenOptions extends CallOptions {
  readonly need: keyof Rights | 'list'
  /** The cells of digests are fetched too: up to 128 KiB for each kind. */
  readonly cells?: boolean
}

/**
 * A bucket of a peer. Does not own the client.
 * @throws NOT_FOUND with the nearest name, REFUSED without that right, UNREACHABLE
 */
export async function openRemote(client: LinkClient, path: string, options: OpenOptions): Promise<RemoteBucket> {
  const { need, cells = false, signal } = options
  await loadCompression()
  const { message } = await client.call(OPS.open, { path, need }, signal && { signal })
  const { label, uid, chunking: kind, chunkBytes, compress } = message
  const { segment } = client.peer
  const bucket: BucketRef = { path, uid }
  const source = remoteSource(client, bucket)
  const digested = new RemoteDigests(client, bucket, cells)
  await digested.refresh(options)
  return {
    label: `${client.place}/${label}`,
    identity: segmentIdentity(segment, uid, ''),
    segment,
    uid,
    source,
    sink: remoteSink(client, bucket, { chunking: { kind, bytes: chunkBytes }, compress }, source.list),
    digested,
    glance: (how) => glance(client, bucket, how),
    refresh: (again) => digested.refresh(again),
    close: async () => undefined,
  }
}

/** The part of it whose keys start with `prefix`, which is then left out of keys. */
export function prefixedRemote(remote: RemoteBucket, prefix: string): Endpoint {
  return {
    label: `${remote.label}/${prefix}`,
    identity: segmentIdentity(remote.segment, remote.uid, prefix),
    source: prefixedSource(remote.source, prefix),
    sink: prefixedSink(remote.sink, prefix),
    glance: remote.glance,
    close: remote.close,
  }
}

/** A peer that knows no glance says nothing of what it would find. */
async function glance(client: LinkClient, bucket: BucketRef, options?: CallOptions): Promise<string | undefined> {
  const { message } = await client.call(OPS.digest, { bucket, cells: undefined, glance: true }, about(bucket, options))
  return message.damage
}

/** What was told last. */
class RemoteDigests implements Digested {
  objects = 0
  bytes = 0
  #digests = { content: '', full: '' }
  readonly #cells = new Map<DigestKind, DigestCells>()

  constructor(
    readonly client: LinkClient,
    readonly bucket: BucketRef,
    readonly withCells: boolean,
  ) {}

  async refresh(options: CallOptions | undefined): Promise<void> {
    for (const kind of this.withCells ? (['content', 'full'] as const) : [undefined]) {
      const { message } = await this.client.call(
        OPS.digest,
        { bucket: this.bucket, cells: kind, glance: undefined },
        about(this.bucket, options),
      )
      this.objects = message.objects
      this.bytes = message.bytes
      this.#digests = { content: message.content, full: message.full }
      if (kind !== undefined) this.#cells.set(kind, cellsOf(message.cells ?? new Uint8Array()))
    }
  }

  digest(kind: DigestKind): string {
    return this.#digests[kind]
  }

  cells(kind: DigestKind): DigestCells {
    const cells = this.#cells.get(kind)
    if (cells === undefined) throw new Error('opened without cells')
    return cells
  }

  readonly cellOf = digestCellOf
}

function cellsOf(bytes: Uint8Array): string[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return Array.from({ length: bytes.length / CELL_BYTES }, (_, i) =>
    all.toString('hex', i * CELL_BYTES, (i + 1) * CELL_BYTES),
  )
}
