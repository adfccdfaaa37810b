import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../src/base/clock.js'
import { EfsError } from '../../../src/base/errors.js'
import { type BucketUid, bucketUid, type SegmentGuid, shortGuid } from '../../../src/model/ids.js'
import type { Named, NameSpace } from '../../../src/model/name-space.js'
import { kindOfName, lineOf, parentOf } from '../../../src/model/names.js'
import { inherited, type Settings } from '../../../src/model/settings.js'
import { countersOf } from './accounts.js'
import { Bucket } from './bucket.js'
import { SortedMap } from './sorted-map.js'

export class MemoryNames implements NameSpace {
  readonly #names = new SortedMap<string, Named>()

  /** `buckets`: where buckets are made and dropped with their names. */
  constructor(
    readonly buckets: Map<BucketUid, Bucket>,
    readonly clock: Clock,
    readonly guid: SegmentGuid,
  ) {}

  find(path: string): Named | undefined {
    return this.#names.get(path)
  }

  children(path: string): Named[] {
    return this.#names.values().filter((named) => parentOf(named.path) === path)
  }

  async create(path: string, settings: Settings): Promise<Named> {
    return this.add(path, settings)
  }

  /** `create`, at once. */
  add(path: string, settings: Settings): Named {
    if (this.find(path) !== undefined) throw new EfsError('EXISTS', `${path} exists already`)
    if (parentOf(path) !== '') this.#get(parentOf(path))
    const uid = bucketUid(randomBytes(16).toString('hex'))
    const effective = (): Settings => inherited(lineOf(path).map((above) => this.find(above)?.settings ?? {}))
    this.buckets.set(uid, new Bucket(effective, `${path} of segment ${shortGuid(this.guid)}`))
    return this.#set({ kind: kindOfName(path), uid, path, settings, createdMs: this.clock.nowMs() })
  }

  async set(path: string, change: (before: Settings) => Settings): Promise<Named> {
    const before = this.#get(path)
    return this.#set({ ...before, settings: change(before.settings) })
  }

  async drop(path: string): Promise<void> {
    const { uid } = this.#get(path)
    const bucket = this.buckets.get(uid)
    const isFull = bucket !== undefined && countersOf(bucket).objects > 0
    if (isFull || this.children(path).length > 0) throw new EfsError('NOT_EMPTY', `${path} is not empty`)
    this.#names.delete(path)
    this.buckets.delete(uid)
  }

  #set(named: Named): Named {
    this.#names.set(named.path, named)
    return named
  }

  #get(path: string): Named {
    const named = this.find(path)
    if (named === undefined) throw new EfsError('NOT_FOUND', `there is no ${path} in this segment`)
    return named
  }
}
