import { getSystemErrorName } from 'node:util'
import xattr from '@napi-rs/xattr'
import { systemCode } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'

/** Only these belong to the user; the others are the system's own (access lists, labels, capabilities). */
const USER = 'user.'

const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/**
 * The user's extended attributes, or undefined where there are none or the file system has no such thing. Attributes beyond
 * LIMITS.xattrBytesMax in all are left out, the last names first, and added to `left`. @throws the system's error
 */
export function readXattrs(path: string, left: string[] = []): Record<string, Uint8Array> | undefined {
  const names = listUser(path)
  if (names.length === 0) return undefined
  const values: Record<string, Uint8Array> = {}
  let bytes = 0
  for (const name of names.sort(compareBytes)) {
    const value = told(() => xattr.getAttributeSync(path, name))
    if (value === null) continue
    bytes += Buffer.byteLength(name) + value.length
    if (bytes > LIMITS.xattrBytesMax) left.push(name)
    else values[name] = value
  }
  return values
}

/** Makes the user's attributes exactly these. Gives the names of those that the file system does not take. */
export function writeXattrs(path: string, wanted: Readonly<Record<string, Uint8Array>>): string[] {
  const names = Object.keys(wanted).filter((name) => name.startsWith(USER))
  for (const name of listUser(path)) if (!Object.hasOwn(wanted, name)) told(() => xattr.removeAttributeSync(path, name))
  return names.filter((name) => !isTaken(() => xattr.setAttributeSync(path, name, wanted[name] ?? Buffer.alloc(0))))
}

/** Full is said of the room that one file has for them, too, and is no matter of the disk. */
function isTaken(set: () => void): boolean {
  try {
    told(set)
    return true
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return false
  }
}

function listUser(path: string): string[] {
  try {
    return told(() => xattr.listAttributesSync(path)).filter((name) => name.startsWith(USER))
  } catch (error) {
    if (NONE.has(systemCode(error) ?? '')) return []
    throw error
  }
}

/** What a file system says that has no such thing. */
const NONE = new Set(['ENOTSUP', 'EOPNOTSUPP'])

/** The library tells the system's answer in words only. @throws it as the system's error */
function told<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    const number = error instanceof Error && /\(os error (\d+)\)$/.exec(error.message)?.[1]
    if (!number) throw error
    throw Object.assign(new Error(error.message, { cause: error }), { code: getSystemErrorName(-Number(number)) })
  }
}
