import type { Clock } from '../../src/base/clock.js'
import { encodeManifest } from '../../src/format/manifest.js'
import { segmentGuid } from '../../src/model/ids.js'
import { type Content, mint, type Version } from '../../src/model/manifest.js'

/** One that comes before every other in the order of stamps, and one that comes after. */
const GUIDS = [segmentGuid('00'.repeat(16)), segmentGuid('ff'.repeat(16))] as const

/** How far their clocks are ahead of the one here. */
const AHEAD_MS = [0, 4] as const

/** Two other segments, which never give out a stamp twice. */
export class Abroad {
  readonly #nextMs = GUIDS.map(() => 0)

  constructor(readonly clock: Clock) {}

  write(segment: 0 | 1, content: Content, parents: readonly Version[]): Version {
    const lines = parents.map(({ id, manifest: { stamp, vector } }) => ({ id, stamp, vector }))
    const nowMs = Math.max(this.clock.nowMs() + AHEAD_MS[segment], this.#nextMs[segment] ?? 0)
    const manifest = mint(content, lines, GUIDS[segment], nowMs)
    this.#nextMs[segment] = Math.floor(manifest.stamp.time / 1000) + 1
    return { id: encodeManifest(manifest).id, manifest }
  }
}
