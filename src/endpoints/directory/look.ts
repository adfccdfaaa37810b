import type { Clock } from '../../base/clock.js'
import type { Parked } from '../../model/endpoint.js'
import { isFolderKey, type ObjectKey, ROOT_FOLDER } from '../../model/key.js'
import type { VersionRef } from '../../model/version-ref.js'
import { isBelowFolders, lookAt, rowOf } from './look-at.js'
import { pathOf } from './paths.js'
import { nameFault } from './sink-names.js'
import { Spelling } from './spelling.js'

/** The rows of single keys, as a listing would have them. */
export function lookRows(
  root: string,
  clock: Clock,
  keys: readonly ObjectKey[],
  parked: (what: Parked) => void,
): VersionRef[] {
  const known = new Map<string, boolean>()
  const spelling = new Spelling()
  const context = { root, parked }
  const takenMs = clock.nowMs()
  return keys.flatMap((key) => {
    if (nameFault(key, isFolderKey(key)) !== undefined || !isBelowFolders(context, key, spelling, known)) return []
    const stat = lookAt(context, key)
    if (stat === undefined) return []
    if (key !== ROOT_FOLDER && !spelling.isExact(pathOf(root, key))) return []
    return rowOf(key, stat, takenMs) ?? []
  })
}
