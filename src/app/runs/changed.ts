import { LIMITS } from '../../base/limits.js'
import type { VersionId } from '../../model/ids.js'
import type { ObjectKey } from '../../model/key.js'
import type { Change } from '../../model/segment.js'
import type { VersionRef } from '../../model/version-ref.js'
import type { Place } from '../sync/sides.js'

/** What a run made of one key, in one change or several that follow upon each other. */
export interface Changed {
  readonly key: ObjectKey
  /** What the run made of it at last. */
  readonly id: VersionId
  readonly changes: number
  readonly head: VersionRef | undefined
  /** Whether the head is what the run made of the key; it may have been brought back to that. */
  readonly stands: boolean
  /** What was before the first of them. */
  readonly earlier: VersionRef | undefined
}

/** Changes of one key so far, of which the last has a later version. */
interface Chain {
  readonly last: Change
  readonly changes: number
  readonly earlier: VersionRef | undefined
}

/**
 * A run's changes, oldest first, by key. A change waits for that of the version after it, where there is one: only the
 * end of the run tells that this is of somebody else.
 */
export async function* changedKeys(
  place: Place,
  pages: AsyncIterable<readonly Change[]>,
): AsyncGenerator<readonly Changed[]> {
  const waiting = new Map<string, Chain>()
  for await (const page of pages) {
    const changed: Changed[] = []
    for (const change of page) {
      const { later, earlier } = besides(place, change)
      const at = placeOf(change.key, change.id)
      const before = waiting.get(at)
      waiting.delete(at)
      const chain = { last: change, changes: (before?.changes ?? 0) + 1, earlier: before ? before.earlier : earlier }
      if (later === undefined) changed.push(changedBy(place, chain))
      else waiting.set(placeOf(change.key, later), chain)
    }
    // The longest wait is most likely in vain.
    for (const [at, chain] of waiting) {
      if (waiting.size <= LIMITS.undoWaitingMax) break
      waiting.delete(at)
      changed.push(changedBy(place, chain))
    }
    yield changed
  }
  const left = [...waiting.values()]
  for (let from = 0; from < left.length; from += LIMITS.pageRowsMax) {
    yield left.slice(from, from + LIMITS.pageRowsMax).map((chain) => changedBy(place, chain))
  }
}

/** Two keys that got the same content at once have versions of one id. */
const placeOf = (key: ObjectKey, id: VersionId): string => `${key}\0${id}`

function besides({ segment, bucket }: Place, { key, id }: Change) {
  const all = segment.versions.versions(bucket.uid, key)
  const at = all.findIndex(({ held }) => held?.id === id)
  return { later: all[at - 1]?.held?.id, earlier: all[at + 1] }
}

function changedBy({ segment, bucket }: Place, { last: { key, id }, changes, earlier }: Chain): Changed {
  const all = segment.versions.versions(bucket.uid, key)
  const [head, made] = [all[0], all.find(({ held }) => held?.id === id)]
  const stands = head !== undefined && made !== undefined && isSame(head, made)
  return { key, id, changes, head, stands, earlier }
}

const isSame = (a: VersionRef, b: VersionRef): boolean =>
  a.kind === b.kind &&
  a.size === b.size &&
  a.held?.contentHash === b.held?.contentHash &&
  a.held?.attributesHash === b.held?.attributesHash
