import { once } from 'node:events'
import type { World } from '../e2e/world.js'

/** Somebody at a terminal with `efs`. */
export class Terminal {
  #shown = ''
  readonly #process
  readonly #ended

  constructor(world: World, ...args: string[]) {
    this.#process = world.startAtTerminal(...args)
    this.#ended = once(this.#process, 'close')
    this.#process.stdout?.on('data', (bytes) => {
      this.#shown += String(bytes)
    })
  }

  type(keys: string): void {
    this.#process.stdin?.write(keys)
  }

  /** Waits until that is shown, behind what was seen last, and gives what stands before it. */
  async sees(text: string): Promise<string> {
    let at = this.#shown.indexOf(text)
    while (at < 0) {
      await Promise.race([
        once(this.#process.stdout ?? this.#process, 'data'),
        this.#ended.then(() => Promise.reject(new Error(`it ended, and showed ${JSON.stringify(this.#shown)}`))),
      ])
      at = this.#shown.indexOf(text)
    }
    const before = this.#shown.slice(0, at)
    this.#shown = this.#shown.slice(at + text.length)
    return before
  }

  /** What it ended with. */
  async status(): Promise<number | null> {
    const [status] = await this.#ended
    return status
  }
}
