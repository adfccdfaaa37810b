import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { GatewayLog } from '../gateway/log.js'
import type { Ends } from './ends.js'

const OFTEN = `it is looked through every ${LIMITS.mirrorListMs / 1000} seconds instead, or later where that takes long`

/**
 * Who tells what changes at the side that knows no versions, where something is taken in from there. It may be nobody: in S3, or where the
 * system gives no more watches; then only full passes find it.
 */
export class Watching {
  readonly #ends: Ends
  readonly #log: GatewayLog
  readonly #changed: (path: string) => void
  #watch: { close(): void } | undefined
  /** The system gave no watch; it is told once. */
  #isRefused = false
  /** What was mounted in the directory when the watch began. */
  #mounted = ''

  /** `changed` as in `WatchEvents`; `''` also where the watch ends by itself. */
  constructor(ends: Ends, log: GatewayLog, changed: (path: string) => void) {
    this.#ends = ends
    this.#log = log
    this.#changed = changed
  }

  /** Begins, or begins anew: no watch looks into what is mounted after it began. */
  begin(): void {
    const { there, ways } = this.#ends
    this.close()
    this.#mounted = this.#mountedNow
    if (!ways.receives) return
    try {
      this.#watch = there.watch?.({ changed: this.#changed, failed: (error) => this.#failed(error) })
    } catch (error) {
      if (!(error instanceof EfsError)) throw error
      this.#refused(error)
      return
    }
    if (this.#isRefused) this.#log.info(`${this.#ends.place} is watched again`)
    this.#isRefused = false
  }

  get isOn(): boolean {
    return this.#watch !== undefined
  }

  /** Whether it can be tried once more. */
  get isRefused(): boolean {
    return this.#isRefused
  }

  /** No watch tells of that. */
  get isMountedOtherwise(): boolean {
    return this.#mountedNow !== this.#mounted
  }

  close(): void {
    this.#watch?.close()
    this.#watch = undefined
  }

  get #mountedNow(): string {
    return this.#ends.there.mounts?.().join('\0') ?? ''
  }

  #failed(error: EfsError): void {
    this.close()
    this.#refused(error)
    this.#changed('')
  }

  #refused(error: EfsError): void {
    if (!this.#isRefused) this.#log.warn(`${this.#ends.place} is not watched, and ${OFTEN}`, error)
    this.#isRefused = true
  }
}
