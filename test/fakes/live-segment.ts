import { LIMITS } from '../../src/base/limits.js'
import { type BucketEndpoint, segmentEndpoint } from '../../src/endpoints/segment.js'
import type { Done, PublishResult } from '../../src/model/endpoint.js'
import type { SegmentGuid } from '../../src/model/ids.js'
import { compareKeys } from '../../src/model/key.js'
import type { Checkpoint, LiveBucket, LiveSink, LiveSource, Retry, TakeOptions } from '../../src/model/live.js'
import type { Named } from '../../src/model/name-space.js'
import { lineOf } from '../../src/model/names.js'
import type { VersionRef } from '../../src/model/version-ref.js'
import { collected } from '../contracts/samples.js'
import { tipsOf } from './memory-segment/lines.js'
import { MemorySegment } from './memory-segment/segment.js'

const STORING = { chunking: { kind: 'fixed', bytes: 65_536 }, compress: true } as const

/** A segment in memory whose buckets are live ones, with a bell. */
export class LiveSegment {
  readonly segment: MemorySegment
  readonly #listeners = new Set<() => void>()
  readonly #buckets = new Map<string, LiveBucket>()

  constructor(nowMs: () => number = () => 1_700_000_000_000) {
    this.segment = new MemorySegment({ nowMs })
  }

  get guid(): SegmentGuid {
    return this.segment.guid
  }

  make(path: string): Named {
    const { names } = this.segment
    for (const above of lineOf(path)) if (names.find(above) === undefined) names.add(above, {})
    return this.#named(path)
  }

  bucket(path: string): LiveBucket {
    const named = this.#named(path)
    const bucket = this.#buckets.get(named.uid) ?? this.#live(named)
    this.#buckets.set(named.uid, bucket)
    return bucket
  }

  onRing(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get listeners(): number {
    return this.#listeners.size
  }

  ring(): void {
    for (const listener of this.#listeners) listener()
  }

  #named(path: string): Named {
    const named = this.segment.names.find(path)
    if (named === undefined) throw new Error(`no ${path}`)
    return named
  }

  #live(named: Named): LiveBucket {
    const endpoint = segmentEndpoint(this.segment, named, '', STORING)
    const memory = new Memory()
    if (endpoint.digested === undefined) throw new Error('no digests')
    return {
      label: endpoint.label,
      segment: this.guid,
      uid: named.uid,
      source: this.#source(endpoint, named, memory),
      sink: this.#sink(endpoint, named, memory),
      digested: endpoint.digested,
    }
  }

  #source({ source }: BucketEndpoint, { uid }: Named, memory: Memory): LiveSource {
    const { versions } = this.segment
    return {
      ...source,
      position: async () => versions.position(uid),
      async changes(since, { without }) {
        const pages = versions.changes(uid, since)
        if (pages === undefined) return undefined
        const changes = await collected(pages)
        const page = changes.slice(0, LIMITS.pageRowsMax)
        const refs = [...new Set(page.map(({ key }) => key))].flatMap((key) => versions.versions(uid, key).slice(0, 1))
        const last = page.at(-1)?.sequence ?? versions.position(uid).sequence
        return {
          refs: refs.filter(({ held }) => memory.by.get(`${held?.id}`) !== without),
          upTo: { ...since, sequence: last },
          more: changes.length > page.length,
        }
      },
      tips: async (keys) => keys.flatMap((key) => this.#tips(uid, versions.versions(uid, key), key)),
    }
  }

  #tips(uid: Named['uid'], refs: readonly VersionRef[], key: VersionRef['key']): VersionRef[] {
    const tips = new Set(tipsOf(this.segment.versions.bucket(uid).versions(key)).map(({ id }) => id))
    return refs.filter(({ held }) => held !== undefined && tips.has(held.id))
  }

  #sink({ sink }: BucketEndpoint, { uid }: Named, memory: Memory): LiveSink {
    const { versions } = this.segment
    const rung = (results: PublishResult[]): PublishResult[] => {
      this.ring()
      return results
    }
    return {
      ...sink,
      publish: async (done, options) => rung(await sink.publish(done, options)),
      lacking: async (refs) =>
        refs.filter(({ key, held }) => !versions.versions(uid, key).some((one) => one.held?.id === held?.id)),
      checkpoint: async (name) => memory.checkpoints.get(name),
      retries: async (name, after) => memory.retries(name).filter(({ key }) => after === undefined || key > after),
      take: async (done, options) => {
        const results = await sink.publish(done, { overwrite: false })
        memory.book(done, results, options)
        return rung(results)
      },
    }
  }
}

/** What a store keeps beside versions. */
class Memory {
  readonly by = new Map<string, SegmentGuid>()
  readonly checkpoints = new Map<string, Checkpoint>()
  readonly #retries = new Map<string, Retry[]>()

  retries(name: string): Retry[] {
    return this.#retries.get(name) ?? []
  }

  book(done: readonly Done[], results: readonly PublishResult[], { by, move }: TakeOptions): void {
    for (const { content } of done) if ('id' in content) this.by.set(content.id, by)
    if (move === undefined) return
    const { name, from, to, parked } = move
    const added = parked.map(({ key, why }): Retry => ({ key, why, tries: 1, firstMs: 1, nextMs: 2 }))
    this.#retries.set(
      name,
      [...this.retries(name), ...added].sort((a, b) => compareKeys(a.key, b.key)),
    )
    if (results.some(({ status }) => status === 'needs')) return
    if (JSON.stringify(this.checkpoints.get(name)) === JSON.stringify(from)) this.checkpoints.set(name, to)
  }
}
