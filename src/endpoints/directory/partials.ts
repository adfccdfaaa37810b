import { closeSync, constants, openSync, rmSync, writeSync } from 'node:fs'
import { LIMITS } from '../../base/limits.js'
import type { Chunk } from '../../model/chunk.js'
import { plainOf } from '../../model/chunk.js'
import type { Slice } from '../../model/endpoint.js'
import type { ChunkId } from '../../model/ids.js'
import { OVERLONG } from '../overlong.js'
import { sweepTemporaries, temporaryIn } from './temporary.js'

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

/** The objects whose bytes come in, each in a temporary file in the root until it is complete. */
export class Partials {
  readonly #root: string
  readonly #partials = new Map<number, PartialFile>()
  #swept = false

  constructor(root: string) {
    this.#root = root
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
  take(object: number): PartialFile & { readonly file: number } {
    const found = this.#partials.get(object)
    this.#partials.delete(object)
    if (found !== undefined) return { ...found, file: openSync(found.path, MORE) }
    const made = { path: this.newPath(), end: 0 }
    return { ...made, file: openSync(made.path, NEW, MODE) }
  }

  /** A path in the root for what is not complete. */
  newPath(): string {
    if (!this.#swept) sweepTemporaries(this.#root)
    this.#swept = true
    return temporaryIn(this.#root)
  }

  /** Why an object of that size cannot be made of what came. */
  fault(object: number, size: number): string | undefined {
    return (this.#partials.get(object)?.end ?? 0) > size ? OVERLONG : undefined
  }

  /** Forgets an object that will not be complete. */
  drop(object: number): void {
    const found = this.#partials.get(object)
    this.#partials.delete(object)
    if (found !== undefined) rmSync(found.path, { force: true })
  }

  dropAll(): void {
    for (const object of [...this.#partials.keys()]) this.drop(object)
  }

  #writeObject(object: number, slices: readonly Slice[], chunks: ReadonlyMap<ChunkId, Chunk>): void {
    const known = this.#partials.get(object)
    const partial = known ?? { path: this.newPath(), end: 0 }
    const file = openSync(partial.path, known ? MORE : NEW, MODE)
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

export function writeAll(file: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(file, bytes, at, Math.min(bytes.length - at, LIMITS.writeBytesMax), position + at)
  }
}
