import type { Clock } from '../../base/clock.js'
import { LIMITS } from '../../base/limits.js'
import { forEachBounded } from '../../base/pool.js'
import type { Done, Parcel, Parked, Wanted } from '../../model/endpoint.js'
import { type ChangePage, type Checkpoint, checkpointsOf, type LiveBucket } from '../../model/live.js'
import type { FlowState } from '../../model/live-stats.js'
import type { Position } from '../../model/position.js'
import { dueMsBy, isDueBy, parkedFor } from '../../model/retry.js'
import type { VersionRef } from '../../model/version-ref.js'
import { Carrier } from '../carrier.js'
import { descend } from '../descend.js'
import type { Pace } from '../pace.js'
import type { Claims } from './claims.js'
import { Marks } from './marks.js'
import { type FlowMode, standingOf } from './mode.js'
import { passOver } from './pass.js'
import { retryPages } from './retries.js'
import { Taker } from './taker.js'

export interface FlowOptions {
  readonly from: LiveBucket
  readonly to: LiveBucket
  readonly mode: FlowMode
  /** Shared by all that bring data to the segment of `to` in this process. Absent where another process guards that. */
  readonly claims?: Claims
  /** How many parcels may be in memory. */
  readonly parcelsInFlight: number
  readonly pace: Pace
  readonly clock: Clock
}

/** Some versions to be brought. */
interface Step {
  readonly refs: readonly VersionRef[]
  /** What holds once they are there. */
  readonly to?: Checkpoint
  /** Whether those that the sink has are left out. */
  readonly asks: boolean
}

/** Under which a sink keeps how far it is with that source. The bucket of the sink is told by where it stands. */
export const checkpointName = ({ segment, uid }: Pick<LiveBucket, 'segment' | 'uid'>): string =>
  `${checkpointsOf(segment)}${uid}`

/**
 * From one bucket to another, where versions keep their ids. What is thrown ends a call, once all that was under way has
 * settled; nothing is lost by it, and a flow that is made anew goes on where the sink is. One call at a time.
 */
export class Flow {
  readonly #options: FlowOptions
  readonly #taker: Taker
  #state: FlowState['state'] = 'initial'
  #due: Pick<FlowState, 'parked' | 'dueMs'> = { parked: 0, dueMs: undefined }
  readonly #last = { retriedMs: 0, lookedMs: 0 }
  /**
   * Whether what the sink's segment brought is offered to it all the same. Until a flow has caught up once, the sink may be one that
   * was set back to an earlier state, its checkpoint with it: then it lacks some of what it wrote itself.
   */
  #offersAll = true
  /** Set by whoever waits and moves on. */
  status: FlowState['status'] = 'active'

  constructor(options: FlowOptions) {
    this.#options = options
    const { from, to, clock } = options
    this.#taker = new Taker({ sink: to.sink, by: from.segment, name: checkpointName(from), clock })
  }

  get state(): FlowState {
    const { checkpoint, counts, lastSuccessMs } = this.#taker
    return { state: this.#state, status: this.status, checkpoint, ...this.#due, lastSuccessMs, counts }
  }

  /** After `start`: what the next page of changes is to come after. */
  get position(): Position {
    return this.#standing.position
  }

  /** When the next retry is due; milliseconds since 1970. */
  get dueMs(): number | undefined {
    return this.#due.dueMs
  }

  /** Finds where the sink is, and does the full pass where one is due or was broken off. */
  async start(signal: AbortSignal): Promise<void> {
    this.#offersAll = true
    await this.#taker.read(signal)
    const { mode } = this.#options
    const before = this.#taker.checkpoint
    if (before === undefined) await this.#taker.take([], [], await this.#atNow(signal), signal)
    const due = standingOf(this.#standing, mode)
    if (due?.pass !== undefined) await this.#pass(due, signal)
    else if (mode === 'initial') await this.#pass(await this.#atNow(signal), signal)
    // What changed since a pass was broken off may stand before where it goes on.
    if (mode === 'initial' && before?.pass !== undefined) await this.catchUp(signal)
    await this.#lookAtRetries(signal)
    if (mode !== 'initial') this.#state = 'continuous'
  }

  /** Brings what has changed since; `first` is the page after `position` where somebody has it already. */
  async catchUp(signal: AbortSignal, first?: ChangePage): Promise<void> {
    const lost = { position: false }
    await this.#bring(this.#changes(first, lost, signal), signal)
    if (lost.position) {
      const { state } = this.state
      this.#state = 'initial'
      await this.#pass(await this.#atNow(signal), signal)
      this.#state = state
      return this.catchUp(signal)
    }
    this.#offersAll = false
    await this.#lookAtRetries(signal)
  }

  /** Tries again what is due: the tips that these keys have by now. */
  async retry(signal: AbortSignal): Promise<void> {
    const { from, to, clock } = this.#options
    const nowMs = clock.nowMs()
    if (this.dueMs === undefined || this.dueMs > nowMs) return
    this.#last.retriedMs = nowMs
    for await (const page of retryPages(to.sink, checkpointName(from), { signal })) {
      const keys = page.filter((retry) => isDueBy(retry, nowMs)).map(({ key }) => key)
      const refs = keys.length === 0 ? [] : await from.source.tips(keys, { signal })
      const left = await this.#taker.leaving(() => this.#bring([{ refs, asks: false }], signal))
      const gone = keys.filter((key) => !left.has(key))
      await this.#taker.take([], [], this.#standing, signal, gone)
    }
    this.#taker.listChanged = true
    await this.#lookAtRetries(signal)
  }

  /** Whether the checkpoint is still ours; else another process keeps this link too, and `start` goes on from where it is. */
  async isOurs(signal: AbortSignal): Promise<boolean> {
    return !this.#taker.isUnsure || this.#taker.read(signal)
  }

  get #standing(): Checkpoint {
    const { checkpoint } = this.#taker
    if (checkpoint === undefined) throw new Error('a flow that was not started')
    return checkpoint
  }

  /** Taken before a pass: what changes while it runs is replayed. The sink's stays until the pass brings something: else it could be left undone. */
  async #atNow(signal: AbortSignal): Promise<Checkpoint> {
    return { position: await this.#options.from.source.position({ signal }), pass: '' }
  }

  async #pass({ position, pass = '' }: Checkpoint, signal: AbortSignal): Promise<void> {
    const { from, to } = this.#options
    async function* steps(): AsyncGenerator<Step> {
      for await (const { refs, last } of passOver(from.source, to.sink, pass, { signal })) {
        yield { refs, to: { position, pass: last }, asks: true }
      }
      yield { refs: [], to: { position }, asks: true }
    }
    await this.#bring(steps(), signal)
  }

