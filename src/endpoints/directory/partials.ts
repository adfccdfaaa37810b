import { accessSync, closeSync, constants, openSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import type { Clock } from '../../base/clock.js'
import { systemCode } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { sweepTemporaries, temporaryIn } from '../../base/temporary.js'
import type { Chunk } from '../../model/chunk.js'
import { plainOf } from '../../model/chunk.js'
import type { Slice } from '../../model/endpoint.js'
import type { ChunkId } from '../../model/ids.js'
import { type ObjectKey, ROOT_FOLDER } from '../../model/key.js'
import { OVERLONG } from '../overlong.js'
import { mountPointsIn } from './mounts.js'
import type { Opened } from './opened.js'
import { pathOf } from './paths.js'

/** A file that is being written. */
export interface PartialFile {
  readonly path: string
  /** Nothing was written behind this. */
  end: number
}

const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
const MORE = constants.O_WRONLY | constants.O_NOFOLLOW
/** What is not complete is nobody else's to read. */
const MODE = 0o600

/**
 * The objects whose bytes come in, each in a temporary file until it is complete: in the root, or where something is mounted below it
 * there, as a file is renamed only within what is mounted.
 */
export class Partials {
  readonly #root: string
  readonly #clock: Clock
  readonly #opened: Opened
  readonly #partials = new Map<number, PartialFile>()
  /** Where the file of an object will be, if not in the root. */
  readonly #beds = new Map<number, string>()
  readonly #swept = new Set<string>()
  /** Folders below the root at which something is mounted, the deepest first. */
  #mounted: readonly ObjectKey[] = []

  constructor(root: string, clock: Clock, opened: Opened) {
    this.#root = root
    this.#clock = clock
    this.#opened = opened
    this.lookAtMounts()
  }

  /** What is mounted may have changed. */
  lookAtMounts(): void {
    this.#mounted = mountPointsIn(this.#root)
      .filter((key) => key !== ROOT_FOLDER && isWritable(pathOf(this.#root, key)))
      .sort((a, b) => b.length - a.length)
  }

  /** An object comes. Whatever is left of one that had its number before is not a part of it. */
  begin(object: number, key: ObjectKey): void {
    this.drop(object)
    const bed = this.#bedOf(key)
    if (bed !== this.#root) this.#beds.set(object, bed)
  }

  /** Writes the slices at their places. Files are not held open in between. @throws the system's error */
  write(chunks: readonly Chunk[], slices: readonly Slice[]): void {
    const byId = new Map<ChunkId, Chunk>(chunks.map((chunk) => [chunk.ref.id, chunk]))
    for (let at = 0; at < slices.length; ) {
      const object = slices[at]?.object
      const first = at
      while (slices[at]?.object === object) at++
      if (object !== undefined) this.#writeObject(object, slices.slice(first, at), byId)
    }
  }

  /** Hands out an object's file, opened; the caller renames or removes it. An object without slices gets an empty one. */
  take(object: number, key: ObjectKey): PartialFile & { readonly file: number } {
    const found = this.#partials.get(object)
    this.#forget(object)
    if (found !== undefined) return { ...found, file: openSync(found.path, MORE) }
    const made = { path: this.newPath(key), end: 0 }
    return { ...made, file: this.make(made.path, openNew) }
  }

  /** A path for what is not complete, from which it can be renamed to where the key is. */
  newPath(key: ObjectKey): string {
    return this.#newPathIn(this.#bedOf(key))
  }

  /** Makes what is not complete. */
  make<T>(at: string, make: (at: string) => T): T {
    const bed = path.dirname(at)
    return this.#opened.writable(bed, bed, () => make(at))
  }

  #newPathIn(bed: string): string {
    if (!this.#swept.has(bed)) sweepTemporaries(bed, this.#clock.nowMs())
    this.#swept.add(bed)
    return temporaryIn(bed)
  }

  #bedOf(key: ObjectKey): string {
    const mounted = this.#mounted.find((folder) => key.startsWith(folder))
    return mounted === undefined ? this.#root : pathOf(this.#root, mounted)
  }

  #forget(object: number): void {
    this.#partials.delete(object)
    this.#beds.delete(object)
  }

  /** Why an object of that size cannot be made of what came. */
  fault(object: number, size: number): string | undefined {
    return (this.#partials.get(object)?.end ?? 0) > size ? OVERLONG : undefined
  }

  /** Forgets an object that will not be complete. */
  drop(object: number): void {
    const found = this.#partials.get(object)
    this.#forget(object)
    if (found !== undefined) rmSync(found.path, { force: true })
  }

  dropAll(): void {
    for (const object of [...this.#partials.keys()]) this.drop(object)
  }

  #writeObject(object: number, slices: readonly Slice[], chunks: ReadonlyMap<ChunkId, Chunk>): void {
    const known = this.#partials.get(object)
    const partial = known ?? { path: this.#newPathIn(this.#beds.get(object) ?? this.#root), end: 0 }
    const file = known ? openSync(partial.path, MORE) : this.make(partial.path, openNew)
    this.#partials.set(object, partial)
    try {
      for (const { offset, ref } of slices) {
        const chunk = chunks.get(ref.id)
        if (chunk === undefined) throw new Error('a slice came without its chunk')
        writeAll(file, plainOf(chunk), offset)
        partial.end = Math.max(partial.end, offset + ref.size)
      }
    } finally {
      closeSync(file)
    }
  }
}

const openNew = (at: string): number => openSync(at, NEW, MODE)

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return false
  }
}

export function writeAll(file: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(file, bytes, at, Math.min(bytes.length - at, LIMITS.writeBytesMax), position + at)
  }
}
