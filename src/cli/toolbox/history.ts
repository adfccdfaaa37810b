import { appendFile, open } from 'node:fs/promises'
import path from 'node:path'
import { writeFileDurably } from '../../base/durable-file.js'
import { LIMITS } from '../../base/limits.js'
import { makeFolder } from '../../base/make-folder.js'
import { ownFolder } from '../../base/own-folder.js'

/** In `$XDG_STATE_HOME/efs`, else `~/.local/state/efs`. */
export const historyFile = (env: NodeJS.ProcessEnv): string =>
  path.join(env.XDG_STATE_HOME || path.join(ownFolder(), '.local', 'state'), 'efs', 'toolbox-history')

/** An address with a password, and the key whose value is one; `-` and nothing are no values. */
const SECRET = /:\/\/[^\s/]*@|X-ISGW-Basic-Auth['"]?\s+(?!(?:-|''|"")\s*$)\S/i

/** Whether somebody may see the line again. */
export const mayKeep = (line: string): boolean =>
  /^\S/.test(line) && line.length <= LIMITS.toolboxLineBytesMax && !/\p{Cc}/u.test(line) && !SECRET.test(line)

/** What was typed in this run and, where the file can be used, in those before it. */
export class History {
  #isUsed = true
  readonly #kept: string[] = []

  /** `failed` is told of a file that cannot be used; no more is kept in it then. */
  private constructor(
    private readonly file: string,
    private readonly failed: (error: unknown) => void,
  ) {}

  static async open(file: string, failed: (error: unknown) => void): Promise<History> {
    const history = new History(file, failed)
    await history.#using(async () => {
      await makeFolder(path.dirname(file), 0o700)
      history.#kept.push(...(await lastLines(file)))
    })
    return history
  }

  /** The latest first. */
  get lines(): readonly string[] {
    return this.#kept.slice().reverse()
  }

  /** `status` is what the line ended with: one that was refused may hold a secret, and stays out of the file. */
  async add(typed: string, status: number): Promise<void> {
    const line = typed.trimEnd()
    if (line === this.#kept.at(-1) || !mayKeep(line)) return
    this.#kept.push(line)
    if (status !== 2) await this.#using(() => appendFile(this.file, `${line}\n`, { mode: 0o600 }))
  }

  async #using(work: () => Promise<void>): Promise<void> {
    if (!this.#isUsed) return
    try {
      await work()
    } catch (error) {
      this.#isUsed = false
      this.failed(error)
    }
  }
}

/** The earliest first. A file that has too much is made shorter. */
async function lastLines(file: string): Promise<string[]> {
  const { text, isAll } = await endOf(file)
  const found = text.split('\n').slice(isAll ? 0 : 1, -1)
  const lines = found.filter(mayKeep).slice(-LIMITS.toolboxLinesMax)
  if (!isAll || lines.length < found.length)
    await writeFileDurably(file, Buffer.from(lines.map((line) => `${line}\n`).join('')))
  return lines
}

async function endOf(file: string): Promise<{ readonly text: string; readonly isAll: boolean }> {
  const handle = await open(file, 'a+', 0o600)
  try {
    const { size } = await handle.stat()
    const length = Math.min(size, LIMITS.toolboxHistoryBytesMax)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length)
    return { text: buffer.toString('utf8', 0, bytesRead), isAll: length === size }
  } finally {
    await handle.close()
  }
}
