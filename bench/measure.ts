import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export interface Measured {
  readonly seconds: number
  /** The highest sum of anonymous resident memory over the process and its children, in bytes, as sampled. */
  readonly anonBytes: number
}

const SAMPLE_MS = 10

/** Runs a command to its end and then `sync -f` of its target, so that all are timed up to the same promise. */
export async function measure(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  target: string,
): Promise<Measured> {
  spawnSync('sync')
  const [program = '', ...args] = command
  const started = process.hrtime.bigint()
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } })
  const said: Buffer[] = []
  child.stderr.on('data', (piece: Buffer) => said.push(piece))
  let anonBytes = 0
  const timer = setInterval(() => {
    anonBytes = Math.max(anonBytes, child.pid === undefined ? 0 : anonOf(child.pid))
  }, SAMPLE_MS)
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  }).finally(() => clearInterval(timer))
  spawnSync('sync', ['-f', target])
  const seconds = Number(process.hrtime.bigint() - started) / 1e9
  if (status !== 0)
    throw new Error(`${command.join(' ')} ended with ${status}: ${Buffer.concat(said).toString().slice(-400)}`)
  return { seconds, anonBytes }
}

/** Anonymous resident memory of a process and the processes below it, in bytes. */
export function anonOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const own = Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    )
    return children.reduce((sum, child) => sum + anonOf(child), own)
  } catch (error) {
    // The process ended between two reads; a sample less is not a wrong sample.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return 0
    throw error
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const high = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** Bytes that a folder's files take, by their sizes. */
export function sizeOf(folder: string): number {
  const { stdout } = spawnSync('du', ['-sb', folder], { encoding: 'utf8' })
  return Number(stdout.split('\t', 1)[0])
}
