import type { Endpoint, Fetcher, Sink } from '../../src/model/endpoint.js'
import type { Faults } from './faults.js'

/** The same source and sink, where `faults` are hit before each call. */
export function faulty<E extends Endpoint & { readonly source: Fetcher; readonly sink: Sink }>(
  endpoint: E,
  faults: Faults,
): E {
  const { source, sink } = endpoint
  const before =
    <A extends readonly unknown[], R>(call: string, work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await faults.hit(call)
      return work(...args)
    }
  const list: Fetcher['list'] = async function* (options, parked) {
    await faults.hit('list')
    yield* source.list(options, parked)
  }
  return {
    ...endpoint,
    source: {
      ...source,
      list,
      versions: before('source.versions', source.versions),
      fetch: before('source.fetch', source.fetch),
    },
    sink: {
      ...sink,
      list,
      missing: before('sink.missing', sink.missing),
      put: before('sink.put', sink.put),
      publish: before('sink.publish', sink.publish),
      finish: before('sink.finish', sink.finish),
    },
  }
}
