import { performance } from 'node:perf_hooks'
import { forEachBounded } from '../../base/pool.js'

const MiB = 1024 * 1024

/** How many times a second `work` is done, `atOnce` at a time. */
export async function perSecond(
  times: number,
  atOnce: number,
  signal: AbortSignal,
  work: (i: number, signal: AbortSignal) => Promise<void>,
): Promise<number> {
  const began = performance.now()
  await forEachBounded(numbers(times), atOnce, signal, work)
  return (times * 1000) / (performance.now() - began)
}

/** MiB a second. */
export async function speed(bytes: number, work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await work()
  return (bytes / MiB) * (1000 / (performance.now() - began))
}

export const rateText = (perSecond: number): string => (perSecond < 10 ? perSecond.toFixed(1) : perSecond.toFixed(0))

async function* numbers(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) yield i
}
