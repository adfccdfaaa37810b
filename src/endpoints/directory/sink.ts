import { renameSync, rmSync, unlinkSync } from 'node:fs'
import type { Clock } from '../../base/clock.js'
import { LIMITS } from '../../base/limits.js'
import type { Chunk, ChunkRef } from '../../model/chunk.js'
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
import { compareKeys, type ObjectKey } from '../../model/key.js'
import type { Content } from '../../model/manifest.js'
import type { VersionRef } from '../../model/version-ref.js'
import { fingerprintOf } from './fingerprint.js'
import { listDirectory } from './listing.js'
import { lookRows } from './look.js'
import { Losses } from './losses.js'
import { Opened } from './opened.js'
import { Partials } from './partials.js'
import { withRoot } from './root-row.js'
import { blocked, conflictWith } from './sink-conflict.js'
import { orParked, throwIfFatal } from './sink-faults.js'
import { finishFolders, isDressed } from './sink-finish.js'
import { inTheWay, nameFault, Parents } from './sink-names.js'
import { dressXattrs, type Prepared, prepareFile, prepareLink, removeFolder, syncNames } from './sink-write.js'
import { type SetTime, timeSetter } from './times.js'

/** An object that is complete, durable, and not yet under its name. */
interface Placement {
  readonly done: Done
  readonly prepared: Prepared
}

/** One result for one object: at once, or when it stands under its name. */
type Step = PublishResult | Placement

const parkedFor = (why: string): PublishResult => ({ status: 'parked', why })
const PUBLISHED: PublishResult = { status: 'published' }
const KNOWN: PublishResult = { status: 'known' }

/** Writes objects as files, links and folders below a root, which no key can leave. */
export class DirectorySink implements Sink, Looker {
  readonly plain = true
  readonly chunking = { kind: 'fastcdc', bytes: LIMITS.chunkBytesDefault } as const
  readonly compress = false
  readonly #root: string
  readonly #clock: Clock
  readonly #partials: Partials
  readonly #opened: Opened
  #setTime: Promise<SetTime> | undefined
  /** Folders that were to be deleted and are still there, and why. */
  readonly #lingering = new Map<ObjectKey, string>()
  readonly #losses = new Losses()
  #publishing: Promise<unknown> = Promise.resolve()

  constructor(root: string, clock: Clock) {
    this.#root = root
    this.#clock = clock
    this.#opened = new Opened(root)
    this.#partials = new Partials(root, clock, this.#opened)
  }

