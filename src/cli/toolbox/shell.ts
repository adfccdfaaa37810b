import { addAbortSignal } from 'node:stream'
import { EfsError } from '../../base/errors.js'
import { ownFolder } from '../../base/own-folder.js'
import { catalogue } from '../complete.js'
import type { Catalogue } from '../completion/table.js'
import { asEfsError, errorText } from '../print-error.js'
import { refuse, runLine } from '../run.js'
import { type Ends, typedLine } from '../screen/typed-line.js'
import { ends } from './completion.js'
import { type Given, withGiven } from './given.js'
import type { History } from './history.js'
import { promptOf } from './prompt.js'
import { linesOf } from './script.js'
import { commandWords } from './words.js'

const LEAVING = ['exit', 'quit']

/** Runs command after command. */
export class Shell {
  #isBusy = false

  constructor(
    readonly given: Given,
    readonly signal: AbortSignal,
  ) {}

  /** Whether a command runs. */
  get isBusy(): boolean {
    return this.#isBusy
  }

  /** With somebody at the terminal, until they leave. @throws INTERRUPTED */
  async converse(history: History, home: () => string): Promise<void> {
    const all = catalogue()
    let status = 0
    while (!this.signal.aborted) {
      const typed = await typedLine({
        prompt: await promptOf(home, status),
        output: process.stderr,
        history: history.lines,
        complete: (line) => this.#ends(all, line),
        signal: this.signal,
      })
      if (typed.kind !== 'line') process.stderr.write(typed.kind === 'end' ? '\n' : '^C\n')
      if (typed.kind === 'end') break
      if (typed.kind === 'interrupted') continue
      const ended = await this.#run(typed.text)
      if (ended === 'left') break
      status = ended
      await history.add(typed.text, status)
    }
    this.signal.throwIfAborted()
  }

  /** Each line of stdin, up to the first that fails. What that one ended with. @throws INTERRUPTED */
  async script(): Promise<number> {
    let number = 0
    for await (const line of linesOf(addAbortSignal(this.signal, process.stdin))) {
      number++
      const ended = await this.#run(line)
      if (ended === 'left') break
      if (ended === 0) continue
      process.stderr.write(`efs: line ${number} ended with ${ended}, and what follows it was not run\n`)
      return ended
    }
    return 0
  }

  async #ends(all: Catalogue, line: string): Promise<Ends | undefined> {
    try {
      return await ends(all, line, this.given, process.env)
    } catch (error) {
      process.stderr.write(`\n${errorText(asEfsError(error, this.signal))}`)
      return undefined
    }
  }

  /** What a line ended with. */
  async #run(line: string): Promise<number | 'left'> {
    process.exitCode = 0
    this.#isBusy = true
    try {
      const words = commandWords(line, ownFolder())
      if (LEAVING.includes(words.join(' '))) return 'left'
      if (words.length > 0) await runLine(withGiven(this.given, words))
    } catch (error) {
      if (!(error instanceof EfsError)) throw error
      refuse(error, this.given.flat())
    } finally {
      this.#isBusy = false
    }
    return Number(process.exitCode)
  }
}
