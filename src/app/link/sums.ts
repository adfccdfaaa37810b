import { type LiveCounts, movedAhead, savedByCompression, savedByDedupe } from '../../model/live-stats.js'
import type { FlowNote } from '../../model/service.js'
import type { Counted } from '../../stats/live-numbers.js'
import type { RunningFlow } from './pair-run.js'
import { NO_WIRE, type Wire } from './peer.js'

export type Sums = Readonly<Partial<Record<Counted, number>>>

/** `ahead`: what the flow of before had moved ahead. */
export function noteOf({ pair, direction, flow, from, to }: RunningFlow, ahead: number): FlowNote {
  const there = direction === 'send' ? to : from
  const { checkpoint, parked, counts } = flow.state
  const names = { served: pair.served, here: pair.here, there: pair.there }
  return {
    ...names,
    direction,
    thereUid: there.uid,
    peer: there.segment,
    checkpoint,
    parked,
    bytesAhead: movedAhead(counts, ahead),
  }
}

/** Of one flow, by what they are called among the numbers of a service. */
export function sumsOf({ direction }: Pick<RunningFlow, 'direction'>, counts: LiveCounts, ahead: number): Sums {
  const { versionManifests, chunkManifests, dataChunks, versionsOffered, versionsThere, versionsApplied } = counts
  return {
    versionManifests,
    chunkManifests,
    [direction === 'send' ? 'dataChunksSent' : 'dataChunksReceived']: dataChunks,
    versionsOffered,
    versionsThere,
    versionsApplied,
    savedByDedupe: savedByDedupe(counts, ahead),
    savedByCompression: savedByCompression(counts),
  }
}

export const addWires = (all: readonly Wire[]): Wire =>
  all.reduce(
    (sum, one) => ({
      bytesSent: sum.bytesSent + one.bytesSent,
      bytesReceived: sum.bytesReceived + one.bytesReceived,
      requests: sum.requests + one.requests,
    }),
    NO_WIRE,
  )

export function addSums(all: readonly Sums[]): Sums {
  const sum: Partial<Record<Counted, number>> = {}
  for (const one of all)
    for (const [name, value] of Object.entries(one)) sum[name as Counted] = (sum[name as Counted] ?? 0) + value
  return sum
}
