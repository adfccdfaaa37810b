import { afterEach, beforeEach } from 'vitest'
import { encodeManifest } from '../../src/format/manifest.js'
import type { Done, ListOptions, PublishResult } from '../../src/model/endpoint.js'
import { type BucketUid, type SegmentGuid, segmentGuid } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { type Content, mint, type Parent, type Version } from '../../src/model/manifest.js'
import type { NameSpace } from '../../src/model/name-space.js'
import type { ChunkStore, VersionIndex } from '../../src/model/segment.js'
import type { VersionRef } from '../../src/model/version-ref.js'
import { collected, done, HandClock } from './samples.js'

export interface OpenIndex {
  readonly guid: SegmentGuid
  readonly names: NameSpace
  readonly chunks: ChunkStore
  readonly versions: VersionIndex
  close(): Promise<void>
}

/** Another segment, that versions come from. */
export const OTHER = segmentGuid('00'.repeat(16))
export const START_MS = 1_700_000_000_000

/** A fresh index with one bucket for each test, and what tests do with it. */
export class IndexUnderTest {
  readonly clock = new HandClock(START_MS)
  #opened: { readonly index: OpenIndex; readonly bucket: BucketUid } | undefined

  constructor(open: (clock: HandClock) => Promise<OpenIndex>) {
    beforeEach(async () => {
      this.clock.ms = START_MS
      const index = await open(this.clock)
      await index.names.create('Hawaii', {})
      await index.names.create('Hawaii/Cola', {})
      const { uid } = await index.names.create('Hawaii/Cola/bk1', {})
      this.#opened = { index, bucket: uid }
    })
    afterEach(() => this.index.close())
  }

  get index(): OpenIndex {
    return this.#now.index
  }

  get bucket(): BucketUid {
    return this.#now.bucket
  }

  publish(items: readonly Done[], overwrite = true): Promise<PublishResult[]> {
    return this.index.versions.publish(this.bucket, items, { overwrite })
  }

  async write(key: string, content: Content | Version, overwrite = true): Promise<PublishResult> {
    const [result] = await this.publish([done(key, content)], overwrite)
    if (result === undefined) throw new Error('no result')
    return result
  }

  head(key: string): VersionRef | undefined {
    return this.index.versions.head(this.bucket, objectKey(key))
  }

  async keys(options: ListOptions = {}): Promise<string[]> {
    return (await collected(this.index.versions.list(this.bucket, options))).map(({ key }) => key)
  }

  /** A version as another segment writes it. */
  elsewhere(content: Content, parents: readonly Parent[], nowMs: number): Version {
    const manifest = mint(content, parents, OTHER, nowMs)
    return { id: encodeManifest(manifest).id, manifest }
  }

  get #now() {
    if (this.#opened === undefined) throw new Error('nothing is open')
    return this.#opened
  }
}
