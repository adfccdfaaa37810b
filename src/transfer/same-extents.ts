import { EfsError } from '../base/errors.js'
import { firstFrom } from '../base/first-from.js'
import { LIMITS } from '../base/limits.js'
import type { ChunkRef } from '../model/chunk.js'
import type { CallOptions, Fetcher } from '../model/endpoint.js'
import type { SameExtent } from '../model/extent.js'
import type { TreeRoot } from '../model/manifest.js'

/** What a tree has side by side: all of the same depth, in order. */
interface Row {
  /** 0: leaves. */
  readonly depth: number
  readonly pieces: readonly Piece[]
}

/** A leaf, a hole (without `ref`) or a node, at its place in the object. */
interface Piece {
  readonly offset: number
  readonly span: number
  readonly ref?: ChunkRef
}

/** All of an object's bytes. */
export interface Tree {
  readonly root: TreeRoot
  readonly size: number
}

type Nodes = Pick<Fetcher, 'fetch' | 'entries'>

/**
 * What an object has in common with another one, told by their trees: in its own order, joined where it goes on in both. Neither tree
 * is entered where the same subtree stands in both, nor more than LIMITS.treeNodesAbreast nodes of it at a time: of a stretch that is wider
 * and in which much moved, not all that is the same may be found. Nor is what lies below nodes that the source has lost, or does not give.
 */
export async function* sameExtents(
  source: Nodes,
  here: Tree,
  there: Tree,
  options: CallOptions,
): AsyncGenerator<SameExtent> {
  let last: SameExtent | undefined
  const moved = { left: 0, right: there.size - here.size }
  for await (const next of new Comparison(source, options).compare(rowOf(here), rowOf(there), moved)) {
    if (last !== undefined && next.offset === endOf(last) && next.from === last.from + last.length) {
      last = { ...last, length: last.length + next.length }
      continue
    }
    if (last !== undefined) yield last
    last = next
  }
  if (last !== undefined) yield last
}

const rowOf = ({ root: { ref, depth }, size }: Tree): Row => ({ depth, pieces: [{ offset: 0, span: size, ref }] })

const endOf = ({ offset, length }: SameExtent): number => offset + length

/** By how much what stands left and right of a stretch stands further to the right in the other tree. */
interface Moved {
  readonly left: number
  readonly right: number
}

class Comparison {
  constructor(
    readonly source: Nodes,
    readonly options: CallOptions,
  ) {}

  /** What is not the same is entered, each stretch beside what stands in its place. */
  async *compare(here: Row, there: Row, { left, right }: Moved): AsyncGenerator<SameExtent> {
    const places = new Places(there.pieces)
    let moved = left
    const placeOf = (piece: Piece | undefined): number | undefined => piece && places.find(piece, piece.offset + moved)
    for (let at = 0; at < here.pieces.length; ) {
      const start = at
      let from = placeOf(here.pieces[at])
      while (from === undefined && at < here.pieces.length) from = placeOf(here.pieces[++at])
      const next = here.pieces[at]
      const after = next === undefined || from === undefined ? right : from - next.offset
      if (at > start && here.depth + there.depth > 0)
        yield* this.#enter({ ...here, pieces: here.pieces.slice(start, at) }, there, { left: moved, right: after })
      if (next === undefined || from === undefined) return
      yield { offset: next.offset, length: next.span, from }
      moved = after
      at++
    }
  }

  async *#enter(here: Row, there: Row, moved: Moved): AsyncGenerator<SameExtent> {
    const depth = Math.max(here.depth, there.depth)
    const most = Math.ceil(LIMITS.treeNodesAbreast / 2)
    for (let at = 0; at < here.pieces.length; at += most) {
      const some = { ...here, pieces: here.pieces.slice(at, at + most) }
      const other = { ...there, pieces: beside(some.pieces, there.pieces, moved) }
      if (other.pieces.length > 0)
        yield* this.compare(await this.#below(some, depth), await this.#below(other, depth), moved)
    }
  }

  /** The children of those that are as deep as that. */
  async #below(row: Row, depth: number): Promise<Row> {
    if (row.depth < depth) return row
    const pieces: Piece[] = []
    for (let from = 0; from < row.pieces.length; from += LIMITS.treeNodesAtOnce) {
      pieces.push(...(await this.#children(row.pieces.slice(from, from + LIMITS.treeNodesAtOnce))))
    }
    return { depth: depth - 1, pieces }
  }

  async #children(parents: readonly Piece[]): Promise<Piece[]> {
    const nodes = parents.flatMap(({ offset, ref }) => (ref === undefined ? [] : [{ offset, ref }]))
    try {
      const chunks = await this.source.fetch(
        nodes.map(({ ref }) => ref),
        this.options,
      )
      return nodes.flatMap(({ offset }, i) => {
        const chunk = chunks[i]
        let at = offset
        return (chunk === undefined ? [] : this.source.entries(chunk)).map(({ span, ref }): Piece => {
          const piece = { offset: at, span, ...(ref && { ref }) }
          at += span
          return piece
        })
      })
    } catch (error) {
      if (isWithheld(error)) return []
      throw error
    }
  }
}

/** What a gateway has pruned it refuses, as it would the chunks of others. */
const isWithheld = (error: unknown): boolean =>
  error instanceof EfsError && ['NOT_FOUND', 'CORRUPT', 'REFUSED'].includes(error.code)

/** What stands in the place of these; where it may have moved far, only what has moved as what is left of them, or right of them. */
function beside(some: readonly Piece[], there: readonly Piece[], { left, right }: Moved): readonly Piece[] {
  const [first, last] = [some[0], some.at(-1)]
  if (first === undefined || last === undefined) return []
  const [least, most] = left < right ? [left, right] : [right, left]
  const within = (from: number, to: number): readonly Piece[] => {
    const [start, end] = [first.offset + from, last.offset + last.span + to]
    return there.slice(
      firstFrom(there, ({ offset, span }) => offset + span > start),
      firstFrom(there, ({ offset }) => offset >= end),
    )
  }
  const all = within(least, most)
  return all.length <= LIMITS.treeNodesAbreast ? all : [...within(least, least), ...within(most, most)]
}

/** Where what stands in a row is found again. */
class Places {
  readonly #offsets = new Map<string, number[]>()

  constructor(pieces: readonly Piece[]) {
    for (const piece of pieces) {
      const offsets = this.#offsets.get(nameOf(piece))
      if (offsets === undefined) this.#offsets.set(nameOf(piece), [piece.offset])
      else offsets.push(piece.offset)
    }
  }

  /** The first place from `expected` on, else the last one before it. */
  find(piece: Piece, expected: number): number | undefined {
    const offsets = this.#offsets.get(nameOf(piece))
    if (offsets === undefined) return undefined
    return offsets[firstFrom(offsets, (offset) => offset >= expected)] ?? offsets.at(-1)
  }
}

/** Holes of one length are the same. */
const nameOf = ({ span, ref }: Piece): string => ref?.id ?? `${span}`
