import type { Clock } from '../../base/clock.js'
import { LIMITS } from '../../base/limits.js'
import type { Segment } from '../../model/segment.js'
import type { Service } from '../../model/service.js'
import { serviceDocument } from '../../service/document.js'
import { isEnabled } from '../../service/health.js'
import type { StatsStore } from '../../stats/store.js'
import { Keeper } from './keeper.js'
import { type GatewayLog, wordsOf } from './log.js'
import type { Runners } from './runners.js'
import { pause } from './streak.js'

/** A service as it is defined now, with its secret. */
export interface Defined {
  readonly service: Service
  readonly secret: string | undefined
  /** Whether something was given out for it by pairing. */
  readonly isPaired: boolean
}

/** By name; in the place of a definition that cannot be read stands why. */
export type Definitions = ReadonlyMap<string, Defined | Error>

export interface SupervisorOptions {
  readonly segment: Segment
  readonly runners: Runners
  readonly stats: StatsStore
  readonly log: GatewayLog
  readonly clock: Clock
  readonly random?: () => number
}

/** The print of what is not to run any more, whatever it was. */
const GONE = 'gone'

/** One name that is or was defined. */
interface Post {
  /** Tells one definition from another. */
  print: string
  keeper: Keeper | undefined
  /** Settles when what was last asked of it is done. */
  turn: Promise<void>
}

/** Runs the services that are enabled, and nothing else; what has changed is started anew, what has not goes on. */
export class Supervisor {
  readonly #posts = new Map<string, Post>()

  constructor(readonly options: SupervisorOptions) {}

  /**
   * Brings what runs in line with what is defined. Nobody is waited for: a service that is slow to stop holds up only itself.
   * With `hold`, which says why, nothing runs.
   */
  update(definitions: Definitions, hold: string | undefined): void {
    for (const [name, post] of this.#posts) {
      if (definitions.has(name) || post.print === GONE) continue
      post.print = GONE
      this.#turn(post, async () => {
        await this.#stopped(name, post)
        await this.options.stats.drop(name)
        // It may have been made again meanwhile.
        if (post.print === GONE) this.#posts.delete(name)
      })
    }
    for (const [name, defined] of definitions) this.#place(name, defined, hold)
  }

  /** Settles when what was last asked for runs or has failed, or takes longer than LIMITS.servicesBeginMsMax; what it takes the place of has stopped. */
  async placed(): Promise<void> {
    const posts = [...this.#posts.values()]
    await Promise.all(posts.map(({ turn }) => turn))
    await inTime(
      posts.map(({ keeper }) => keeper?.begun),
      LIMITS.servicesBeginMsMax,
    )
  }

  /** Stops all services at once. Gives the names of those that have not stopped in time. */
  async stop(): Promise<string[]> {
    const late = new Set(this.#posts.keys())
    const stops = [...this.#posts].map(async ([name, post]) => {
      post.print = GONE
      await Promise.all([post.keeper?.stop(), post.turn])
      late.delete(name)
    })
    await inTime(stops, LIMITS.servicesStopMsMax)
    return [...late]
  }

  #place(name: string, defined: Defined | Error, hold: string | undefined): void {
    const print = printOf(defined, hold)
    const post = this.#posts.get(name) ?? { print: '', keeper: undefined, turn: Promise.resolve() }
    if (post.print === print) return
    post.print = print
    this.#posts.set(name, post)
    this.#turn(post, async () => {
      await this.#stopped(name, post)
      // It may have changed again while the one of before was stopping.
      if (post.print === print) await this.#begin(name, post, defined, hold)
    })
  }

  async #begin(name: string, post: Post, defined: Defined | Error, hold: string | undefined): Promise<void> {
    const { stats, clock, segment, runners, random } = this.options
    const log = this.options.log.of(name)
    const numbers = await stats.of(name)
    if (defined instanceof Error) {
      log.error('it does not run', defined)
      const lastError = { atMs: clock.nowMs(), message: wordsOf(defined), nextTryMs: null }
      return numbers.report({ state: 'failed', listening: [], peers: [], lastError })
    }
    const { service, secret, isPaired } = defined
    numbers.keepOnly(service.served.map(({ path }) => path))
    if (!isEnabled(service)) return numbers.report({ state: 'stopped', listening: [], peers: [] })
    if (hold !== undefined) {
      const lastError = { atMs: clock.nowMs(), message: hold, nextTryMs: null }
      return numbers.report({ state: 'waiting', listening: [], peers: [], lastError })
    }
    // Nothing of it is awaited between here and the start, so that a stop finds it.
    if (post.print === GONE) return
    log.info('starting')
    post.keeper = new Keeper({
      service,
      runner: runners[service.type],
      context: { segment, secret, isPaired, log, numbers, clock },
      ...(random === undefined ? {} : { random }),
    })
  }

  async #stopped(name: string, post: Post): Promise<void> {
    const { keeper } = post
    if (keeper === undefined) return
    post.keeper = undefined
    await keeper.stop()
    this.options.log.of(name).info('stopped')
  }

  #turn(post: Post, work: () => Promise<void>): void {
    post.turn = post.turn
      .then(work)
      .catch((error: unknown) => this.options.log.error('a service was not placed', error))
  }
}

/** Settles when all have, or the time is over. */
async function inTime(all: readonly (Promise<void> | undefined)[], ms: number): Promise<void> {
  const over = new AbortController()
  await Promise.race([Promise.all(all), pause(ms, over.signal)])
  over.abort()
}

function printOf(defined: Defined | Error, hold: string | undefined): string {
  if (defined instanceof Error) return JSON.stringify(['bad', defined.message])
  return JSON.stringify([serviceDocument(defined.service), defined.secret ?? null, defined.isPaired, hold ?? null])
}
