import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect } from 'vitest'
import { EfsError } from '../../src/base/errors.js'
import type { Chunk } from '../../src/model/chunk.js'
import type { PublishResult } from '../../src/model/endpoint.js'
import { type BucketUid, bucketUid, segmentGuid } from '../../src/model/ids.js'
import type { ObjectKey } from '../../src/model/key.js'
import type { Version } from '../../src/model/manifest.js'
import { lineOf } from '../../src/model/names.js'
import type { CollectOptions, Finding, Segment } from '../../src/model/segment.js'
import { readIdentity, writeIdentity } from '../../src/store/identity.js'
import { readIndexRow, writeIndexRow } from '../../src/store/index/row.js'
import { openTables, transact } from '../../src/store/index/tables.js'
import { rebuildIndex } from '../../src/store/rebuild/rebuild.js'
import { initSegment, openSegment } from '../../src/store/segment.js'
import { type OpenIndex, START_MS } from '../contracts/index-under-test.js'
import { HandClock, leaf } from '../contracts/samples.js'
import { latestFirst } from '../fakes/memory-segment/lines.js'
import { retain } from '../fakes/memory-segment/retention.js'
import { MemorySegment } from '../fakes/memory-segment/segment.js'
import { Abroad } from './abroad.js'
import { forgetIndex, indexOf, keepIndex, killed } from './accidents.js'
import { readAll } from './reading.js'
import { BUCKETS, REFS } from './samples.js'
import { alone, type Snapshot, snapshotOf } from './snapshot.js'

/** What a call came to: its value, or the code of its error. */
type Outcome<T> = { readonly value: T } | { readonly code: string }

/** `uid`: of the bucket of that path, if there is one. */
export type Work<T> = (segment: OpenIndex, uid: (path: string) => BucketUid) => Promise<T>

const COLLECT: CollectOptions = { dryRun: false, deadShareMax: 0.05, pace: () => Promise.resolve() }
const NOWHERE = bucketUid('ee'.repeat(16))
const GUID = segmentGuid('77'.repeat(16))

/** The same segment twice, in a home of its own and in memory, under one clock. Whoever opens it closes it. */
export class World {
  readonly clock: HandClock
  readonly memory: MemorySegment
  readonly abroad: Abroad
  #store: Segment
  #opened = 0

  private constructor(store: Segment, clock: HandClock) {
    this.#store = store
    this.clock = clock
    this.memory = new MemorySegment(clock, store.guid)
    this.abroad = new Abroad(clock)
  }

  /** With the first bucket. */
  static async open(): Promise<World> {
    const clock = new HandClock(START_MS)
    const home = await mkdtemp(path.join(tmpdir(), 'efs-sequences-'))
    await initSegment(home, { clock })
    await identify(home)
    const world = new World(await openSegment(home, { clock }), clock)
    for (const name of lineOf(BUCKETS[0])) await world.both(({ names }) => names.create(name, {}).then(() => name))
    return world
  }

