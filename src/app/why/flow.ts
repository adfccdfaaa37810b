import { LIMITS } from '../../base/limits.js'
import type { CallOptions } from '../../model/endpoint.js'
import type { ObjectKey } from '../../model/key.js'
import type { Checkpoint, LiveBucket, LiveSink, Retry } from '../../model/live.js'
import type { VersionRef } from '../../model/version-ref.js'
import { checkpointName } from '../../transfer/live/flow.js'
import { type FlowMode, standingOf } from '../../transfer/live/mode.js'
import { type Place, placeOf } from '../../transfer/live/queue.js'
import { retryPages } from '../../transfer/live/retries.js'

/** How it stands with one object on one way. */
export interface OnItsWay {
  /** Versions that the sink lacks, of those that count. */
  readonly lacking: readonly VersionRef[]
  readonly retry: Retry | undefined
  readonly place: Place | undefined
  /** Whether what was there at first has been gone through. */
  readonly isPassed: boolean
}

/** A pass that is going on, or was broken off, stands in the checkpoint. */
export const isPassed = (checkpoint: Checkpoint | undefined): boolean =>
  checkpoint !== undefined && checkpoint.pass === undefined

/** Asks the sink itself. `refs`: what it should have. @throws what either side throws */
export async function lookAt(
  key: ObjectKey,
  refs: readonly VersionRef[],
  { from, to, mode }: { readonly from: LiveBucket; readonly to: LiveBucket; readonly mode: FlowMode },
  options: CallOptions,
): Promise<OnItsWay> {
  const name = checkpointName(from)
  const lacking = await to.sink.lacking(refs.slice(0, LIMITS.parcelObjectsMax), options)
  if (lacking.length === 0) return { lacking, retry: undefined, place: undefined, isPassed: true }
  const checkpoint = standingOf(await to.sink.checkpoint(name, options), mode)
  const place = await placeOf(key, from.source, checkpoint, { without: to.segment, ...options })
  return { lacking, retry: await retryOf(key, to.sink, name, options), place, isPassed: isPassed(checkpoint) }
}

async function retryOf(
  key: ObjectKey,
  sink: Pick<LiveSink, 'retries'>,
  name: string,
  options: CallOptions,
): Promise<Retry | undefined> {
  for await (const page of retryPages(sink, name, options)) {
    const found = page.find((retry) => retry.key === key)
    if (found !== undefined) return found
  }
  return undefined
}