  async *#changes(
    first: ChangePage | undefined,
    lost: { position: boolean },
    signal: AbortSignal,
  ): AsyncGenerator<Step> {
    const { from, to } = this.#options
    const { pass } = this.#standing
    const pageAfter = (since: Position): Promise<ChangePage | undefined> =>
      // No change of a segment says that the segment itself brought it.
      from.source.changes(since, { without: this.#offersAll ? from.segment : to.segment, signal })
    for (let page = first ?? (await pageAfter(this.position)); ; page = await pageAfter(page.upTo)) {
      if (page === undefined) {
        lost.position = true
        return
      }
      yield { refs: page.refs, to: { ...(pass !== undefined && { pass }), position: page.upTo }, asks: true }
      if (!page.more) return
    }
  }

  async #bring(steps: AsyncIterable<Step> | Iterable<Step>, signal: AbortSignal): Promise<void> {
    const { from, to, parcelsInFlight, pace, claims } = this.#options
    const marks = new Marks(this.#standing)
    const session = claims?.session(to.sink)
    const sink = session?.sink ?? to.sink
    const carrier = new Carrier({ sink, pace, carried: this.#taker })
    const descent = { source: from.source, live: from.source, sink, stats: UNCOUNTED, signal }
    let before: Promise<void> = Promise.resolve()
    const move = (parcel: Parcel, either: AbortSignal): Promise<void> => {
      const turn = before
      before = carrier.carry(parcel, either, async (landed, again) => {
        await turn
        const upTo = marks.upTo((parcel.done.at(-1)?.object ?? -1) + 1)
        const parked = [...parcel.parked, ...landed.parked]
        const needing = await this.#taker.take(landed.done, parked, upTo, either)
        if (needing.length === 0) return
        const second = await again(needing)
        const vanished = await this.#taker.take(second.done, second.parked, upTo, either)
        await this.#taker.take([], vanished.map(asVanished), upTo, either)
      })
      return before
    }
    try {
      await forEachBounded(descend(descent, this.#wanted(steps, marks, signal)), parcelsInFlight, signal, move)
    } finally {
      session?.end()
    }
    await this.#taker.take([], [], marks.all(), signal)
  }

  /** What the sink lacks of each step. */
  async *#wanted(
    steps: AsyncIterable<Step> | Iterable<Step>,
    marks: Marks,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Wanted[]> {
    const { sink } = this.#options.to
    let object = 0
    for await (const { refs, to, asks } of steps) {
      for (let at = 0; at < refs.length; at += LIMITS.parcelObjectsMax) {
        const some = refs.slice(at, at + LIMITS.parcelObjectsMax)
        const lacking = asks ? await sink.lacking(some, { signal }) : some
        if (asks) this.#taker.count({ versionsOffered: some.length, versionsThere: some.length - lacking.length })
        const isLast = at + some.length === refs.length
        if (isLast && to !== undefined) marks.add(object + lacking.length, to)
        if (lacking.length > 0) yield lacking.map((here): Wanted => ({ object: object++, here }))
      }
      if (refs.length === 0 && to !== undefined) marks.add(object, to)
    }
  }

  async #lookAtRetries(signal: AbortSignal): Promise<void> {
    const { from, to, clock } = this.#options
    const nowMs = clock.nowMs()
    // By a clock that went back what is due would not be for as long.
    if (!this.#taker.listChanged && nowMs >= this.#last.lookedMs) return
    let [parked, dueMs]: [number, number | undefined] = [0, undefined]
    for await (const page of retryPages(to.sink, checkpointName(from), { signal })) {
      parked += page.length
      const dues = page.map((retry) => dueMsBy(retry, nowMs, Math.min(this.#last.retriedMs, nowMs)))
      dueMs = Math.min(dueMs ?? Number.POSITIVE_INFINITY, ...dues)
    }
    this.#due = { parked, dueMs }
    this.#last.lookedMs = nowMs
    this.#taker.listChanged = false
  }
}

const UNCOUNTED = { add: (): void => undefined }

const asVanished = (done: Done): Parked => parkedFor(done, 'chunks of it vanished while it was written')
