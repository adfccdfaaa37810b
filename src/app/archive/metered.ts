import type { ObjectStore } from '../../model/object-store.js'
import type { PeerMeter } from '../link/peer.js'

export interface Metered {
  /** All its requests end with the signal. */
  readonly store: ObjectStore
  /** Bytes are those of objects. */
  meter(): PeerMeter
}

/** A store with all that is asked of it counted; a page of a listing is a request. */
export function metered(store: ObjectStore, signal: AbortSignal): Metered {
  let meter: PeerMeter = { latencyMs: 0, bytesSent: 0, bytesReceived: 0, requests: 0 }
  const count = ({ startedMs, sent = 0, received = 0 }: { startedMs: number; sent?: number; received?: number }) => {
    meter = {
      latencyMs: Math.round(performance.now() - startedMs),
      bytesSent: meter.bytesSent + sent,
      bytesReceived: meter.bytesReceived + received,
      requests: meter.requests + 1,
    }
  }
  const coat: ObjectStore = {
    ...store,
    async put(key, bytes, options) {
      const startedMs = performance.now()
      await store.put(key, bytes, { signal, ...options })
      count({ startedMs, sent: bytes.length })
    },
    async get(key, range, options) {
      const startedMs = performance.now()
      const bytes = await store.get(key, range, { signal, ...options })
      count({ startedMs, received: bytes.length })
      return bytes
    },
    async *list(options) {
      let startedMs = performance.now()
      let isEmpty = true
      for await (const page of store.list({ signal, ...options })) {
        count({ startedMs })
        isEmpty = false
        yield page
        startedMs = performance.now()
      }
      if (isEmpty) count({ startedMs })
    },
    async delete(keys, options) {
      const startedMs = performance.now()
      await store.delete(keys, { signal, ...options })
      count({ startedMs })
    },
  }
  return { store: coat, meter: () => meter }
}
