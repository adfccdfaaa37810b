import type { LinkError } from '../../model/service.js'
import { worseError } from '../../service/health.js'
import type { LiveNumbers } from '../../stats/live-numbers.js'
import type { BucketPair } from './pairs.js'

/** What fails of each served path, for as long as one link is open: of all its buckets, and of each that it runs and that it goes all its ways. */
export class PathErrors {
  readonly #all = new Map<string, Map<string, LinkError | null>>()

  constructor(
    readonly numbers: Pick<LiveNumbers, 'set'>,
    paths: readonly string[],
  ) {
    for (const path of paths) numbers.set(path, { lastError: null })
  }

  /** What lasts is told before what is mended, whatever it is of. */
  set({ served, here }: BucketPair, what: 'run' | 'ways', error: LinkError | null): void {
    const errors = this.#all.get(served) ?? new Map<string, LinkError | null>()
    this.#all.set(served, errors.set(`${what} ${here}`, error))
    this.numbers.set(served, { lastError: [...errors.values()].reduce(worseError, null) })
  }
}
