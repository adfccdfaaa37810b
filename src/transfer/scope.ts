import { LIMITS } from '../base/limits.js'
import type { Baseline, BaselineRow } from '../model/baseline.js'
import type { Listing, Looker, Parked, Sink } from '../model/endpoint.js'
import { compareKeys, isFolderKey, type ObjectKey, ROOT_FOLDER } from '../model/key.js'
import type { VersionRef } from '../model/version-ref.js'

/** A single key, or a folder with all below it. */
interface Part {
  readonly key: ObjectKey
  readonly whole: boolean
}

/** A part of a bucket: some keys and trees, and the folders that they stand in. */
export class Scope {
  /** In key order; none is within another. */
  readonly #parts: readonly Part[]
  readonly #keys: ReadonlySet<string>
  readonly #trees: ReadonlySet<string>

  /** `trees` are keys of folders. */
  constructor(keys: Iterable<ObjectKey>, trees: Iterable<ObjectKey> = []) {
    const whole = new Set(trees)
    const single = new Set([...keys, ...whole].flatMap((key) => [key, ...foldersOf(key)]))
    this.#keys = single
    this.#trees = whole
    const all = [...new Set([...whole, ...single])].sort(compareKeys)
    const parts: Part[] = []
    let within: string | undefined
    for (const key of all) {
      if (within !== undefined && key.startsWith(within)) continue
      within = whole.has(key) ? key : undefined
      parts.push({ key, whole: within !== undefined })
    }
    this.#parts = parts
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0
  }

  has(key: ObjectKey): boolean {
    return this.#keys.has(key) || foldersOf(key).some((folder) => this.#trees.has(folder))
  }

  /** What a side lists of it. */
  lister(side: Looker): { list: Looker['list'] } {
    return { list: (options, parked) => this.#list(side, options, parked) }
  }

  /** A sink of which it is all. */
  sink(side: Sink & Looker): Sink {
    return {
      plain: side.plain,
      chunking: side.chunking,
      compress: side.compress,
      ...this.lister(side),
      ...(side.begin && { begin: side.begin.bind(side) }),
      ...(side.reuse && { reuse: side.reuse.bind(side) }),
      missing: (refs, options) => side.missing(refs, options),
      put: (chunks, slices, options) => side.put(chunks, slices, options),
      publish: (done, options) => side.publish(done, options),
      finish: (folders, options) => side.finish(folders, options),
    }
  }

  /** What is known of it. */
  baseline(whole: Baseline): Baseline {
    return {
      scan: () => this.#scan(whole),
      get: (keys) => whole.get(keys),
      put: (rows, gone) => whole.put(rows, gone),
      mounts: () => whole.mounts(),
      putMounts: (mounted, gone) => whole.putMounts(mounted, gone),
      given: async () => (await whole.given()).filter(({ key }) => this.has(key)),
      putGiven: (rows, gone) => whole.putGiven(rows, gone),
      past: (keys) => whole.past(keys),
      putPast: (rows) => whole.putPast(rows),
    }
  }

  async *#list(side: Looker, options: Parameters<Looker['list']>[0], parked: (what: Parked) => void): Listing {
    const { signal, deleted = false } = options
    const call = signal === undefined ? {} : { signal }
    for (const run of this.#runs()) {
      if (!Array.isArray(run)) yield* side.list({ ...options, prefix: run.key }, parked)
      else {
        const rows = await side.look(run, parked, call)
        const live = deleted ? rows : rows.filter(({ kind }: VersionRef) => kind !== 'deleted')
        if (live.length > 0) yield live
      }
    }
  }

  async *#scan(whole: Baseline): AsyncGenerator<readonly BaselineRow[]> {
    for (const run of this.#runs()) {
      if (!Array.isArray(run)) yield* whole.scan({ prefix: run.key })
      else {
        const rows = await whole.get(run)
        if (rows.length > 0) yield rows
      }
    }
  }

  /** Trees, and single keys as many as fit on a page. */
  *#runs(): Generator<Part | ObjectKey[]> {
    let keys: ObjectKey[] = []
    for (const part of this.#parts) {
      if (!part.whole) keys.push(part.key)
      if (keys.length > 0 && (part.whole || keys.length >= LIMITS.pageRowsMax)) {
        yield keys
        keys = []
      }
      if (part.whole) yield part
    }
    if (keys.length > 0) yield keys
  }
}

/** Those that a key stands in, the root too. */
function foldersOf(key: ObjectKey): ObjectKey[] {
  const folders = [ROOT_FOLDER]
  const inside = isFolderKey(key) ? key.slice(0, -1) : key
  for (let end = inside.indexOf('/'); end >= 0; end = inside.indexOf('/', end + 1))
    folders.push(inside.slice(0, end + 1) as ObjectKey)
  return folders
}
