import type { Checkpoint } from '../../model/live.js'

/** Which checkpoint holds once all objects before a number are at the sink, or in its list of retries. */
export class Marks {
  #ahead: { readonly objects: number; readonly to: Checkpoint }[] = []
  #reached: Checkpoint

  constructor(from: Checkpoint) {
    this.#reached = from
  }

  /** In the order of `objects`. */
  add(objects: number, to: Checkpoint): void {
    // A long stretch of what is there already is one mark.
    if (this.#ahead.at(-1)?.objects === objects) this.#ahead.pop()
    this.#ahead.push({ objects, to })
  }

  /** The latest that holds once these are there. */
  upTo(objects: number): Checkpoint {
    const at = this.#ahead.findIndex((mark) => mark.objects > objects)
    const passed = this.#ahead.splice(0, at < 0 ? this.#ahead.length : at)
    this.#reached = passed.at(-1)?.to ?? this.#reached
    return this.#reached
  }

  /** That of the end. */
  all(): Checkpoint {
    return this.upTo(Number.POSITIVE_INFINITY)
  }
}
