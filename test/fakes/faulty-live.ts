import type { LiveBucket } from '../../src/model/live.js'
import type { Faults } from './faults.js'
import { faulty } from './faulty.js'

/** The same bucket, where `faults` are hit before each call, and after each that changes something: `sink.take done`. */
export function faultyLive(live: LiveBucket, faults: Faults): LiveBucket {
  const { source, sink } = live
  const plain = faulty({ ...live, identity: '', close: async () => undefined }, faults)
  const before =
    <A extends readonly unknown[], R>(call: string, work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await faults.hit(call)
      return work(...args)
    }
  const around =
    <A extends readonly unknown[], R>(call: string, work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await faults.hit(call)
      const result = await work(...args)
      await faults.hit(`${call} done`)
      return result
    }
  return {
    ...live,
    source: {
      ...source,
      ...plain.source,
      position: before('source.position', source.position),
      changes: before('source.changes', source.changes),
      tips: before('source.tips', source.tips),
    },
    sink: {
      ...sink,
      ...plain.sink,
      put: around('sink.put', sink.put),
      lacking: before('sink.lacking', sink.lacking),
      checkpoint: before('sink.checkpoint', sink.checkpoint),
      retries: before('sink.retries', sink.retries),
      take: around('sink.take', sink.take),
    },
  }
}
