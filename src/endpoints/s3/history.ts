import { LIMITS } from '../../base/limits.js'
import type { CallOptions } from '../../model/endpoint.js'
import type { History, State } from '../../model/history.js'
import { isFolderKey, keyFault, type ObjectKey } from '../../model/key.js'
import { objectPrint } from '../../model/version-ref.js'
import type { RowsOf } from './rows.js'
import { listStates, type StoredState } from './states.js'

/** What the objects below a prefix were, by key. What can be no key is left to the listing to tell. */
export async function* listHistory(
  of: Omit<RowsOf, 'parked' | 'withRoot'>,
  options: CallOptions,
): AsyncGenerator<readonly History[]> {
  let due: { readonly key: string; readonly states: StoredState[] } | undefined
  for await (const page of listStates(of.bucket, of.prefix, options)) {
    const whole: History[] = []
    for (const state of page) {
      if (due?.key !== state.key) {
        if (due !== undefined) whole.push(...historyOf(of, due.key, due.states))
        due = { key: state.key, states: [] }
      }
      // They come newest first.
      if (due.states.length < LIMITS.statesMax) due.states.push(state)
    }
    if (whole.length > 0) yield whole
  }
  if (due !== undefined) yield historyOf(of, due.key, due.states)
}

function historyOf(
  { prefix, clock }: Omit<RowsOf, 'parked' | 'withRoot'>,
  full: string,
  states: readonly StoredState[],
): History[] {
  const key = full.slice(prefix.length) as ObjectKey
  if (keyFault(key) !== undefined || isFolderKey(key)) return []
  const stateOf = ({ name, content, modifiedMs }: StoredState): State => {
    const { etag, size } = content ?? { etag: name, size: 0 }
    const seen = objectPrint(etag, size, modifiedMs, clock.nowMs())
    return { name, row: { key, kind: content ? 'file' : 'deleted', size, seen } }
  }
  return [{ key, states: states.map(stateOf).reverse() }]
}
