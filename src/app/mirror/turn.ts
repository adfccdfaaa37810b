import { randomUUID } from 'node:crypto'
import { hashHex } from '../../base/hash.js'
import { fieldsOf } from '../../base/json-fields.js'
import { pause } from '../gateway/streak.js'
import { type Holder, holderFrom, isLive, thisHolder } from '../holder.js'
import type { Ends } from './ends.js'

/** Somebody who brings the two sides of a mirror together, or waits to do so. */
interface Hand extends Holder {
  readonly id: string
}

interface Turn {
  readonly holder?: Hand
  /** Who comes after the holder, who may hold again only then. */
  readonly next?: Hand
}

const LOOK_MS = 50

/** What only one at a time may bring together. */
type Shared = Pick<Ends, 'segment' | 'uid'> & { readonly there: Pick<Ends['there'], 'identity'> }

export interface Waiter {
  readonly signal: AbortSignal
  /** Told once of the process that is waited for. */
  readonly waiting?: (pid: number) => void
}

/**
 * Runs `work` while nobody else, in this process or another, does so with the same bucket and the same other side. What one has written
 * there and not yet noted would be news to another. Who dies with it has it no longer.
 */
export async function inTurn<T>(
  { segment, uid, there }: Shared,
  { signal, waiting }: Waiter,
  work: () => Promise<T>,
): Promise<T> {
  const { home, running } = segment
  const name = `mirror-${hashHex(Buffer.from(`${uid} ${there.identity}`)).slice(0, 32)}`
  const mine: Hand = { ...thisHolder(home), id: randomUUID() }
  const change = (how: (turn: Turn) => Turn): Promise<Turn> =>
    running.change(name, (text) => {
      const result = how(liveOf(turnFrom(text), home))
      return { after: result.holder || result.next ? JSON.stringify(result) : undefined, result }
    })
  const leave = (): Promise<Turn> => change((turn) => without(turn, mine))
  try {
    for (let told = false; ; ) {
      const { holder } = await change((turn) => taken(turn, mine))
      if (holder?.id === mine.id) break
      if (!told && holder) waiting?.(holder.process.pid)
      told ||= holder !== undefined
      await pause(LOOK_MS, signal)
      signal.throwIfAborted()
    }
    const result = await work()
    // What was noted of it rides with a commit, and the next one has to see it.
    await segment.chunks.flush()
    return result
  } finally {
    await leave()
  }
}

function taken({ holder, next }: Turn, mine: Hand): Turn {
  const isFirst = next === undefined || next.id === mine.id
  if (holder === undefined && isFirst) return { holder: mine }
  return { ...(holder && { holder }), next: next ?? mine }
}

const without = ({ holder, next }: Turn, mine: Hand): Turn => ({
  ...(holder && holder.id !== mine.id && { holder }),
  ...(next && next.id !== mine.id && { next }),
})

const liveOf = ({ holder, next }: Turn, home: string): Turn => ({
  ...(holder && isLive(holder, home) && { holder }),
  ...(next && isLive(next, home) && { next }),
})

/** Nobody holds what says nothing. */
function turnFrom(text: string | undefined): Turn {
  if (text === undefined) return {}
  try {
    const { holder, next } = fieldsOf(JSON.parse(text))
    return {
      ...(holder !== undefined && { holder: handFrom(holder) }),
      ...(next !== undefined && { next: handFrom(next) }),
    }
  } catch {
    return {}
  }
}

function handFrom(value: unknown): Hand {
  const fields = fieldsOf(value)
  return { ...holderFrom(fields), id: String(fields.id) }
}
