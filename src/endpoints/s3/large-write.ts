import type { Clock } from '../../base/clock.js'
import { hashHex } from '../../base/hash.js'
import { LIMITS } from '../../base/limits.js'
import { attributesHash } from '../../model/attributes.js'
import type { CallOptions } from '../../model/endpoint.js'
import type { Content } from '../../model/manifest.js'
import { Assembly } from './assembly.js'
import type { S3Bucket } from './bucket.js'
import { dressFor } from './dress.js'
import type { PutRequest } from './putting.js'
import { putTags } from './tags.js'
import { abortUpload, completeUpload, createUpload, resumeUpload, sendPart, type Upload } from './upload.js'
import type { UploadNotes } from './upload-notes.js'

const MiB = 1024 * 1024

/** Where large objects go. */
export interface LargeTo {
  readonly bucket: S3Bucket
  readonly clock: Clock
  readonly notes: UploadNotes
  /** What the endpoint is, whoever asks. */
  readonly place: string
}

/** One object that goes up in parts while its slices come in; what an earlier run sent of it stays where it is. */
export class LargeWrite {
  readonly #to: LargeTo
  readonly #key: string
  readonly #content: Content
  readonly #assembly: Assembly
  #upload: Promise<Upload> | undefined

  constructor(to: LargeTo, key: string, content: Content) {
    this.#to = to
    this.#key = key
    this.#content = content
    this.#assembly = new Assembly(content.size, partBytesOf(content.size), (number, bytes) => this.#send(number, bytes))
  }

  /** Settles when what became whole by it has been sent. */
  write(offset: number, bytes: Uint8Array): Promise<void> {
    return this.#assembly.write(offset, bytes)
  }

  /**
   * Gives the ETag; undefined where slices came too late to be of use, and the upload was given up.
   * @throws CONFLICT where `only` does not hold
   */
  async complete(request: PutRequest): Promise<string | undefined> {
    if (this.#assembly.broken) {
      await this.abort(request)
      return undefined
    }
    await this.#assembly.end()
    const etag = await completeUpload(await this.#begun(), this.#assembly.count, request)
    // Ceph forgets those that an upload was begun with.
    const { tagging } = dressFor(this.#content)
    if (tagging !== undefined) await putTags(this.#to.bucket, this.#key, tagging, request)
    this.#to.notes.remove(this.#to.place, this.#key)
    return etag
  }

  /** Gives up what was sent. */
  async abort(options: CallOptions): Promise<void> {
    const { bucket, notes, place } = this.#to
    const upload = await this.#upload
    if (upload !== undefined) await abortUpload(bucket, this.#key, upload.id, options)
    notes.remove(place, this.#key)
  }

  async #send(number: number, bytes: Buffer): Promise<void> {
    await sendPart(await this.#begun(), number, bytes, {})
  }

  #begun(): Promise<Upload> {
    this.#upload ??= this.#begin()
    return this.#upload
  }

  async #begin(): Promise<Upload> {
    const { bucket, clock, notes, place } = this.#to
    const key = this.#key
    const print = this.#print()
    const note = notes.get(place, key)
    if (note?.print === print) {
      const upload = await resumeUpload(bucket, key, note.uploadId, {})
      if (upload !== undefined) return upload
    } else if (note !== undefined) await abortUpload(bucket, key, note.uploadId, {})
    const upload = await createUpload(bucket, key, dressFor(this.#content), {})
    notes.put({ place, key, uploadId: upload.id, print, startedMs: clock.nowMs() })
    return upload
  }

  /** What makes the same parts, with the same beside them. */
  #print(): string {
    const { contentHash, attributes, size } = this.#content
    const user = JSON.stringify(Object.entries(attributes.user ?? {}))
    return hashHex(Buffer.from([contentHash, attributesHash(attributes), user, partBytesOf(size)].join('\0')))
  }
}

/** Whole MiB, so that the most parts that a server takes suffice. */
const partBytesOf = (size: number): number =>
  Math.max(LIMITS.s3PartBytesLeast, Math.ceil(size / LIMITS.s3PartsMax / MiB) * MiB)

/** Gives up uploads to this place that nobody went on with for long. */
export async function sweepUploads({ bucket, clock, notes, place }: LargeTo, options: CallOptions): Promise<void> {
  for (const { key, uploadId, startedMs } of notes.of(place)) {
    if (clock.nowMs() - startedMs < LIMITS.s3UploadMsMax) continue
    await abortUpload(bucket, key, uploadId, options)
    notes.remove(place, key)
  }
}
