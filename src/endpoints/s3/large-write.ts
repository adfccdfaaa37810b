import type { Clock } from '../../base/clock.js'
import { EfsError } from '../../base/errors.js'
import { hashHex } from '../../base/hash.js'
import { LIMITS } from '../../base/limits.js'
import { forEachBounded } from '../../base/pool.js'
import { untilAborted } from '../../base/signals.js'
import { attributesHash } from '../../model/attributes.js'
import type { CallOptions } from '../../model/endpoint.js'
import type { Content } from '../../model/manifest.js'
import { thisProcess } from '../../store/process-identity.js'
import { Assembly } from './assembly.js'
import { type S3Bucket, shown } from './bucket.js'
import type { Rejected } from './deleting.js'
import { dressFor } from './dress.js'
import { isDenied } from './faults.js'
import { isCopied, layParts, type Part } from './parts.js'
import type { PutRequest } from './putting.js'
import { putTags } from './tags.js'
import {
  abortUpload,
  completeUpload,
  copyPart,
  createUpload,
  type Origin,
  resumeUpload,
  sendPart,
  type Upload,
} from './upload.js'
import { isTaken, mayBeTaken, type UploadNote, type UploadNotes } from './upload-notes.js'

/** Where large objects go. */
export interface LargeTo {
  readonly bucket: S3Bucket
  readonly clock: Clock
  readonly notes: UploadNotes
  /** What the endpoint is, whoever asks. */
  readonly place: string
}

/** The parts that it goes up in, and what stands there that some are copied from. */
export interface Layout {
  readonly parts: readonly Part[]
  readonly origin?: Origin
}

/** One object that goes up in parts while its slices come in; what an earlier run sent of it stays where it is. */
export class LargeWrite {
  readonly #to: LargeTo
  readonly #key: string
  readonly #content: Content
  readonly #layout: Layout
  readonly #assembly: Assembly
  #upload: Promise<Upload> | undefined

  /** All is sent, unless told otherwise. */
  #note: UploadNote | undefined

  constructor(to: LargeTo, key: string, content: Content, layout: Layout = { parts: layParts(content.size, []) }) {
    this.#to = to
    this.#key = key
    this.#content = content
    this.#layout = layout
    this.#assembly = new Assembly(layout.parts, (number, bytes, options) => this.#send(number, bytes, options))
  }

  /**
   * Has the server copy what it has already. Some would copy something else without a word, so they are asked what they made of it.
   * @throws CONFLICT where something else stands there by now; FAILED, REFUSED, NOT_FOUND where it does not copy
   */
  async copy(options: CallOptions): Promise<void> {
    const { bucket } = this.#to
    const { origin } = this.#layout
    if (origin === undefined) return
    const upload = await this.#begun(options)
    const { signal = new AbortController().signal } = options
    await forEachBounded(this.#copied(), LIMITS.s3CopiesAtOnce, signal, ([number, part], either) =>
      copyPart(upload, number, part, origin, { signal: either }),
    )
    const there = await resumeUpload(bucket, this.#key, upload.id, options)
    for await (const [number, { length }] of this.#copied()) {
      if (there?.parts.get(number)?.size !== length)
        throw new EfsError('FAILED', `cannot write ${shown(bucket, this.#key)}: a part that was copied is another one`)
    }
  }

  async *#copied() {
    for (const [i, part] of this.#layout.parts.entries()) if (isCopied(part)) yield [i + 1, part] as const
  }

  /** Settles when what became whole by it has been sent. */
  write(offset: number, bytes: Uint8Array, options: CallOptions): Promise<void> {
    return this.#assembly.write(offset, bytes, options)
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
    await this.#assembly.end(request)
    const upload = await this.#begun(request)
    const etag = await completeUpload(upload, this.#layout.parts.length, request)
    // Ceph forgets those that an upload was begun with.
    const { tagging } = dressFor(this.#content)
    if (tagging !== undefined) await putTags(this.#to.bucket, this.#key, tagging, request)
    this.#to.notes.remove({ place: this.#to.place, key: this.#key, uploadId: upload.id })
    return etag
  }

  /** Gives up what was sent; where that is denied, its note stays. */
  async abort(options: CallOptions): Promise<void> {
    const { bucket, notes, place } = this.#to
    try {
      const upload = await this.#upload
      if (upload === undefined) return
      await abortUpload(bucket, this.#key, upload.id, options)
      notes.remove({ place, key: this.#key, uploadId: upload.id })
    } catch (error) {
      if (!isDenied(error)) throw error
    }
  }

  async #send(number: number, bytes: Buffer, { signal }: CallOptions): Promise<void> {
    await sendPart(await this.#begun({ signal }), number, bytes, signal === undefined ? {} : { signal })
    if (this.#note !== undefined && this.#to.clock.nowMs() - this.#note.startedMs > LIMITS.s3UploadNoteMs)
      this.#putNote(this.#note)
  }

  /** What is begun is noted, so that it is not cut off; it is not waited for once the signal is off. */
  #begun({ signal }: { readonly signal?: AbortSignal | undefined }): Promise<Upload> {
    const upload = this.#upload ?? this.#begin()
    this.#upload = upload
    // Whoever waits for it sees it fail; that may be nobody.
    upload.catch(() => undefined)
    return untilAborted(signal, () => upload)
  }

  async #begin(): Promise<Upload> {
    const { bucket, notes, place } = this.#to
    const key = this.#key
    const print = this.#print()
    const note = notes.get(place, key)
    // There is one note for each key, and it stays that other run's: this upload has none.
    if (note !== undefined && mayBeTaken(note)) return createUpload(bucket, key, dressFor(this.#content), {})
    if (note?.print === print) {
      this.#putNote(note)
      const upload = await resumeUpload(bucket, key, note.uploadId, {})
      if (upload !== undefined) return upload
    } else if (note !== undefined) await abortUpload(bucket, key, note.uploadId, {})
    const upload = await createUpload(bucket, key, dressFor(this.#content), {})
    this.#putNote({ place, key, uploadId: upload.id, print })
    return upload
  }

  /** This process goes on with it, now. */
  #putNote(note: Omit<UploadNote, 'startedMs' | 'owner'>): void {
    this.#note = { ...note, startedMs: this.#to.clock.nowMs(), owner: thisProcess() }
    this.#to.notes.put(this.#note)
  }

  /** What makes the same parts, with the same beside them. */
  #print(): string {
    const { contentHash, attributes, size } = this.#content
    const { parts, origin } = this.#layout
    const user = JSON.stringify(Object.entries(attributes.user ?? {}))
    const layout = JSON.stringify([origin, parts.map(({ offset, from }) => [offset, from])])
    return hashHex(Buffer.from([contentHash, attributesHash(attributes), user, size, layout].join('\0')))
  }
}

/** Gives up uploads to this place that nobody went on with for long, and gives those of which that is denied. */
export async function sweepUploads({ bucket, clock, notes, place }: LargeTo, options: CallOptions): Promise<Rejected> {
  const denied = new Map<string, EfsError>()
  for (const note of notes.of(place)) {
    const { key, uploadId, startedMs } = note
    if (clock.nowMs() - startedMs < LIMITS.s3UploadMsMax || isTaken(note)) continue
    try {
      await abortUpload(bucket, key, uploadId, options)
      notes.remove(note)
    } catch (error) {
      if (!isDenied(error)) throw error
      denied.set(key, error)
    }
  }
  return denied
}
