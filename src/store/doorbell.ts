import { type FSWatcher, watch, writeFileSync } from 'node:fs'
import { utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { EfsError, systemCode } from '../base/errors.js'
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
  #watcher: FSWatcher | undefined
  #isRinging = false

  /** `refresh` is called before the listeners, and for each new one: what they read then is of after the ring, or of after they began to listen. */
  constructor(
    readonly file: string,
    readonly refresh: () => void,
  ) {}

  /** As `Segment.onRing`. */
  listen(listener: () => void): () => void {
    const own = (): void => listener()
    this.#watcher ??= this.#watch()
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
    this.#watcher?.close()
    this.#watcher = undefined
  }

  #watch(): FSWatcher {
    try {
      // A file that is gone is made again, by whoever listens or rings first.
      writeFileSync(this.file, '', { flag: 'a' })
      const watcher = watch(this.file, { persistent: false }, (event) => this.#heard(event))
      return watcher.on('error', () => this.#heard('rename'))
    } catch (error) {
      throw cannotWatch(error, this.file)
    }
  }

  #heard(event: string): void {
    // The name may stand for another file now.
    if (event === 'rename') this.#watchAgain()
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
      this.#watcher = this.#watch()
    } catch {
      // A home that is gone rings no more: the listeners, who are called once more, find that out by themselves.
    }
  }
}

/** The number of watched files is bounded for each user, and the system says ENOSPC or EMFILE of that. */
function cannotWatch(error: unknown, file: string): unknown {
  const code = systemCode(error)
  if (code !== 'ENOSPC' && code !== 'EMFILE') return storeError(error, path.dirname(file))
  return new EfsError('IO', 'the system cannot watch more files for this user', {
    hint: 'raise fs.inotify.max_user_watches and fs.inotify.max_user_instances',
    cause: error,
  })
}
