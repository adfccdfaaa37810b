import { LIMITS } from '../base/limits.js'
import type { BucketUid } from '../model/ids.js'
import type { ObjectKey } from '../model/key.js'
import type { ChangePage, ChangesOptions, LiveBucket, LiveSink, LiveSource } from '../model/live.js'
import type { Named } from '../model/name-space.js'
import type { Position } from '../model/position.js'
import type { Change, VersionIndex } from '../model/segment.js'
import type { Storing } from '../model/settings.js'
import type { VersionRef } from '../model/version-ref.js'
import { digestedBucket, type SegmentData, segmentEndpoint } from './segment.js'

/** A whole bucket of a segment that is here, for live replication. Does not own `segment`. */
export function liveBucket(segment: SegmentData, bucket: Named, storing: Storing): LiveBucket {
  const { versions, guid } = segment
  const { uid } = bucket
  const { source, sink } = segmentEndpoint(segment, bucket, '', storing)
  const liveSource: LiveSource = {
    ...source,
    position: async () => versions.position(uid),
    changes: (since, options) => changesAfter(versions, uid, since, options),
    tips: async (keys) => atMost(LIMITS.parcelObjectsMax, keys).flatMap((key) => versions.tips(uid, key)),
  }
  const liveSink: LiveSink = {
    ...sink,
    lacking: async (refs) => atMost(LIMITS.parcelObjectsMax, refs).filter((ref) => !versions.holds(uid, ref)),
    checkpoint: async (name) => versions.checkpoint(uid, name),
    retries: async (name, after) => versions.retries(uid, name, after),
    take: (done, { by, move }) =>
      versions.publish(uid, atMost(LIMITS.parcelObjectsMax, done), {
        overwrite: false,
        keepOlder: true,
        by,
        ...(move && { move }),
      }),
  }
  const digested = digestedBucket(segment, bucket)
  return { label: bucket.path, segment: guid, uid, source: liveSource, sink: liveSink, digested }
}

/** One page of the journal. A version that is gone by now has left its row, or its row is passed over. */
async function changesAfter(
  versions: VersionIndex,
  bucket: BucketUid,
  since: Position,
  { without, signal }: ChangesOptions,
): Promise<ChangePage | undefined> {
  signal?.throwIfAborted()
  // Taken first: what comes in while the page is read stands after it.
  const now = versions.position(bucket)
  const pages = versions.changes(bucket, since)
  if (pages === undefined) return undefined
  for await (const page of pages) {
    const last = page.at(-1)
    if (last === undefined) continue
    const upTo = { ...now, sequence: last.sequence }
    const wanted = page.filter(({ by }) => by !== without)
    return { refs: refsOf(versions, bucket, wanted), upTo, more: last.sequence < now.sequence }
  }
  return { refs: [], upTo: now, more: false }
}

/** Mostly the heads. The versions of a key that has others are read once for all its changes. */
function refsOf(versions: VersionIndex, bucket: BucketUid, changes: readonly Change[]): VersionRef[] {
  const all = new Map<ObjectKey, readonly VersionRef[]>()
  return changes.flatMap(({ key, id }) => {
    const head = versions.head(bucket, key)
    if (head?.held?.id === id) return [head]
    const others = all.get(key) ?? versions.versions(bucket, key)
    all.set(key, others)
    return others.find(({ held }) => held?.id === id) ?? []
  })
}

function atMost<T>(max: number, items: readonly T[]): readonly T[] {
  if (items.length > max) throw new RangeError(`${items.length} at once, at most ${max} may be`)
  return items
}
