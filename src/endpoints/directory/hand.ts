import { Worker } from 'node:worker_threads'
import { LIMITS } from '../../base/limits.js'
import type { CallOptions } from '../../model/endpoint.js'
import type { FromWorker, LoadedMessage, ReadTask, ToWorker, WindowMessage, WorkerSetup } from './messages.js'

interface Waiting {
  resolve(message: LoadedMessage): void
  reject(error: unknown): void
}

export interface HandEvents {
  window(message: WindowMessage): void
  failed(error: unknown): void
}

/** One worker thread and what it owes. */
export class Hand {
  readonly #worker: Worker
  readonly #loads = new Map<number, Waiting>()
  #requests = 0
  #tasks = 0
  #large = false
  #ended: { readonly reason: unknown } | undefined

  constructor(
    setup: WorkerSetup,
    readonly events: HandEvents,
  ) {
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: setup,
      resourceLimits: { maxYoungGenerationSizeMb: LIMITS.workerYoungMiB },
    })
    this.#worker.on('message', (message: FromWorker) => this.#receive(message))
    this.#worker.on('error', (error) => this.#fail(error))
    this.#worker.on('exit', () => this.#fail(new Error('a reading worker ended')))
  }

  get idle(): boolean {
    return this.#tasks === 0
  }

  /** A second task waits at the worker so that it is never without work; behind a large file nothing has to wait. */
  get hasRoom(): boolean {
    return this.idle || (this.#tasks === 1 && !this.#large)
  }

  assign(task: ReadTask, large: boolean): void {
    this.#tasks++
    this.#large = large
    this.#post(task)
  }

  async load(window: number, slices: readonly number[], options: CallOptions): Promise<LoadedMessage> {
    options.signal?.throwIfAborted()
    if (this.#ended) throw this.#ended.reason
    const request = this.#requests++
    return new Promise((resolve, reject) => {
      this.#loads.set(request, { resolve, reject })
      this.#post({ type: 'load', request, window, slices })
    })
  }

  release(window: number): void {
    this.#post({ type: 'release', window })
  }

  /** Whoever still waits for chunks is told `reason`. */
  async stop(reason: unknown): Promise<void> {
    this.#worker.removeAllListeners('exit')
    this.#end(reason)
    await this.#worker.terminate()
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message)
  }

  #receive(message: FromWorker): void {
    if (message.type === 'window') {
      if (message.last) this.#tasks--
      this.events.window(message)
    } else {
      this.#loads.get(message.request)?.resolve(message)
      this.#loads.delete(message.request)
    }
  }

  #fail(error: unknown): void {
    this.#end(error)
    this.events.failed(error)
  }

  #end(reason: unknown): void {
    this.#ended ??= { reason }
    for (const waiting of this.#loads.values()) waiting.reject(reason)
    this.#loads.clear()
  }
}
