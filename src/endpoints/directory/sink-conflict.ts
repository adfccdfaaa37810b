import type { BigIntStats } from 'node:fs'
import type { Done } from '../../model/endpoint.js'
import { isFolderKey } from '../../model/key.js'
import { differs, fingerprintOf, kindOf } from './fingerprint.js'
import { inTheWay, type Parents } from './sink-names.js'

/** Why nothing may be put where its key leads; undefined when it may. */
export function blocked(done: Pick<Done, 'key' | 'there'>, parents: Parents): string | undefined {
  const now = parents.look(done.key)
  return (now && parents.twin(done.key)) ?? conflictWith(done, now)
}

/**
 * Why what stands here now must not be replaced or deleted, or undefined when it may: it is what the plan saw. Of folders
 * only their kind counts; deleting what is in them changes their times.
 */
export function conflictWith(
  { key, there }: Pick<Done, 'key' | 'there'>,
  now: BigIntStats | undefined,
): string | undefined {
  if (now === undefined) return there?.seen === undefined ? undefined : 'it was deleted here meanwhile'
  if (now.isDirectory() !== isFolderKey(key) || kindOf(now) === undefined) {
    return inTheWay(now, isFolderKey(key) ? key.slice(0, -1) : key)
  }
  if (there === undefined) return 'something is here that the plan did not see'
  if (now.isDirectory() || there.seen === undefined) return undefined
  return differs(fingerprintOf(now, 0), there.seen) ? 'it was changed here meanwhile' : undefined
}
