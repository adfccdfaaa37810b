import { setMaxListeners } from 'node:events'

/**
 * A controller of which the signal goes off with any of `signals`, too, until `release`. `AbortSignal.any` leaves something behind on
 * a signal that lives long, each time: a gateway would grow with every request.
 */
export function follower(...signals: readonly AbortSignal[]): { readonly stop: AbortController; release(): void } {
  const stop = new AbortController()
  // As many listen as work at once; more than ten are no leak.
  setMaxListeners(0, stop.signal)
  const releases = signals.map((signal) => {
    const onAbort = (): void => stop.abort(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort)
    return () => signal.removeEventListener('abort', onAbort)
  })
  return {
    stop,
    release: () => {
      for (const release of releases) release()
    },
  }
}

/** A signal that goes off with the same reason so much later than `signal`, unless it is released before. */
export function lateFollower(signal: AbortSignal, afterMs: number): { readonly signal: AbortSignal; release(): void } {
  const late = new AbortController()
  setMaxListeners(0, late.signal)
  let timer: NodeJS.Timeout | undefined
  const onAbort = (): void => {
    timer = setTimeout(() => late.abort(signal.reason), afterMs)
  }
  if (signal.aborted) late.abort(signal.reason)
  else signal.addEventListener('abort', onAbort, { once: true })
  return {
    signal: late.signal,
    release: () => {
      signal.removeEventListener('abort', onAbort)
      clearTimeout(timer)
    },
  }
}

/** Lends a signal that goes off with any of `signals` for as long as `work` takes. */
export async function withEither<T>(
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { stop, release } = follower(...signals)
  try {
    return await work(stop.signal)
  } finally {
    release()
  }
}

/** Settles as `work` does, but no later than the signal goes off: then with its reason, and nobody waits for the work. */
export async function untilAborted<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (signal === undefined) return work()
  signal.throwIfAborted()
  let onAbort = (): void => undefined
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work(), aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
