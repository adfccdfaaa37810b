import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { readIdentity } from '../../store/identity.js'
import type { App } from '../app.js'
import { gatewayFiles } from './files.js'
import { type LogLine, logLines } from './read-log.js'
import { runningGateway } from './state.js'

const LOOK_MS = 25

export interface GatewayStarted {
  readonly pid: number
  /** False where it ran already. */
  readonly started: boolean
}

/**
 * Starts a gateway in the background, where none runs, and waits until it is one. `program` is the file that is `efs`.
 * @throws NOT_FOUND where no segment is; FAILED where it ended at once; TIMED_OUT
 */
export async function startGateway({ home }: App, program: string): Promise<GatewayStarted> {
  readIdentity(home)
  const runs = runningGateway(home)
  if (runs !== undefined) return { pid: runs.process.pid, started: false }
  const child = background(home, program)
  let failure: Error | undefined
  child.once('error', (error) => {
    failure = error
  })
  for (const end = performance.now() + LIMITS.gatewayStartMsMax; performance.now() < end; ) {
    await delay(LOOK_MS)
    if (failure !== undefined) throw noProcess(failure)
    const state = runningGateway(home)
    if (state?.ready) {
      child.unref()
      // Of two that were started at once, one gave way.
      return { pid: state.process.pid, started: state.process.pid === child.pid }
    }
    if (state === undefined && hasEnded(child)) throw await endedAtOnce(home)
  }
  child.unref()
  throw new EfsError(
    'TIMED_OUT',
    `the gateway (pid ${child.pid}) is not ready after ${LIMITS.gatewayStartMsMax / 1000} s`,
    {
      hint: 'efs gateway logs tells what it does; efs gateway status, whether it runs by now',
    },
  )
}

/** What it says beside its log stands in the same file. */
function background(home: string, program: string): ChildProcess {
  const log = openSync(gatewayFiles(home).log, 'a', 0o600)
  try {
    return spawn(process.execPath, [program, 'gateway', 'run', '--quiet', '--home', home], {
      detached: true,
      cwd: '/',
      stdio: ['ignore', 'ignore', log],
    })
  } finally {
    closeSync(log)
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

const noProcess = (cause: Error): EfsError =>
  new EfsError('FAILED', `the system starts no process: ${cause.message}`, {
    hint: 'end some, or allow more; or use efs gateway run',
    cause,
  })

/** What it said last: an error has two lines, the second of which is indented. */
async function endedAtOnce(home: string): Promise<EfsError> {
  const lines: LogLine[] = []
  for await (const line of logLines({ home }, { lines: 2 })) lines.push(line)
  const [first, second] = lines.map(({ text, fields }) => fields?.msg ?? text)
  const hint = second?.startsWith('     ') ? second.trim() : 'efs gateway logs tells more'
  const said = (second?.startsWith('     ') ? first : (second ?? first)) ?? 'it said nothing'
  return new EfsError('FAILED', `the gateway ended at once: ${said.replace(/^efs: /, '')}`, { hint })
}
