import { setTimeout as sleep } from 'node:timers/promises'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'

const FREE_FAILURES = 2
const FIRST_DELAY_MS = 250

interface Tries {
  failures: number
  waiting: number
  /** When the try before this one has had its answer. */
  last: Promise<void>
}

/**
 * Slows those down who guess credentials: after a few refusals each further try from the same address waits for the one
 * before and then for longer and longer. Addresses that were seen long ago are forgotten when the table is full.
 */
export class Brakes {
  readonly #tries = new Map<string, Tries>()

  constructor(
    readonly wait = async (ms: number, signal: AbortSignal): Promise<void> => {
      // Who went away is no fault of ours, as what `sleep` throws would be.
      await sleep(ms, undefined, { signal, ref: false }).catch(() => signal.throwIfAborted())
    },
  ) {}

  /** @throws REFUSED where too many wait already; what `admit` throws, and REFUSED of it counts */
  async pass<T>(address: string, signal: AbortSignal, admit: () => Promise<T>): Promise<T> {
    const tries = this.#of(address)
    if (tries.failures < FREE_FAILURES) return this.#count(tries, admit)
    if (tries.waiting >= LIMITS.linkKnocksMax) {
      throw new EfsError('REFUSED', 'too many refused credentials came from your address', {
        hint: 'wait, and try again',
      })
    }
    tries.waiting++
    const before = tries.last
    let ended = (): void => undefined
    tries.last = new Promise((resolve) => {
      ended = resolve
    })
    try {
      await before
      await this.wait(this.delayMs(tries.failures), signal)
      return await this.#count(tries, admit)
    } finally {
      tries.waiting--
      ended()
    }
  }

  delayMs(failures: number): number {
    return Math.min(FIRST_DELAY_MS * 2 ** Math.min(failures - FREE_FAILURES, 30), LIMITS.linkKnockDelayMsMax)
  }

  async #count<T>(tries: Tries, admit: () => Promise<T>): Promise<T> {
    try {
      const admitted = await admit()
      tries.failures = 0
      return admitted
    } catch (error) {
      if (error instanceof EfsError && error.code === 'REFUSED') tries.failures++
      throw error
    }
  }

  /** The latest to come is the last to be forgotten. */
  #of(address: string): Tries {
    const tries = this.#tries.get(address) ?? { failures: 0, waiting: 0, last: Promise.resolve() }
    this.#tries.delete(address)
    this.#tries.set(address, tries)
    for (const oldest of this.#tries.keys()) {
      if (this.#tries.size <= LIMITS.linkAddressesMax) break
      this.#tries.delete(oldest)
    }
    return tries
  }
}
