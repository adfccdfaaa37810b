/** From none to most. */
export const BARS = { fine: ' ▁▂▃▄▅▆▇█', ascii: ' .:-=+*#' } as const

/** One character a value, the most of them as high as it goes; what is more than nothing is never shown as nothing. */
export function sparkline(values: readonly number[], bars: string): string {
  const levels = [...bars]
  const most = Math.max(0, ...values)
  const level = (value: number): number =>
    value <= 0 ? 0 : Math.max(1, Math.round((value / most) * (levels.length - 1)))
  return values.map((value) => levels[level(value)]).join('')
}

/** What two counters that only grow have moved, second by second, over the last minute. */
export class Throughput {
  readonly #rates: { readonly send: number; readonly receive: number }[] = []
  #last: { readonly atMs: number; readonly sent: number; readonly received: number } | undefined

  constructor(readonly seconds = 60) {}

  add(atMs: number, sent: number, received: number): void {
    const before = this.#last
    this.#last = { atMs, sent, received }
    if (before === undefined || atMs <= before.atMs) return
    // A counter that is less than before began anew.
    const perSecond = (now: number, then: number): number => (Math.max(0, now - then) * 1000) / (atMs - before.atMs)
    this.#rates.push({ send: perSecond(sent, before.sent), receive: perSecond(received, before.received) })
    if (this.#rates.length > this.seconds) this.#rates.shift()
  }

  /** Bytes a second, the oldest first. */
  of(way: 'send' | 'receive'): number[] {
    return this.#rates.map((rates) => rates[way])
  }
}
