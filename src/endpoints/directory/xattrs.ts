import xattr from '@napi-rs/xattr'
import { LIMITS } from '../../base/limits.js'

/** Only these belong to the user; the others are the system's own (access lists, labels, capabilities). */
const USER = 'user.'

const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/**
 * The user's extended attributes, or undefined where there are none or the file system has no such thing. Follows a link,
 * so it is not for links. Attributes beyond LIMITS.xattrBytesMax in all are left out, the last names first.
 */
export function readXattrs(path: string): Record<string, Uint8Array> | undefined {
  const names = listUser(path)
  if (names.length === 0) return undefined
  const values: Record<string, Uint8Array> = {}
  let bytes = 0
  for (const name of names.sort(compareBytes)) {
    const value = xattr.getAttributeSync(path, name)
    if (value === null) continue
    bytes += Buffer.byteLength(name) + value.length
    if (bytes > LIMITS.xattrBytesMax) break
    values[name] = value
  }
  return values
}

/** Makes the user's attributes exactly these. False where the file system does not take them. */
export function writeXattrs(path: string, wanted: Readonly<Record<string, Uint8Array>>): boolean {
  const names = Object.keys(wanted).filter((name) => name.startsWith(USER))
  try {
    for (const name of listUser(path)) if (!Object.hasOwn(wanted, name)) xattr.removeAttributeSync(path, name)
    for (const name of names) xattr.setAttributeSync(path, name, wanted[name] ?? Buffer.alloc(0))
    return true
  } catch (error) {
    if (isRefusal(error)) return names.length === 0
    throw error
  }
}

function listUser(path: string): string[] {
  try {
    return xattr.listAttributesSync(path).filter((name) => name.startsWith(USER))
  } catch (error) {
    if (isRefusal(error)) return []
    throw error
  }
}

/** The library tells the system's answer in words only. Whatever it is, the file has no such attributes for us. */
const isRefusal = (error: unknown): boolean => error instanceof Error && /\(os error \d+\)$/.test(error.message)
