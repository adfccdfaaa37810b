import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

export interface Said {
  /** Rounds whose chunks have been put. */
  readonly rounds: number[]
  /** What was acknowledged. */
  readonly done: { readonly key: string; readonly id: string }[]
}

/** Starts test/store/writer.ts as a process of its own. */
export function startWriter(home: string, name: string, rounds: number): ChildProcess {
  const script = path.join(import.meta.dirname, 'writer.js')
  const child = spawn(process.execPath, [script, home, name, String(rounds)], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

/** Reads what the writer says until it ends; `until` decides after each line whether it is killed. */
export async function listen(child: ChildProcess, until: (said: Said) => boolean): Promise<Said> {
  if (child.stdout === null) throw new Error('the writer has no stdout')
  const ended = once(child, 'exit')
  const said: Said = { rounds: [], done: [] }
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, first = '', second = ''] = line.split(' ')
    if (word === 'put') said.rounds.push(Number(first))
    if (word === 'done') said.done.push({ key: first, id: second })
    if (until(said)) child.kill('SIGKILL')
  }
  await ended
  return said
}
