import { setTimeout as sleep } from 'node:timers/promises'
import type { ChangePage } from '../../model/live.js'
import type { Flow } from './flow.js'
import type { Waker } from './waker.js'

export interface FollowOptions {
  /** Changes are left to gather for so long before they are brought. */
  readonly processingDelayMs?: number
  /** Runs what brings something, when it is its turn; at once unless told. */
  readonly turn?: (work: () => Promise<void>, signal: AbortSignal) => Promise<void>
  /** Told each time that all is brought. */
  readonly rested?: () => void
}

/**
 * Runs a flow until `signal` ends it: its pass, then what changes, batched by what has come meanwhile, then what is to be tried
 * again. Of a flow that only brings what is there now it settles after that.
 * @throws the signal's reason; what made a call of either side fail, once all that was under way has settled. The caller decides when to try again
 */
export async function follow(
  flow: Flow,
  waker: Waker,
  signal: AbortSignal,
  options: FollowOptions = {},
): Promise<void> {
  const { processingDelayMs = 0, turn = (work: () => Promise<void>) => work(), rested } = options
  try {
    await turn(() => flow.start(signal), signal)
    let first: ChangePage | undefined
    while (flow.state.state === 'continuous') {
      const page = first
      // It says what comes after the position that it was asked for, and no other one.
      first = undefined
      await turn(async () => {
        await flow.catchUp(signal, page)
        await flow.retry(signal)
      }, signal)
      if (!(await flow.isOurs(signal))) {
        await turn(() => flow.start(signal), signal)
        continue
      }
      flow.status = 'idle'
      rested?.()
      const { dueMs } = flow
      first = await waker.wait(flow.position, { signal, ...(dueMs !== undefined && { untilMs: dueMs }) })
      flow.status = 'active'
      if (processingDelayMs === 0) continue
      await sleep(processingDelayMs, undefined, { signal })
      // By now there may be more.
      first = undefined
    }
    flow.status = 'idle'
    rested?.()
  } finally {
    flow.status = 'idle'
  }
}
