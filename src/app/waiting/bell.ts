import { watch } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import type { Segment } from '../../model/segment.js'
import { pause } from '../gateway/streak.js'

/** Rings when something may have moved: here, or in what the gateway tells. */
export class Bell {
  #wake: () => void = () => undefined

  private constructor(readonly close: () => void) {}

  static async open(stats: string, { onRing }: Segment): Promise<Bell> {
    await mkdir(stats, { recursive: true, mode: 0o700 })
    const watcher = watch(stats, { persistent: false }, () => bell.#wake())
    const stop = onRing(() => bell.#wake())
    const bell = new Bell(() => {
      watcher.close()
      stop()
    })
    return bell
  }

  async next(signal: AbortSignal, atMostMs: number): Promise<void> {
    const over = new AbortController()
    this.#wake = () => over.abort()
    await pause(atMostMs, AbortSignal.any([signal, over.signal]))
  }
}
