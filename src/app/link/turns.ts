import { Room } from '../../base/room.js'

/** So many at a time, in the order in which they came. */
export class Turns {
  readonly #room: Room

  constructor(atOnce: number) {
    this.#room = new Room(atOnce)
  }

  /** @throws what `work` throws; the signal's reason where it came before its turn */
  readonly run = async (work: () => Promise<void>, signal: AbortSignal): Promise<void> => {
    const leave = await this.#room.enter(1, signal)
    try {
      await work()
    } finally {
      leave()
    }
  }
}
