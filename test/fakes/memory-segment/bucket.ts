import type { ObjectKey } from '../../../src/model/key.js'
import type { Version } from '../../../src/model/manifest.js'
import type { Position } from '../../../src/model/position.js'
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

  /** Of the latest change. */
  get sequence(): number {
    return this.#sequence
  }

  versions(key: ObjectKey): readonly Kept[] {
    return this.keys.get(key) ?? []
  }

  keep(key: ObjectKey, { id, manifest }: Version): void {
    this.keys.set(key, [...this.versions(key), { id, manifest, sequence: ++this.#sequence }])
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
