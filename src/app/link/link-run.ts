import { follower } from '../../base/signals.js'
import { kindOfName } from '../../model/names.js'
import type { Served } from '../../model/service.js'
import type { Flow } from '../../transfer/live/flow.js'
import { Mending } from '../gateway/mending.js'
import type { ServiceContext } from '../gateway/runner.js'
import { pause, Streak } from '../gateway/streak.js'
import { isOfOneBucket, type PairParts, runPair } from './pair-run.js'
import type { BucketPair } from './pairs.js'
import { PathErrors } from './path-errors.js'
import type { Peer, PeerNews } from './peer.js'
import type { Premises } from './premises.js'
import type { LinkRules } from './rules.js'
import { bucketsHere, servicePairs } from './service-pairs.js'
import { Tally } from './tally.js'

export interface LinkParts {
  readonly peer: Peer
  readonly rules: LinkRules
  readonly served: readonly Served[]
  readonly premises: Premises
  readonly context: ServiceContext
  turn(work: () => Promise<void>, signal: AbortSignal): Promise<void>
}

/** How often a tenant that is served is looked through for buckets that are new at the peer. */
const NAMES_MS = 20_000

/**
 * Runs all that a service does over one open link, until `signal` ends it. A bucket that fails by itself is tried again by itself.
 * @throws what made the link fail, once everything has stopped
 */
export class LinkRun {
  readonly #parts: LinkParts
  readonly #news: PeerNews
  readonly #tally: Tally
  readonly #errors: PathErrors
  readonly #running = new Map<string, Promise<void>>()
  readonly #stop = new AbortController()
  #wakeNames: () => void = () => undefined

  constructor(parts: LinkParts) {
    this.#parts = parts
    const { peer, context, served, rules } = parts
    const paths = served.map(({ path }) => path)
    this.#tally = new Tally(peer, context.numbers, context.clock, paths, rules.mode)
    this.#errors = new PathErrors(context.numbers, paths)
    this.#news = peer.news(() => this.#tally.heard())
  }

  async run(signal: AbortSignal): Promise<void> {
    const { stop, release } = follower(signal, this.#stop.signal)
    const either = stop.signal
    const { segment } = this.#parts.context
    const unlisten = segment.onRing(() => {
      this.#tally.rang()
      this.#wakeNames()
    })
    const work = [this.#news.run(either), this.#keepPairs(either), this.#keepCounting(either)]
    try {
      await Promise.all(work)
      this.#stop.signal.throwIfAborted()
    } finally {
      this.#stop.abort()
      release()
      unlisten()
      await Promise.allSettled([...work, ...this.#running.values()])
      await this.#tally.count()
    }
  }

  async #keepCounting(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#tally.count()
      await this.#tally.next(signal)
    }
  }

  /** New buckets of a tenant that is served are noticed. */
  async #keepPairs(signal: AbortSignal): Promise<void> {
    const { log, clock } = this.#parts.context
    const all = this.#parts.served.map((served) => ({ served, streak: new Streak({ log, clock, what: served.path }) }))
    const isWhole = all.some(({ served }) => kindOfName(served.path) === 'tenant')
    do {
      const waits = [NAMES_MS]
      for (const { served, streak } of all) waits.push(await this.#beginServed(served, streak, signal))
      if (isWhole) await this.#namesMayHaveChanged(Math.min(...waits), signal)
    } while (isWhole && !signal.aborted)
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
  }

  /** Gives in how many milliseconds at the latest it is to be looked at again: a tenant that the peer lacks holds up no other path. */
  async #beginServed(served: Served, streak: Streak, signal: AbortSignal): Promise<number> {
    const { context, peer, rules } = this.#parts
    const { numbers, clock } = context
    try {
      for (const pair of await servicePairs(context.segment, served, peer, rules, signal)) this.#begin(pair, signal)
      if (streak.well()) numbers.set(served.path, { lastError: streak.last })
      return NAMES_MS
    } catch (error) {
      if (signal.aborted || !isOfOneBucket(error)) throw error
      const lastError = streak.failed(error)
      numbers.set(served.path, { lastError })
      return (lastError.nextTryMs ?? 0) - clock.nowMs()
    }
  }

  async #namesMayHaveChanged(mostMs: number, signal: AbortSignal): Promise<void> {
    const { stop: over, release } = follower(signal)
    const before = this.#namesHere()
    this.#wakeNames = () => {
      if (this.#namesHere() !== before) over.abort()
    }
    await pause(mostMs, over.signal)
    release()
    this.#wakeNames = () => undefined
  }

  #namesHere(): string {
    const { served, context } = this.#parts
    return served.flatMap(({ path }) => bucketsHere(context.segment, path)).join('\n')
  }

  #begin(pair: BucketPair, signal: AbortSignal): void {
    const name = `${pair.here} ${pair.there}`
    if (this.#running.has(name)) return
    const running = this.#keepPair(pair, signal).catch((error: unknown) => this.#stop.abort(error))
    this.#running.set(name, running)
  }

  async #keepPair(pair: BucketPair, signal: AbortSignal): Promise<void> {
    const { peer, context, premises, rules, turn } = this.#parts
    const { log, clock } = context
    const mending = new Mending({ log, clock, what: pair.here }, (last) => this.#errors.set(pair, 'run', last))
    const flows = new Set<Flow>()
    const parts: PairParts = {
      rules,
      premises,
      peer,
      news: this.#news,
      clock,
      turn,
      began: (flow) => {
        this.#tally.began(flow)
        flows.add(flow.flow)
        mending.opened()
      },
      lacks: (error) => {
        log.warn(`${pair.here} does not go all its ways`, error)
        const atMs = clock.nowMs()
        // Nobody tries: what the peer gives is told when the link opens.
        this.#errors.set(pair, 'ways', { atMs, message: error.message, code: error.code, nextTryMs: atMs })
      },
      rested: () => {
        this.#tally.rested()
        if ([...flows].every(({ status }) => status === 'idle')) mending.well()
      },
    }
    while (!signal.aborted) {
      try {
        await runPair(pair, parts, signal)
        return
      } catch (error) {
        if (signal.aborted || !isOfOneBucket(error)) throw error
        this.#tally.failed(pair)
        flows.clear()
        const lastError = mending.failed(error)
        this.#errors.set(pair, 'run', lastError)
        this.#errors.set(pair, 'ways', null)
        await pause((lastError.nextTryMs ?? 0) - clock.nowMs(), signal)
      } finally {
        mending.end()
      }
    }
  }
}
