import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import { compareKeys, type ObjectKey } from '../model/key.js'

interface Keyed {
  readonly key: ObjectKey
}

export type Pages<T> = AsyncIterable<readonly T[]>

/** What the three streams hold for one key; at least one of them has something. */
export interface Joined<Left, Right, Base> {
  readonly key: ObjectKey
  readonly left: Left | undefined
  readonly right: Right | undefined
  readonly base: Base | undefined
}

/**
 * Walks three streams that are sorted by key once, side by side. Memory: one page of each and one page of output.
 * @throws FAILED where a stream is out of order: an unsorted listing would look like a mass deletion
 */
export async function* mergeJoin<L extends Keyed, R extends Keyed, B extends Keyed>(
  left: Pages<L>,
  right: Pages<R>,
  base: Pages<B>,
): AsyncGenerator<Joined<L, R, B>[]> {
  const ls = new Cursor(left)
  const rs = new Cursor(right)
  const bs = new Cursor(base)
  try {
    await Promise.all([ls.fill(), rs.fill(), bs.fill()])
    let page: Joined<L, R, B>[] = []
    for (;;) {
      const key = least(least(ls.row?.key, rs.row?.key), bs.row?.key)
      if (key === undefined) break
      page.push({ key, left: ls.take(key), right: rs.take(key), base: bs.take(key) })
      if (ls.empty) await ls.fill()
      if (rs.empty) await rs.fill()
      if (bs.empty) await bs.fill()
      if (page.length < LIMITS.pageRowsMax) continue
      yield page
      page = []
    }
    if (page.length > 0) yield page
  } finally {
    await Promise.all([ls.close(), rs.close(), bs.close()])
  }
}

const least = (a: ObjectKey | undefined, b: ObjectKey | undefined): ObjectKey | undefined =>
  a === undefined ? b : b === undefined ? a : compareKeys(a, b) <= 0 ? a : b

/** One sorted stream and where it stands. */
class Cursor<T extends Keyed> {
  readonly #pages: AsyncIterator<readonly T[]>
  #page: readonly T[] = []
  #at = 0
  #last: ObjectKey | undefined
  #ended = false
  row: T | undefined

  constructor(pages: Pages<T>) {
    this.#pages = pages[Symbol.asyncIterator]()
  }

  /** The page is used up and there may be another. */
  get empty(): boolean {
    return this.row === undefined && !this.#ended
  }

  /** The row, where it is the one for `key`; the cursor then stands on the next. */
  take(key: ObjectKey): T | undefined {
    const row = this.row
    if (row === undefined || row.key !== key) return undefined
    this.#at++
    this.#stand()
    return row
  }

  async fill(): Promise<void> {
    while (this.empty) {
      const next = await this.#pages.next()
      this.#ended = next.done === true
      this.#page = next.done === true ? [] : next.value
      this.#at = 0
      this.#stand()
    }
  }

  async close(): Promise<void> {
    await this.#pages.return?.()
  }

  #stand(): void {
    this.row = this.#page[this.#at]
    if (this.row === undefined) return
    const { key } = this.row
    if (this.#last !== undefined && compareKeys(this.#last, key) >= 0) {
      throw new EfsError(
        'FAILED',
        `a listing is out of order: ${JSON.stringify(key)} came after ${JSON.stringify(this.#last)}`,
      )
    }
    this.#last = key
  }
}

/** A stream that holds nothing. */
export async function* noPages(): AsyncGenerator<never[]> {
  yield* []
}
