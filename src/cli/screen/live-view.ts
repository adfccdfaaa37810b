import { aroundStops } from './stops.js'

/** What of a terminal is needed to draw on it. */
export interface Terminal {
  readonly columns: number
  readonly rows: number
  write(text: string): unknown
}

const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'
const HOME = '\u001b[H'
const REST_OF_LINE = '\u001b[K'
const REST_OF_SCREEN = '\u001b[J'

/** What is drawn over and over, in parts: what is left away first where it does not fit, what is cut then, what always stands. */
export interface Frame {
  readonly head: readonly string[]
  readonly body: readonly string[]
  readonly foot: readonly string[]
}

/** The lines that fit, each cut to the width. */
export function fitted({ head, body, foot }: Frame, columns: number, rows: number): string[] {
  const isWhole = head.length + body.length + foot.length <= rows
  const shown = [...(isWhole ? head : []), ...cut(body, Math.max(0, rows - foot.length)), ...foot]
  return shown.map((line) => [...line].slice(0, columns).join(''))
}

/** The first so many lines, of which the last tells how many more there are. */
function cut(lines: readonly string[], room: number): readonly string[] {
  if (lines.length <= room) return lines
  const shown = lines.slice(0, Math.max(0, room - 1))
  return [...shown, `(${lines.length - shown.length} more lines in a higher window)`].slice(0, room)
}

/**
 * A terminal that is drawn on in place, on a screen of its own; what stood there before is back once it is closed, and for as long as the
 * process is stopped (Ctrl-Z).
 */
export class LiveView {
  #last: Frame | undefined
  #ignoreStops: () => void = () => undefined

  constructor(readonly terminal: Terminal) {}

  draw(frame: Frame): void {
    if (this.#last === undefined) this.#open()
    this.#last = frame
    this.#paint(frame)
  }

  close(): void {
    if (this.#last === undefined) return
    this.#last = undefined
    this.#ignoreStops()
    process.off('exit', this.#leave)
    process.off('SIGHUP', this.#hungUp)
    this.#leave()
  }

  #open(): void {
    // Also where the process ends without waiting for anything.
    process.on('exit', this.#leave)
    process.on('SIGHUP', this.#hungUp)
    this.#ignoreStops = aroundStops(this.#leave, () => {
      this.terminal.write(ENTER)
      if (this.#last !== undefined) this.#paint(this.#last)
    })
    this.terminal.write(ENTER)
  }

  #paint(frame: Frame): void {
    const { terminal } = this
    const lines = fitted(frame, terminal.columns, terminal.rows)
    // In one write, over what stands there: nothing is empty in between.
    terminal.write(`${HOME}${lines.map((line) => `${line}${REST_OF_LINE}`).join('\n')}${REST_OF_SCREEN}`)
  }

  readonly #leave = (): void => {
    this.terminal.write(LEAVE)
  }

  /** Ends as it would have without this. */
  readonly #hungUp = (): void => {
    this.close()
    process.kill(process.pid, 'SIGHUP')
  }
}
