import { countOf } from '../../../src/base/counts.js'
import type { Done, PublishResult } from '../../../src/model/endpoint.js'
import type { SegmentGuid } from '../../../src/model/ids.js'
import type { ObjectKey } from '../../../src/model/key.js'
import { type Checkpoint, type CheckpointMove, isSameCheckpoint, type Retry } from '../../../src/model/live.js'
import type { Stamp, Version } from '../../../src/model/manifest.js'
import { excessOf } from '../../../src/model/retention.js'
import { parkedAgain, parkedFor, stillWaiting, waitingToo } from '../../../src/model/retry.js'
import { NUMBER_OF_VERSIONS_DEFAULT, type Settings } from '../../../src/model/settings.js'
import { sizeText } from '../../../src/model/size.js'
import type { VersionRef } from '../../../src/model/version-ref.js'
import { MemoryBaseline } from '../memory-baseline.js'
import { latestFirst, tipsOf } from './lines.js'
import { refOf } from './ref.js'
import { SortedMap } from './sorted-map.js'

/** A version that is kept, with its place in the journal. */
export interface Kept extends Version {
  readonly sequence: number
  readonly by: SegmentGuid | undefined
}

/** All versions of one bucket, by key. What is told about them is computed from them. */
export class Bucket {
  readonly keys = new SortedMap<ObjectKey, readonly Kept[]>()
  readonly checkpoints = new Map<string, Checkpoint>()
  readonly #retries = new Map<string, SortedMap<ObjectKey, Retry>>()
  readonly #waiting = new Map<string, readonly Stamp[]>()
  readonly #baselines = new Map<string, MemoryBaseline>()
  #sequence = 0
  #floor = 0

  /** `settings`: its own and inherited ones, as they are now. */
  constructor(
    readonly settings: () => Settings = () => ({}),
    readonly label = '',
  ) {}

  /** Of the latest change. */
  get sequence(): number {
    return this.#sequence
  }

  /** Deletes of before were forgotten; microseconds. */
  get floor(): number {
    return this.#floor
  }

  versions(key: ObjectKey): readonly Kept[] {
    return this.keys.get(key) ?? []
  }

  keep(key: ObjectKey, { id, manifest }: Version, by: SegmentGuid | undefined): void {
    this.keys.set(key, [...this.versions(key), { id, manifest, sequence: ++this.#sequence, by }])
    this.prune(key)
  }

  /** Whether the settings would keep it among the versions that its key has. */
  wouldKeep(key: ObjectKey, { id, manifest }: Version): boolean {
    return !this.#excess([...this.versions(key), { id, manifest }]).has(id)
  }

  /** What the settings no longer keep of a key goes. Gives how many versions that were. */
  prune(key: ObjectKey): number {
    const all = this.versions(key)
    const gone = this.#excess(all)
    this.keys.set(
      key,
      all.filter((one) => !gone.has(one.id)),
    )
    return gone.size
  }

  retries(name: string): SortedMap<ObjectKey, Retry> {
    const retries = this.#retries.get(name) ?? new SortedMap()
    this.#retries.set(name, retries)
    return retries
  }

  settleMove(move: CheckpointMove, done: readonly Done[], results: readonly PublishResult[], nowMs: number): void {
    const retries = this.retries(move.name)
    const parked = [...move.parked]
    const before = new Map(retries.under(''))
    for (const [i, one] of done.entries()) {
      const result = results[i]
      if (result?.status === 'parked') parked.push(parkedFor(one, result.why))
      if (result?.status === 'needs') continue
      const left = stillWaiting(this.#waiting.get(`${move.name} ${one.key}`) ?? [], one)
      this.#waiting.set(`${move.name} ${one.key}`, left)
      if (left.length === 0) retries.delete(one.key)
    }
    for (const key of move.gone ?? []) retries.delete(key)
    for (const what of parked) {
      const waiting = retries.get(what.key) ? (this.#waiting.get(`${move.name} ${what.key}`) ?? []) : []
      this.#waiting.set(`${move.name} ${what.key}`, waitingToo(waiting, what.stamp))
      retries.set(what.key, parkedAgain(before.get(what.key), what, nowMs))
    }
    const isComplete = !results.some(({ status }) => status === 'needs')
    if (!isComplete || !isSameCheckpoint(this.checkpoints.get(move.name), move.from)) return
    this.checkpoints.set(move.name, move.to)
  }

  #excess(all: readonly Version[]): Set<string> {
    const tips = tipsOf(all)
    const older = all.filter((one) => !tips.includes(one)).sort(latestFirst)
    const { numberOfVersions = NUMBER_OF_VERSIONS_DEFAULT } = this.settings()
    const keptOf = ({ id, manifest: { stamp, vector } }: Version) => ({ id, stamp, vector })
    return new Set(excessOf(tips.map(keptOf), older.map(keptOf), numberOfVersions).map((one) => one.id))
  }

  /** Each key goes whose only tip is a delete of before `floor`, in microseconds. Gives how many that were. */
  forget(floor: number): number {
    this.#floor = Math.max(this.#floor, floor)
    const forgotten = this.heads().filter(
      ({ kind, held }) => kind === 'deleted' && held?.tips === 1 && held.stamp.time < floor,
    )
    for (const { key } of forgotten) this.keys.delete(key)
    return forgotten.length
  }

  /** Gives how many versions that were. */
  expunge(key: ObjectKey): number {
    const gone = this.versions(key).length
    this.keys.delete(key)
    return gone
  }

  /** In words why the bucket has no room for a version. */
  refusal(key: ObjectKey, version: Version): string | undefined {
    const { quota = Number.POSITIVE_INFINITY, quotaCount = Number.POSITIVE_INFINITY } = this.settings()
    if (!Number.isFinite(Math.min(quota, quotaCount))) return undefined
    const weight = (own: readonly Version[]) => weightOf(tipsOf(own)[0])
    const [had, has] = [weight(this.versions(key)), weight([...this.versions(key), version])]
    const all = this.heads().filter(({ kind }) => kind === 'file' || kind === 'link')
    const objects = all.length + has.objects - had.objects
    const bytes = all.reduce((sum, { size }) => sum + size, 0) + has.bytes - had.bytes
    if (has.objects > had.objects && objects > quotaCount)
      return `${this.label} has used up its quota of ${countOf(quotaCount, 'object')}`
    if (has.bytes > had.bytes && bytes > quota) return `${this.label} has used up its quota of ${sizeText(quota)}`
    return undefined
  }

  head(key: ObjectKey): VersionRef | undefined {
    const tips = tipsOf(this.versions(key))
    return tips[0] && refOf(key, tips[0], tips.length)
  }

  /** All versions of a key, latest stamp first. How many tips it has is told with the head. */
  refs(key: ObjectKey): VersionRef[] {
    const all = this.versions(key)
    const tips = tipsOf(all)
    return all.toSorted(latestFirst).map((one) => refOf(key, one, one === tips[0] ? tips.length : 1))
  }

  heads(): VersionRef[] {
    return [...this.keys.under('')].flatMap(([key]) => this.head(key) ?? [])
  }

  baseline(name: string): MemoryBaseline {
    const baseline = this.#baselines.get(name) ?? new MemoryBaseline()
    this.#baselines.set(name, baseline)
    return baseline
  }
}

const weightOf = (head: Version | undefined): { readonly objects: number; readonly bytes: number } =>
  head?.manifest.kind === 'file' || head?.manifest.kind === 'link'
    ? { objects: 1, bytes: head.manifest.size }
    : { objects: 0, bytes: 0 }
