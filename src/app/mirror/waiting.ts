import { attributesHash } from '../../model/attributes.js'
import type { Baseline } from '../../model/baseline.js'
import type { ObjectKey } from '../../model/key.js'
import { covers, type Position } from '../../model/position.js'
import type { Segment } from '../../model/segment.js'
import type { Step } from '../../model/transfer.js'
import { looksSame, type VersionRef } from '../../model/version-ref.js'
import { planTransfer } from '../../transfer/plan.js'
import type { App } from '../app.js'
import { lookAtMounts } from '../sync/mounts.js'
import { type Ends, type Mirrored, openEnds } from './ends.js'
import { type Held, heldFromThere, holds, isAgreed } from './held.js'
import { allLeftOut, mirrorName, takenName } from './notes.js'

/** How it stands with one way of a mirror. */
export interface Standing {
  readonly way: 'send' | 'receive'
  readonly isThere: boolean
  readonly heldUp: readonly Held[]
}

/** Tells whether both sides of a mirror each have what the other one had when this was opened. */
export class MirrorWait {
  readonly #ends: Ends
  readonly #head: Position
  readonly #sinceMs: number

  private constructor(ends: Ends, sinceMs: number) {
    this.#ends = ends
    this.#head = ends.segment.versions.position(ends.uid)
    this.#sinceMs = sinceMs
    this.close = () => ends.close()
  }

  /** @throws as `openEnds` */
  static async open(app: App, segment: Segment, what: Mirrored): Promise<MirrorWait> {
    return new MirrorWait(await openEnds(app, segment, what), app.clock.nowMs())
  }

  readonly close: () => Promise<void>

  /** Whether a look lists a place that nobody watches. */
  get lists(): boolean {
    return this.#ends.ways.receives && this.#ends.there.watch === undefined
  }

  get objects(): number {
    return this.#ends.segment.versions.counters(this.#ends.uid).objects
  }

  /** Whether the bucket has that object, or had it. */
  has(key: ObjectKey): boolean {
    return this.#ends.segment.versions.tips(this.#ends.uid, key).length > 0
  }

  /** What of these holds that object up. */
  async holding(heldUp: readonly Held[], key: ObjectKey): Promise<Held[]> {
    const found = heldUp.filter((one) => holds(one, key))
    return found.every((one) => one.key !== key) && (await isAgreed(this.#ends, key)) ? [] : found
  }

  async look(signal: AbortSignal): Promise<Standing[]> {
    const { ways, segment, uid, place } = this.#ends
    const listed = (name: string) => allLeftOut(segment.versions, uid, name)
    const all: Standing[] = []
    if (ways.receives) {
      const heldUp = (await listed(takenName(place))).map(heldFromThere)
      all.push({ way: 'receive', isThere: await this.#isTakenIn(heldUp, signal), heldUp })
    }
    if (ways.sends) {
      const checkpoint = segment.versions.checkpoint(uid, mirrorName(place))
      const isThere = checkpoint !== undefined && covers(checkpoint.position, this.#head)
      all.push({ way: 'send', isThere, heldUp: await listed(mirrorName(place)) })
    }
    return all
  }

  /** The other side has no journal: what would be taken in now is looked for. What changed later is not waited for. */
  async #isTakenIn(heldUp: Standing['heldUp'], signal: AbortSignal): Promise<boolean> {
    const { there, here, baseline, mounts } = this.#ends
    there.mustStand()
    const filter = this.#ends.filter()
    const policy = { deleteExtra: true, checksum: false, newsOnly: true }
    const isHeld = new Set<string>(heldUp.map(({ key }) => key))
    const leftOut = mounts === undefined ? [] : (await lookAtMounts(mounts)).leftOut
    if (leftOut.some(({ key }) => !isHeld.has(key))) return false
    const ends = { leftOut, source: there.source, sink: here.sink, baseline: trusted(baseline) }
    const plan = planTransfer({ ...ends, ...(filter && { filter }), policy, signal }, () => undefined)
    for await (const steps of plan)
      for (const step of steps) {
        if (step.kind === 'keep' || isHeld.has(step.key)) continue
        if (step.kind === 'delete') return false
        if (this.#isOld(step.here) && !(await this.#isAsAgreed(step))) return false
      }
    return true
  }

  /**
   * Whether a file is as both agreed, but for its ctime. Another name for it, here or elsewhere on its disk, changes that, and nobody tells:
   * the gateway reads such a file at its next full pass, to find what is there already.
   */
  async #isAsAgreed({ key, here: { seen }, there: held }: Step & { kind: 'copy' }): Promise<boolean> {
    const { baseline, there } = this.#ends
    const [base] = await baseline.get([key])
    if (seen === undefined || base === undefined || held?.held?.id !== base.id) return false
    if (!looksSame({ ...seen, ctimeNs: base.seen.ctimeNs }, base.seen)) return false
    const attributes = there.attributes?.(key)
    return attributes !== undefined && attributesHash(attributes) === held.held.attributesHash
  }

  #isOld({ seen }: VersionRef): boolean {
    return seen === undefined || Number(seen.ctimeNs / 1_000_000n) <= this.#sinceMs
  }
}

/** What it holds was at rest when it was read, or written here: that it is young is no reason to read it again and again. */
const trusted = (baseline: Baseline): Baseline => ({
  ...baseline,
  async *scan(options) {
    for await (const page of baseline.scan(options))
      yield page.map((row) => ({ ...row, seen: { ...row.seen, takenMs: Number.MAX_SAFE_INTEGER } }))
  },
})
