import { randomBytes } from 'node:crypto'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { Guest } from '../../model/link.js'

export interface Session {
  readonly id: string
  readonly guest: Guest
  /** Whether it was begun over an encrypted connection, and can only be gone on with over one. */
  readonly secure: boolean
}

interface Open extends Session {
  readonly idle: NodeJS.Timeout
  /** Of each request under way, what stops it. */
  readonly stops: Set<AbortController>
}

/** Who is in. A session ends when its guest leaves, when nothing was asked for a while, and when the server closes. */
export class Sessions {
  readonly #open = new Map<string, Open>()

  constructor(readonly idleMs: number) {}

  /**
   * A segment that has its share gives up the oldest of its own that nothing runs in; who was in by that one says hello again.
   * @throws UNREACHABLE where no more fit in; the guest has left then
   */
  add(guest: Guest, secure: boolean): Session {
    try {
      this.#makeRoom(guest)
    } catch (error) {
      guest.leave()
      throw error
    }
    const id = randomBytes(16).toString('hex')
    const idle = setTimeout(() => this.#onIdle(id), this.idleMs).unref()
    const session: Open = { id, guest, secure, idle, stops: new Set() }
    this.#open.set(id, session)
    return session
  }

  find(id: string | undefined, secure: boolean): Session | undefined {
    const session = id === undefined ? undefined : this.#open.get(id)
    return session?.secure === secure ? session : undefined
  }

  /**
   * Runs one request of a session, which is not idle meanwhile; where the session ends, the request is stopped.
   * @throws UNREACHABLE where it has too many at once
   */
  async during<T>({ id }: Session, stop: AbortController, work: () => Promise<T>): Promise<T> {
    const session = this.#open.get(id)
    if (session === undefined || session.stops.size >= LIMITS.linkRequestsMax) {
      throw new EfsError('UNREACHABLE', 'the gateway has too many requests of this peer at once')
    }
    session.stops.add(stop)
    try {
      return await work()
    } finally {
      session.stops.delete(stop)
      if (this.#open.has(id)) session.idle.refresh()
    }
  }

  end({ id }: Session): void {
    const session = this.#open.get(id)
    if (session === undefined) return
    this.#open.delete(id)
    clearTimeout(session.idle)
    const why = new EfsError('UNREACHABLE', 'the session has ended')
    for (const stop of session.stops) stop.abort(why)
    session.guest.leave()
  }

  endAll(): void {
    for (const session of this.#open.values()) this.end(session)
  }

  #makeRoom({ segment }: Guest): void {
    const own = [...this.#open.values()].filter(({ guest }) => guest.segment === segment)
    if (own.length >= LIMITS.linkSessionsOfSegmentMax) {
      const idle = own.find(({ stops }) => stops.size === 0)
      if (idle === undefined) throw full(`lets this segment in ${own.length} times already`)
      this.end(idle)
    }
    if (this.#open.size >= LIMITS.linkSessionsMax) throw full('has as many peers as it can')
  }

  #onIdle(id: string): void {
    const session = this.#open.get(id)
    if (session === undefined) return
    if (session.stops.size > 0) session.idle.refresh()
    else this.end(session)
  }
}

const full = (what: string): EfsError => new EfsError('UNREACHABLE', `the gateway ${what}`, { hint: 'try again later' })
