import { LIMITS } from '../../base/limits.js'
import { notKeptText } from '../../model/endpoint.js'
import { isFolderKey, type ObjectKey, ROOT_FOLDER } from '../../model/key.js'
import { covers, isSamePosition, type Position } from '../../model/position.js'
import { isDueBy } from '../../model/retry.js'
import type { Service } from '../../model/service.js'
import type { StatsSnapshot } from '../../model/stats.js'
import type { MirrorPlace } from '../../service/remote-of.js'
import type { App } from '../app.js'
import type { ServiceContext } from '../gateway/runner.js'
import { pause } from '../gateway/streak.js'
import { type LinkRules, rulesOf } from '../link/rules.js'
import { Alarm } from './alarm.js'
import { Dirty, scopeOf } from './dirty.js'
import { type Ends, openEnds, waysOf } from './ends.js'
import { leftOut, mirrorName } from './notes.js'
import { type PassOptions, runPass, type Way } from './pass.js'
import { Watching } from './watching.js'

/**
 * Keeps a directory, or a place in S3, and the bucket that a service serves the same, the ways that its direction says, until `signal` ends
 * it: a full pass at first and now and then, in between what the journal and the directory's watch tell.
 * @throws NOT_FOUND where either is gone; GUARD where too much would be deleted; IO, DISK_FULL
 */
export async function runMirror(
  app: App,
  place: MirrorPlace,
  service: Service,
  context: ServiceContext,
  signal: AbortSignal,
): Promise<void> {
  const [served] = service.served
  const rules = rulesOf(service)
  const ways = served && waysOf(rules, served)
  if (served === undefined || !(ways?.sends || ways?.receives)) return pause(FOR_EVER_MS, signal)
  const ends = await openEnds(app, context.segment, { service: service.name, path: served.path, place, ways })
  try {
    await new Mirror(ends, rules, served.path, context).run(signal)
  } finally {
    await ends.close()
  }
}

/** What a timer can count. */
const FOR_EVER_MS = 2 ** 31 - 1

class Mirror {
  readonly #ends: Ends
  readonly #rules: LinkRules
  readonly #path: string
  readonly #context: ServiceContext
  readonly #dirty = new Dirty()
  readonly #alarm: Alarm
  /** How far the bucket's journal was looked at. */
  #seen: Position
  /** When the next full pass is due, and when the last one ended. */
  #fullMs = 0
  #lastFullMs = 0
  readonly #watching: Watching
  /** Kinds of what the other side does not keep of which the log tells already. */
  readonly #told = new Set<string>()

