import type { Clock } from '../../base/clock.js'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { LinkError } from '../../model/service.js'
import { type GatewayLog, wordsOf } from './log.js'

/** How long to wait after so many failures in a row, in milliseconds: twice as long each time, and by chance up to a quarter less, so that many do not come at once. */
export function retryDelayMs(failures: number, random: number): number {
  const whole = Math.min(LIMITS.retryMsMost, LIMITS.retryMsLeast * 2 ** (failures - 1))
  return Math.round(Math.max(LIMITS.retryMsLeast, whole * (1 - random / 4)))
}

export interface StreakOptions {
  readonly log: GatewayLog
  readonly clock: Clock
  /** Completes "… failed", "… is well again". */
  readonly what: string
  /** What fails again so soon after it was well again is tried as seldom as before; not so what was only cut off. */
  readonly settleMs?: number
  readonly random?: () => number
}

/** That are told of one streak. */
const CAUSES_MAX = 8

/** Failures in a row of one thing that is tried again and again: the first one is told, each other cause once, and when they are over. */
export class Streak {
  #failures = 0
  /** In a row, also where it was well for a moment in between. */
  #tries = 0
  #wellMs: number | undefined
  #last: LinkError | null = null
  readonly #causes = new Set<string>()

  constructor(readonly options: StreakOptions) {}

  /** What failed last; its `nextTryMs` is null once it is over. */
  get last(): LinkError | null {
    return this.#last
  }

  /** What happened, with the time of the next try. */
  failed(error: unknown): LinkError {
    const { log, clock, what, random = Math.random } = this.options
    if (this.#failures === 0 && !this.#goesOn(error)) this.#tries = 0
    this.#failures++
    this.#tries++
    const message = wordsOf(error)
    if (this.#failures === 1) this.#causes.clear()
    if (!this.#causes.has(message) && this.#causes.size < CAUSES_MAX)
      log.warn(
        this.#failures === 1 ? `${what} failed, and is tried again` : `${what} fails for another cause now`,
        error,
      )
    this.#causes.add(message)
    const atMs = clock.nowMs()
    const code = error instanceof EfsError ? { code: error.code } : {}
    this.#last = { atMs, message, ...code, nextTryMs: atMs + retryDelayMs(this.#tries, random()) }
    return this.#last
  }

  #goesOn(error: unknown): boolean {
    const { clock, settleMs = 0 } = this.options
    return this.#wellMs !== undefined && clock.nowMs() - this.#wellMs < settleMs && !wasCutOff(error)
  }

  /** Whether there had been a failure. */
  well(): boolean {
    if (this.#failures === 0) return false
    const { log, what } = this.options
    const tries = this.#failures === 1 ? 'one failure' : `${this.#failures} failures`
    log.info(`${what} is well again after ${tries}`)
    this.#failures = 0
    this.#wellMs = this.options.clock.nowMs()
    if (this.#last) this.#last = { ...this.#last, nextTryMs: null }
    return true
  }
}

export const wasCutOff = (error: unknown): boolean => error instanceof EfsError && error.code === 'UNREACHABLE'

/** Settles after so many milliseconds, or as soon as it is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
