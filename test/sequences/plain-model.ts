import { expect } from 'vitest'
import type { Done, PublishResult } from '../../src/model/endpoint.js'
import type { VersionId } from '../../src/model/ids.js'
import { compareKeys, type ObjectKey } from '../../src/model/key.js'
import { type Content, compareStamps, covers, DELETION, type Manifest, type Version } from '../../src/model/manifest.js'
import { DELETE_AFTER } from '../../src/model/retention.js'
import { NUMBER_OF_VERSIONS_DEFAULT, type Settings } from '../../src/model/settings.js'
import { BUCKETS } from './samples.js'
import type { BucketSnapshot, Snapshot } from './snapshot.js'

type Written = Pick<Content, 'kind' | 'size' | 'contentHash' | 'attributes'>

interface Acknowledged {
  readonly written: Written
  /** Once it is known. */
  readonly manifest?: Manifest | undefined
}

interface KeyModel {
  /** What was acknowledged, and has to be here until it may go. */
  readonly versions: Map<VersionId, Acknowledged>
  /** What the head has to be: the last thing that was to win. */
  latest?: Written
  /** A delete has come that nobody has published. */
  hasExpired?: boolean
}

interface BucketModel {
  readonly keys: Map<ObjectKey, KeyModel>
  settings: Settings
  /** Deletes of before were forgotten; milliseconds. */
  floorMs: number
}

/** What whoever writes to a segment can rely on: it knows nothing but what was acknowledged. */
export class PlainModel {
  readonly #buckets = new Map<string, BucketModel>()

  constructor() {
    this.create(BUCKETS[0])
  }

  create(bucket: string): void {
    this.#buckets.set(bucket, { keys: new Map(), settings: {}, floorMs: 0 })
  }

  drop(bucket: string): void {
    this.#buckets.delete(bucket)
  }

  set(bucket: string, settings: Settings): void {
    this.#bucket(bucket).settings = settings
  }

