import type { Baseline, BaselineRow, GivenRow } from '../../src/model/baseline.js'
import { compareKeys, type ObjectKey } from '../../src/model/key.js'
import { isProof } from '../../src/model/version-ref.js'
import { byKey, pagesOf } from './pages.js'

export class MemoryBaseline implements Baseline {
  readonly rows = new Map<ObjectKey, BaselineRow>()
  readonly #mounts = new Set<ObjectKey>()
  readonly #given = new Map<ObjectKey, GivenRow>()
  readonly #past = new Map<ObjectKey, BaselineRow>()

  scan({ prefix = '' }: { readonly prefix?: string } = {}): AsyncIterable<readonly BaselineRow[]> {
    return pagesOf([...this.rows.values()].filter(({ key }) => key.startsWith(prefix)).sort(byKey))
  }

  async get(keys: readonly ObjectKey[]): Promise<BaselineRow[]> {
    return keys.flatMap((key) => this.rows.get(key) ?? [])
  }

  async put(rows: readonly BaselineRow[], gone: readonly ObjectKey[]): Promise<void> {
    for (const row of rows) this.rows.set(row.key, row)
    for (const key of gone) this.rows.delete(key)
    const proven = rows.filter(({ seen }) => isProof(seen)).map(({ key }) => key)
    for (const key of [...proven, ...gone]) this.#given.delete(key)
    for (const key of [...rows.map((row) => row.key), ...gone]) this.#past.delete(key)
  }

  async past(keys: readonly ObjectKey[]): Promise<BaselineRow[]> {
    return keys.flatMap((key) => this.#past.get(key) ?? [])
  }

  async putPast(rows: readonly BaselineRow[]): Promise<void> {
    for (const row of rows) this.#past.set(row.key, row)
  }

  async mounts(): Promise<ObjectKey[]> {
    return [...this.#mounts].sort(compareKeys)
  }

  async putMounts(mounted: readonly ObjectKey[], gone: readonly ObjectKey[]): Promise<void> {
    for (const key of mounted) this.#mounts.add(key)
    for (const key of gone) this.#mounts.delete(key)
  }

  async given(): Promise<GivenRow[]> {
    return [...this.#given.values()].sort(byKey)
  }

  async putGiven(rows: readonly GivenRow[], gone: readonly ObjectKey[]): Promise<void> {
    for (const row of rows) this.#given.set(row.key, row)
    for (const key of gone) this.#given.delete(key)
  }
}
