import type { Baseline, BaselineRow } from '../../src/model/endpoint.js'
import type { ObjectKey } from '../../src/model/key.js'
import { byKey, pagesOf } from './pages.js'

export class MemoryBaseline implements Baseline {
  readonly rows = new Map<ObjectKey, BaselineRow>()

  scan(): AsyncIterable<readonly BaselineRow[]> {
    return pagesOf([...this.rows.values()].sort(byKey))
  }

  async put(rows: readonly BaselineRow[], gone: readonly ObjectKey[]): Promise<void> {
    for (const row of rows) this.rows.set(row.key, row)
    for (const key of gone) this.rows.delete(key)
  }
}
