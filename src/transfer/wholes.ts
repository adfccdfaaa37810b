import type { Listing, Sink } from '../model/endpoint.js'
import type { ObjectKey } from '../model/key.js'
import type { Whole } from '../model/whole.js'

/** Those of a sink that are more than an object, and of which something would be deleted. */
export class Wholes {
  readonly #of: (key: ObjectKey) => Whole | undefined
  readonly #there = new Set<string>()
  readonly #hit = new Set<string>()

  /** `wholeOf` as in `Sink`. */
  constructor(wholeOf: NonNullable<Sink['wholeOf']>) {
    this.#of = wholeOf
  }

  /** Looks at all that the sink lists, whatever a filter leaves alone: it would leave the mark of a whole, and not what makes it. */
  async *watch(listing: Listing): Listing {
    for await (const page of listing) {
      for (const { key } of page) {
        const whole = this.#of(key)
        if (whole?.isMark) this.#there.add(whole.name)
      }
      yield page
    }
  }

  delete(key: ObjectKey): void {
    const whole = this.#of(key)
    if (whole !== undefined) this.#hit.add(whole.name)
  }

  /** One of them. */
  first(): string | undefined {
    return [...this.#hit].find((name) => this.#there.has(name))
  }
}
