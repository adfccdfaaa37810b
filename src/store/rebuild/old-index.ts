import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { IndexRow } from '../../format/rows-home.js'
import type { VersionId } from '../../model/ids.js'
import { homePaths } from '../home.js'
import type { Answer, OldVersion, Question } from './old-index-script.js'

export interface OldEntry {
  readonly head: Buffer
  readonly id: VersionId
  /** Of the bucket, where the index tells it. */
  readonly path: string | undefined
}

/**
 * An index that may be damaged, as far as it can be read. LMDB ends the process that reads a damaged one, so
 * another process does. The caller closes it.
 */
export class OldIndex {
  private constructor(
    readonly child: ChildProcess,
    readonly format: number,
    /** Undefined as format 1 wrote it. */
    readonly row: IndexRow | undefined,
  ) {}

  /** Undefined where there is no index, or none that can be read. */
  static async open(home: string): Promise<OldIndex | undefined> {
    if (!existsSync(homePaths(home).index)) return undefined
    const script = fileURLToPath(new URL('old-index-script.js', import.meta.url))
    const child = fork(script, [], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
      execArgv: [],
    })
    const opened = await ask(child, { ask: 'open', home })
    if (opened !== undefined && 'format' in opened) return new OldIndex(child, opened.format, opened.row)
    await end(child)
    return undefined
  }

  /** All versions that it knows, up to where it cannot be read. Read once. */
  async *versions(): AsyncGenerator<readonly OldEntry[]> {
    for (;;) {
      const answer = await ask(this.child, { ask: 'page' })
      if (answer === undefined || !('page' in answer) || answer.page === undefined) return
      yield answer.page.map(entryOf)
    }
  }

  /** Whether LMDB finds what it looks for, wherever it looks. */
  async isSound(): Promise<boolean> {
    const answer = await ask(this.child, { ask: 'pages' })
    return answer !== undefined && 'areSound' in answer && answer.areSound
  }

  close(): Promise<void> {
    return end(this.child)
  }
}

const entryOf = ({ head, id, path }: OldVersion): OldEntry => ({
  head: Buffer.from(head),
  id: Buffer.from(id).toString('hex') as VersionId,
  path,
})

/** Undefined where it died of the question. */
async function ask(child: ChildProcess, question: Question): Promise<Answer | undefined> {
  if (!child.connected) return undefined
  const died = new AbortController()
  const gone = (): void => died.abort()
  child.once('exit', gone)
  try {
    const answered = once(child, 'message', { signal: died.signal })
    child.send(question, () => undefined)
    const [answer]: Answer[] = await answered
    return answer
  } catch (error) {
    if (died.signal.aborted) return undefined
    throw error
  } finally {
    child.off('exit', gone)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
