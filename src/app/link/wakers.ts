import type { Clock } from '../../base/clock.js'
import type { LiveSource } from '../../model/live.js'
import { isSamePosition, type Position } from '../../model/position.js'
import { RingWaker, type WaitOptions, type Waker } from '../../transfer/live/waker.js'

/** Of a bucket that is here: the bell of its segment, where it rang for this bucket; or once the clock went back, by which `untilMs` would come late. */
export class BucketWaker implements Waker {
  readonly #bell: RingWaker
  readonly #source: Pick<LiveSource, 'position'>
  readonly #clock: Clock
  readonly close: () => void

  constructor(source: Pick<LiveSource, 'position'>, onRing: (listener: () => void) => () => void, clock: Clock) {
    this.#bell = new RingWaker(onRing, clock)
    this.#source = source
    this.#clock = clock
    this.close = this.#bell.close
  }

  async wait(since: Position, options: WaitOptions): Promise<undefined> {
    const { untilMs = Number.POSITIVE_INFINITY } = options
    const sinceMs = this.#clock.nowMs()
    const isTime = (nowMs: number): boolean => nowMs >= untilMs || nowMs < sinceMs
    while (isSamePosition(await this.#source.position(options), since) && !isTime(this.#clock.nowMs())) {
      await this.#bell.wait(since, options)
    }
  }
}
