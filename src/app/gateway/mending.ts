import { LIMITS } from '../../base/limits.js'
import type { LinkError } from '../../model/service.js'
import { Streak, type StreakOptions, wasCutOff } from './streak.js'

/**
 * Failures of what is opened, and then runs. What failed while it ran is not over because it opens again, but once it is told to go well or
 * has run for a while: else what fails each time after a moment would be well again, and fail again, without end.
 */
export class Mending {
  readonly #streak: Streak
  readonly #mended: (last: LinkError | null) => void
  #isOpen = false
  #failedOpen = false
  #steady: NodeJS.Timeout | undefined

  /** `mended` is told what failed last, once that is over. */
  constructor(options: Omit<StreakOptions, 'settleMs'>, mended: (last: LinkError | null) => void) {
    this.#streak = new Streak({ ...options, settleMs: LIMITS.steadyMs })
    this.#mended = mended
  }

  get last(): LinkError | null {
    return this.#streak.last
  }

  /** Also where another part of it has opened. */
  opened(): void {
    this.end()
    this.#isOpen = true
    if (this.#failedOpen) this.#steady = setTimeout(() => this.well(), LIMITS.steadyMs)
    else this.well()
  }

  well(): void {
    if (this.#streak.well()) this.#mended(this.#streak.last)
  }

  failed(error: unknown): LinkError {
    this.end()
    this.#failedOpen = this.#isOpen && !wasCutOff(error)
    this.#isOpen = false
    return this.#streak.failed(error)
  }

  /** Nothing of it has run for long enough yet, or runs any more. */
  end(): void {
    clearTimeout(this.#steady)
  }
}
