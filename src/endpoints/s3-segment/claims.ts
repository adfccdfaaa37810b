import { randomBytes } from 'node:crypto'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { decodeClaim, encodeClaim } from '../../format/claim.js'
import type { ChunkId } from '../../model/ids.js'
import type { ObjectStore, StoredObject } from '../../model/object-store.js'
import type { Segment } from '../../model/segment.js'
import { assertOwn, CLAIMS, claimKey, claimsOf } from './layout.js'
import { noteEnd, noteWriter, writersGone } from './writers.js'

export interface Claim {
  readonly key: string
  /** Of what was claimed: what others claimed first, and under which key. */
  readonly others: ReadonlyMap<ChunkId, string>
}

/**
 * What each writer is about to put, so that two that bring the same at once do not both put it. Hints: one that is lost or
 * late costs room, one that is left behind costs time.
 */
export class Claims {
  readonly #store: ObjectStore
  readonly #writer = randomBytes(16).toString('hex')
  /** Of other writers, by key. */
  readonly #read = new Map<string, ReadonlySet<ChunkId>>()
  /** Of this writer. */
  readonly #open = new Set<string>()
  #cache: Pick<Segment, 'running' | 'home'> | undefined
  #begun: Promise<void> | undefined
  #next = 0

  constructor(store: ObjectStore) {
    this.#store = store
  }

  /** Who claims is noted there, so that what one that was killed has left is not waited for by the next one. */
  noteIn(cache: Pick<Segment, 'running' | 'home'>): void {
    this.#cache = cache
  }

  async claim(ids: readonly ChunkId[]): Promise<Claim> {
    this.#begun ??= this.#begin()
    await this.#begun.catch((error: unknown) => {
      this.#begun = undefined
      throw error
    })
    const key = claimKey(this.#writer, this.#next++)
    this.#open.add(key)
    await this.#store.put(key, encodeClaim(ids))
    const listed = await this.#list()
    const own = listed.find((one) => one.key === key)
    const others = new Map<ChunkId, string>()
    // A listing that does not show what was just put cannot tell who was first.
    if (own === undefined) return { key, others }
    const alive = listed.filter(({ modifiedMs }) => own.modifiedMs - modifiedMs <= LIMITS.claimAgeMsMax)
    await this.drop(listed.filter((one) => !alive.includes(one)).map((one) => one.key))
    const before = alive.filter((one) => this.#isOther(one) && isBefore(one, own)).slice(0, LIMITS.claimsReadMax)
    for (const other of before) {
      const theirs = await this.#readOne(other)
      for (const id of ids) if (theirs.has(id) && !others.has(id)) others.set(id, other.key)
    }
    return { key, others }
  }

  /** The keys of all claims that there are. */
  async keys(): Promise<ReadonlySet<string>> {
    return new Set((await this.#list()).map(({ key }) => key))
  }

  async drop(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.#store.delete(keys)
    for (const key of keys) {
      this.#read.delete(key)
      this.#open.delete(key)
    }
  }

  /** Nothing is claimed after it. */
  async end(): Promise<void> {
    if (this.#cache === undefined || this.#begun === undefined) return
    await noteEnd(this.#cache.running, this.#writer, this.#open.size > 0)
  }

  async #begin(): Promise<void> {
    if (this.#cache === undefined) return
    const { running, home } = this.#cache
    const gone = writersGone(running, home)
    for (const writer of gone) {
      for await (const page of this.#store.list({ prefix: claimsOf(writer) }))
        await this.drop(page.map(({ key }) => key))
    }
    await noteWriter(running, this.#writer, gone)
  }

  #isOther({ key }: StoredObject): boolean {
    return !key.startsWith(claimsOf(this.#writer))
  }

  async #list(): Promise<StoredObject[]> {
    const listed: StoredObject[] = []
    for await (const page of this.#store.list({ prefix: CLAIMS })) listed.push(...page)
    // What is too old to be a claim goes.
    for (const { key } of listed) assertOwn(this.#store, key)
    const there = new Set(listed.map(({ key }) => key))
    for (const key of this.#read.keys()) if (!there.has(key)) this.#read.delete(key)
    return listed
  }

  async #readOne({ key, size }: StoredObject): Promise<ReadonlySet<ChunkId>> {
    const known = this.#read.get(key)
    if (known !== undefined) return known
    if (size > LIMITS.claimBytesMax) throw noClaim(this.#store, key, `it has ${size} bytes`)
    try {
      const ids = new Set(decodeClaim(await this.#store.get(key)))
      this.#read.set(key, ids)
      return ids
    } catch (error) {
      if (!(error instanceof EfsError)) throw error
      // Its writer is done with it: what it put is in the index by now.
      if (error.code === 'NOT_FOUND') return new Set()
      throw error.code === 'CORRUPT' ? noClaim(this.#store, key, error.message, error) : error
    }
  }
}

const noClaim = ({ label }: ObjectStore, key: string, why: string, cause?: EfsError): EfsError =>
  new EfsError('CORRUPT', `${label}${key} is no claim of a writer: ${why}`, { hint: 'remove that object', cause })

const isBefore = (a: StoredObject, b: StoredObject): boolean =>
  a.modifiedMs === b.modifiedMs ? a.key < b.key : a.modifiedMs < b.modifiedMs
