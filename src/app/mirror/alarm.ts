import type { Clock } from '../../base/clock.js'
import { pause } from '../gateway/streak.js'

/** Ends a wait when something happens; what happened since the last wait ends the next one at once. */
export class Alarm {
  #isRung = false
  #wake: () => void = () => undefined
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  readonly ring = (): void => {
    this.#isRung = true
    this.#wake()
  }

  /** Until it rings, or that time (milliseconds since 1970). @throws the signal's reason */
  async wait(untilMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (!this.#isRung) {
      const over = new AbortController()
      const onAbort = (): void => over.abort()
      signal.addEventListener('abort', onAbort)
      this.#wake = onAbort
      await pause(Math.max(0, untilMs - this.#clock.nowMs()), over.signal)
      this.#wake = () => undefined
      signal.removeEventListener('abort', onAbort)
    }
    this.#isRung = false
    signal.throwIfAborted()
  }
}
