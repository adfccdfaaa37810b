import { randomBytes } from 'node:crypto'
import { systemClock } from '../../base/clock.js'
import { EfsError } from '../../base/errors.js'
import { type SegmentGuid, segmentGuid } from '../../model/ids.js'
import type { ObjectStore } from '../../model/object-store.js'
import { assertOwn, OWN, SEGMENTS } from './layout.js'

const FORMAT = 1
const TIME_BYTES = 6
const NAME = /^[0-9a-f]{32}$/

/** Whether a segment stands below `prefix`, whatever its format. One request, of which people are told that it lists what they named. */
export async function isSegmentBelow(store: ObjectStore, prefix: string): Promise<boolean> {
  const marker = prefix + SEGMENTS
  for await (const [first] of store.list({ prefix, after: marker }))
    return first?.key.startsWith(marker) === true && NAME.test(first.key.slice(marker.length))
  return false
}

/** The GUID of the segment that stands there; undefined where there is none. @throws NEWER_FORMAT, CORRUPT */
export async function findSegment(store: ObjectStore): Promise<SegmentGuid | undefined> {
  for await (const [first] of store.list({ prefix: SEGMENTS })) {
    const guid = first?.key.slice(SEGMENTS.length) ?? ''
    if (first === undefined || !NAME.test(guid)) throw noMarker(store, first?.key ?? '')
    assertFormat(store, first.key, await store.get(first.key))
    return segmentGuid(guid)
  }
  return undefined
}

/** Whether that segment is the one that stands there. One request. */
export async function isFirstSegment(store: ObjectStore, guid: SegmentGuid): Promise<boolean> {
  for await (const [first] of store.list({ prefix: SEGMENTS })) return first?.key === SEGMENTS + guid
  return false
}

/** As `findSegment`; makes one where there is none. @throws CORRUPT where something else stands among what would be its own */
export async function findOrMakeSegment(store: ObjectStore): Promise<SegmentGuid> {
  const found = (await findSegment(store)) ?? (await findInRoom(store))
  if (found !== undefined) return found
  const made = newGuid()
  await store.put(SEGMENTS + made, Buffer.from(JSON.stringify({ efs: 'segment of objects', format: FORMAT })))
  // Others may have made theirs at the same time: all take the first.
  return (await findSegment(store)) ?? made
}

/** Of several that begin at once who began first is the first in the order of keys too, so that who lists before another's is there is right. */
function newGuid(): SegmentGuid {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(systemClock.nowMs(), 0, TIME_BYTES)
  return segmentGuid(bytes.toString('hex'))
}

/** As `findSegment`, of a place that is looked through first: what comes between that and the marker is to be short. */
async function findInRoom(store: ObjectStore): Promise<SegmentGuid | undefined> {
  for (const prefix of OWN) {
    for await (const page of store.list({ prefix })) for (const { key } of page) assertOwn(store, key)
  }
  return findSegment(store)
}

function assertFormat(store: ObjectStore, key: string, bytes: Buffer): void {
  const format = formatOf(bytes)
  if (format === undefined || format < FORMAT) throw noMarker(store, key)
  if (format === FORMAT) return
  throw new EfsError('NEWER_FORMAT', `${store.label} has format ${format}, this efs reads up to ${FORMAT}`, {
    hint: 'use a newer efs',
  })
}

function formatOf(bytes: Buffer): number | undefined {
  try {
    const { efs, format }: { efs?: unknown; format?: unknown } = JSON.parse(bytes.toString())
    return efs === 'segment of objects' && typeof format === 'number' ? format : undefined
  } catch {
    return undefined
  }
}

const noMarker = (store: ObjectStore, key: string): EfsError =>
  new EfsError('CORRUPT', `${store.label}${key} does not say what segment is there`, {
    hint: 'remove it where it does not belong there, or name another prefix',
  })
