import { readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** What this process holds. */
export interface Held {
  readonly heapBytes: number
  readonly files: number
  readonly timers: number
}

/** Once what is garbage has gone. */
export async function held(): Promise<Held> {
  for (let i = 0; i < 4; i++) {
    await delay(50)
    collect()
  }
  const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  return { heapBytes: process.memoryUsage().heapUsed, files: readdirSync('/proc/self/fd').length, timers }
}
