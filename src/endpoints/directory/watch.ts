import { type BigIntStats, type FSWatcher, lstatSync, readdirSync, watch } from 'node:fs'
import { EfsError, systemCode } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { isTemporary } from '../../base/temporary.js'
import { why } from './why.js'

export interface WatchEvents {
  /** This path below the root, or something below it, may have changed; `''` is all. */
  changed(path: string): void
  /** Nothing is watched any more. */
  failed(error: EfsError): void
  /** Whether nobody wants to know of this path, and of what is below it. */
  skips?(path: string): boolean
}

interface Watched {
  readonly watcher: FSWatcher
  readonly inode: bigint
}

/**
 * Tells what changes below a folder while it is open. Each folder is watched before it is looked into, so that a tree which is moved in,
 * or made all at once, is watched to its leaves. The system does not tell when it drops some because too many come at once: after very many
 * everything may have changed.
 */
export class FolderWatch {
  readonly #root: string
  readonly #events: WatchEvents
  /** By path below the root. */
  readonly #watched = new Map<string, Watched>()
  /** What was heard in this turn of the event loop, which takes all that has queued up. */
  #heardNow = 0
  #isClosed = false

  /** @throws IO where the system does not watch that many folders */
  constructor(root: string, events: WatchEvents) {
    this.#root = root
    this.#events = events
    try {
      this.#watchTree('')
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** How many folders are watched. */
  get folders(): number {
    return this.#watched.size
  }

  close(): void {
    this.#isClosed = true
    for (const { watcher } of this.#watched.values()) watcher.close()
    this.#watched.clear()
  }

  #watchTree(top: string): void {
    const waiting = [top]
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (!this.#watchOne(path)) continue
      for (const entry of this.#entriesOf(path)) {
        const inside = joined(path, entry.name)
        if (entry.isDirectory() && !this.#events.skips?.(inside)) waiting.push(inside)
      }
    }
  }

  /** Whether it is a folder that can be looked into. */
  #watchOne(path: string): boolean {
    const stat = this.#look(path)
    if (!stat?.isDirectory()) return false
    try {
      const watcher = watch(this.#at(path), { persistent: false }, (_, name) => this.#heard(path, name))
      watcher.on('error', () => this.#forget(path))
      this.#watched.get(path)?.watcher.close()
      this.#watched.set(path, { watcher, inode: stat.ino })
      return true
    } catch (error) {
      const code = systemCode(error)
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return false
      throw watchError(this.#root, this.#watched.size, error)
    }
  }

  /** `name` is what changed in that folder, as far as the system says; of the folder itself it is told by its own name. */
  #heard(folder: string, name: string | null): void {
    if (this.#isClosed) return
    if (this.#heardNow === 0) setImmediate(() => this.#endTurn())
    this.#heardNow++
    if (name !== null && isTemporary(name)) return
    // What has no name, or one that cannot be told, is anything in that folder.
    const path = name === null || name.includes('\uFFFD') ? folder : joined(folder, name)
    if (this.#events.skips?.(path)) return
    try {
      this.#follow(path)
    } catch (error) {
      this.close()
      this.#events.failed(error instanceof EfsError ? error : watchError(this.#root, 0, error))
      return
    }
    this.#events.changed(path)
  }

  #endTurn(): void {
    if (this.#heardNow > LIMITS.mirrorEventsMax) this.#events.changed('')
    this.#heardNow = 0
  }

  /** A folder that came is watched, and one that went is not any more. */
  #follow(path: string): void {
    const stat = this.#look(path)
    const watched = this.#watched.get(path)
    if (watched !== undefined && (!stat?.isDirectory() || stat.ino !== watched.inode)) this.#forget(path)
    if (stat?.isDirectory() && !this.#watched.has(path)) this.#watchTree(path)
  }

  #forget(top: string): void {
    const below = top === '' ? '' : `${top}/`
    for (const [path, { watcher }] of this.#watched) {
      if (path !== top && !path.startsWith(below)) continue
      watcher.close()
      this.#watched.delete(path)
    }
  }

  #look(path: string): BigIntStats | undefined {
    try {
      return lstatSync(this.#at(path), { bigint: true, throwIfNoEntry: false })
    } catch (error) {
      if (systemCode(error) === undefined) throw error
      return undefined
    }
  }

  #entriesOf(path: string) {
    try {
      return readdirSync(this.#at(path), { withFileTypes: true })
    } catch (error) {
      if (systemCode(error) === undefined) throw error
      return []
    }
  }

  #at(path: string): string {
    return path === '' ? this.#root : `${this.#root}/${path}`
  }
}

const joined = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`)

function watchError(root: string, folders: number, cause: unknown): EfsError {
  const code = systemCode(cause)
  if (code === 'ENOSPC') {
    return new EfsError('IO', `the system watches no more folders for this user: ${folders} of ${root} were`, {
      hint: 'raise it: sysctl fs.inotify.max_user_watches=1048576',
      cause,
    })
  }
  if (code === 'EMFILE') {
    return new EfsError('IO', `the system gives this user no more watches, so ${root} cannot be watched`, {
      hint: 'raise it: sysctl fs.inotify.max_user_instances=1024, or ulimit -n',
      cause,
    })
  }
  return new EfsError('IO', `cannot watch ${root}: ${why(cause)}`, { cause })
}
