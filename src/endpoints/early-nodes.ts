import { LIMITS } from '../base/limits.js'
import type { ChunkRef } from '../model/chunk.js'
import type { ChunkId } from '../model/ids.js'

/** What belongs together, and is added to from below. */
interface Domain {
  has(ref: Pick<ChunkRef, 'id' | 'node'>): boolean
  add(ref: ChunkRef): void
}

interface Early {
  readonly ref: ChunkRef
  /** How many of its children have not come. */
  lacks: number
}

/** Of one domain. */
interface Waiting {
  readonly nodes: Set<ChunkId>
  /** By the child that has not come, the nodes that name it. */
  readonly leaves: Map<ChunkId, Early[]>
  readonly subtrees: Map<ChunkId, Early[]>
}

/**
 * Nodes that were brought before all that is under them: parcels travel side by side. Each session has its own, and they end with it.
 * Of too many all are forgotten: they are asked for again then.
 */
export class EarlyNodes {
  readonly #of = new Map<Domain, Waiting>()
  #refs = 0

  /** `lacking`: those of its children that the domain has not. */
  add(domain: Domain, ref: ChunkRef, lacking: readonly ChunkRef[]): void {
    if (this.#of.get(domain)?.nodes.has(ref.id) === true) return
    if (this.#refs + lacking.length > LIMITS.earlyRefsMax) this.clear()
    const waiting = this.#waiting(domain)
    const early = { ref, lacks: lacking.length }
    waiting.nodes.add(ref.id)
    for (const child of lacking) {
      const above = child.node ? waiting.subtrees : waiting.leaves
      const nodes = above.get(child.id)
      if (nodes === undefined) above.set(child.id, [early])
      else nodes.push(early)
    }
    this.#refs += lacking.length
  }

  /** Nodes whose last child has come by now are of the domain, and so on upwards. */
  settle(domain: Domain): void {
    const waiting = this.#of.get(domain)
    if (waiting === undefined) return
    const whole: Early[] = []
    const come = (above: Map<ChunkId, Early[]>, id: ChunkId): void => {
      const nodes = above.get(id) ?? []
      above.delete(id)
      this.#refs -= nodes.length
      for (const early of nodes) if (--early.lacks === 0) whole.push(early)
    }
    for (const id of waiting.leaves.keys()) if (domain.has({ id, node: false })) come(waiting.leaves, id)
    for (const id of waiting.subtrees.keys()) if (domain.has({ id, node: true })) come(waiting.subtrees, id)
    for (let next = whole.pop(); next !== undefined; next = whole.pop()) {
      domain.add(next.ref)
      waiting.nodes.delete(next.ref.id)
      come(waiting.subtrees, next.ref.id)
    }
    if (waiting.nodes.size === 0) this.#of.delete(domain)
  }

  clear(): void {
    this.#of.clear()
    this.#refs = 0
  }

  #waiting(domain: Domain): Waiting {
    const waiting = this.#of.get(domain) ?? { nodes: new Set(), leaves: new Map(), subtrees: new Map() }
    this.#of.set(domain, waiting)
    return waiting
  }
}
