import type { CallOptions, Digested, Endpoint } from '../../model/endpoint.js'
import { type Checkpoint, isSameCheckpoint, type LiveBucket } from '../../model/live.js'
import { isSamePosition, type Position } from '../../model/position.js'
import type { TransferPolicy } from '../../model/transfer.js'

/** Where both buckets of a pair stood. */
interface Stand {
  readonly source: Position
  readonly sink: Position
}

/**
 * What two whole buckets know of each other without a listing: while both stand where they stood before a run that found nothing to
 * do, there is nothing to do. Both positions are kept at the sink, apart for each policy.
 */
export class Acquaintance {
  readonly #names: { readonly source: string; readonly sink: string }

  constructor(
    readonly from: LiveBucket,
    readonly to: LiveBucket,
    { deleteExtra }: TransferPolicy,
  ) {
    const name = `${from.segment}:${from.uid}:${deleteExtra ? 'delete' : 'keep'}`
    this.#names = { source: `sync:${name}`, sink: `sync-own:${name}` }
  }

  get holds(): Pick<Digested, 'objects' | 'bytes'> {
    return this.from.digested
  }

  async stand(options: CallOptions): Promise<Stand> {
    return { source: await this.from.source.position(options), sink: await this.to.source.position(options) }
  }

  /** Whether a run that began there would find nothing to do. */
  async isSettled(now: Stand, options: CallOptions): Promise<boolean> {
    const known = await this.to.sink.checkpoint(this.#names.source, options)
    if (known === undefined || !isSamePosition(known.position, now.source)) return false
    const own = await this.to.sink.checkpoint(this.#names.sink, options)
    return own !== undefined && isSamePosition(own.position, now.sink)
  }

  /** After a run that found nothing to do, and had begun there. */
  async settle(before: Stand, options: CallOptions): Promise<void> {
    // Between the two writes they do not fit together, which only costs a run.
    await this.#keep(this.#names.source, { position: before.source }, options)
    await this.#keep(this.#names.sink, { position: before.sink }, options)
  }

  async #keep(name: string, to: Checkpoint, options: CallOptions): Promise<void> {
    const from = await this.to.sink.checkpoint(name, options)
    if (isSameCheckpoint(from, to)) return
    await this.to.sink.take([], { ...options, by: this.from.segment, move: { name, from, to, parked: [] } })
  }
}

export const isLive = (endpoint: Endpoint): endpoint is Endpoint & LiveBucket =>
  'segment' in endpoint && 'uid' in endpoint

/** Undefined where one side is no whole bucket of a segment. */
export const acquaintanceOf = (from: Endpoint, to: Endpoint, policy: TransferPolicy): Acquaintance | undefined =>
  isLive(from) && isLive(to) ? new Acquaintance(from, to, policy) : undefined