  list(options: ListOptions, parked: (what: Parked) => void): Listing {
    this.#partials.lookAtMounts()
    const inside = listDirectory({ root: this.#root, clock: this.#clock, losses: new Losses(), parked }, options)
    return withRoot(inside, this.#root, this.#clock, options)
  }

  async look(keys: readonly ObjectKey[], parked: (what: Parked) => void): Promise<VersionRef[]> {
    this.#partials.lookAtMounts()
    return lookRows(this.#root, this.#clock, keys, parked)
  }

  async missing(refs: readonly ChunkRef[]): Promise<ChunkRef[]> {
    return [...refs]
  }

  begin(done: readonly Done[]): void {
    for (const { object, key } of done) this.#partials.begin(object, key)
  }

  async put(chunks: readonly Chunk[], slices: readonly Slice[], options?: CallOptions): Promise<void> {
    options?.signal?.throwIfAborted()
    try {
      this.#partials.write(chunks, slices)
    } catch (error) {
      throwIfFatal(error, this.#root)
      throw error
    }
  }

  /** One call after the other, so that what stands in the directory holds still while one looks and writes. */
  publish(done: readonly Done[], options: PublishOptions): Promise<PublishResult[]> {
    const result = this.#publishing.then(() => this.#publish(done, options))
    this.#publishing = result.catch(() => undefined)
    return result
  }

  notKept(): readonly NotKept[] {
    return this.#losses.list()
  }

  async finish(folders: AsyncIterable<readonly Done[]>, options: CallOptions = {}): Promise<Parked[]> {
    const touched = new Set<string>()
    this.#removeLingering(new Parents(this.#root, this.#opened, touched))
    const parked = [...this.#lingering].map(([key, why]): Parked => ({ key, why }))
    this.#lingering.clear()
    parked.push(...(await this.#dress(this.#opened.among(folders), options)), ...(await this.#giveBack()))
    await Promise.all([...touched].map(syncNames))
    return parked
  }

  /** Removes what is not complete. */
  async close(): Promise<void> {
    this.#partials.dropAll()
    await this.#giveBack()
  }

  /** Folders that were opened and have no mode in what is written. */
  async #giveBack(): Promise<Parked[]> {
    const left = this.#opened.take()
    return left.length === 0 ? [] : this.#dress([left])
  }

  async #dress(folders: Parameters<typeof finishFolders>[2], options: CallOptions = {}): Promise<Parked[]> {
    return finishFolders(this.#root, this.#opened, folders, await this.#timeSetter(), options)
  }

  async #publish(done: readonly Done[], { signal }: PublishOptions): Promise<PublishResult[]> {
    signal?.throwIfAborted()
    const setTime = await this.#timeSetter()
    const touched = new Set<string>()
    const parents = new Parents(this.#root, this.#opened, touched)
    const waiting = new Set<Prepared>()
    try {
      const steps = done.map((one) => orParked(this.#root, () => this.#prepare(one, parents, setTime)))
      for (const step of steps) if ('prepared' in step) waiting.add(step.prepared)
      this.#removeLingering(parents)
      await Promise.all([...waiting].map((prepared) => prepared.sync()))
      signal?.throwIfAborted()
      const results = steps.map((step) => {
        if (!('prepared' in step)) return step
        const result = orParked(this.#root, () => this.#place(step, parents))
        if (result.status === 'published') waiting.delete(step.prepared)
        return result
      })
      parents.release()
      await Promise.all([...touched].map(syncNames))
      return results
    } catch (error) {
      throwIfFatal(error, this.#root)
      throw error
    } finally {
      parents.release()
      await Promise.allSettled([...waiting].map((prepared) => prepared.sync()))
      for (const { path: left } of waiting) rmSync(left, { force: true })
    }
  }

  /** Loaded only when something is written: a listing needs none. */
  #timeSetter(): Promise<SetTime> {
    this.#setTime ??= timeSetter()
    return this.#setTime
  }

  #prepare(done: Done, parents: Parents, setTime: SetTime): Step {
    const content: Content = 'manifest' in done.content ? done.content.manifest : done.content
    const folder = content.kind === 'folder' || (content.kind === 'deleted' && done.key.endsWith('/'))
    const badName = nameFault(done.key, folder)
    const noPlace = badName ?? parents.fault(done.key, content.kind !== 'deleted')
    if (noPlace !== undefined) {
      this.#partials.drop(done.object)
      // Where its parent is no folder, the object is not there.
      return content.kind === 'deleted' && badName === undefined ? KNOWN : parkedFor(noPlace)
    }
    if (content.kind === 'folder') return this.#folder(done.key, content, parents)
    if (content.kind === 'deleted') return this.#delete(done, parents)
    const conflict = blocked(done, parents) ?? this.#partials.fault(done.object, content.size)
    if (conflict !== undefined) {
      this.#partials.drop(done.object)
      return parkedFor(conflict)
    }
    const prepared =
      content.kind === 'link'
        ? prepareLink(this.#partials, done.key, content, setTime)
        : prepareFile(this.#partials, done, content, setTime, this.#losses)
    return { done, prepared }
  }

  #folder(key: ObjectKey, { attributes }: Content, parents: Parents): PublishResult {
    const stat = parents.look(key)
    const twin = stat && parents.twin(key)
    if (twin !== undefined) return parkedFor(twin)
    if (stat !== undefined && !stat.isDirectory()) return parkedFor(inTheWay(stat, key.slice(0, -1)))
    const lost = stat === undefined ? parents.make(key, (attributes.mode ?? 0o777) | 0o700) : undefined
    if (lost !== undefined) return parkedFor(lost)
    dressXattrs(parents.at(key), key, attributes, this.#losses)
    const now = parents.look(key)
    const seen = now && { seen: fingerprintOf(now, this.#clock.nowMs()) }
    const isKnown = stat !== undefined && attributes.xattrs === undefined && isDressed(stat, attributes)
    return { ...(isKnown ? KNOWN : PUBLISHED), ...seen }
  }

  #delete(done: Done, parents: Parents): PublishResult {
    const stat = parents.look(done.key)
    if (stat === undefined || !parents.isExact(done.key)) return KNOWN
    const conflict = conflictWith(done, stat)
    if (conflict !== undefined) return parkedFor(conflict)
    if (stat.isDirectory()) this.#lingering.set(done.key, '')
    else parents.change(done.key, unlinkSync)
    return PUBLISHED
  }

  #place({ done, prepared }: Placement, parents: Parents): PublishResult {
    // Once more: another key of the same batch may be this very name to a file system that folds case.
    const conflict = blocked(done, parents)
    if (conflict !== undefined) return parkedFor(conflict)
    parents.change(done.key, (at) => renameSync(prepared.path, at))
    const stat = parents.look(done.key)
    if (stat === undefined) return parkedFor(`${done.key} is gone again`)
    const lost = parents.lost(done.key)
    if (lost !== undefined) {
      unlinkSync(parents.at(done.key))
      return parkedFor(lost)
    }
    return { status: 'published', seen: fingerprintOf(stat, this.#clock.nowMs()) }
  }

  /** Removes the folders that are empty by now, the deepest first. */
  #removeLingering(parents: Parents): void {
    try {
      for (const key of [...this.#lingering.keys()].sort(compareKeys).reverse()) {
        const why = removeFolder(this.#root, key, parents)
        if (why !== undefined) this.#lingering.set(key, why)
        else this.#lingering.delete(key)
      }
    } finally {
      parents.release()
    }
  }
}
