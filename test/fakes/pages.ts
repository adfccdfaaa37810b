import type { CallOptions } from '../../src/model/endpoint.js'
import { compareKeys, type ObjectKey } from '../../src/model/key.js'

/** Small, so that a listing of a few keys has several pages. */
export const PAGE_ROWS = 3

export async function* pagesOf<T>(rows: readonly T[], { signal }: CallOptions = {}): AsyncGenerator<readonly T[]> {
  for (let from = 0; from < rows.length; from += PAGE_ROWS) {
    signal?.throwIfAborted()
    yield rows.slice(from, from + PAGE_ROWS)
  }
}

export const byKey = (a: { readonly key: ObjectKey }, b: { readonly key: ObjectKey }): number =>
  compareKeys(a.key, b.key)
