import {
  closeSync,
  constants,
  fchmodSync,
  fsync,
  ftruncateSync,
  openSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { promisify } from 'node:util'
import { systemCode } from '../../base/errors.js'
import type { Done } from '../../model/endpoint.js'
import type { ObjectKey } from '../../model/key.js'
import type { Attributes, Content } from '../../model/manifest.js'
import type { Losses } from './losses.js'
import { type Partials, writeAll } from './partials.js'
import { throwIfFatal } from './sink-faults.js'
import type { Parents } from './sink-names.js'
import type { SetTime } from './times.js'
import { why } from './why.js'
import { writeXattrs } from './xattrs.js'

const sync = promisify(fsync)

/** Of a file's mode: who it runs as is not kept, since its owner is not, and it would run as whoever wrote it. */
const MODE_KEPT = 0o1777

/** Where nothing says a file's mode, it is that of any new one. */
const MODE_DEFAULT = 0o666 & ~process.umask()

/** A file or a link that is complete under a temporary name. */
export interface Prepared {
  readonly path: string
  /** Settles when it survives a crash. It is closed then, in any case. */
  sync(): Promise<void>
}

/** Completes an object's temporary file: size, attributes, times. @throws the system's error; nothing is left then */
export function prepareFile(
  partials: Partials,
  { object, key }: Pick<Done, 'object' | 'key'>,
  content: Content,
  setTime: SetTime,
  losses: Losses,
): Prepared {
  const { path: at, file, end } = partials.take(object, key)
  try {
    const { root, size, attributes } = content
    if ('inline' in root) writeAll(file, root.inline, 0)
    // What no slice wrote stays a hole.
    else if (end < size) ftruncateSync(file, size)
    dressXattrs(at, key, attributes, losses)
    const mode = attributes.mode ?? MODE_DEFAULT
    if ((mode & MODE_KEPT) !== mode) losses.add('set-uid or set-gid bits', key)
    fchmodSync(file, mode & MODE_KEPT)
    if (attributes.mtimeNs !== undefined) setTime(at, attributes.mtimeNs)
  } catch (error) {
    closeSync(file)
    rmSync(at, { force: true })
    throw error
  }
  let synced: Promise<void> | undefined
  return {
    path: at,
    sync: () => {
      synced ??= sync(file).finally(() => closeSync(file))
      return synced
    },
  }
}

/** Gives a file or a folder its extended attributes, as far as it takes them. */
export function dressXattrs(at: string, key: ObjectKey, { xattrs }: Attributes, losses: Losses): void {
  if (xattrs === undefined) return
  losses.addXattrs(key, writeXattrs(at, xattrs))
}

/** A link is durable with the name that it gets. */
export function prepareLink(
  partials: Partials,
  key: ObjectKey,
  { root, attributes }: Content,
  setTime: SetTime,
): Prepared {
  const at = partials.make(partials.newPath(key), (at) => {
    symlinkSync(Buffer.from('inline' in root ? root.inline : []), at)
    return at
  })
  if (attributes.mtimeNs !== undefined) setTime(at, attributes.mtimeNs)
  return { path: at, sync: async () => undefined }
}

/** Makes the names in a folder survive a crash; one that is gone has none. */
export async function syncNames(folder: string): Promise<void> {
  let file: number
  try {
    file = openSync(folder, 'r')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return
    throw error
  }
  await sync(file).finally(() => closeSync(file))
}

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

/** Gives a folder its mode and time at once, and settles when they survive a crash. */
export async function dressFolder(at: string, { mode, mtimeNs }: Attributes, setTime: SetTime): Promise<void> {
  const file = openSync(at, FOLDER)
  try {
    if (mode !== undefined) fchmodSync(file, mode)
    if (mtimeNs !== undefined) setTime(at, mtimeNs)
    await sync(file)
  } finally {
    closeSync(file)
  }
}

/** Why a folder is still there after it was to go; undefined where it is gone. @throws DISK_FULL, IO */
export function removeFolder(root: string, key: ObjectKey, parents: Parents): string | undefined {
  try {
    parents.change(key, (at) => rmdirSync(at))
    return undefined
  } catch (error) {
    const code = systemCode(error)
    if (code === undefined) throw error
    if (code === 'ENOENT') return undefined
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return 'it holds what was not deleted'
    throwIfFatal(error, root)
    return `it cannot be removed: ${why(error)}`
  }
}