  constructor(ends: Ends, rules: LinkRules, path: string, context: ServiceContext) {
    this.#ends = ends
    this.#rules = rules
    this.#path = path
    this.#context = context
    this.#alarm = new Alarm(context.clock)
    this.#watching = new Watching(ends, context.log, (path) => {
      this.#dirty.changed(path, this.#nowMs)
      this.#alarm.ring()
    })
    this.#seen = this.#position
  }

  async run(signal: AbortSignal): Promise<void> {
    const { segment } = this.#context
    // Before the first pass: what changes while it runs is heard of.
    this.#watching.begin()
    const unlisten = segment.onRing(this.#alarm.ring)
    try {
      await this.#full(signal)
      if (this.#rules.mode === 'initial') return await pause(FOR_EVER_MS, signal)
      for (;;) await this.#next(signal)
    } finally {
      unlisten()
      this.#watching.close()
    }
  }

  get #nowMs(): number {
    return this.#context.clock.nowMs()
  }

  get #position(): Position {
    return this.#ends.segment.versions.position(this.#ends.uid)
  }

  /** Waits until something is due, and does it. */
  async #next(signal: AbortSignal): Promise<void> {
    const retryMs = await this.#retryMs()
    const dueMs = Math.min(this.#dirty.dueMs, retryMs, this.#fullMs, this.#nowMs + LIMITS.linkPollMsMax)
    if (!this.#hasNews() && dueMs > this.#nowMs) await this.#alarm.wait(dueMs, signal)
    this.#ends.there.mustStand()
    if (this.#watching.isMountedOtherwise) {
      this.#watching.begin()
      return this.#full(signal)
    }
    if (this.#hasNews() && this.#rules.processingDelayMs > 0) await pause(this.#rules.processingDelayMs, signal)
    signal.throwIfAborted()
    if (this.#dirty.takeAll(this.#nowMs) || this.#isFullDue) return this.#full(signal)
    const news = await this.#news()
    if (news === undefined) return this.#full(signal)
    const paths = this.#dirty.take(this.#nowMs)
    const due = retryMs <= this.#nowMs ? await this.#dueKeys() : []
    // A folder that is held up may be so for what is in it.
    const trees = due.filter((key) => isFolderKey(key) && key !== ROOT_FOLDER)
    const below = trees.map((key) => key.slice(0, -1))
    const scope = scopeOf([...paths, ...below], [...news.keys, ...due])
    if (scope === undefined) return this.#full(signal)
    if (scope.isEmpty) this.#context.numbers.set(this.#path, { lastSuccessMs: this.#nowMs })
    else await this.#pass({ part: { scope, upTo: news.upTo } }, signal)
    this.#seen = news.upTo
  }

  /** By a clock that was set back the last one is still to come. */
  get #isFullDue(): boolean {
    return this.#nowMs >= this.#fullMs || this.#nowMs < this.#lastFullMs
  }

  #hasNews(): boolean {
    return this.#ends.ways.sends && !isSamePosition(this.#position, this.#seen)
  }

  /** What changed in the bucket since it was last looked at; undefined where that cannot be told. */
  async #news(): Promise<{ readonly keys: ObjectKey[]; readonly upTo: Position } | undefined> {
    const { segment, uid } = this.#ends
    const now = this.#position
    if (!this.#hasNews()) return { keys: [], upTo: this.#seen }
    const pages = segment.versions.changes(uid, this.#seen)
    if (pages === undefined) return undefined
    const keys: ObjectKey[] = []
    for await (const page of pages) {
      keys.push(...page.map(({ key }) => key))
      const last = page.at(-1)
      if (last && keys.length >= LIMITS.mirrorKeysMax) {
        const upTo = { ...now, sequence: last.sequence }
        return { keys, upTo: covers(upTo, now) ? now : upTo }
      }
    }
    return { keys, upTo: now }
  }

  async #full(signal: AbortSignal): Promise<void> {
    const startedMs = this.#nowMs
    if (this.#watching.isRefused) this.#watching.begin()
    this.#dirty.clear()
    if (this.#fullMs === 0) this.#context.numbers.set(this.#path, { state: 'initial' })
    this.#seen = await this.#pass({}, signal)
    this.#lastFullMs = this.#nowMs
    const tookMs = this.#lastFullMs - startedMs
    this.#fullMs = this.#lastFullMs + Math.max(this.#paceMs, LIMITS.mirrorFullTimes * tookMs)
  }

  /** Where nobody tells what changes, only a full pass finds it. */
  get #paceMs(): number {
    return this.#ends.ways.receives && !this.#watching.isOn ? LIMITS.mirrorListMs : LIMITS.mirrorFullMs
  }

  /** Gives up to where the other side has the bucket by then. */
  async #pass(what: Pick<PassOptions, 'part'>, signal: AbortSignal): Promise<Position> {
    const { numbers } = this.#context
    numbers.set(this.#path, { status: 'active' })
    const passing = runPass(this.#ends, { ...what, force: false, signal })
    const { ways, upTo } = await passing.finally(() => numbers.set(this.#path, { status: 'idle' }))
    for (const { inFlight } of ways)
      for (const key of inFlight) this.#dirty.changed(key.replace(/\/$/, ''), this.#nowMs)
    this.#tellNotKept()
    for (const { way, counts } of ways) numbers.count(this.#path, countedOf(way, counts))
    const state = this.#rules.mode === 'initial' ? 'initial' : 'continuous'
    numbers.set(this.#path, { state, lastSuccessMs: this.#nowMs })
    return upTo
  }

  #tellNotKept(): void {
    for (const lost of this.#ends.there.sink.notKept?.() ?? []) {
      if (!this.#told.has(lost.what))
        this.#context.log.warn(`${this.#path} to ${this.#ends.place}: ${notKeptText(lost)}`)
      this.#told.add(lost.what)
    }
  }

  /** When the first of what the other side did not take is to be tried again. */
  async #retryMs(): Promise<number> {
    let dueMs = Number.POSITIVE_INFINITY
    const nowMs = this.#nowMs
    for await (const page of this.#retries())
      dueMs = Math.min(dueMs, ...page.map((retry) => (isDueBy(retry, nowMs) ? nowMs : retry.nextMs)))
    return dueMs
  }

  async #dueKeys(): Promise<ObjectKey[]> {
    const due: ObjectKey[] = []
    for await (const page of this.#retries())
      due.push(...page.filter((retry) => isDueBy(retry, this.#nowMs)).map(({ key }) => key))
    return due
  }

  #retries() {
    const { segment, uid, place } = this.#ends
    return leftOut(segment.versions, uid, mirrorName(place))
  }
}

/** What a pass looked at stands for what was offered. */
const countedOf = (way: Way['way'], { objectsLooked, objectsPublished, objectsDeleted, chunksNew }: StatsSnapshot) => ({
  versionsOffered: objectsLooked,
  versionsThere: Math.max(0, objectsLooked - objectsPublished),
  versionsApplied: objectsPublished + objectsDeleted,
  [way === 'send' ? 'dataChunksSent' : 'dataChunksReceived']: chunksNew,
})
