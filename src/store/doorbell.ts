import { writeFileSync } from 'node:fs'
import { utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Watched, watched } from '../base/watched.js'
import { storeError } from './store-error.js'

/** Who does not hear it looks again on its own; so a bell that cannot be rung harms nobody. */
export function ring(file: string, nowMs: number): void {
  const now = new Date(nowMs)
  utimes(file, now, now)
    .catch(() => writeFile(file, ''))
    .catch(() => undefined)
}

/** What the listeners of one open home share. */
export class Doorbell {
  readonly #listeners = new Set<() => void>()
  #watched: Watched | undefined
  #isRinging = false

  /** `refresh` is called before the listeners, and for each new one: what they read then is of after the ring, or of after they began to listen. */
  constructor(
    readonly file: string,
    readonly refresh: () => void,
  ) {}

  /** As `Segment.onRing`. */
  listen(listener: () => void): () => void {
    const own = (): void => listener()
    this.#watched ??= this.#watch()
    this.#listeners.add(own)
    this.refresh()
    return () => {
      this.#listeners.delete(own)
      if (this.#listeners.size === 0) this.#stop()
    }
  }

  close(): void {
    this.#listeners.clear()
    this.#stop()
  }

  #stop(): void {
    this.#watched?.close()
    this.#watched = undefined
  }

  #watch(): Watched {
    try {
      // A file that is gone is made again, by whoever listens or rings first.
      writeFileSync(this.file, '', { flag: 'a' })
      return watched(this.file, (what) => this.#heard(what))
    } catch (error) {
      throw storeError(error, path.dirname(this.file))
    }
  }

  #heard(what: 'change' | 'rename'): void {
    // The name may stand for another file now.
    if (what === 'rename') this.#watchAgain()
    if (this.#isRinging) return
    this.#isRinging = true
    setImmediate(() => {
      this.#isRinging = false
      if (this.#listeners.size > 0) this.refresh()
      for (const listener of this.#listeners) listener()
    })
  }

  #watchAgain(): void {
    this.#stop()
    try {
      this.#watched = this.#watch()
    } catch {
      // A home that is gone rings no more: the listeners, who are called once more, find that out by themselves.
    }
  }
}
