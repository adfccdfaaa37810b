import { EfsError } from '../../base/errors.js'
import { hashHex } from '../../base/hash.js'
import { LIMITS } from '../../base/limits.js'
import type { Facts, PublishedEntry } from '../../format/facts.js'
import { decodeVersion, encodeManifest } from '../../format/manifest.js'
import type { SpotIndex } from '../../model/chunk-spots.js'
import type { Done } from '../../model/endpoint.js'
import type { BucketUid, SegmentGuid, VersionId } from '../../model/ids.js'
import { nameFault } from '../../model/name.js'
import type { Named } from '../../model/name-space.js'
import { lineOf, NAME_KINDS } from '../../model/names.js'
import type { ObjectStore, StoredObject } from '../../model/object-store.js'
import { isSamePosition, type Position } from '../../model/position.js'
import type { Segment } from '../../model/segment.js'
import type { VersionRef } from '../../model/version-ref.js'
import { FactsFolder, type FactsReading, MEND } from './facts-folder.js'
import { untilStill } from './until-still.js'

/** How far the journal of the cache has been told. */
const TOLD = 'told'

interface Parts {
  readonly store: ObjectStore
  readonly spots: SpotIndex
  readonly cache: Pick<Segment, 'names' | 'versions'>
  readonly guid: SegmentGuid
  readonly reading: FactsReading
}

/** What all writers have published, and what is known of it here. */
export class Publications {
  readonly #folder: FactsFolder
  readonly #label: string
  readonly #spots: SpotIndex
  readonly #cache: Pick<Segment, 'names' | 'versions'>
  /** What comes from the store is marked so, and is not told again. */
  readonly #guid: SegmentGuid

  constructor({ store, spots, cache, guid, reading }: Parts) {
    this.#folder = new FactsFolder(store, 'journal', spots, reading)
    this.#label = store.label
    this.#spots = spots
    this.#cache = cache
    this.#guid = guid
  }

  list(): Promise<readonly StoredObject[]> {
    return this.#folder.list()
  }

  /** The chunks of what was published in these must be known. */
  async takeIn(listed: readonly StoredObject[]): Promise<void> {
    await this.#folder.readNew(listed, (facts, source) => this.#takeFacts(facts, source))
    if (listed.length >= LIMITS.factsMergeLeast) await this.#folder.merge(listed)
  }

  /** The bucket in the cache. */
  async bucket(path: string): Promise<Named> {
    for (const above of lineOf(path)) {
      if (this.#cache.names.find(above) === undefined) await this.#create(above)
    }
    const found = this.#cache.names.find(path)
    if (found === undefined) throw new Error(`${path} was made and is not there`)
    return found
  }

  /** Tells that the bucket is there. */
  async tellBucket(path: string): Promise<void> {
    this.#spots.noteRead(await this.#folder.put({ packs: [], published: [{ path, entries: [] }] }))
  }

  /** Tells everybody what was published in the cache and not told yet, by whatever process. */
  tell(bucket: Named): Promise<void> {
    // What another process has pruned since it was listed is not told.
    return untilStill(() => this.#tell(bucket))
  }

  async #tell({ uid, path }: Named): Promise<void> {
    const { versions } = this.#cache
    const from = versions.checkpoint(uid, TOLD)
    const now = versions.position(uid)
    if (isSamePosition(from?.position ?? { ...now, sequence: 0 }, now)) return
    let [entries, bytes]: [PublishedEntry[], number] = [[], 0]
    const put = async (): Promise<void> => {
      if (entries.length > 0)
        this.#spots.noteRead(await this.#folder.put({ packs: [], published: [{ path, entries }] }))
      ;[entries, bytes] = [[], 0]
    }
    for await (const refs of this.#untold(uid, from?.position, now)) {
      for (const [i, { manifest }] of (await versions.manifests(uid, refs)).entries()) {
        const { key } = refs[i] as VersionRef
        const encoded = encodeManifest(manifest).bytes
        entries.push({ key, manifest: encoded })
        bytes += encoded.length + key.length
        if (entries.length >= LIMITS.factsVersionsFull || bytes >= LIMITS.factsBytesFull) await put()
      }
    }
    await put()
    await versions.publish(uid, [], { overwrite: false, move: { name: TOLD, from, to: { position: now }, parked: [] } })
  }

  /** Rows live as long as their versions: where a position means nothing any more, all of them are looked at. */
  async *#untold(uid: BucketUid, since: Position | undefined, now: Position): AsyncGenerator<readonly VersionRef[]> {
    const { versions } = this.#cache
    const start = { ...now, sequence: 0 }
    const pages = (since && versions.changes(uid, since)) ?? versions.changes(uid, start) ?? []
    for await (const page of pages) {
      const refs = page
        .filter(({ by }) => by !== this.#guid)
        .flatMap(({ key, id }) => {
          const head = versions.head(uid, key)
          if (head?.held?.id === id) return head
          return versions.versions(uid, key).find(({ held }) => held?.id === id) ?? []
        })
      if (refs.length > 0) yield refs
    }
  }

  async #create(path: string): Promise<void> {
    try {
      await this.#cache.names.create(path, {})
    } catch (error) {
      // Another process was quicker.
      if (!(error instanceof EfsError && error.code === 'EXISTS')) throw error
    }
  }

  /** False where chunks are not known (yet): a listing that lags shows them later. */
  async #takeFacts({ published }: Facts, source: string): Promise<boolean> {
    let complete = true
    for (const { path, entries } of published) {
      assertBucketPath(path, this.#label + source)
      const { uid } = await this.bucket(path)
      for (let from = 0; from < entries.length; from += LIMITS.parcelObjectsMax) {
        const done = entries.slice(from, from + LIMITS.parcelObjectsMax).map(doneOf)
        this.#spots.learnWhole(done.flatMap(nodeOf))
        // Its chunks may be lost by now: it was published all the same.
        const as = { overwrite: false, keepOlder: true, vouched: true, by: this.#guid } as const
        const results = await this.#cache.versions.publish(uid, done, as)
        if (results.some(({ status }) => status === 'needs')) complete = false
      }
    }
    return complete
  }
}

function doneOf({ key, manifest }: PublishedEntry, object: number): Done {
  return { object, key, content: decodeVersion(hashHex(manifest) as VersionId, manifest) }
}

function nodeOf({ content }: Done) {
  const { root } = 'manifest' in content ? content.manifest : content
  return 'inline' in root || !root.ref.node ? [] : [root.ref.id]
}

/** It comes from whoever can write there. */
function assertBucketPath(path: string, object: string): void {
  const parts = path.split('/')
  const fault = parts.length === NAME_KINDS.length ? parts.map(nameFault).find(Boolean) : 'it has not three parts'
  if (fault !== undefined)
    throw new EfsError('CORRUPT', `${object} calls a bucket ${JSON.stringify(path.slice(0, 300))}: ${fault}`, {
      hint: MEND,
    })
}
