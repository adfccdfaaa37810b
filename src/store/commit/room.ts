import { countOf } from '../../base/counts.js'
import type { VersionRow } from '../../format/rows-version.js'
import { compareStamps } from '../../model/manifest.js'
import type { BucketCounters } from '../../model/segment.js'
import { sizeText } from '../../model/size.js'
import type { Planned } from './publish-plan.js'
import type { Rules } from './rules.js'

type Taken = Pick<BucketCounters, 'objects' | 'bytes'>
type Head = Pick<VersionRow, 'kind' | 'size'>

/** What a bucket's quota has left, while heads are planned or written. */
export class Room {
  #objects: number
  #bytes: number

  constructor(
    readonly rules: Pick<Rules, 'bucket' | 'quotaBytes' | 'quotaObjects'>,
    { objects, bytes }: Taken,
  ) {
    this.#objects = objects
    this.#bytes = bytes
  }

  /** Takes the room that a head needs more than the one before it; in words why there is none. What needs no more always fits. */
  take(before: Head | undefined, after: Head): string | undefined {
    const [had, has] = [weightOf(before), weightOf(after)]
    const [objects, bytes] = [this.#objects + has.objects - had.objects, this.#bytes + has.bytes - had.bytes]
    const { bucket, quotaBytes = Number.POSITIVE_INFINITY, quotaObjects = Number.POSITIVE_INFINITY } = this.rules
    if (objects > this.#objects && objects > quotaObjects)
      return `${bucket} has used up its quota of ${countOf(quotaObjects, 'object')}`
    if (bytes > this.#bytes && bytes > quotaBytes) return `${bucket} has used up its quota of ${sizeText(quotaBytes)}`
    this.#objects = objects
    this.#bytes = bytes
    return undefined
  }
}

const NOTHING: Taken = { objects: 0, bytes: 0 }

const weightOf = (head: Head | undefined): Taken =>
  head === undefined || head.kind === 'deleted' || head.kind === 'folder' ? NOTHING : { objects: 1, bytes: head.size }

/** In words why the bucket has no room for what will be the head of the key. */
export function takeRoom(
  room: Room,
  { version, line, covered }: Planned,
  tips: readonly VersionRow[],
): string | undefined {
  if (line === 'older') return undefined
  const left = tips.filter(({ id }) => !covered.has(id))
  const { kind, size, stamp } = version.manifest
  const after = left.reduce<Pick<VersionRow, 'kind' | 'size' | 'stamp'>>(
    (latest, tip) => (compareStamps(tip.stamp, latest.stamp) > 0 ? tip : latest),
    { kind, size, stamp },
  )
  return room.take(tips[0], after)
}
