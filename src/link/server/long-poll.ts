import { LIMITS } from '../../base/limits.js'
import type { TypeOf } from '../../format/shape.js'
import type { SegmentGuid } from '../../model/ids.js'
import type { Guest } from '../../model/link.js'
import { isSamePosition, type Position } from '../../model/position.js'
import { failureOf, isFault } from '../protocol/failure.js'
import type { BucketRef, News, OPS } from '../protocol/ops.js'
import { openAt } from './open.js'
import type { Call } from './route.js'

type Request = TypeOf<typeof OPS.changes.request>
type Answer = TypeOf<typeof OPS.changes.answer>

/** Without a change for so long, it is quiet. */
const QUIET_MS = 100

/** One bucket that is waited for. */
interface Watched {
  readonly bucket: BucketRef
  /** Moves over what is not for this guest, so that it is looked at once. */
  since: Position
}

const isSomething = ({ kind, rows, more }: News): boolean =>
  kind === 'plan' || kind === 'failed' || (kind === 'page' && (more === true || (rows ?? []).length > 0))

/**
 * Answers when one of the buckets has something, and else when the time is over; or sooner, once it is quiet after changes that are
 * not for this guest: as long as its checkpoint stands before them, whoever waits for it has to ask for all of them.
 */
export async function longPoll({ buckets, without, waitMs }: Request, call: Call): Promise<Answer> {
  const watched = buckets.map(({ bucket, since }): Watched => ({ bucket, since }))
  const rings = new Rings(call, Math.min(waitMs, LIMITS.linkPollMsMax))
  try {
    for (;;) {
      const news = await look(watched, without, call)
      if (rings.isOver || news.some(isSomething)) return { news }
      const hasMoved = watched.some(({ since }, i) => !isAt(since, buckets[i]))
      if (!(await rings.next(hasMoved ? QUIET_MS : undefined))) return { news }
    }
  } finally {
    rings.stop()
  }
}

const isAt = (position: Position, asked: Request['buckets'][number] | undefined): boolean =>
  asked !== undefined && isSamePosition(position, asked.since)

async function look(watched: readonly Watched[], without: SegmentGuid, call: Call): Promise<News[]> {
  const all: News[] = []
  let room: number = LIMITS.linkRowsMax
  for (const one of watched) {
    const news = room < LIMITS.pageRowsMax ? later(one.since) : await newsOf(one, without, call)
    room -= news.rows?.length ?? 0
    all.push(news)
  }
  return all
}

const NOTHING = { rows: undefined, upTo: undefined, more: undefined, failure: undefined } as const

/** There was no room to look: ask again from where you are. */
const later = (upTo: Position): News => ({ ...NOTHING, kind: 'page', rows: [], upTo, more: true })

/** A bucket that fails says so itself: the others of the link go on. */
async function newsOf(watched: Watched, without: SegmentGuid, { guest, signal, onFault }: Call): Promise<News> {
  try {
    if (guest.isSending(watched.bucket.uid)) return { ...NOTHING, kind: 'sent' }
    const { source } = await openAt(guest, watched.bucket, 'list')
    for (;;) {
      const page = await source.changes(watched.since, { without, signal })
      if (page === undefined) return { ...NOTHING, kind: 'plan' }
      watched.since = page.upTo
      const { refs: rows, upTo, more } = page
      if (rows.length > 0 || !more) return { ...NOTHING, kind: 'page', rows, upTo, more }
    }
  } catch (error) {
    signal.throwIfAborted()
    if (isFault(error)) onFault(error)
    return { ...NOTHING, kind: 'failed', failure: failureOf(error) }
  }
}

/** The bell, from the first look on, so that no ring is missed between two; and the end of the time. */
class Rings {
  isOver: boolean
  #rung = false
  #wake: () => void = () => undefined
  readonly #unlisten: () => void
  readonly #timer: NodeJS.Timeout
  readonly #signal: AbortSignal

  constructor({ guest, signal }: { readonly guest: Guest; readonly signal: AbortSignal }, waitMs: number) {
    this.#signal = signal
    this.isOver = waitMs === 0
    this.#unlisten = guest.onRing(this.#ring)
    this.#timer = setTimeout(() => {
      this.isOver = true
      this.#ring()
    }, waitMs)
    signal.addEventListener('abort', this.#ring)
  }

  /** Whether it rang: at once where it did since the last time, and for no longer than `quietMs`. */
  async next(quietMs?: number): Promise<boolean> {
    if (!this.#rung) {
      let quiet: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        if (quietMs !== undefined) quiet = setTimeout(resolve, quietMs)
      })
      clearTimeout(quiet)
    }
    const rang = this.#rung
    this.#rung = false
    this.#signal.throwIfAborted()
    return rang
  }

  stop(): void {
    this.#unlisten()
    clearTimeout(this.#timer)
    this.#signal.removeEventListener('abort', this.#ring)
  }

  readonly #ring = (): void => {
    this.#rung = true
    this.#wake()
  }
}
