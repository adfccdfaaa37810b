import { EfsError } from '../../base/errors.js'
import type { BucketUid } from '../../model/ids.js'
import type { Segment } from '../../model/segment.js'
import type { BucketUsage } from '../../model/usage.js'

/** Objects below one first part of a key. */
export interface PrefixBytes {
  /** With its `/`; empty for what is in no folder. */
  readonly prefix: string
  readonly objects: number
  readonly bytes: number
}

/** Where the bytes of a bucket are. */
export interface BucketBytes extends BucketUsage {
  /** Of its objects as people have them. */
  readonly logical: number
  /** The largest, the largest first. */
  readonly prefixes: readonly PrefixBytes[]
  /** All that are not among them, together. */
  readonly others: { readonly prefixes: number; readonly objects: number; readonly bytes: number }
}

const PREFIXES_SHOWN = 5
/** So many chunks and versions are looked at in a quarter of a second. */
const QUICK = 20_000

/** The same where that takes a moment only, else null. Null also where it is damaged: all else can still be shown. @throws IO */
export async function bytesIfQuick(segment: Segment, uid: BucketUid, signal: AbortSignal): Promise<BucketBytes | null> {
  if (segment.use().chunks + segment.versions.counters(uid).versions > QUICK) return null
  try {
    return await bytesOf(segment, uid, signal)
  } catch (error) {
    if (error instanceof EfsError && error.code === 'CORRUPT') return null
    throw error
  }
}

/** Takes as long as the bucket has chunks. @throws CORRUPT, IO */
export async function bytesOf(segment: Segment, uid: BucketUid, signal: AbortSignal): Promise<BucketBytes> {
  const top = new TopPrefixes()
  for await (const page of segment.versions.list(uid, { signal }))
    for (const { key, size } of page) if (!key.endsWith('/')) top.add(key, size)
  const { logical, prefixes, others } = top.end()
  return { logical, ...(await segment.usageOf(uid, { signal })), prefixes, others }
}

/** Sums by first part, of keys in their order: all below one folder come one after the other. */
class TopPrefixes {
  #now: PrefixBytes = { prefix: '', objects: 0, bytes: 0 }
  #none = { prefix: '', objects: 0, bytes: 0 }
  #top: PrefixBytes[] = []
  readonly #others = { prefixes: 0, objects: 0, bytes: 0 }

  add(key: string, bytes: number): void {
    const prefix = key.slice(0, key.indexOf('/') + 1)
    if (prefix === '') {
      this.#none = grown(this.#none, bytes)
      return
    }
    if (prefix !== this.#now.prefix) {
      this.#close(this.#now)
      this.#now = { prefix, objects: 0, bytes: 0 }
    }
    this.#now = grown(this.#now, bytes)
  }

  end(): Pick<BucketBytes, 'logical' | 'prefixes' | 'others'> {
    this.#close(this.#now)
    this.#close(this.#none)
    const logical = this.#top.reduce((sum, { bytes }) => sum + bytes, this.#others.bytes)
    return { logical, prefixes: this.#top, others: this.#others }
  }

  #close(done: PrefixBytes): void {
    if (done.objects === 0) return
    const sorted = [...this.#top, done].sort((a, b) => b.bytes - a.bytes)
    this.#top = sorted.slice(0, PREFIXES_SHOWN)
    for (const { objects, bytes } of sorted.slice(PREFIXES_SHOWN)) {
      this.#others.prefixes++
      this.#others.objects += objects
      this.#others.bytes += bytes
    }
  }
}

const grown = ({ prefix, objects, bytes }: PrefixBytes, more: number): PrefixBytes => ({
  prefix,
  objects: objects + 1,
  bytes: bytes + more,
})
