import { lstatSync } from 'node:fs'
import path from 'node:path'
import { systemCode } from '../../base/errors.js'
import { keyFault, type ObjectKey, ROOT_FOLDER } from '../../model/key.js'
import { mountPoints } from '../../store/mounts.js'
import { pathOf } from './paths.js'

/** The folders below a root, and the root itself, at which something is mounted, in no order. */
export function mountPointsIn(root: string): ObjectKey[] {
  const below = root === '/' ? root : `${root}/`
  const keys = new Set<ObjectKey>()
  for (const point of mountPoints()) {
    if (point === root) keys.add(ROOT_FOLDER)
    else if (point.startsWith(below)) {
      const key = `${point.slice(below.length)}/`
      if (keyFault(key) === undefined) keys.add(key as ObjectKey)
    }
  }
  return [...keys]
}

/**
 * Those of them that are another file system, as the device tells: what a sandbox mounts over a folder to make it writable is the
 * same one, and the folder is what it was.
 */
export const mountsIn = (root: string): ObjectKey[] => mountPointsIn(root).filter((key) => isApart(pathOf(root, key)))

function isApart(point: string): boolean {
  try {
    return lstatSync(point).dev !== lstatSync(path.dirname(point)).dev
  } catch (error) {
    const code = systemCode(error)
    if (code === undefined) throw error
    // Under another mount it is not seen. One whose server is gone is still a mount.
    return code !== 'ENOENT' && code !== 'ENOTDIR'
  }
}
