import { Worker } from 'node:worker_threads'
import type { Clock } from '../../base/clock.js'
import { LIMITS } from '../../base/limits.js'
import type { PageMessage, PageTask, WalkSetup } from './walk-messages.js'

/** So many pages are asked for ahead of the one that is taken. */
const PAGES_AHEAD = 8

/** A walk that another thread goes on with. */
export class WalkThread {
  readonly #worker: Worker
  readonly #arrived: PageMessage[] = []
  #failure: { readonly reason: unknown } | undefined
  #wake: () => void = () => undefined

  constructor(
    setup: WalkSetup,
    readonly clock: Clock,
  ) {
    this.#worker = new Worker(new URL('./walk-worker.js', import.meta.url), {
      workerData: setup,
      resourceLimits: { maxYoungGenerationSizeMb: LIMITS.workerYoungMiB },
    })
    this.#worker.on('message', (message: PageMessage) => {
      this.#arrived.push(message)
      this.#wake()
    })
    this.#worker.on('error', (error) => this.#fail(error))
    this.#worker.on('exit', () => this.#fail(new Error('a walking worker ended')))
    for (let i = 0; i < PAGES_AHEAD; i++) this.#ask()
  }

  /** The next page. @throws what made the worker fail */
  async next(): Promise<PageMessage> {
    for (;;) {
      const message = this.#arrived.shift()
      if (message !== undefined) {
        this.#ask()
        return message
      }
      if (this.#failure) throw this.#failure.reason
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async stop(): Promise<void> {
    this.#worker.removeAllListeners('exit')
    await this.#worker.terminate()
  }

  /** The time is that of before the look: what changes in between counts as changed within the same second. */
  #ask(): void {
    const task: PageTask = { takenMs: this.clock.nowMs() }
    this.#worker.postMessage(task)
  }

  #fail(reason: unknown): void {
    this.#failure ??= { reason }
    this.#wake()
  }
}
