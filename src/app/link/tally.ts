import type { Clock } from '../../base/clock.js'
import { LIMITS } from '../../base/limits.js'
import { withEither } from '../../base/signals.js'
import type { BucketUid } from '../../model/ids.js'
import { isSameCheckpoint } from '../../model/live.js'
import type { Behind } from '../../model/live-stats.js'
import type { FlowNote, ServedStats } from '../../model/service.js'
import { behindAt, sumBehind } from '../../service/behind.js'
import type { Counted, LiveNumbers } from '../../stats/live-numbers.js'
import { behind } from '../../transfer/live/behind.js'
import { type FlowMode, standingOf } from '../../transfer/live/mode.js'
import { pause } from '../gateway/streak.js'
import type { RunningFlow } from './pair-run.js'
import type { BucketPair } from './pairs.js'
import { NO_WIRE, type Peer, type Wire } from './peer.js'
import { addSums, addWires, noteOf, type Sums, sumsOf } from './sums.js'

/** What a flow has been counted for so far. */
interface Book {
  readonly running: RunningFlow
  /** Bytes that the flow before it had moved ahead. */
  readonly ahead: number
  counted: Sums
  behind: Behind
  /** Whether `behind` may have changed. */
  stale: boolean
  /** Counts that `behind` is left out of. */
  rest: number
  /** Its pair has failed, and is tried again. */
  failed: boolean
  /** When it last had something to bring. */
  movedMs: number | undefined
}

const NOTHING_BEHIND: Behind = { objects: 0, bytes: 0, oldestAtMs: null, capped: false }
/** Over which a throughput is told. */
const THROUGHPUT_MS = 3000

/** Carries what the flows of one link count over to the numbers of its service, path by path. */
export class Tally {
  readonly #books: Book[] = []
  readonly #wires = new Map<BucketUid | 'link', Wire>()
  readonly #moved = new Map<string, { atMs: number; sent: number; received: number }[]>()
  #heardMs: number | undefined
  /** By path, when a heartbeat was last answered while nothing was behind: something new does not take that back. */
  readonly #provedMs = new Map<string, number>()
  #isResting = false
  #wake: () => void = () => undefined
  #hasArrived = false
  /** What the wire had carried when something was last going on, and when that was. */
  #busy: { readonly requests: number; readonly atMs: number } | undefined

  constructor(
    readonly peer: Pick<Peer, 'meter' | 'bucketMeter'>,
    readonly numbers: LiveNumbers,
    readonly clock: Clock,
    /** The first has what belongs to no bucket, greetings and heartbeats. */
    readonly paths: readonly string[],
    readonly mode: FlowMode,
  ) {}

  began(running: RunningFlow): void {
    const at = this.#books.findIndex(({ running: one }) => isSame(one, running))
    const ahead = this.#aheadOf(running)
    const fresh = { counted: {}, behind: NOTHING_BEHIND, stale: true, rest: 0, failed: false, movedMs: undefined }
    const book: Book = { running, ahead, ...fresh }
    if (at < 0) this.#books.push(book)
    else this.#books[at] = book
    this.#busy = undefined
    this.#wake()
  }

