import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import { type Chunk, makeChunk } from '../model/chunk.js'
import type { TreeEntry } from '../model/endpoint.js'
import type { TreeRoot } from '../model/manifest.js'
import { encodeNode } from './node.js'

/**
 * A node of at least `nodeEntriesMin` entries ends after one whose id, in its last 32 bits, is a multiple of this; so a
 * node has `nodeEntriesAvg` entries on average.
 */
const CUT_ONE_IN = LIMITS.nodeEntriesAvg - LIMITS.nodeEntriesMin

interface Level {
  entries: TreeEntry[]
  /** Whether a node of this level was made already, so that there is more than one. */
  many: boolean
}

/**
 * Builds the tree over an object's chunks from left to right. Nodes are cut by the ids of their entries, so an insertion
 * changes one node a level. Holds at most one unfinished node a level, whatever the size of the object.
 */
export class TreeBuilder {
  readonly #levels: Level[] = [{ entries: [], many: false }]
  #size = 0
  #hole = 0
  #made: Chunk[] = []

  /** The next chunk or hole of the object. Holes side by side become one, however they arrive. @throws FAILED */
  add(entry: TreeEntry): void {
    this.#size += entry.span
    if (this.#size > LIMITS.objectBytesMax) {
      throw new EfsError('FAILED', `an object has at most ${LIMITS.objectBytesMax} bytes`)
    }
    if (entry.ref === undefined) {
      this.#hole += entry.span
      return
    }
    this.#endHole()
    this.#push(0, entry)
  }

  /** The nodes made since the last call, children before parents. */
  takeNodes(): Chunk[] {
    const made = this.#made
    this.#made = []
    return made
  }

  /** Ends the object. At least one entry was added. The last nodes are left for `takeNodes`. */
  finish(): TreeRoot {
    this.#endHole()
    const first = this.#levels[0]?.entries
    const only = first?.length === 1 && this.#levels[0]?.many === false ? first[0]?.ref : undefined
    if (only !== undefined) return { ref: only, depth: 0 }
    for (let depth = 0; ; depth++) {
      const level = this.#levels[depth]
      if (level === undefined) throw new Error('a tree without entries')
      if (depth > 0 && !level.many && level.entries.length === 1 && level.entries[0]?.ref) {
        return { ref: level.entries[0].ref, depth }
      }
      if (level.entries.length > 0) this.#close(depth)
    }
  }

  #endHole(): void {
    if (this.#hole === 0) return
    const span = this.#hole
    this.#hole = 0
    this.#push(0, { span })
  }

  #push(depth: number, entry: TreeEntry): void {
    const level = this.#levels[depth] ?? { entries: [], many: false }
    this.#levels[depth] = level
    level.entries.push(entry)
    const count = level.entries.length
    if (count >= LIMITS.nodeEntriesMax || (count >= LIMITS.nodeEntriesMin && isCut(entry))) this.#close(depth)
  }

  /** Makes a node of a level's entries and hands it to the level above. */
  #close(depth: number): void {
    const level = this.#levels[depth]
    if (level === undefined) return
    const span = level.entries.reduce((sum, entry) => sum + entry.span, 0)
    const chunk = makeChunk(encodeNode(depth + 1, level.entries), true, true)
    level.entries = []
    level.many = true
    this.#made.push(chunk)
    this.#push(depth + 1, { span, ref: chunk.ref })
  }
}

function isCut({ ref }: TreeEntry): boolean {
  return ref !== undefined && Number.parseInt(ref.id.slice(56), 16) % CUT_ONE_IN === 0
}
