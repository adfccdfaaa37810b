import { LIMITS } from '../../base/limits.js'
import type { Chunk, ChunkRef } from '../../model/chunk.js'
import type { CallOptions } from '../../model/endpoint.js'
import type { ChunkId } from '../../model/ids.js'
import type { LiveSink } from '../../model/live.js'

/** A sink in the coat of one session. */
export interface Session {
  readonly sink: LiveSink
  /** Whoever waits for what this session was to bring is told that it is missing. */
  end(): void
}

interface Claim {
  readonly owner: object
  readonly released: Promise<void>
  readonly release: () => void
}

/**
 * Which data chunks are on their way to a segment, shared by all that bring any to it in one process: what one was told is missing,
 * another waits for instead of bringing it too. Nodes are not claimed: they are small, and a tree is asked for from the top down.
 */
export class Claims {
  readonly #claims = new Map<ChunkId, Claim>()
  readonly #waitMs: number

  constructor(waitMs: number = LIMITS.claimWaitMsMax) {
    this.#waitMs = waitMs
  }

  /** The caller ends it. */
  session(sink: LiveSink): Session {
    const own = new Set<ChunkId>()
    const giveUp = (ids: Iterable<ChunkId>): void => {
      for (const id of ids) if (own.delete(id)) this.#release(id, own)
    }
    const put: LiveSink['put'] = async (chunks: readonly Chunk[], slices, options) => {
      try {
        await sink.put(chunks, slices, options)
      } finally {
        giveUp(chunks.map(({ ref }) => ref.id))
      }
    }
    const missing: LiveSink['missing'] = async (refs, options = {}) => {
      const lacking = await this.#unclaimed(sink, own, refs, options)
      for (const { id, node } of lacking) if (!node) this.#claim(id, own)
      if (own.size > LIMITS.claimsOfSessionMax) giveUp([...own].slice(0, own.size - LIMITS.claimsOfSessionMax))
      return lacking
    }
    return { sink: { ...sink, put, missing }, end: () => giveUp([...own]) }
  }

  /** What is missing and nobody else brings, by now or after a wait. Nothing is held meanwhile, so no two wait for each other. */
  async #unclaimed(
    sink: LiveSink,
    owner: object,
    refs: readonly ChunkRef[],
    { signal }: CallOptions,
  ): Promise<ChunkRef[]> {
    const untilMs = performance.now() + this.#waitMs
    for (;;) {
      const lacking = await sink.missing(refs, signal && { signal })
      const coming = lacking.flatMap(({ id }) => this.#claims.get(id) ?? []).filter((claim) => claim.owner !== owner)
      const leftMs = untilMs - performance.now()
      if (coming.length === 0 || leftMs <= 0) return lacking
      await settledWithin(
        coming.map(({ released }) => released),
        leftMs,
        signal,
      )
    }
  }

  #claim(id: ChunkId, own: Set<ChunkId>): void {
    const there = this.#claims.get(id)
    if (there?.owner === own) return
    // Its owner has had its time.
    there?.release()
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#claims.set(id, { owner: own, released, release })
    own.add(id)
  }

  #release(id: ChunkId, owner: object): void {
    const claim = this.#claims.get(id)
    if (claim?.owner !== owner) return
    this.#claims.delete(id)
    claim.release()
  }
}

/** @throws the signal's reason */
async function settledWithin(
  all: readonly Promise<void>[],
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted()
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const timer = setTimeout(end, ms)
  signal?.addEventListener('abort', end)
  try {
    await Promise.race([Promise.all(all), ended])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
  }
  signal?.throwIfAborted()
}
