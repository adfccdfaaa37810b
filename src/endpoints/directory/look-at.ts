import { type BigIntStats, lstatSync } from 'node:fs'
import { systemCode } from '../../base/errors.js'
import type { Parked } from '../../model/endpoint.js'
import { isFolderKey, type ObjectKey } from '../../model/key.js'
import type { VersionRef } from '../../model/version-ref.js'
import { attributesOf, fingerprintOf, kindOf } from './fingerprint.js'
import { pathOf } from './paths.js'
import type { Spelling } from './spelling.js'
import { notOpened, why } from './why.js'

/** What a look at one place needs. */
export interface LookContext {
  /** Absolute path. */
  readonly root: string
  readonly parked: (what: Parked) => void
}

/** What stands there; undefined where there is nothing, or it cannot be looked at, which is told. */
export function lookAt({ root, parked }: LookContext, key: string): BigIntStats | undefined {
  try {
    return lstatSync(pathOf(root, key), { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOTDIR') return undefined
    const folder = key.slice(0, key.lastIndexOf('/', key.length - 2) + 1)
    // Whether there is such a thing in a folder that cannot be entered, nobody knows.
    if (code === 'EACCES' && folder !== '') parked({ key: folder as ObjectKey, why: notOpened(error) })
    else parked({ key: key as ObjectKey, why: `it cannot be looked at: ${why(error)}` })
    return undefined
  }
}

/** Undefined where what stands there is of another kind than the key says. */
export function rowOf(key: string, stat: BigIntStats, takenMs: number): VersionRef | undefined {
  const kind = kindOf(stat)
  if (kind === undefined || (kind === 'folder') !== isFolderKey(key)) return undefined
  const seen = fingerprintOf(stat, takenMs)
  return { key: key as ObjectKey, kind, size: seen.size, ...attributesOf(stat), seen }
}

/** Whether all that a key stands in are folders of just those names, none of them a link. `known` remembers what was looked at. */
export function isBelowFolders(
  context: LookContext,
  key: string,
  spelling: Spelling,
  known: Map<string, boolean>,
): boolean {
  for (let end = key.indexOf('/'); end >= 0 && end < key.length - 1; end = key.indexOf('/', end + 1)) {
    const folder = key.slice(0, end + 1)
    const isOne = known.get(folder) ?? isFolderAt(context, folder, spelling)
    known.set(folder, isOne)
    if (!isOne) return false
  }
  return true
}

function isFolderAt(context: LookContext, folder: string, spelling: Spelling): boolean {
  const isFolder = lookAt(context, folder)?.isDirectory() === true
  try {
    return isFolder && spelling.isExact(pathOf(context.root, folder))
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    context.parked({ key: folder as ObjectKey, why: `it cannot be looked at: ${why(error)}` })
    return false
  }
}
