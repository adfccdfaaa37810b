import type { ObjectKey } from '../../../src/model/key.js'
import type { Version } from '../../../src/model/manifest.js'
import type { Position } from '../../../src/model/position.js'
import { excessOf } from '../../../src/model/retention.js'
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
}

/** All versions of one bucket, by key. What is told about them is computed from them. */
export class Bucket {
  readonly keys = new SortedMap<ObjectKey, readonly Kept[]>()
  readonly checkpoints = new Map<string, Position>()
  readonly #baselines = new Map<string, MemoryBaseline>()
  #sequence = 0
  #floor = 0

  /** `settings`: its own and inherited ones, as they are now. */
  constructor(readonly settings: () => Settings = () => ({})) {}

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

  keep(key: ObjectKey, { id, manifest }: Version): void {
    this.keys.set(key, [...this.versions(key), { id, manifest, sequence: ++this.#sequence }])
    this.prune(key)
  }

  /** What the settings no longer keep of a key goes. Gives how many versions that were. */
  prune(key: ObjectKey): number {
    const all = this.versions(key)
    const tips = tipsOf(all)
    const older = all.filter((one) => !tips.includes(one)).sort(latestFirst)
    const { numberOfVersions = NUMBER_OF_VERSIONS_DEFAULT } = this.settings()
    const keptOf = (kept: Kept) => ({ ...kept, stamp: kept.manifest.stamp, vector: kept.manifest.vector })
    const gone = new Set(excessOf(tips.map(keptOf), older.map(keptOf), numberOfVersions).map((one) => one.id))
    this.keys.set(
      key,
      all.filter((one) => !gone.has(one.id)),
    )
    return gone.size
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
      return `the bucket's quota of ${quotaCount} objects is used up`
    if (has.bytes > had.bytes && bytes > quota) return `the bucket's quota of ${sizeText(quota)} is used up`
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
