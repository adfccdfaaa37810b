import type { Clock } from '../../base/clock.js'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { forEachBounded } from '../../base/pool.js'
import { type Chunk, type ChunkRef, plainOf } from '../../model/chunk.js'
import type {
  CallOptions,
  Done,
  Listing,
  ListOptions,
  Looker,
  Parked,
  PublishOptions,
  PublishResult,
  Sink,
  Slice,
} from '../../model/endpoint.js'
import type { Extent, SameExtent } from '../../model/extent.js'
import type { ChunkId } from '../../model/ids.js'
import { isFolderKey, type ObjectKey, ROOT_FOLDER } from '../../model/key.js'
import type { Content } from '../../model/manifest.js'
import type { VersionRef } from '../../model/version-ref.js'
import { Arrivals } from './arrivals.js'
import type { S3Bucket } from './bucket.js'
import { hasConditions } from './conditions.js'
import { deleteKeys } from './deleting.js'
import { FoldersDue } from './folders-due.js'
import { type LargeTo, sweepUploads } from './large-write.js'
import { lookRows } from './look.js'
import { putObject } from './putting.js'
import { reuseStanding } from './reuse.js'
import { listRows } from './rows.js'
import { keyFaultAt, parkedFor, type Standing, standingConflict, writeNew } from './sink-write.js'
import type { UploadNotes } from './upload-notes.js'

export interface SinkTo {
  readonly bucket: S3Bucket
  readonly prefix: string
  readonly clock: Clock
  readonly notes: UploadNotes
  /** What the endpoint is, whoever asks. */
  readonly place: string
}

const PUBLISHED: PublishResult = { status: 'published' }
const KNOWN: PublishResult = { status: 'known' }

/**
 * Writes each object as one of S3 under its own key. It has to know an object before its bytes (`begin`), so it takes
 * from sources that have versions. A write is done only where the server still has what the plan saw.
 */
export class S3Sink implements Sink, Looker {
  readonly plain = true
  readonly chunking = { kind: 'fastcdc', bytes: LIMITS.chunkBytesDefault } as const
  readonly compress = false
  readonly #to: SinkTo
  readonly #large: LargeTo
  readonly #arrivals: Arrivals
  readonly #folders = new FoldersDue()
  #conditions: Promise<boolean> | undefined

  constructor(to: SinkTo) {
    this.#to = to
    this.#large = to
    this.#arrivals = new Arrivals(this.#large, to.prefix)
  }

  list(options: ListOptions, parked: (what: Parked) => void): Listing {
    return listRows({ ...this.#to, withRoot: true, parked }, options)
  }

  look(keys: readonly ObjectKey[], parked: (what: Parked) => void, options: CallOptions = {}): Promise<VersionRef[]> {
    return lookRows({ ...this.#to, withRoot: true, parked }, keys, options)
  }

  async missing(refs: readonly ChunkRef[]): Promise<ChunkRef[]> {
    return [...refs]
  }

  begin(done: readonly Done[]): void {
    for (const one of done) this.#arrivals.begin(one)
  }

  async reuse(done: Done, same: AsyncIterable<SameExtent>, options: CallOptions = {}): Promise<readonly Extent[]> {
    const { begun, extents } = await reuseStanding(this.#to, done, same, options)
    this.#arrivals.begin(done, begun)
    return extents
  }

  async put(chunks: readonly Chunk[], slices: readonly Slice[], { signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    const plains = new Map<ChunkId, Uint8Array>(chunks.map((chunk) => [chunk.ref.id, plainOf(chunk)]))
    await this.#arrivals.write(slices, plains)
  }

  async publish(done: readonly Done[], options: PublishOptions): Promise<PublishResult[]> {
    const { signal = new AbortController().signal } = options
    const standing: Standing = { ...this.#to, conditions: await this.#hasConditions(done) }
    const results = new Map<Done, PublishResult>()
    const deletes: Done[] = []
    await forEachBounded(items(done), LIMITS.s3RequestsMax, signal, async (one, either) => {
      const result = await this.#settle(one, standing, either)
      if (result === 'delete') deletes.push(one)
      else results.set(one, result)
    })
    await deleteKeys(
      this.#to.bucket,
      deletes.map(({ key }) => this.#to.prefix + key),
      { signal },
    )
    for (const one of deletes) results.set(one, PUBLISHED)
    await this.#mark(this.#folders.takeExcess(), signal)
    return done.map((one) => results.get(one) ?? fewer())
  }

  async finish(_folders: AsyncIterable<readonly Done[]>, { signal }: CallOptions = {}): Promise<Parked[]> {
    await this.#mark(this.#folders.takeAll(), signal)
    await sweepUploads(this.#large, { ...(signal && { signal }) })
    return []
  }

  async #settle(one: Done, standing: Standing, signal: AbortSignal): Promise<PublishResult | 'delete'> {
    const content: Content = 'manifest' in one.content ? one.content.manifest : one.content
    if (content.kind === 'folder') return this.#folder(one)
    if (content.kind === 'deleted') return this.#delete(one, standing, signal)
    const arrived = this.#arrivals.take(one)
    const fault = keyFaultAt(this.#to.prefix, one.key) ?? arrived.fault
    if (fault !== undefined) {
      await arrived.abort({ signal })
      return parkedFor(fault)
    }
    try {
      const result = await writeNew(standing, one, content, arrived, signal)
      if (result.status === 'published') this.#folders.fill(one.key)
      return result
    } catch (error) {
      // What the server will not have of this one; the next may be to its liking.
      if (error instanceof EfsError && error.code === 'FAILED') return parkedFor(error.message)
      throw error
    }
  }

  #folder({ key, there }: Done): PublishResult {
    if (key === ROOT_FOLDER || there !== undefined) return KNOWN
    const fault = keyFaultAt(this.#to.prefix, key)
    if (fault !== undefined) return parkedFor(fault)
    this.#folders.add(key)
    return PUBLISHED
  }

  /** A folder without a marker goes with what is in it. */
  async #delete(one: Done, standing: Standing, signal: AbortSignal): Promise<PublishResult | 'delete'> {
    if (isFolderKey(one.key) && one.there?.seen === undefined) return KNOWN
    const conflict = await standingConflict(standing, one, signal)
    if (conflict === 'gone') return KNOWN
    return conflict === undefined ? 'delete' : parkedFor(conflict)
  }

  async #mark(folders: readonly ObjectKey[], signal: AbortSignal = new AbortController().signal): Promise<void> {
    await forEachBounded(items(folders), LIMITS.s3RequestsMax, signal, async (key, either) => {
      await putObject(this.#to.bucket, this.#to.prefix + key, new Uint8Array(), { signal: either })
    })
  }

  /** Asked once, before the first write. */
  async #hasConditions(done: readonly Done[]): Promise<boolean> {
    if (!done.some(({ key }) => !isFolderKey(key))) return false
    this.#conditions ??= hasConditions(this.#to.bucket, this.#to.prefix, {})
    return this.#conditions
  }
}

async function* items<T>(all: readonly T[]): AsyncGenerator<T> {
  yield* all
}

function fewer(): never {
  throw new Error('an object was not settled')
}
