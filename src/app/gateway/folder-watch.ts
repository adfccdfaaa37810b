import { type FSWatcher, statSync, watch } from 'node:fs'

/** Where the system tells of changes, this is only in case that it missed one. */
const LOOK_MS = 3000
/** Where it does not, because the folder is not there yet or it cannot watch more. */
const LOOK_OFTEN_MS = 800

interface Watched {
  readonly watcher: FSWatcher
  readonly inode: number
}

/** Says when something in one of several folders may have changed. */
export class FolderWatch {
  readonly #watched = new Map<string, Watched>()
  #changed = false
  #wake: (() => void) | undefined

  constructor(readonly folders: readonly string[]) {}

  /** Settles after a change since the last time, and at the latest after a few seconds. */
  async next(signal: AbortSignal): Promise<void> {
    const isTold = this.folders.map((folder) => this.#watch(folder)).every((told) => told)
    if (this.#changed || signal.aborted) {
      this.#changed = false
      return
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), isTold ? LOOK_MS : LOOK_OFTEN_MS)
      const wake = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        this.#wake = undefined
        resolve()
      }
      this.#wake = wake
      signal.addEventListener('abort', wake)
    })
    this.#changed = false
  }

  close(): void {
    for (const { watcher } of this.#watched.values()) watcher.close()
    this.#watched.clear()
  }

  /** Whether it is watched now. The name may stand for another folder than before. */
  #watch(folder: string): boolean {
    const inode = statSync(folder, { throwIfNoEntry: false })?.ino
    const known = this.#watched.get(folder)
    if (known !== undefined && known.inode === inode) return true
    known?.watcher.close()
    this.#watched.delete(folder)
    if (inode === undefined) return false
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#heard())
      watcher.on('error', () => this.#lost(folder))
      this.#watched.set(folder, { watcher, inode })
      // What happened before it was watched was not told.
      this.#changed = true
      return true
    } catch {
      // The system may not watch more for this user: then it is looked at often.
      return false
    }
  }

  #lost(folder: string): void {
    this.#watched.get(folder)?.watcher.close()
    this.#watched.delete(folder)
    this.#heard()
  }

  #heard(): void {
    this.#changed = true
    this.#wake?.()
  }
}
