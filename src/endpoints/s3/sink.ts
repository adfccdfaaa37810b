import type { Clock } from '../../base/clock.js'
import type { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { forEachBounded } from '../../base/pool.js'
import { type Chunk, type ChunkRef, plainOf } from '../../model/chunk.js'
import { contentOf, isDelete } from '../../model/done.js'
import type {
  CallOptions,
  Done,
  Listing,
  ListOptions,
  Looker,
  NotKept,
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
import type { Whole } from '../../model/whole.js'
import { ownedBy } from '../s3-segment/layout.js'
import { Arrivals } from './arrivals.js'
import { type S3Bucket, shown } from './bucket.js'
import { type Conditions, conditionsOf } from './conditions.js'
import type { Rejected } from './deleting.js'
import { Denials } from './denials.js'
import { isDenied, isRejected } from './faults.js'
import { FoldersDue } from './folders-due.js'
import { type LargeTo, sweepUploads } from './large-write.js'
import { lookRows } from './look.js'
import { putObject } from './putting.js'
import { reuseStanding } from './reuse.js'
import { listRows } from './rows.js'
import { deleteSeen } from './sink-delete.js'
import { KNOWN, keyFaultAt, PUBLISHED, parkedFor, type Standing, writeNew } from './sink-write.js'
import { optionsUnkept, Unkept } from './unkept.js'
import type { UploadNotes } from './upload-notes.js'

export interface SinkTo {
  readonly bucket: S3Bucket
  readonly prefix: string
  readonly clock: Clock
  readonly notes: UploadNotes
  /** What the endpoint is, whoever asks. */
  readonly place: string
}

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
  readonly #writes: Denials
  readonly #deletes: Denials
  readonly #unkept = new Unkept()
  /** Folders whose markers were not written. */
  #unmarked: Parked[] = []
  #conditions: Promise<Conditions> | undefined

  constructor(to: SinkTo) {
    this.#to = to
    this.#large = to
    this.#arrivals = new Arrivals(this.#large, to.prefix)
    const place = shown(to.bucket, to.prefix)
    this.#writes = new Denials(place, 'written')
    this.#deletes = new Denials(place, 'deleted')
  }

  list(options: ListOptions, parked: (what: Parked) => void): Listing {
    return listRows({ ...this.#to, withRoot: true, parked }, options)
  }

  look(keys: readonly ObjectKey[], parked: (what: Parked) => void, options: CallOptions = {}): Promise<VersionRef[]> {
    return lookRows({ ...this.#to, withRoot: true, parked }, keys, options)
  }

  wholeOf(key: ObjectKey): Whole | undefined {
    const { bucket, prefix } = this.#to
    const owned = ownedBy(prefix + key)
    return owned && { name: `the segment in S3 ${shown(bucket, owned.prefix)}`, isMark: owned.isMarker }
  }

  notKept(): readonly NotKept[] {
    return this.#unkept.list()
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

  async put(chunks: readonly Chunk[], slices: readonly Slice[], options: CallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    const plains = new Map<ChunkId, Uint8Array>(chunks.map((chunk) => [chunk.ref.id, plainOf(chunk)]))
    await this.#arrivals.write(slices, plains, options)
  }

  async publish(done: readonly Done[], options: PublishOptions): Promise<PublishResult[]> {
    const { signal = new AbortController().signal } = options
    const distrust = (): void => {
      this.#conditions = Promise.resolve('none')
    }
    const standing: Standing = { ...this.#to, conditions: await this.#conditionsFor(done), distrust }
    const results = new Map<Done, PublishResult>()
    const writes = done.filter((one) => !isDelete(one))
    await forEachBounded(writes, LIMITS.s3RequestsMax, signal, async (one, either) => {
      results.set(one, await this.#settle(one, standing, either))
    })
    for (const [one, result] of await this.#delete(done.filter(isDelete), signal)) results.set(one, result)
    await this.#mark(this.#folders.takeExcess(), signal)
    return done.map((one) => results.get(one) ?? fewer())
  }

  async finish(_folders: AsyncIterable<readonly Done[]>, { signal }: CallOptions = {}): Promise<Parked[]> {
    await this.#mark(this.#folders.takeAll(), signal)
    const unmarked = this.#unmarked
    this.#unmarked = []
    return unmarked
  }

  async tidy(options: CallOptions = {}): Promise<Parked[]> {
    return parkedOf(await sweepUploads(this.#large, options), this.#to.prefix)
  }

  async #settle(one: Done, standing: Standing, signal: AbortSignal): Promise<PublishResult> {
    const content = contentOf(one)
    if (content.kind === 'folder') return this.#folder(one)
    try {
      const result = await this.#write(one, content, standing, signal)
      if (result.status === 'published') this.#writes.allow()
      return result
    } catch (error) {
      if (!isRejected(error)) throw error
      return rejectedBy(this.#writes, one, error)
    }
  }

  /** @throws as `isRejected` knows it, where the server does not take this one */
  async #write(one: Done, content: Content, standing: Standing, signal: AbortSignal): Promise<PublishResult> {
    const arrived = this.#arrivals.take(one)
    if (arrived.denied !== undefined) throw arrived.denied
    const fault = keyFaultAt(this.#to.prefix, one.key) ?? arrived.fault
    if (fault !== undefined) {
      await arrived.abort({ signal })
      return parkedFor(fault)
    }
    const result = await writeNew(standing, one, content, arrived, signal)
    if (result.status !== 'published') return result
    this.#folders.fill(one.key)
    const { bucket, prefix } = this.#to
    this.#unkept.add('options', one.key, await optionsUnkept(bucket, prefix + one.key, content, { signal }))
    this.#unkept.add('extended attributes', one.key, Object.keys(content.attributes.xattrs ?? {}))
    return result
  }

  async #delete(deletes: readonly Done[], signal: AbortSignal): Promise<ReadonlyMap<Done, PublishResult>> {
    const deleted = [...(await deleteSeen(this.#to, deletes, signal))]
    if (deleted.some(([, result]) => 'status' in result && result.status === 'published')) this.#deletes.allow()
    return new Map(
      deleted.map(([one, result]) => [one, 'status' in result ? result : rejectedBy(this.#deletes, one, result)]),
    )
  }

  #folder({ key, there }: Done): PublishResult {
    if (key === ROOT_FOLDER || there !== undefined) return KNOWN
    const fault = keyFaultAt(this.#to.prefix, key)
    if (fault !== undefined) return parkedFor(fault)
    this.#folders.add(key)
    return PUBLISHED
  }

  async #mark(folders: readonly ObjectKey[], signal: AbortSignal = new AbortController().signal): Promise<void> {
    await forEachBounded(folders, LIMITS.s3RequestsMax, signal, async (key, either) => {
      try {
        await putObject(this.#to.bucket, this.#to.prefix + key, new Uint8Array(), { signal: either })
      } catch (error) {
        if (!isRejected(error)) throw error
        if (isDenied(error)) this.#writes.deny(key, error)
        this.#unmarked.push({ key, why: error.message })
      }
    })
  }

  /** Asked once, before the first write. */
  async #conditionsFor(done: readonly Done[]): Promise<Conditions> {
    if (!done.some(({ key }) => !isFolderKey(key))) return 'none'
    this.#conditions ??= conditionsOf(this.#to.bucket, this.#to.prefix, {})
    return this.#conditions
  }
}

const parkedOf = (rejected: Rejected, prefix: string): Parked[] =>
  [...rejected].map(([key, { message: why }]) => ({ key: key.slice(prefix.length) as ObjectKey, why }))

/** @throws REFUSED where too many were denied */
function rejectedBy(denials: Denials, { key }: Done, error: EfsError): PublishResult {
  if (isDenied(error)) denials.deny(key, error)
  return parkedFor(error.message)
}

function fewer(): never {
  throw new Error('an object was not settled')
}
