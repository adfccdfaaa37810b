import type { Clock } from '../../base/clock.js'
import type { Chunk } from '../../model/chunk.js'
import type { Done, Parked } from '../../model/endpoint.js'
import type { SegmentGuid } from '../../model/ids.js'
import type { ObjectKey } from '../../model/key.js'
import { type Checkpoint, isSameCheckpoint, type LiveSink } from '../../model/live.js'
import { type LiveCounts, NO_COUNTS } from '../../model/live-stats.js'
import type { Carried } from '../carrier.js'

export interface Taking {
  readonly sink: LiveSink
  /** Of the segment that things come from. */
  readonly by: SegmentGuid
  /** Of the checkpoint. */
  readonly name: string
  readonly clock: Clock
}

/** Everything that a sink takes of one flow, one call after the other; so a checkpoint never passes what is not there. */
export class Taker implements Carried {
  readonly #taking: Taking
  #checkpoint: Checkpoint | undefined
  #counts: LiveCounts = NO_COUNTS
  /** Whether a checkpoint was moved since it was last read: whether that took is not told. */
  isUnsure = false
  lastSuccessMs: number | undefined
  /** Whether something was parked, or may be off the list of retries, since that was last looked at. */
  listChanged = true

  /** While that is asked for. */
  #left: Set<ObjectKey> | undefined

  constructor(taking: Taking) {
    this.#taking = taking
  }

  /** As the sink acknowledged it. */
  get checkpoint(): Checkpoint | undefined {
    return this.#checkpoint
  }

  get counts(): LiveCounts {
    return this.#counts
  }

  /** Looks where the checkpoint stands. False where somebody else moved it. */
  async read(signal: AbortSignal): Promise<boolean> {
    const { sink, name } = this.#taking
    const there = await sink.checkpoint(name, { signal })
    const isOurs = isSameCheckpoint(there, this.#checkpoint)
    this.#checkpoint = there
    this.isUnsure = false
    return isOurs
  }

  /** Those that need chunks are handed back; then the checkpoint has not moved. Nothing is sent where nothing would change. */
  async take(
    done: readonly Done[],
    parked: readonly Parked[],
    to: Checkpoint,
    signal: AbortSignal,
    gone: readonly ObjectKey[] = [],
  ): Promise<Done[]> {
    const isMoved = !isSameCheckpoint(this.#checkpoint, to)
    if (done.length + parked.length + gone.length === 0 && !isMoved) return []
    const { sink, by, name, clock } = this.#taking
    const move = { name, from: this.#checkpoint, to, parked, ...(gone.length > 0 && { gone }) }
    const results = await sink.take(done, { by, move, signal })
    if (results.length !== done.length) throw new Error('the sink gave fewer results than it was given objects')
    const statuses = results.map(({ status }) => status)
    const needing = done.filter((_, i) => statuses[i] === 'needs')
    const applied = done.filter((_, i) => statuses[i] === 'published')
    if (needing.length === 0) this.#checkpoint = to
    this.isUnsure ||= isMoved
    const left = [...parked, ...done.filter((_, i) => statuses[i] === 'parked')]
    for (const { key } of left) this.#left?.add(key)
    if (left.length + gone.length > 0) this.listChanged = true
    this.count({
      versionManifests: done.length,
      versionsApplied: applied.length,
      bytesApplied: applied.reduce((sum, one) => sum + movableBytes(one), 0),
    })
    this.lastSuccessMs = clock.nowMs()
    return needing
  }

  /** Of which something is parked by that work. */
  async leaving(work: () => Promise<void>): Promise<ReadonlySet<ObjectKey>> {
    const left = new Set<ObjectKey>()
    this.#left = left
    await work()
    this.#left = undefined
    return left
  }

  count(more: Partial<LiveCounts>): void {
    const sums = Object.entries(more).map(([name, n]) => [name, this.#counts[name as keyof LiveCounts] + n])
    this.#counts = { ...this.#counts, ...Object.fromEntries(sums) }
  }

  known(): void {
    // What did not travel shows in what was applied.
  }

  loaded(leaves: readonly Chunk[], nodes: readonly Chunk[]): void {
    this.count({
      dataChunks: leaves.length,
      chunkManifests: nodes.length,
      bytesMoved: leaves.reduce((sum, { ref }) => sum + ref.size, 0),
      bytesStored: leaves.reduce((sum, { data }) => sum + data.length, 0),
    })
  }
}

function movableBytes({ content }: Done): number {
  const { root, size } = 'manifest' in content ? content.manifest : content
  return 'inline' in root ? 0 : size
}
