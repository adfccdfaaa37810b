import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../base/clock.js'
import { LIMITS } from '../base/limits.js'
import type { FlowNote, LinkError, ServedStats, ServiceNumbers, ServiceReport } from '../model/service.js'
import { flowKey, isSameNote } from './flow-notes.js'
import { NEVER_RUN } from './never-run.js'

/** Numbers that only grow, for as long as the path is served. */
export const COUNTED = [
  'requests',
  'versionManifests',
  'chunkManifests',
  'dataChunksSent',
  'dataChunksReceived',
  'snapviews',
  'bytesSent',
  'bytesReceived',
  'networkErrors',
  'localIoErrors',
  'remoteIoErrors',
  'versionsOffered',
  'versionsThere',
  'versionsApplied',
  'savedByDedupe',
  'savedByCompression',
] as const satisfies readonly (keyof ServedStats)[]

export type Counted = (typeof COUNTED)[number]

const NO_REPORT: ServiceReport = { state: 'stopped', sinceMs: 0, listening: [], peers: [], lastError: null }

/** The numbers of one service while a gateway runs: who does the work counts, and whoever keeps them hears of it. */
export class LiveNumbers {
  #report: ServiceReport | null
  readonly #served: Map<string, ServedStats>
  readonly #flows: Map<string, FlowNote>

  constructor(
    before: ServiceNumbers,
    readonly clock: Clock,
    /** `now`: somebody looks at them next. */
    readonly changed: (now: boolean) => void,
  ) {
    this.#report = before.report
    this.#served = new Map(before.served)
    this.#flows = new Map(before.flows.map((flow) => [flowKey(flow), flow]))
  }

  read(): ServiceNumbers {
    return { report: this.#report, served: new Map(this.#served), flows: [...this.#flows.values()] }
  }

  /** Adds to what has been counted for a served path. Nothing counted is no news. */
  count(path: string, by: Readonly<Partial<Record<Counted, number>>>): void {
    const before = this.#of(path)
    const sums = COUNTED.flatMap((name) => (by[name] ? [[name, before[name] + by[name]]] : []))
    if (sums.length > 0) this.#put(path, { ...before, ...Object.fromEntries(sums) })
  }

  /** Says how it is with a served path now. What is as before is no news. */
  set(path: string, values: Readonly<Partial<Omit<ServedStats, Counted | 'timestampMs'>>>): void {
    const { lastError } = values
    const before = this.#of(path)
    const after = { ...before, ...values, ...(lastError === undefined ? {} : { lastError: bounded(lastError) }) }
    if (!isDeepStrictEqual(before, after)) this.#put(path, after)
  }

  /** Keeps how far a sink is, as it said itself. */
  note(flow: FlowNote): void {
    const key = flowKey(flow)
    const before = this.#flows.get(key)
    if (isSameNote(before, flow) || (before === undefined && this.#flows.size >= LIMITS.flowNotesMax)) return
    this.#flows.set(key, flow)
    this.changed(false)
  }

  /** Others see at once what has changed. */
  tell(): void {
    this.changed(true)
  }

  /** Says how it is with the service as a whole now. */
  report(values: Readonly<Partial<Omit<ServiceReport, 'sinceMs'>>>): void {
    const before = this.#report ?? { ...NO_REPORT, sinceMs: this.clock.nowMs() }
    const after = { ...before, ...values }
    this.#report = {
      ...after,
      sinceMs: after.state === before.state ? before.sinceMs : this.clock.nowMs(),
      listening: after.listening.slice(0, LIMITS.connectionsMax),
      peers: after.peers.slice(0, LIMITS.connectionsMax),
      lastError: bounded(after.lastError),
    }
    this.changed(false)
  }

  /** Numbers of paths that are not served any more are dropped. */
  keepOnly(paths: readonly string[]): void {
    for (const path of this.#served.keys()) if (!paths.includes(path)) this.#served.delete(path)
    for (const [key, { served }] of this.#flows) if (!paths.includes(served)) this.#flows.delete(key)
    this.changed(false)
  }

  #of(path: string): ServedStats {
    return this.#served.get(path) ?? NEVER_RUN
  }

  #put(path: string, stats: ServedStats): void {
    if (!this.#served.has(path) && this.#served.size >= LIMITS.statsPathsMax) return
    this.#served.set(path, { ...stats, timestampMs: this.clock.nowMs() })
    this.changed(false)
  }
}

const bounded = (error: LinkError | null): LinkError | null =>
  error && { ...error, message: error.message.slice(0, LIMITS.lineBytesMax) }
