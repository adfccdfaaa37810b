import type { ServiceShown } from '../../app/services/shown.js'
import { bytesText } from '../text/amounts.js'
import { isoOf } from '../text/iso.js'
import { serviceJson, serviceText, tablesText } from '../text/service.js'
import { sparkline, Throughput } from '../text/sparkline.js'
import { type Frame, LiveView, type Terminal } from './live-view.js'

/** A bar each. */
const SECONDS = 60
const WAY_COLUMNS = 8

/** The numbers of a service as they change, on a terminal. */
export class ServiceWatch {
  readonly #view: LiveView
  readonly #throughput = new Throughput()
  #last = ''

  constructor(
    readonly terminal: Terminal,
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

  /** Where not all bars fit, those of long ago go. */
  #line(way: 'send' | 'receive'): string {
    const rates = this.#throughput.of(way)
    const [name, rate] = [way.padEnd(WAY_COLUMNS), ` ${bytesText(rates.at(-1) ?? 0)}/s`]
    const room = Math.max(0, Math.min(SECONDS, this.terminal.columns - name.length - rate.length))
    return `${name}${sparkline(rates.slice(Math.max(0, rates.length - room)), this.bars).padStart(room)}${rate}`
  }
}

const linesOf = (text: string): string[] => text.split('\n').slice(0, -1)

/** One line of `service show --watch` where it is not drawn. */
export function numbersEvent(shown: ServiceShown, nowMs: number) {
  const { name, buckets } = serviceJson(shown)
  return { type: 'numbers', at: isoOf(nowMs), name, buckets }
}
