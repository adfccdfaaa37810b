import type { ServiceShown } from '../app/service-shown.js'
import { bytesText } from './amounts.js'
import { isoOf } from './iso.js'
import { type Frame, LiveView, type Terminal } from './live-view.js'
import { serviceJson, serviceText, tablesText } from './service-text.js'
import { sparkline, Throughput } from './sparkline.js'

/** The numbers of a service as they change, on a terminal. */
export class ServiceWatch {
  readonly #view: LiveView
  readonly #throughput = new Throughput()
  #last = ''

  constructor(
    terminal: Terminal,
    readonly bars: string,
  ) {
    this.#view = new LiveView(terminal)
  }

  show(shown: ServiceShown, nowMs: number): void {
    const sum = (what: 'bytesSent' | 'bytesReceived'): number =>
      shown.served.reduce((all, { stats }) => all + (stats?.[what] ?? 0), 0)
    this.#throughput.add(nowMs, sum('bytesSent'), sum('bytesReceived'))
    this.#view.draw(this.#frame(shown, nowMs))
    this.#last = serviceText(shown, nowMs)
  }

  /** Gives the screen back. What was shown last, for who wants to keep it. */
  close(): string {
    this.#view.close()
    return this.#last
  }

  #frame(shown: ServiceShown, nowMs: number): Frame {
    return {
      head: linesOf(serviceText({ ...shown, served: shown.served.map(({ stats: _, ...one }) => one) }, nowMs)),
      body: linesOf(tablesText(shown, nowMs)),
      foot: [this.#line('send'), this.#line('receive')],
    }
  }

  #line(way: 'send' | 'receive'): string {
    const rates = this.#throughput.of(way)
    return `${way.padEnd(8)}${sparkline(rates, this.bars).padStart(60)} ${bytesText(rates.at(-1) ?? 0)}/s`
  }
}

const linesOf = (text: string): string[] => text.split('\n').slice(0, -1)

/** One line of `service show --watch` where it is not drawn. */
export function numbersEvent(shown: ServiceShown, nowMs: number) {
  const { name, buckets } = serviceJson(shown)
  return { type: 'numbers', at: isoOf(nowMs), name, buckets }
}
