import { availableParallelism } from 'node:os'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { Parcel, ReadOptions, Wanted } from '../../model/endpoint.js'
import { isFolderKey } from '../../model/key.js'
import type { Stats } from '../../model/stats.js'
import { Hand } from './hand.js'
import type { Lost } from './losses.js'
import type { ReadTask, WindowMessage, WorkerSetup } from './messages.js'
import { parcelOf } from './parcel.js'
import { packPrints } from './prints.js'

const HANDS_MAX = 8

/** Several workers that read for one run. They start when there is work, and end with `stop`. */
export class Crew {
  readonly #hands: Hand[] = []
  readonly #handsMax: number
  readonly #setup: WorkerSetup
  readonly #wanted = new Map<number, Wanted>()
  readonly #arrived: Parcel[] = []
  #held = 0
  #fed = false
  #failure: { readonly reason: unknown } | undefined
  #wakeReader: () => void = () => undefined
  #wakeFeeder: () => void = () => undefined

  constructor(
    root: string,
    how: ReadOptions,
    readonly stats: Stats,
    readonly lost: (lost: readonly Lost[]) => void,
  ) {
    this.#handsMax = Math.min(availableParallelism(), how.parcelsInFlight, HANDS_MAX)
    const windowsMax = Math.floor(how.parcelsInFlight / this.#handsMax)
    this.#setup = { root, chunking: how.chunking, compress: how.compress, windowsMax, restMs: how.restMs ?? 0 }
  }

  /** Gives the files to a worker that has room; waits until there is one. */
  async assign(batch: readonly Wanted[], takenMs: number): Promise<void> {
    const hand = await this.#handWithRoom()
    for (const wanted of batch) this.#wanted.set(wanted.object, wanted)
    const large = batch.some(({ here }) => here.size > LIMITS.parcelBytesMax)
    hand?.assign(taskOf(batch, takenMs), large)
  }

  /** Nothing more will be assigned. */
  endFeed(): void {
    this.#fed = true
    this.#wakeReader()
  }

  fail(reason: unknown): void {
    this.#failure ??= { reason }
    this.#wakeReader()
    this.#wakeFeeder()
  }

  /** The next parcel, or undefined after the last. @throws what made a worker, or the feeding, fail */
  async next(): Promise<Parcel | undefined> {
    for (;;) {
      if (this.#failure) throw this.#failure.reason
      const parcel = this.#arrived.shift()
      if (parcel) return parcel
      if (this.#fed && this.#hands.every((hand) => hand.idle)) return undefined
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve
      })
    }
  }

  /** Whether a parcel is not yet released. */
  get holds(): boolean {
    return this.#held > 0
  }

  /** Called when the last held parcel is released after the end of the feed. */
  onLastRelease: () => void = () => undefined

  async stop(): Promise<void> {
    const reason = new EfsError('INTERRUPTED', 'the reading was stopped')
    this.fail(reason)
    await Promise.all(this.#hands.splice(0).map((hand) => hand.stop(reason)))
  }

  async #handWithRoom(): Promise<Hand | undefined> {
    for (;;) {
      if (this.#failure) return undefined
      const hand = this.#hands.find(({ idle }) => idle) ?? this.#hire() ?? this.#hands.find(({ hasRoom }) => hasRoom)
      if (hand) return hand
      await new Promise<void>((resolve) => {
        this.#wakeFeeder = resolve
      })
    }
  }

  #hire(): Hand | undefined {
    if (this.#hands.length >= this.#handsMax) return undefined
    const hand: Hand = new Hand(this.#setup, {
      window: (message) => this.#arrive(hand, message),
      failed: (error) => this.fail(error),
    })
    this.#hands.push(hand)
    return hand
  }

  #arrive(hand: Hand, message: WindowMessage): void {
    this.#held++
    let released = false
    const release = (): void => {
      if (released) return
      released = true
      this.#held--
      if (!this.#failure) hand.release(message.window)
      if (this.#held === 0) this.onLastRelease()
    }
    const load = async (slices: readonly number[], options = {}) => {
      if (this.#failure) throw this.#failure.reason
      return slices.length === 0 ? undefined : hand.load(message.window, slices, options)
    }
    const parcel = parcelOf(message, (object) => this.#settle(object), { load, release })
    this.#arrived.push(parcel)
    this.lost(message.lost)
    this.stats.add('bytesRead', message.bytesRead)
    this.stats.add('objectsRead', parcel.done.filter(({ key }) => !isFolderKey(key)).length)
    this.#wakeReader()
    this.#wakeFeeder()
  }

  #settle(object: number): Wanted {
    const wanted = this.#wanted.get(object)
    if (wanted === undefined) throw new Error(`object ${object} was not asked for`)
    this.#wanted.delete(object)
    return wanted
  }
}

const KIND_LETTERS = { file: 'f', link: 'l', folder: 'd', deleted: '' } as const

function taskOf(batch: readonly Wanted[], takenMs: number): ReadTask {
  return {
    type: 'read',
    takenMs,
    objects: batch.map(({ object }) => object),
    keys: batch.map(({ here }) => here.key),
    kinds: batch.map(({ here }) => KIND_LETTERS[here.kind]).join(''),
    prints: packPrints(batch.map(({ here }) => here.seen)),
  }
}
