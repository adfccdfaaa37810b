import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'

export type Typed =
  | { readonly kind: 'line'; readonly text: string }
  /** Ctrl-C. */
  | { readonly kind: 'interrupted' }
  /** Ctrl-D, a terminal that is gone, or `signal`. */
  | { readonly kind: 'end' }

/** As readline wants them: words as they are typed, and what of the line they replace. */
export type Ends = [candidates: string[], replaced: string]

export const NO_ENDS: Ends = [[], '']

export interface TypingOptions {
  readonly prompt: string
  /** Where what is typed is shown. */
  readonly output: NodeJS.WritableStream
  /** Lines of before, the latest first. */
  readonly history?: readonly string[]
  /** How the line may end; undefined where something was said on `output` instead. Never fails. */
  readonly complete?: (line: string) => Promise<Ends | undefined>
  readonly signal?: AbortSignal
}

/** A line from the terminal at stdin. What was typed ahead or pasted behind it is left to whoever reads stdin next. */
export function typedLine({ prompt, output, history = [], complete, signal }: TypingOptions): Promise<Typed> {
  const keys = new Keys()
  let isOver = false
  const lines = createInterface({
    input: keys,
    output,
    terminal: true,
    prompt,
    history: [...history],
    historySize: history.length + 1,
    ...(complete !== undefined && {
      completer: async (line: string, done: (error: null, found: Ends) => void): Promise<void> => {
        const found = await complete(line)
        if (isOver) return
        done(null, found ?? NO_ENDS)
        if (found === undefined) lines.prompt(true)
      },
    }),
    ...(signal !== undefined && { signal }),
  })
  return new Promise<Typed>((resolve) => {
    // At once: what follows is not to be read.
    const end = (typed: Typed): void => {
      if (isOver) return
      isOver = true
      keys.release()
      lines.close()
      resolve(typed)
    }
    lines.once('line', (text) => end({ kind: 'line', text }))
    lines.once('SIGINT', () => end({ kind: 'interrupted' }))
    lines.once('close', () => end({ kind: 'end' }))
    lines.on('SIGCONT', () => lines.prompt(true))
    lines.prompt()
  })
}

/** What may end the reading: Ctrl-C, Ctrl-D, Enter. */
const ENDINGS = [0x03, 0x04, 0x0a, 0x0d]

/** The keys of a terminal, given out no further than to the next that may end the reading. */
class Keys extends Readable {
  #held = Buffer.alloc(0)
  #isAsked = false
  readonly #took = (bytes: Buffer): void => {
    this.#held = Buffer.concat([this.#held, bytes])
    if (this.#isAsked) this.#give()
  }
  readonly #ended = (): void => {
    this.push(null)
  }

  constructor() {
    // Nothing is read ahead.
    super({ highWaterMark: 0 })
    process.stdin.on('data', this.#took).once('end', this.#ended).resume()
  }

  override _read(): void {
    this.#isAsked = true
    if (this.#held.length > 0) this.#give()
  }

  #give(): void {
    const end = this.#held.findIndex((byte) => ENDINGS.includes(byte)) + 1
    const given = end === 0 ? this.#held : this.#held.subarray(0, end)
    this.#held = this.#held.subarray(given.length)
    this.#isAsked = false
    this.push(given)
  }

  /** As readline asks of a terminal. */
  setRawMode(isRaw: boolean): this {
    process.stdin.setRawMode(isRaw)
    return this
  }

  release(): void {
    process.stdin.off('data', this.#took).off('end', this.#ended).pause()
    if (this.#held.length > 0) process.stdin.unshift(this.#held)
    this.destroy()
  }
}
