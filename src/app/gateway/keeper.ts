import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { Service } from '../../model/service.js'
import type { RunningService, ServiceContext, ServiceRunner } from './runner.js'
import { pause, Streak } from './streak.js'

export interface KeeperOptions {
  readonly service: Service
  readonly runner: ServiceRunner
  readonly context: ServiceContext
  readonly random?: () => number
}

/** Keeps one service running until it is told to stop: one that fails is started again, later each time. */
export class Keeper {
  readonly #options: KeeperOptions
  readonly #streak: Streak
  readonly #stop = new AbortController()
  readonly #stopAsked: Promise<void>
  readonly #ended: Promise<void>
  /** Settles when it first runs, has failed to, or is stopped. */
  readonly begun: Promise<void>
  #hasBegun = (): void => undefined

  constructor(options: KeeperOptions) {
    this.#options = options
    const { log, clock } = options.context
    const { random } = options
    this.#streak = new Streak({ log, clock, what: 'it', ...(random === undefined ? {} : { random }) })
    this.#stopAsked = new Promise((resolve) => this.#stop.signal.addEventListener('abort', () => resolve()))
    this.begun = new Promise((resolve) => {
      this.#hasBegun = resolve
    })
    this.#ended = this.#keep()
  }

  /** Settles when the service has stopped. */
  stop(): Promise<void> {
    this.#stop.abort()
    return this.#ended
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stop
    const { numbers, clock } = this.#options.context
    while (!signal.aborted) {
      const failure = await this.#attempt()
      if (failure === undefined) break
      const lastError = this.#streak.failed(failure)
      numbers.report({ state: 'failed', listening: [], peers: [], lastError })
      this.#hasBegun()
      await pause((lastError.nextTryMs ?? 0) - clock.nowMs(), signal)
    }
    numbers.report({ state: 'stopped', listening: [], peers: [] })
    this.#hasBegun()
  }

  /** Runs it once: undefined when it was asked to stop, else why it failed. */
  async #attempt(): Promise<unknown> {
    const { service, runner, context } = this.#options
    let running: RunningService | undefined
    let failure: unknown
    const steady = setTimeout(() => this.#well(), LIMITS.steadyMs)
    try {
      running = runner.start(service, context)
      void running.up.then(this.#hasBegun)
      await Promise.race([running.done, this.#stopAsked])
      if (!this.#stop.signal.aborted) failure = new EfsError('FAILED', 'it ended by itself')
    } catch (error) {
      failure = error
    } finally {
      clearTimeout(steady)
    }
    await this.#end(running)
    return this.#stop.signal.aborted ? undefined : failure
  }

  #well(): void {
    if (this.#streak.well()) this.#options.context.numbers.report({ lastError: this.#streak.last })
  }

  async #end(running: RunningService | undefined): Promise<void> {
    try {
      await running?.stop()
    } catch (error) {
      this.#options.context.log.warn('it did not stop cleanly', error)
    }
  }
}
