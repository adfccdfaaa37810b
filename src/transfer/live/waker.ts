import type { Clock } from '../../base/clock.js'
import type { CallOptions } from '../../model/endpoint.js'
import type { ChangePage } from '../../model/live.js'
import type { Position } from '../../model/position.js'

export interface WaitOptions extends CallOptions {
  /** Settle then at the latest; milliseconds since 1970. */
  readonly untilMs?: number
}

/** Where a flow learns that its source has changed. One call at a time; only while it waits is anything asked in its name. */
export interface Waker {
  /** Settles once something may stand after `since`, with the page after it where that came along. @throws the signal's reason */
  wait(since: Position, options: WaitOptions): Promise<ChangePage | undefined>
}

/** Of a source that is here: its segment's doorbell. What rings between two waits ends the next one at once. */
export class RingWaker implements Waker {
  #rung = false
  #wake: () => void = () => undefined
  readonly #clock: Clock
  readonly close: () => void

  constructor(onRing: (listener: () => void) => () => void, clock: Clock) {
    this.#clock = clock
    this.close = onRing(() => {
      this.#rung = true
      this.#wake()
    })
  }

  async wait(_since: Position, { untilMs, signal }: WaitOptions): Promise<undefined> {
    signal?.throwIfAborted()
    if (!this.#rung) await this.#ring(untilMs, signal)
    signal?.throwIfAborted()
    this.#rung = false
  }

  #ring(untilMs: number | undefined, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer =
        untilMs === undefined ? undefined : setTimeout(() => wake(), Math.max(0, untilMs - this.#clock.nowMs()))
      const wake = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', wake)
        this.#wake = () => undefined
        resolve()
      }
      this.#wake = wake
      signal?.addEventListener('abort', wake)
    })
  }
}
