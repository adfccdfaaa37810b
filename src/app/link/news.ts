import type { Clock } from '../../base/clock.js'
import { LIMITS } from '../../base/limits.js'
import { follower } from '../../base/signals.js'
import type { LinkClient } from '../../link/client/client.js'
import { type BucketNews, pollChanges } from '../../link/client/poll.js'
import type { BucketRef } from '../../link/protocol/ops.js'
import type { ChangePage, LiveBucket } from '../../model/live.js'
import { isSamePosition, type Position } from '../../model/position.js'
import type { WaitOptions } from '../../transfer/live/waker.js'
import type { PeerNews } from './peer.js'

/** Flows that wait within so long of each other share a poll; each further poll costs a connection. */
const GATHER_MS = 5
/** How long the peer waits for news of some of them, where more wait than one poll may ask for. */
const TURN_MS = 1000

interface Waiting {
  readonly bucket: BucketRef
  readonly since: Position
  /** Waits for nothing but that the peer does not send that bucket by itself. */
  readonly forLeave: boolean
  /** With the page after `since`, or none where that means nothing to the peer. */
  readonly tell: (page: ChangePage | undefined) => void
  readonly fail: (error: unknown) => void
}

/**
 * What is new at a peer, for all flows from it, by one request that the peer answers when there is something, or after a while: so that it
 * is also the heartbeat of the link. Where more wait than one request may ask for, some have their turn after the others.
 */
export class News implements PeerNews {
  readonly #waiting = new Set<Waiting>()
  #again: AbortController | undefined
  #polled: ReadonlySet<Waiting> = new Set()

  constructor(
    readonly client: LinkClient,
    readonly clock: Clock,
    /** Called when the peer has answered. */
    readonly heard: () => void,
  ) {}

  waker(path: string, { uid }: LiveBucket): ReturnType<PeerNews['waker']> {
    return { wait: (since, options) => this.#wait({ path, uid }, since, false, options), close: () => undefined }
  }

  async leaveToAsk(path: string, { uid, source }: LiveBucket, signal: AbortSignal): Promise<void> {
    const bucket = { path, uid }
    const since = await source.position({ signal })
    const [news] = await pollChanges(this.client, [{ bucket, since }], {
      without: this.client.segment,
      waitMs: 0,
      signal,
    })
    if (news?.kind === 'sent') await this.#wait(bucket, since, true, { signal })
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) await this.#poll(signal)
    } catch (error) {
      for (const { fail } of this.#waiting) fail(error)
      throw error
    } finally {
      this.#waiting.clear()
    }
  }

  async #poll(signal: AbortSignal): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS))
    const polled = [...this.#waiting].slice(0, LIMITS.linkBucketsMax)
    const isAll = polled.length === this.#waiting.size
    if (!isAll) this.#toTheEnd(polled)
    this.#polled = new Set(polled)
    const { stop: again, release } = follower(signal)
    // What comes to wait has its turn soon; each poll broken off for it would put off the others.
    this.#again = isAll ? again : undefined
    const watches = polled.map(({ bucket, since }) => ({ bucket, since }))
    try {
      const waitMs = isAll ? LIMITS.linkPollMsMax : TURN_MS
      const options = { without: this.client.segment, waitMs, signal: again.signal }
      const news = await pollChanges(this.client, watches, options)
      this.heard()
      for (const [i, each] of news.entries()) this.#tell(polled[i], each)
    } catch (error) {
      if (!again.signal.aborted) throw error
    } finally {
      release()
      this.#again = undefined
    }
  }

  #toTheEnd(polled: readonly Waiting[]): void {
    for (const one of polled) {
      this.#waiting.delete(one)
      this.#waiting.add(one)
    }
  }

  #tell(waiting: Waiting | undefined, news: BucketNews): void {
    if (waiting === undefined || !this.#waiting.has(waiting)) return
    if (news.kind === 'sent') return
    if (!waiting.forLeave && news.kind === 'page' && isNothing(news.page, waiting.since)) return
    this.#waiting.delete(waiting)
    if (news.kind === 'failed') waiting.fail(news.error)
    else waiting.tell(news.kind === 'page' ? news.page : undefined)
  }

  #wait(
    bucket: BucketRef,
    since: Position,
    forLeave: boolean,
    { untilMs, signal }: WaitOptions,
  ): Promise<ChangePage | undefined> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const end = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
        this.#waiting.delete(waiting)
      }
      const over = (): void => waiting.tell(nothing(since))
      const timer = untilMs === undefined ? undefined : setTimeout(over, Math.max(0, untilMs - this.clock.nowMs()))
      const abort = (): void => waiting.fail(signal?.reason)
      const waiting: Waiting = {
        bucket,
        since,
        forLeave,
        tell: (page) => {
          end()
          resolve(page)
        },
        fail: (error) => {
          end()
          reject(error)
        },
      }
      signal?.addEventListener('abort', abort)
      this.#waiting.add(waiting)
      // A poll that is under way does not ask for this one.
      if (this.#again !== undefined && !this.#polled.has(waiting)) this.#again.abort()
    })
  }
}

const nothing = (since: Position): ChangePage => ({ refs: [], upTo: since, more: false })

const isNothing = ({ refs, upTo, more }: ChangePage, since: Position): boolean =>
  refs.length === 0 && !more && isSamePosition(upTo, since)