  /** One thing was published, and this was answered. */
  acknowledge(bucket: string, { key, content }: Done, overwrite: boolean, result: PublishResult): void {
    const model = this.#key(bucket, key)
    const { versions } = model
    const isVersion = 'manifest' in content
    const written = writtenOf(isVersion ? content.manifest : content)
    if (result.status === 'needs') {
      expect(result.refs).not.toEqual([])
      return
    }
    if (result.status === 'parked') {
      expect(this.#mayPark(bucket, key, content)).toBe(true)
      return
    }
    if (result.status === 'published' && result.id !== undefined) {
      expect(versions.has(result.id)).toBe(false)
      const manifest = isVersion && content.id === result.id ? content.manifest : undefined
      versions.set(result.id, { written, manifest })
    } else if (result.status === 'known') {
      if (result.id === undefined) expect([written.kind, versions.size]).toEqual(['deleted', 0])
      else expect(versions.get(result.id)?.written).toEqual(written)
    } else expect([result.status, isVersion, overwrite]).toEqual(['superseded', true, false])
    if (!isVersion || overwrite) model.latest = written
    else delete model.latest
  }

  expunge(bucket: string, keys: readonly ObjectKey[]): void {
    for (const key of keys) this.#bucket(bucket).keys.delete(key)
  }

  /** What is due now is deleted. */
  expire(nowMs: number): void {
    for (const { keys, settings } of this.#buckets.values()) {
      for (const model of keys.values()) {
        const [head] = tipsOf(manifestsOf(model)).sort((a, b) => compareStamps(b.stamp, a.stamp))
        if (head === undefined || !isDue(head, settings, nowMs)) continue
        model.hasExpired = true
        model.latest = writtenOf(DELETION)
      }
    }
  }

  /** Deletes of before that time are nothing any more, where nobody disputes them. */
  forget(beforeMs: number): void {
    for (const model of this.#buckets.values()) {
      model.floorMs = Math.max(model.floorMs, beforeMs)
      for (const [key, one] of model.keys) {
        const [tip, ...others] = tipsOf(manifestsOf(one))
        const isForgotten = tip?.kind === 'deleted' && others.length === 0 && tip.stamp.time < beforeMs * 1000
        if (isForgotten) model.keys.delete(key)
      }
    }
  }

  /** What both segments tell is what was acknowledged. */
  check({ names, buckets }: Snapshot): void {
    expect(names.map(({ path }) => path)).toEqual([...this.#buckets.keys()].sort())
    for (const [path, { keys, settings }] of this.#buckets) {
      const told = buckets.get(path)
      if (told === undefined) throw new Error(`no bucket ${path}`)
      for (const [key, versions] of told.versions) if (versions.length > 0) expect([...keys.keys()]).toContain(key)
      for (const [key, model] of keys) checkKey(model, told.versions.get(key) ?? [], settings)
      checkBucket(told)
    }
  }

  /** A full bucket takes no new object, and what may have been deleted, and that forgotten, is not brought back. */
  #mayPark(bucket: string, key: ObjectKey, content: Done['content']): boolean {
    const { settings, floorMs } = this.#bucket(bucket)
    const isOld = 'manifest' in content && content.manifest.stamp.time < floorMs * 1000
    return settings.quotaCount !== undefined || (isOld && this.#key(bucket, key).versions.size === 0)
  }

  #bucket(path: string): BucketModel {
    const model = this.#buckets.get(path)
    if (model === undefined) throw new Error(`a bucket that is not there took something: ${path}`)
    return model
  }

  #key(bucket: string, key: ObjectKey): KeyModel {
    const { keys } = this.#bucket(bucket)
    const model = keys.get(key) ?? { versions: new Map() }
    keys.set(key, model)
    return model
  }
}

const writtenOf = ({ kind, size, contentHash, attributes }: Content): Written => ({
  kind,
  size,
  contentHash,
  attributes: { ...attributes, user: attributes.user ?? {} },
})

const manifestsOf = ({ versions }: KeyModel): Manifest[] =>
  [...versions.values()].flatMap(({ manifest }) => manifest ?? [])

function isDue({ kind, stamp, attributes }: Manifest, { options }: Settings, nowMs: number): boolean {
  const afterS = attributes.user?.[DELETE_AFTER] ?? options?.[DELETE_AFTER]
  return kind === 'file' && afterS !== undefined && stamp.time + Number(afterS) * 1_000_000 <= nowMs * 1000
}

/** From then on what went is gone. */
function checkKey(model: KeyModel, told: readonly Version[], settings: Settings): void {
  const { versions, latest } = model
  const unknown = told.filter(({ id }) => !versions.has(id))
  expect(unknown.map(({ manifest }) => manifest.kind)).toEqual(
    model.hasExpired && unknown.length > 0 ? ['deleted'] : [],
  )
  for (const { id, manifest } of unknown) versions.set(id, { written: writtenOf(manifest) })
  delete model.hasExpired
  const { numberOfVersions = NUMBER_OF_VERSIONS_DEFAULT } = settings
  const here = new Map(told.map(({ id, manifest }) => [id, manifest]))
  for (const [id, { manifest }] of versions) {
    if (here.has(id)) continue
    expect(mayGo(manifest, [...here.values()], numberOfVersions), `${id} is gone`).toBe(true)
    versions.delete(id)
  }
  expect(new Map(told.map(({ id, manifest }) => [id, writtenOf(manifest)]))).toEqual(
    new Map([...versions].map(([id, { written }]) => [id, written])),
  )
  for (const [id, manifest] of here) versions.set(id, { written: writtenOf(manifest), manifest })
  expect(told).toEqual([...told].sort(laterFirst))
  if (latest !== undefined && told[0] !== undefined) expect(writtenOf(told[0].manifest)).toEqual(latest)
  const byId = new Map(told.map((one) => [one.id, one]))
  for (const { manifest } of told) {
    for (const parent of manifest.parents.flatMap((id) => byId.get(id) ?? [])) {
      expect(manifest.stamp.time).toBeGreaterThan(parent.manifest.stamp.time)
      expect(covers(manifest.vector, parent.manifest.vector)).toBe(true)
    }
  }
}

/** Each line that a version was in has as many later ones as are kept. Where nobody ever saw its stamp, one line has. */
function mayGo(gone: Manifest | undefined, here: readonly Manifest[], keep: number): boolean {
  const laterIn = (tip: Manifest): Manifest[] =>
    here.filter(
      ({ vector, stamp }) => covers(tip.vector, vector) && (gone === undefined || compareStamps(stamp, gone.stamp) > 0),
    )
  const lines = tipsOf(here).filter(({ vector }) => gone === undefined || covers(vector, gone.vector))
  const full = lines.filter((tip) => laterIn(tip).length >= keep)
  return full.length > 0 && (gone === undefined || full.length === lines.length)
}

/** All that is told of a bucket follows from its versions. */
function checkBucket({ versions, heads, counters, changed }: BucketSnapshot): void {
  const all = [...versions].filter(([, told]) => told.length > 0).sort(([a], [b]) => compareKeys(a, b))
  expect(heads.map(({ key, held }) => [key, held?.id, held?.tips])).toEqual(
    all.map(([key, told]) => [key, told[0]?.id, tipsOf(told.map(({ manifest }) => manifest)).length]),
  )
  const kinds = (...wanted: string[]): number => heads.filter(({ kind }) => wanted.includes(kind)).length
  expect(counters).toEqual({
    objects: kinds('file', 'link'),
    bytes: heads.reduce((sum, { size }) => sum + size, 0),
    folders: kinds('folder'),
    versions: all.flatMap(([, told]) => told).length,
    deleted: kinds('deleted'),
    conflicts: all.filter(([, told]) => tipsOf(told.map(({ manifest }) => manifest)).length > 1).length,
  })
  expect(changed).toEqual(all.flatMap(([key, told]) => told.map(() => key)).sort())
}

const laterFirst = (a: Version, b: Version): number => compareStamps(b.manifest.stamp, a.manifest.stamp)

/** Those that no other one descends from. */
const tipsOf = (versions: readonly Manifest[]): Manifest[] =>
  versions.filter((one) => !versions.some((other) => other !== one && covers(other.vector, one.vector)))
