import type { Clock } from '../../base/clock.js'
import { LIMITS } from '../../base/limits.js'
import { parentOf } from '../../model/names.js'
import { storingOf } from '../buckets.js'
import { pause } from '../gateway/streak.js'
import { NO_WIRE, type Peer, type PeerNews } from '../link/peer.js'
import { BucketWaker } from '../link/wakers.js'
import { type Archive, noBucket } from './open.js'

export interface ArchivePeering {
  readonly clock: Clock
  /** Whether what others write there is waited for. */
  readonly receives: boolean
}

/** A segment in S3, as the other side of a service. What of its requests was for one bucket is not known: packs are of all. */
export function archivePeer(archive: Archive, peering: ArchivePeering): Peer {
  const { segment, text } = archive
  const nameOf = (path: string): string => `${text}#${path}`
  return {
    place: text,
    segment: segment.guid,
    bucketsOf: async (tenant) => segment.buckets().filter((path) => parentOf(path) === tenant),
    // Who may not write there is told so by S3.
    rightsTo: () => ({ read: true, write: true }),
    nameOf,
    async open(path, { makes }) {
      const there = segment.buckets()
      if (!there.includes(path)) {
        if (!makes) throw noBucket(path, text, there)
        await segment.makeBucket(path)
      }
      return segment.bucket({ path, label: nameOf(path), storing: storingOf({}) })
    },
    news: (heard) => newsOf(archive, peering, heard),
    // A sink acknowledges to its own process once all can know; another process may be about to tell.
    settle: async () => void (await archive.look()),
    meter: archive.meter,
    bucketMeter: () => NO_WIRE,
    close: archive.close,
  }
}

/** Nobody tells what changes there, so it is looked at; the bell of the cache, which another process may ring too, wakes the flows. */
const newsOf = (archive: Archive, { clock, receives }: ArchivePeering, heard: () => void): PeerNews => ({
  async run(signal) {
    const { archiveLookMsLeast: least, archiveLookMsMost: most } = LIMITS
    // It was looked at to open it.
    heard()
    let ms: number = receives ? least : most
    let goneDueMs = clock.nowMs() + LIMITS.archiveGoneMs
    for (;;) {
      await pause(ms, signal)
      if (signal.aborted) return
      const isNew = await archive.look()
      if (clock.nowMs() >= goneDueMs) {
        await archive.lookForGone()
        goneDueMs = clock.nowMs() + LIMITS.archiveGoneMs
      }
      heard()
      ms = receives && isNew ? least : Math.min(2 * ms, most)
    }
  },
  waker: (_, { source }) => new BucketWaker(source, archive.segment.onRing, clock),
  leaveToAsk: async () => undefined,
})
