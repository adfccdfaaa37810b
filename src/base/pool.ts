import { follower } from './signals.js'

/**
 * Runs `work` on each item, at most `limit` at a time; the next item is pulled only when a slot is free.
 * The first failure stops the pulling and aborts the signal handed to the others; it is thrown once all have ended.
 */
export async function forEachBounded<T>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { stop, release } = follower(signal)
  const either = stop.signal
  const running = new Set<Promise<void>>()
  try {
    for await (const item of items) {
      either.throwIfAborted()
      const task: Promise<void> = work(item, either)
        .catch((error: unknown) => stop.abort(error))
        .finally(() => running.delete(task))
      running.add(task)
      if (running.size >= limit) await Promise.race(running)
      either.throwIfAborted()
    }
  } catch (error) {
    stop.abort(error)
  } finally {
    await Promise.all(running)
    release()
  }
  either.throwIfAborted()
}
