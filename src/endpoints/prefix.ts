import type { Done, Fetcher, Listing, ListOptions, PublishResult, Sink } from '../model/endpoint.js'
import { compareKeys, keyFault, type ObjectKey, objectKey, ROOT_FOLDER } from '../model/key.js'
import type { VersionRef } from '../model/version-ref.js'

/** The part of a source whose keys start with `prefix`, which is then left out of keys. */
export function prefixedSource(source: Fetcher, prefix: string): Fetcher {
  return {
    ...source,
    list: prefixedList(source.list, prefix),
    versions: (refs, options) =>
      source.versions(
        refs.map((ref) => ({ ...ref, key: inside(prefix, ref.key) })),
        options,
      ),
  }
}

/** A sink whose keys all get `prefix` before them; those that are no keys then are parked. */
export function prefixedSink(sink: Sink, prefix: string): Sink {
  return {
    ...sink,
    list: prefixedList(sink.list, prefix),
    async publish(done, options) {
      const faults = done.map(({ key }) => keyFault(prefix + key))
      const fit = done.filter((_, i) => faults[i] === undefined)
      const here = fit.map((one): Done => ({ ...one, key: inside(prefix, one.key) }))
      const results = (await sink.publish(here, options)).values()
      return faults.map((fault): PublishResult => {
        if (fault !== undefined) return { status: 'parked', why: `with ${prefix} before it, ${fault}` }
        const { value } = results.next()
        if (value === undefined) throw new Error('fewer results than objects')
        return value
      })
    },
  }
}

const inside = (prefix: string, key: ObjectKey): ObjectKey => objectKey(prefix + (key === ROOT_FOLDER ? '' : key))

const prefixedList =
  (list: Fetcher['list'], prefix: string): Fetcher['list'] =>
  (options: ListOptions, parked): Listing => {
    const after = options.after === undefined ? {} : { after: inside(prefix, options.after) }
    return stripped(list({ ...options, ...after, prefix: prefix + (options.prefix ?? '') }, parked), prefix)
  }

/** Keys from the prefix on. The prefix's own folder is the root then, and comes where the root's key belongs. */
async function* stripped(listing: Listing, prefix: string): Listing {
  let root: VersionRef | undefined
  for await (const page of listing) {
    const inner: VersionRef[] = []
    for (const ref of page) {
      if (ref.key.length === prefix.length) {
        root = { ...ref, key: ROOT_FOLDER }
        continue
      }
      const key = objectKey(ref.key.slice(prefix.length))
      if (root !== undefined && compareKeys(key, ROOT_FOLDER) > 0) {
        inner.push(root)
        root = undefined
      }
      inner.push({ ...ref, key })
    }
    if (inner.length > 0) yield inner
  }
  if (root !== undefined) yield [root]
}
