import type { Clock } from '../../../src/base/clock.js'
import { EfsError } from '../../../src/base/errors.js'
import { LIMITS } from '../../../src/base/limits.js'
import { foldCells } from '../../../src/format/digest.js'
import type { Baseline } from '../../../src/model/baseline.js'
import type { DigestCells, DigestKind, Digests, Done, Listing, PublishResult } from '../../../src/model/endpoint.js'
import { type BucketUid, journalId, type SegmentGuid } from '../../../src/model/ids.js'
import type { ObjectKey } from '../../../src/model/key.js'
import type { Checkpoint, Retry } from '../../../src/model/live.js'
import type { Version } from '../../../src/model/manifest.js'
import type { Position } from '../../../src/model/position.js'
import type { BucketCounters, Change, PublishAs, VersionIndex } from '../../../src/model/segment.js'
import type { VersionRef } from '../../../src/model/version-ref.js'
import { PAGE_ROWS, pagesOf } from '../pages.js'
import { cellsOf, countersOf } from './accounts.js'
import { Bucket } from './bucket.js'
import type { MemoryChunks } from './chunks.js'
import { decide, type Writing } from './decide.js'
import { tipsOf } from './lines.js'
import { refOf } from './ref.js'

export interface VersionParts {
  readonly guid: SegmentGuid
  readonly clock: Clock
  readonly chunks: MemoryChunks
  readonly buckets: ReadonlyMap<BucketUid, Bucket>
}

export class MemoryVersions implements VersionIndex {
  constructor(readonly parts: VersionParts) {}

  /** A bucket that is not there reads as an empty one. */
  bucket(uid: BucketUid): Bucket {
    return this.parts.buckets.get(uid) ?? new Bucket()
  }

  head(bucket: BucketUid, key: ObjectKey): VersionRef | undefined {
    return this.bucket(bucket).head(key)
  }

  versions(bucket: BucketUid, key: ObjectKey): VersionRef[] {
    return this.bucket(bucket).refs(key)
  }

  tips(bucket: BucketUid, key: ObjectKey): VersionRef[] {
    const tips = tipsOf(this.bucket(bucket).versions(key))
    return tips.map((tip, i) => refOf(key, tip, i === 0 ? tips.length : 1))
  }

  holds(bucket: BucketUid, { key, held }: VersionRef): boolean {
    return this.bucket(bucket)
      .versions(key)
      .some(({ id }) => id === held?.id)
  }

  async *list(
    bucket: BucketUid,
    { prefix = '', after, deleted, atMs, unkept, signal }: Parameters<VersionIndex['list']>[1],
  ): Listing {
    const from = this.bucket(bucket)
    // The whole millisecond counts.
    const end = atMs === undefined ? Number.POSITIVE_INFINITY : (Math.floor(atMs) + 1) * 1000
    let page: VersionRef[] = []
    for (const [key] of from.keys.under(prefix, after)) {
      const ref = from.refs(key).find(({ held }) => held !== undefined && held.stamp.time < end)
      const earliest = from.refs(key).at(-1)
      if (ref === undefined && earliest !== undefined) unkept?.(earliest)
      if (ref === undefined || (ref.kind === 'deleted' && deleted !== true)) continue
      if (page.push(ref) < PAGE_ROWS) continue
      signal?.throwIfAborted()
      yield page
      page = []
    }
    signal?.throwIfAborted()
    if (page.length > 0) yield page
  }

  async manifests(bucket: BucketUid, refs: readonly VersionRef[]): Promise<Version[]> {
    return refs.map(({ key, held }) => {
      const kept = this.bucket(bucket)
        .versions(key)
        .find(({ id }) => id === held?.id)
      if (kept === undefined) throw new EfsError('NOT_FOUND', `that version of ${key} is not here any more`)
      return { id: kept.id, manifest: kept.manifest }
    })
  }

  async publish(bucket: BucketUid, done: readonly Done[], as: PublishAs): Promise<PublishResult[]> {
    return this.write(bucket, done, as)
  }

  /** `publish`, at once. */
  write(bucket: BucketUid, done: readonly Done[], { move, ...as }: PublishAs): PublishResult[] {
    const into = this.parts.buckets.get(bucket)
    if (into === undefined) throw new EfsError('NOT_FOUND', 'that bucket is not in this segment any more')
    const results = done.map((one) => this.#write(into, one, { ...this.parts, ...as }))
    if (move !== undefined) into.settleMove(move, done, results, this.parts.clock.nowMs())
    return results
  }

  async expunge(bucket: BucketUid, keys: readonly ObjectKey[]): Promise<number> {
    return keys.reduce((sum, key) => sum + this.bucket(bucket).expunge(key), 0)
  }

  position(bucket: BucketUid): Position {
    return { journal: journalId(this.parts.guid), epoch: 1, sequence: this.bucket(bucket).sequence }
  }

  changes(bucket: BucketUid, since: Position): AsyncIterable<readonly Change[]> | undefined {
    const { journal, epoch, sequence } = this.position(bucket)
    if (since.journal !== journal || since.epoch !== epoch || since.sequence > sequence) return undefined
    const rows = [...this.bucket(bucket).keys.under('')].flatMap(([key, kept]) =>
      kept.map(({ sequence, id, by }) => ({ sequence, key, id, ...(by && { by }) })),
    )
    return pagesOf(rows.filter((row) => row.sequence > since.sequence).sort((a, b) => a.sequence - b.sequence))
  }

  checkpoint(bucket: BucketUid, name: string): Checkpoint | undefined {
    return this.bucket(bucket).checkpoints.get(name)
  }

  retries(bucket: BucketUid, name: string, after?: ObjectKey): Retry[] {
    return [...this.bucket(bucket).retries(name).under('', after)]
      .slice(0, LIMITS.parcelObjectsMax)
      .map(([, one]) => one)
  }

  baseline(bucket: BucketUid, name: string): Baseline {
    return this.bucket(bucket).baseline(name)
  }

  counters(bucket: BucketUid): BucketCounters {
    return countersOf(this.bucket(bucket))
  }

  digests(bucket: BucketUid): Digests {
    const from = this.bucket(bucket)
    return { content: foldCells(cellsOf(from, 'content')), full: foldCells(cellsOf(from, 'full')) }
  }

  digestCells(bucket: BucketUid, kind: DigestKind): DigestCells {
    return cellsOf(this.bucket(bucket), kind).map((cell) => cell.toString('hex'))
  }

  #write(
    bucket: Bucket,
    { key, content, there, parents }: Done,
    writing: Omit<Writing, 'floor' | 'resolved' | 'parents'> & PublishAs,
  ): PublishResult {
    const { root } = 'manifest' in content ? content.manifest : content
    const refs = 'inline' in root ? [] : this.parts.chunks.lookUnder(root.ref)
    if (refs.length > 0) return { status: 'needs', refs }
    if (writing.ifUnchanged === true && bucket.head(key)?.held?.id !== there?.held?.id) return { status: 'superseded' }
    const how = { ...writing, floor: bucket.floor, resolved: writing.resolves?.get(key), parents }
    const decision = decide(bucket.versions(key), content, how)
    if ('result' in decision) return decision.result
    const why = bucket.refusal(key, decision.version)
    if (why !== undefined) return { status: 'parked', why }
    if (writing.keepOlder === true && !bucket.wouldKeep(key, decision.version)) return { status: 'superseded' }
    bucket.keep(key, decision.version, writing.by)
    return { status: 'published', id: decision.version.id }
  }
}
