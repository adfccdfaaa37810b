import { randomBytes } from 'node:crypto'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { Guest } from '../../model/link.js'

export interface Session {
  readonly id: string
  readonly guest: Guest
  /** Whether it was begun over an encrypted connection, and can only be gone on with over one. */
  readonly secure: boolean
  /** Goes off when the session ends. */
  readonly ended: AbortSignal
}

interface Open extends Session {
  readonly stop: AbortController
  readonly idle: NodeJS.Timeout
  requests: number
}

/** Who is in. A session ends when its guest leaves, when nothing was asked for a while, and when the server closes. */
export class Sessions {
  readonly #open = new Map<string, Open>()

  constructor(readonly idleMs: number) {}

  get isFull(): boolean {
    return this.#open.size >= LIMITS.linkSessionsMax
  }

  add(guest: Guest, secure: boolean): Session {
    const id = randomBytes(16).toString('hex')
    const stop = new AbortController()
    const idle = setTimeout(() => this.#onIdle(id), this.idleMs).unref()
    const session: Open = { id, guest, secure, ended: stop.signal, stop, idle, requests: 0 }
    this.#open.set(id, session)
    return session
  }

  find(id: string | undefined, secure: boolean): Session | undefined {
    const session = id === undefined ? undefined : this.#open.get(id)
    return session?.secure === secure ? session : undefined
  }

  /** Runs one request of a session, which is not idle meanwhile. @throws UNREACHABLE where it has too many at once */
  async during<T>({ id }: Session, work: () => Promise<T>): Promise<T> {
    const session = this.#open.get(id)
    if (session === undefined || session.requests >= LIMITS.linkRequestsMax) {
      throw new EfsError('UNREACHABLE', 'the gateway has too many requests of this peer at once')
    }
    session.requests++
    try {
      return await work()
    } finally {
      session.requests--
      if (this.#open.has(id)) session.idle.refresh()
    }
  }

  end({ id }: Session): void {
    const session = this.#open.get(id)
    if (session === undefined) return
    this.#open.delete(id)
    clearTimeout(session.idle)
    session.stop.abort(new EfsError('INTERRUPTED', 'the session ended'))
    session.guest.leave()
  }

  endAll(): void {
    for (const session of this.#open.values()) this.end(session)
  }

  #onIdle(id: string): void {
    const session = this.#open.get(id)
    if (session === undefined) return
    if (session.requests > 0) session.idle.refresh()
    else this.end(session)
  }
}
