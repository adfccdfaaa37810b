import { expect } from 'vitest'
import type { Done, PublishResult } from '../../src/model/endpoint.js'
import type { VersionId } from '../../src/model/ids.js'
import { compareKeys, type ObjectKey } from '../../src/model/key.js'
import { type Content, compareStamps, covers, type Version } from '../../src/model/manifest.js'
import { BUCKETS } from './samples.js'
import type { BucketSnapshot, Snapshot } from './snapshot.js'

type Written = Pick<Content, 'kind' | 'size' | 'contentHash' | 'attributes'>

interface KeyModel {
  /** What was acknowledged, and has to be here for ever. */
  readonly versions: Map<VersionId, Written>
  /** What the head has to be: the last thing that was to win. */
  latest?: Written
}

/** What whoever writes to a segment can rely on: it knows nothing but what was acknowledged. */
export class PlainModel {
  readonly #buckets = new Map([[BUCKETS[0] as string, new Map<ObjectKey, KeyModel>()]])

  create(bucket: string): void {
    this.#buckets.set(bucket, new Map())
  }

  drop(bucket: string): void {
    this.#buckets.delete(bucket)
  }

  /** One thing was published, and this was answered. */
  acknowledge(bucket: string, { key, content }: Done, overwrite: boolean, result: PublishResult): void {
    const { versions } = this.#key(bucket, key)
    const isVersion = 'manifest' in content
    const written = writtenOf(isVersion ? content.manifest : content)
    if (result.status === 'needs') {
      expect(result.refs).not.toEqual([])
      return
    }
    if (result.status === 'published' && result.id !== undefined) {
      expect(versions.has(result.id)).toBe(false)
      versions.set(result.id, written)
    } else if (result.status === 'known') {
      if (result.id === undefined) expect([written.kind, versions.size]).toEqual(['deleted', 0])
      else expect(versions.get(result.id)).toEqual(written)
    } else expect([result.status, isVersion, overwrite]).toEqual(['superseded', true, false])
    if (!isVersion || overwrite) this.#key(bucket, key).latest = written
    else delete this.#key(bucket, key).latest
  }

  /** What both segments tell is what was acknowledged. */
  check({ names, buckets }: Snapshot): void {
    expect(names.map(({ path }) => path)).toEqual([...this.#buckets.keys()].sort())
    for (const [path, keys] of this.#buckets) {
      const told = buckets.get(path)
      if (told === undefined) throw new Error(`no bucket ${path}`)
      for (const [key, model] of keys) checkKey(model, told.versions.get(key) ?? [])
      checkBucket(told)
    }
  }

  #key(bucket: string, key: ObjectKey): KeyModel {
    const keys = this.#buckets.get(bucket)
    if (keys === undefined) throw new Error(`a bucket that is not there took something: ${bucket}`)
    const model = keys.get(key) ?? { versions: new Map() }
    keys.set(key, model)
    return model
  }
}

const writtenOf = ({ kind, size, contentHash, attributes }: Content): Written => ({
  kind,
  size,
  contentHash,
  attributes,
})

function checkKey({ versions, latest }: KeyModel, told: readonly Version[]): void {
  expect(new Map(told.map(({ id, manifest }) => [id, writtenOf(manifest)]))).toEqual(versions)
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

/** All that is told of a bucket follows from its versions. */
function checkBucket({ versions, heads, counters, changed }: BucketSnapshot): void {
  const all = [...versions].filter(([, told]) => told.length > 0).sort(([a], [b]) => compareKeys(a, b))
  expect(heads.map(({ key, held }) => [key, held?.id, held?.tips])).toEqual(
    all.map(([key, told]) => [key, told[0]?.id, tips(told)]),
  )
  const kinds = (...wanted: string[]): number => heads.filter(({ kind }) => wanted.includes(kind)).length
  expect(counters).toEqual({
    objects: kinds('file', 'link'),
    bytes: heads.reduce((sum, { size }) => sum + size, 0),
    folders: kinds('folder'),
    versions: all.flatMap(([, told]) => told).length,
    deleted: kinds('deleted'),
    conflicts: all.filter(([, told]) => tips(told) > 1).length,
  })
  expect(changed).toEqual(all.flatMap(([key, told]) => told.map(() => key)).sort())
}

const laterFirst = (a: Version, b: Version): number => compareStamps(b.manifest.stamp, a.manifest.stamp)

const tips = (versions: readonly Version[]): number =>
  versions.filter(
    ({ id, manifest }) => !versions.some((other) => other.id !== id && covers(other.manifest.vector, manifest.vector)),
  ).length