  /** Of the flow before it, which may have been another process's. */
  #aheadOf({ pair, direction }: RunningFlow): number {
    const { flows } = this.numbers.read()
    const isOfPair = (one: FlowNote): boolean =>
      one.direction === direction && one.here === pair.here && one.served === pair.served
    return flows.find(isOfPair)?.bytesAhead ?? 0
  }

  /** What its flows proved counts no more, until they begin again. */
  failed(pair: BucketPair): void {
    for (const book of this.#books) if (book.running.pair.here === pair.here) book.failed = true
    this.#busy = undefined
    this.#wake()
  }

  /** The peer has answered a heartbeat. */
  heard(): void {
    this.#heardMs = this.clock.nowMs()
    this.#wake()
  }

  /** A flow has brought all that there was: whoever waited for that looks at the numbers next. */
  rested(): void {
    this.#hasArrived = true
    this.#wake()
  }

  /** Something was written here. */
  rang(): void {
    for (const book of this.#books) book.stale = true
    this.#busy = undefined
    this.#wake()
  }

  /** Brings the numbers up to date. Where nothing goes on, nothing is done. */
  async count(): Promise<void> {
    const hasArrived = this.#hasArrived
    this.#hasArrived = false
    this.#isResting = this.#isQuiet()
    if (this.#isResting) return
    const wires = this.paths.map((path) => {
      const books = this.#books.filter(({ running }) => running.pair.served === path)
      return { path, books, wire: addWires(books.map(({ running }) => this.#wireOf(running))) }
    })
    for (const [i, { path, books, wire }] of wires.entries()) {
      const all = addWires([wire, i === 0 ? this.#restOf() : NO_WIRE])
      for (const book of books) await this.#look(book)
      const sums = books.map((book) => this.#fresh(book))
      this.numbers.count(path, { ...addSums(sums), ...all })
      if (books.length > 0) this.numbers.set(path, { ...this.#standing(path, books), ...this.#throughput(path, all) })
      for (const { running, ahead } of books) this.numbers.note(noteOf(running, ahead))
    }
    if (hasArrived) this.numbers.tell()
  }

  /** Settles when it is time to count again: soon while something goes on, else when something happens. */
  async next(signal: AbortSignal): Promise<void> {
    const isBusy = !this.#isResting
    if (isBusy) await pause(LIMITS.arrivedDelayMs, signal)
    if (this.#hasArrived) return
    const woken = new AbortController()
    this.#wake = () => {
      if (!isBusy || this.#hasArrived) woken.abort()
    }
    const ms = isBusy ? LIMITS.statsDelayMs - LIMITS.arrivedDelayMs : LIMITS.restMsMax
    await withEither([signal, woken.signal], (either) => pause(ms, either))
    this.#wake = () => undefined
  }

  /** No request since as long ago as a throughput is told over, and nothing that this side knows of. */
  #isQuiet(): boolean {
    const atMs = this.clock.nowMs()
    const { requests } = this.peer.meter()
    if (this.#busy?.requests === requests) return Math.abs(atMs - this.#busy.atMs) > THROUGHPUT_MS
    this.#busy = { requests, atMs }
    return false
  }

  /** What was counted since the last time. */
  #fresh(book: Book): Sums {
    const now = sumsOf(book.running, book.running.flow.state.counts, book.ahead)
    const more = Object.entries(now).map(([name, value]) => [
      name,
      Math.max(0, value - (book.counted[name as Counted] ?? 0)),
    ])
    const fresh: Sums = Object.fromEntries(more)
    // What is saved may fall for a while, as bytes go ahead of their version: it is not counted twice.
    book.counted = addSums([book.counted, fresh])
    if (more.some(([name, value]) => name !== 'versionsOffered' && Number(value) > 0)) book.movedMs = this.clock.nowMs()
    return fresh
  }

  async #look(book: Book): Promise<void> {
    const { flow, from, to, direction } = book.running
    if (direction === 'receive' || !book.stale) return
    const { checkpoint, status } = flow.state
    if (status === 'active' && book.rest-- > 0) return
    book.behind = await behind(from.source, standingOf(checkpoint, this.mode), { without: to.segment })
    book.rest = Math.floor(book.behind.objects / LIMITS.behindRowsACount)
    book.stale = book.behind.objects > 0 || !isSameCheckpoint(checkpoint, flow.state.checkpoint)
  }

  #standing(path: string, books: readonly Book[]): Partial<ServedStats> {
    const states = books.map(({ running }) => running.flow.state)
    const nowMs = this.clock.nowMs()
    const behind = sumBehind(books.map((book) => behindAt(book.behind, nowMs)))
    // What only brings what was there at first has nothing to do with what came later.
    const isAtRest =
      states.every(({ status }) => status === 'idle') && (behind.objects === 0 || this.mode === 'initial')
    if (isAtRest && !books.some(({ failed }) => failed)) this.#provedMs.set(path, this.#heardMs ?? 0)
    const moved = books.flatMap(({ movedMs }) => movedMs ?? [])
    const proofs = [
      this.#provedMs.get(path) ?? 0,
      ...moved,
      ...states.flatMap(({ lastSuccessMs }) => lastSuccessMs ?? []),
    ]
    // What was noted before the clock was set back would stand above all that follows.
    const lastMs = Math.max(0, ...proofs.filter((ms) => ms <= nowMs))
    return {
      status: states.some(({ status }) => status === 'active') ? 'active' : 'idle',
      state: states.every(({ state }) => state === 'continuous') ? 'continuous' : 'initial',
      delayMs: behind.oldestMs ?? 0,
      latencyMs: this.peer.meter().latencyMs,
      behind,
      ...(lastMs > 0 ? { lastSuccessMs: lastMs } : {}),
    }
  }

  #throughput(path: string, { bytesSent, bytesReceived }: Wire): Partial<ServedStats> {
    const nowMs = this.clock.nowMs()
    const before = (this.#moved.get(path) ?? []).filter(({ atMs }) => Math.abs(nowMs - atMs) < THROUGHPUT_MS)
    const moved = [...before, { atMs: nowMs, sent: bytesSent, received: bytesReceived }]
    this.#moved.set(path, moved)
    const perSecond = (bytes: number): number => Math.round((bytes * 1000) / THROUGHPUT_MS)
    return {
      sendThroughput: perSecond(moved.reduce((sum, { sent }) => sum + sent, 0)),
      receiveThroughput: perSecond(moved.reduce((sum, { received }) => sum + received, 0)),
    }
  }

  /** Both directions of a pair share the peer's bucket: what it took is told once. */
  #wireOf({ from, to, direction }: RunningFlow): Wire {
    const uid = direction === 'send' ? to.uid : from.uid
    return this.#since(uid, this.peer.bucketMeter(uid))
  }

  #restOf(): Wire {
    const buckets = [...this.#wires].flatMap(([uid, wire]) => (uid === 'link' ? [] : [wire]))
    const all = this.peer.meter()
    const known = addWires(buckets)
    return this.#since('link', {
      bytesSent: Math.max(0, all.bytesSent - known.bytesSent),
      bytesReceived: Math.max(0, all.bytesReceived - known.bytesReceived),
      requests: Math.max(0, all.requests - known.requests),
    })
  }

  #since(what: BucketUid | 'link', now: Wire): Wire {
    const before = this.#wires.get(what) ?? NO_WIRE
    this.#wires.set(what, { bytesSent: now.bytesSent, bytesReceived: now.bytesReceived, requests: now.requests })
    return {
      bytesSent: Math.max(0, now.bytesSent - before.bytesSent),
      bytesReceived: Math.max(0, now.bytesReceived - before.bytesReceived),
      requests: Math.max(0, now.requests - before.requests),
    }
  }
}

const isSame = (a: RunningFlow, b: RunningFlow): boolean =>
  a.direction === b.direction && a.from.uid === b.from.uid && a.to.uid === b.to.uid
