import { onTestFinished } from 'vitest'
import { type Clock, systemClock } from '../../src/base/clock.js'
import { hashHex } from '../../src/base/hash.js'
import { makeChunk } from '../../src/model/chunk.js'
import { contentHash, type VersionId } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import type { Content } from '../../src/model/manifest.js'
import type { Segment } from '../../src/model/segment.js'
import { openSegment } from '../../src/store/segment.js'

/** Writes and looks at one bucket of a home from this process, while the home's gateway runs: ten thousand writes need no ten thousand starts. */
export class Hand {
  /** Every version that was acknowledged, with its key. */
  readonly acknowledged: { readonly key: string; readonly id: VersionId }[] = []

  private constructor(
    readonly segment: Segment,
    readonly path: string,
  ) {}

  /** The segment is closed when the test ends, if not before. */
  static async open(home: string, path: string, clock: Clock = systemClock): Promise<Hand> {
    const hand = new Hand(await openSegment(home, { clock }), path)
    onTestFinished(() => hand.close())
    return hand
  }

  /** Settles when it is acknowledged. */
  async write(key: string, bytes: Uint8Array): Promise<VersionId> {
    const { content, chunk } = contentOf(bytes)
    if (chunk !== undefined) await this.segment.chunks.put([chunk])
    const done = { object: 0, key: objectKey(key), content }
    const [result] = await this.segment.versions.publish(this.#uid, [done], { overwrite: true })
    if ((result?.status !== 'published' && result?.status !== 'known') || result.id === undefined)
      throw new Error(`a write came to ${result?.status}`)
    this.acknowledged.push({ key, id: result.id })
    return result.id
  }

  /** A few at a time. */
  async writeAll(count: number, one: (i: number) => readonly [key: string, bytes: Uint8Array]): Promise<void> {
    let next = 0
    const worker = async (): Promise<void> => {
      while (next < count) await this.write(...one(next++))
    }
    await Promise.all(Array.from({ length: 8 }, worker))
  }

  /** Of the others' acknowledged versions, those that are not here; not even as an older version. */
  lacking(of: Hand): string[] {
    const { versions } = this.segment
    const there = new Map<string, Set<string | undefined>>()
    for (const { key } of of.acknowledged) {
      if (!there.has(key))
        there.set(key, new Set(versions.versions(this.#uid, objectKey(key)).map(({ held }) => held?.id)))
    }
    return of.acknowledged.filter(({ key, id }) => !there.get(key)?.has(id)).map(({ key, id }) => `${key} ${id}`)
  }

  get digest(): string {
    return this.#isThere ? this.segment.versions.digests(this.#uid).full : ''
  }

  get counters() {
    return this.segment.versions.counters(this.#uid)
  }

  get position(): number {
    return this.segment.versions.position(this.#uid).sequence
  }

  holds(key: string, id: VersionId): boolean {
    if (!this.#isThere) return false
    return this.segment.versions.versions(this.#uid, objectKey(key)).some(({ held }) => held?.id === id)
  }

  /** Settles when that version is here. */
  async arrival(key: string, id: VersionId): Promise<void> {
    let unlisten = (): void => undefined
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.holds(key, id)) resolve()
      }
      unlisten = this.segment.onRing(look)
      look()
    }).finally(() => unlisten())
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.segment.close()
  }

  #isClosed = false

  get #isThere(): boolean {
    return this.segment.names.find(this.path) !== undefined
  }

  get #uid() {
    const bucket = this.segment.names.find(this.path)
    if (bucket === undefined) throw new Error(`no bucket ${this.path}`)
    return bucket.uid
  }
}

/** Small content stands in its manifest, the rest is one chunk. */
function contentOf(bytes: Uint8Array) {
  const body = {
    kind: 'file',
    size: bytes.length,
    contentHash: contentHash(hashHex(bytes)),
    attributes: { mode: 0o644 },
  } as const
  if (bytes.length <= 128) {
    const content: Content = { ...body, root: { inline: bytes } }
    return { content, chunk: undefined }
  }
  const chunk = makeChunk(bytes, false, true)
  const content: Content = { ...body, root: { ref: chunk.ref, depth: 0 } }
  return { content, chunk }
}
