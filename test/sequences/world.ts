import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'vitest'
import { EfsError } from '../../src/base/errors.js'
import { type BucketUid, bucketUid, segmentGuid } from '../../src/model/ids.js'
import type { ObjectKey } from '../../src/model/key.js'
import type { Version } from '../../src/model/manifest.js'
import { lineOf } from '../../src/model/names.js'
import type { Segment } from '../../src/model/segment.js'
import { readIdentity, writeIdentity } from '../../src/store/identity.js'
import { readIndexRow, writeIndexRow } from '../../src/store/index-row.js'
import { initSegment, openSegment } from '../../src/store/segment.js'
import { openTables, transact } from '../../src/store/tables.js'
import { type OpenIndex, START_MS } from '../contracts/index-under-test.js'
import { HandClock } from '../contracts/samples.js'
import { latestFirst } from '../fakes/memory-segment/lines.js'
import { MemorySegment } from '../fakes/memory-segment/segment.js'
import { Abroad } from './abroad.js'
import { BUCKETS } from './samples.js'
import { type Snapshot, snapshotOf } from './snapshot.js'

/** What a call came to: its value, or the code of its error. */
type Outcome<T> = { readonly value: T } | { readonly code: string }

const NOWHERE = bucketUid('ee'.repeat(16))
const GUID = segmentGuid('77'.repeat(16))

/** The same segment twice, in a home of its own and in memory, under one clock. Whoever opens it closes it. */
export class World {
  readonly clock: HandClock
  readonly memory: MemorySegment
  readonly abroad: Abroad
  #store: Segment

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

  /** Does the same to both, and expects the same to come of it. `uid`: of the bucket of that path, if there is one. */
  async both<T>(work: (segment: OpenIndex, uid: (path: string) => BucketUid) => Promise<T>): Promise<Outcome<T>> {
    const done = (segment: OpenIndex): Promise<Outcome<T>> =>
      work(segment, (name) => segment.names.find(name)?.uid ?? NOWHERE).then(
        (value) => ({ value }),
        (error: unknown) => {
          if (error instanceof EfsError) return { code: error.code }
          throw error
        },
      )
    const plain = await done(this.memory)
    expect(await done(this.#store), 'the store, against memory').toEqual(plain)
    return plain
  }

  /** All that both tell of themselves, which is the same. */
  async snapshot(): Promise<Snapshot> {
    const plain = await snapshotOf(this.memory, this.clock.ms)
    expect(await snapshotOf(this.#store, this.clock.ms), 'the store, against memory').toEqual(plain)
    return plain
  }

  /** Those of a key, latest stamp first. */
  versions(bucket: string, key: ObjectKey): Version[] {
    const uid = this.memory.names.find(bucket)?.uid ?? NOWHERE
    return this.memory.versions.bucket(uid).versions(key).toSorted(latestFirst)
  }

  async reopen(): Promise<void> {
    await this.#store.close()
    this.#store = await openSegment(this.#store.home, { clock: this.clock })
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
}

/** A GUID that is always the same, so that a seed brings the same version ids again. */
async function identify(home: string): Promise<void> {
  await writeIdentity(home, { ...readIdentity(home), guid: GUID })
  const { inode, ctimeNs } = readIdentity(home)
  const tables = openTables(home, path.join(home, 'index.mdb'))
  transact(tables, () => writeIndexRow(tables, { ...readIndexRow(tables), segment: GUID, inode, ctimeNs }))
  await tables.root.close()
}
