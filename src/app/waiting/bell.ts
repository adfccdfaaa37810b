import { mkdir } from 'node:fs/promises'
import { withEither } from '../../base/signals.js'
import { watched } from '../../base/watched.js'
import type { Segment } from '../../model/segment.js'
import { pause } from '../gateway/streak.js'

/** Rings when something may have moved: here, or in what the gateway tells. */
export class Bell {
  readonly #waiting = new Set<() => void>()

  private constructor(readonly close: () => void) {}

  static async open(stats: string, { onRing }: Segment): Promise<Bell> {
    await mkdir(stats, { recursive: true, mode: 0o700 })
    const folder = watched(stats, () => bell.#ring())
    const stop = onRing(() => bell.#ring())
    const bell = new Bell(() => {
      folder.close()
      stop()
    })
    return bell
  }

  #ring(): void {
    for (const wake of this.#waiting) wake()
  }

  async next(signal: AbortSignal, atMostMs: number): Promise<void> {
    const over = new AbortController()
    const wake = (): void => over.abort()
    this.#waiting.add(wake)
    await withEither([signal, over.signal], (either) => pause(atMostMs, either))
    this.#waiting.delete(wake)
  }
}