  /** Does the same to both, and expects the same to come of it. */
  async both<T>(work: Work<T>): Promise<Outcome<T>> {
    const plain = await outcomeOf(this.memory, work)
    expect(await outcomeOf(this.#store, work), 'the store, against memory').toEqual(plain)
    return plain
  }

  /** The same, and its process is killed before the index has any of it. */
  async thenKilled<T>(work: Work<T>): Promise<Outcome<T>> {
    const { home } = this.#store
    // So that it has a pack open.
    await this.#store.chunks.put([leaf(`open ${this.#opened++}`)])
    await this.#store.chunks.flush()
    await keepIndex(home)
    const outcome = await this.both(work)
    await this.#store.close()
    await killed(home)
    this.#store = await openSegment(home, this)
    return outcome
  }

  /**
   * The same, while a collection runs that has as many turns of the loop before it. It may delete what `put` passes over and `publish`
   * then needs.
   */
  async whileCollecting(
    turns: number,
    put: Work<void>,
    publish: Work<PublishResult[]>,
  ): Promise<Outcome<PublishResult[]>> {
    const publishing = async (): Promise<Outcome<PublishResult[]>> => {
      for (let turn = 0; turn < turns; turn++) await setImmediate()
      await outcomeOf(this.#store, put)
      return outcomeOf(this.#store, publish)
    }
    const [, outcome] = await Promise.all([this.#store.collect(COLLECT), publishing()])
    await outcomeOf(this.memory, put)
    this.#loseWhatWasDeleted()
    const plain = await outcomeOf(this.memory, publish)
    expect(keptOf(outcome), 'the store, against memory').toEqual(keptOf(plain))
    return plain
  }

  async collect(forgetBeforeMs?: number): Promise<void> {
    const before = forgetBeforeMs === undefined ? {} : { forgetBeforeMs }
    const { expired, pruned, forgotten } = await this.#store.collect({ ...COLLECT, ...before })
    const told = { expired, pruned, forgotten }
    expect(told, 'the store, against memory').toEqual(retain(this.memory.versions, forgetBeforeMs))
    this.#loseWhatWasDeleted()
  }

  /** All that both tell of themselves, which is the same. */
  async snapshot(): Promise<Snapshot> {
    const plain = await snapshotOf(this.memory, this.clock.ms)
    expect(await snapshotOf(this.#store, this.clock.ms), 'the store, against memory').toEqual(plain)
    await readAll(this.#store.chunks, plain)
    return plain
  }

  /** Those of a key, latest stamp first. */
  versions(bucket: string, key: ObjectKey): Version[] {
    const uid = this.memory.names.find(bucket)?.uid ?? NOWHERE
    return this.memory.versions.bucket(uid).versions(key).toSorted(latestFirst)
  }

  async reopen(): Promise<void> {
    await this.#store.close()
    this.#store = await openSegment(this.#store.home, this)
  }

  /** Makes the index anew from the packs. `isLost`: there is no old one. */
  async rebuild(isLost: boolean): Promise<void> {
    const { home } = this.#store
    await this.#store.close()
    if (isLost) await forgetIndex(home)
    const findings: Finding[] = []
    const tell = async (finding: Finding): Promise<void> => {
      findings.push(finding)
    }
    await rebuildIndex(home, { clock: this.clock, tell })
    expect(findings).toEqual([])
    this.#store = await openSegment(home, this)
    // What was deleted and still stands in a pack is here again.
    const back = REFS.filter((ref) => this.#store.chunks.missing([alone(ref)]).length === 0)
    await this.memory.chunks.put(await this.#store.chunks.get(back))
  }

  /** Nothing in the home is damaged, down to the last byte. */
  async check(): Promise<void> {
    await this.#store.chunks.flush()
    expect((await this.#store.check({ readData: true })).damage).toEqual([])
  }

  async close(): Promise<void> {
    await this.#store.close()
    await rm(this.#store.home, { recursive: true, force: true })
  }

  /** Memory never collects. */
  #loseWhatWasDeleted(): void {
    const isDeleted = ({ ref }: Chunk): boolean => this.#store.chunks.missing([alone(ref)]).length > 0
    this.memory.chunks.lose(this.memory.chunks.all().filter(isDeleted))
  }
}

const outcomeOf = <T>(segment: OpenIndex, work: Work<T>): Promise<Outcome<T>> =>
  work(segment, (name) => segment.names.find(name)?.uid ?? NOWHERE).then(
    (value) => ({ value }),
    (error: unknown) => {
      if (error instanceof EfsError) return { code: error.code }
      throw error
    },
  )

/** Of what is not kept, the answer depends on what was deleted by then. */
const keptOf = (outcome: Outcome<PublishResult[]>): Outcome<(PublishResult | undefined)[]> =>
  'code' in outcome ? outcome : { value: outcome.value.map((one) => (one.status === 'published' ? one : undefined)) }

/** A GUID that is always the same, so that a seed brings the same version ids again. */
async function identify(home: string): Promise<void> {
  await writeIdentity(home, { ...readIdentity(home), guid: GUID })
  const { inode, ctimeNs } = readIdentity(home)
  const tables = openTables(home, indexOf(home))
  transact(tables, () => writeIndexRow(tables, { ...readIndexRow(tables), segment: GUID, inode, ctimeNs }))
  await tables.close()
}
