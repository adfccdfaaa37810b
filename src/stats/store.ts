import type { Clock } from '../base/clock.js'
import { LIMITS } from '../base/limits.js'
import type { ServiceNumbers } from '../model/service.js'
import { dropNumbers, dropPartials, readNumbers, writeNumbers } from './files.js'
import { LiveNumbers } from './live-numbers.js'
import { NO_NUMBERS } from './never-run.js'

export interface StatsStoreOptions {
  readonly folder: string
  readonly clock: Clock
  /** Numbers that cannot be written stop nobody; the next change tries again. */
  readonly failed: (error: unknown) => void
  readonly saved: () => void
  /** Numbers that cannot be read stop nobody either: they begin anew. */
  readonly unread: (service: string, error: unknown) => void
}

/** Keeps the numbers of all services of one gateway: it counts on from what is there, and writes what has changed a few times a second. */
export class StatsStore {
  readonly #live = new Map<string, LiveNumbers>()
  readonly #opening = new Map<string, Promise<LiveNumbers>>()
  readonly #dirty = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  private constructor(readonly options: StatsStoreOptions) {}

  static async open(options: StatsStoreOptions): Promise<StatsStore> {
    await dropPartials(options.folder)
    return new StatsStore(options)
  }

  /** The same numbers for the same service, for as long as this gateway runs. */
  of(service: string): Promise<LiveNumbers> {
    const known = this.#live.get(service)
    if (known !== undefined) return Promise.resolve(known)
    const opening = this.#opening.get(service) ?? this.#open(service).finally(() => this.#opening.delete(service))
    this.#opening.set(service, opening)
    return opening
  }

  /** Of a service that is deleted. */
  drop(service: string): Promise<void> {
    this.#live.delete(service)
    this.#dirty.delete(service)
    return this.#next(() => dropNumbers(this.options.folder, service))
  }

  /** Others read what has changed when it settles. */
  flush(): Promise<void> {
    return this.#next(async () => {
      for (const service of [...this.#dirty]) await this.#save(service, false)
    })
  }

  /** All numbers are on the disk when it settles. */
  close(): Promise<void> {
    clearTimeout(this.#timer)
    return this.#next(async () => {
      for (const service of this.#live.keys()) await this.#save(service, true)
    })
  }

  async #open(service: string): Promise<LiveNumbers> {
    const before = await this.#before(service)
    const made = new LiveNumbers(before, this.options.clock, (now) => this.#changed(service, now))
    this.#live.set(service, made)
    return made
  }

  async #before(service: string): Promise<ServiceNumbers> {
    try {
      return await readNumbers(this.options.folder, service)
    } catch (error) {
      this.options.unread(service, error)
      return NO_NUMBERS
    }
  }

  #changed(service: string, now: boolean): void {
    if (!this.#live.has(service)) return
    if (now) {
      if (this.#dirty.has(service)) void this.flush()
      return
    }
    this.#dirty.add(service)
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.flush()
    }, LIMITS.statsDelayMs)
  }

  async #save(service: string, durable: boolean): Promise<void> {
    this.#dirty.delete(service)
    const numbers = this.#live.get(service)
    if (numbers !== undefined) await writeNumbers(this.options.folder, service, numbers.read(), durable)
  }

  /** One at a time, so that what is older is never written over what is newer. */
  #next(work: () => Promise<void>): Promise<void> {
    this.#writing = this.#writing.then(work).then(this.options.saved, this.options.failed)
    return this.#writing
  }
}
