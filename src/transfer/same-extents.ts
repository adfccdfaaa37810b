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
 * is entered where the same subtree stands in both, nor more than LIMITS.treeNodesAbreast nodes of it at a time: what moved further than
 * these reach may not be found. Nor is what lies below nodes that the source has lost, or does not give.
 */
export async function* sameExtents(
  source: Nodes,
  here: Tree,
  there: Tree,
  options: CallOptions,
): AsyncGenerator<SameExtent> {
  let last: SameExtent | undefined
  for await (const next of new Comparison(source, options).compare(rowOf(here), rowOf(there))) {
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

class Comparison {
  constructor(
    readonly source: Nodes,
    readonly options: CallOptions,
  ) {}

  /** What is not the same is entered, each stretch beside what stood between its neighbours. */
  async *compare(here: Row, there: Row): AsyncGenerator<SameExtent> {
    const places = new Places(there.pieces)
    let expected = there.pieces[0]?.offset ?? 0
    for (let at = 0; at < here.pieces.length; ) {
      const { offset, span } = here.pieces[at] as Piece
      const from = places.find(here.pieces[at], expected)
      if (from !== undefined) {
        yield { offset, length: span, from }
        expected = from + span
        at++
        continue
      }
      const start = at
      let until: number | undefined
      while (at < here.pieces.length && until === undefined) until = places.find(here.pieces[++at], expected)
      if (here.depth > 0 || there.depth > 0)
        yield* this.#enter(
          { depth: here.depth, pieces: here.pieces.slice(start, at) },
          { depth: there.depth, pieces: between(there.pieces, expected, until) },
        )
    }
  }

  async *#enter(here: Row, there: Row): AsyncGenerator<SameExtent> {
    const [first] = there.pieces
    const [own] = here.pieces
    if (first === undefined || own === undefined) return
    const shift = spanOf(there) - spanOf(here)
    const depth = Math.max(here.depth, there.depth)
    for (let at = 0; at < here.pieces.length; at += LIMITS.treeNodesAbreast) {
      const some = { ...here, pieces: here.pieces.slice(at, at + LIMITS.treeNodesAbreast) }
      const start = first.offset + (some.pieces[0]?.offset ?? 0) - own.offset
      const beside = between(there.pieces, start + Math.min(0, shift), start + spanOf(some) + Math.max(0, shift))
      const other = { ...there, pieces: beside.slice(0, LIMITS.treeNodesAbreast) }
      yield* this.compare(await this.#below(some, depth), await this.#below(other, depth))
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

const spanOf = ({ pieces }: Row): number => pieces.reduce((sum, { span }) => sum + span, 0)

/** Those of which something lies in that range; to the end where `until` is before it. */
function between(pieces: readonly Piece[], from: number, until = Number.POSITIVE_INFINITY): readonly Piece[] {
  const first = firstFrom(pieces, ({ offset, span }) => offset + span > from)
  return until < from
    ? pieces.slice(first)
    : pieces.slice(
        first,
        firstFrom(pieces, ({ offset }) => offset >= until),
      )
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
  find(piece: Piece | undefined, expected: number): number | undefined {
    const offsets = piece && this.#offsets.get(nameOf(piece))
    if (offsets === undefined) return undefined
    return offsets[firstFrom(offsets, (offset) => offset >= expected)] ?? offsets.at(-1)
  }
}

/** Holes of one length are the same. */
const nameOf = ({ span, ref }: Piece): string => ref?.id ?? `${span}`
