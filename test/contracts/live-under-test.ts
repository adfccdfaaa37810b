import { encodeManifest } from '../../src/format/manifest.js'
import type { Done, ListOptions, PublishResult } from '../../src/model/endpoint.js'
import { type SegmentGuid, segmentGuid } from '../../src/model/ids.js'
import type { LiveBucket } from '../../src/model/live.js'
import { type Content, mint, type Version } from '../../src/model/manifest.js'
import type { VersionRef } from '../../src/model/version-ref.js'
import { collected } from './samples.js'

/** Another segment, that versions come from. */
export const FAR = segmentGuid('ab'.repeat(16))

/** A bucket as live replication and transfers see it, empty, and who we are to it. */
export interface LiveUnderTest {
  readonly bucket: LiveBucket
  readonly us: SegmentGuid
}

export const rowsOf = async ({ source }: LiveBucket, options: ListOptions = {}): Promise<VersionRef[]> =>
  collected(source.list(options, () => undefined))

export const publish = ({ sink }: LiveBucket, items: readonly Done[], overwrite = true): Promise<PublishResult[]> =>
  sink.publish(items, { overwrite })

/** A version as `FAR` writes it. */
export function elsewhere(content: Content, nowMs: number, before?: Version): Version {
  const parents = before ? [{ id: before.id, stamp: before.manifest.stamp, vector: before.manifest.vector }] : []
  const manifest = mint(content, parents, FAR, nowMs)
  return { id: encodeManifest(manifest).id, manifest }
}
