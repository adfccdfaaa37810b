import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import type { Answer } from './faulty-writer.js'

/** Lets system calls fail that a process makes to some files of its home. */
export interface Fault {
  /** As strace names them, with commas in between. */
  readonly calls: string
  /** Absolute, or from the home. */
  readonly files: readonly string[]
  readonly error: string
  /** Which of them, as strace counts: `2`, `2+`; all where absent. */
  readonly when?: string
}

/**
 * Where a page of the index cannot be written, lmdb 3.5.6 prints sizes that it never set into 100 bytes (mdb.c, "Attempting to
 * write page"). Now and then that is too short, and malloc ends the process with SIGABRT: a crash like others, so nothing is
 * lost, but it gives no answer to look at.
 */
export const LMDB_MAY_ABORT = { retry: 3 } as const

/** The same for a part of a test that meets that several times: it is tried again by itself. Any other end fails at once. */
export async function unlessAborted<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left: number = LMDB_MAY_ABORT.retry; ; left--) {
    try {
      return await attempt()
    } catch (error) {
      if (left === 0 || !(error instanceof Error && /^it died at .*(?:malloc|realloc|free)\(\): /s.test(error.message)))
        throw error
    }
  }
}

/** A process of its own, test/store/faulty-writer.ts, and what goes wrong for it. */
export class FaultyWriter {
  readonly #child: ChildProcess
  readonly #answers: AsyncIterator<string>
  readonly #ended: Promise<unknown>
  #stderr = ''

  private constructor(
    readonly home: string,
    command: readonly string[],
  ) {
    const [program = '', ...args] = command
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      // One thread for files: strace counts a thread at a time.
      env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
    })
    onTestFinished(() => {
      child.kill('SIGKILL')
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    this.#child = child
    this.#ended = once(child, 'exit')
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  }

  /** `limits`: what the process has in place of some of LIMITS. `launcher`: a program that starts it. */
  static async start(
    home: string,
    limits: Readonly<Record<string, number>> = {},
    launcher: readonly string[] = [],
  ): Promise<FaultyWriter> {
    const script = path.join(import.meta.dirname, 'faulty-writer.js')
    const writer = new FaultyWriter(home, [...launcher, process.execPath, script, home, JSON.stringify(limits)])
    await writer.ask('hello')
    return writer
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('it did not start')
    return this.#child.pid
  }

  /** @throws where it died of the question. */
  async ask(question: string): Promise<Answer> {
    this.#child.stdin?.write(`${question}\n`)
    const { value, done } = await this.#answers.next()
    if (done === true) throw new Error(`it died at '${question}': ${this.#stderr}`)
    return JSON.parse(value) as Answer
  }

  askWhile(fault: Fault, question: string): Promise<Answer> {
    return this.during(fault, () => this.ask(question))
  }

  /** The fault lasts as long as the work. The process goes on without it. */
  async during<T>({ calls, files, error, when }: Fault, work: () => Promise<T>): Promise<T> {
    const inject = `inject=${calls}:error=${error}${when === undefined ? '' : `:when=${when}`}`
    const paths = files.flatMap((file) => ['-P', path.resolve(this.home, file)])
    const args = ['--follow-forks', '-p', String(this.pid), ...paths, '-e', `trace=${calls}`, '-e', inject]
    const strace = spawn('strace', [...args, '-o', '/dev/null'], { stdio: ['ignore', 'ignore', 'pipe'] })
    onTestFinished(() => {
      strace.kill('SIGKILL')
    })
    const ended = once(strace, 'exit')
    await attached(strace)
    try {
      return await work()
    } finally {
      strace.kill('SIGINT')
      await ended
    }
  }

  /** Ends it in the way of a power cut, or in its own. */
  async end(signal?: 'SIGKILL'): Promise<void> {
    if (signal === undefined) this.#child.stdin?.end()
    else this.#child.kill(signal)
    await this.#ended
  }
}

/** strace says it once for the process, then for each thread that is new. */
function attached(strace: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    strace.stderr?.setEncoding('utf8').on('data', (part: string) => {
      text += part
      if (text.includes(' attached')) resolve()
    })
    strace.once('error', reject)
    strace.once('exit', () => reject(new Error(`strace did not attach: ${text}`)))
  })
}
