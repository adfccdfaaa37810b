import type { BigIntStats } from 'node:fs'
import type { CallOptions, Parked } from '../../model/endpoint.js'
import type { Attributes } from '../../model/manifest.js'
import type { Folder, Opened } from './opened.js'
import { Parents } from './sink-names.js'
import { dressFolder } from './sink-write.js'
import type { SetTime } from './times.js'
import { why } from './why.js'

/** So many folders are made durable at once. */
const TOGETHER = 64

/**
 * Gives folders their modes and times where they differ, children before parents: nothing is changed in a folder after
 * it got its time, or behind a mode that forbids it. Takes them in key order and remembers one a level.
 */
export async function finishFolders(
  root: string,
  opened: Opened,
  folders: AsyncIterable<readonly Folder[]> | Iterable<readonly Folder[]>,
  setTime: SetTime,
  options: CallOptions,
): Promise<Parked[]> {
  const parked: Parked[] = []
  const open: Folder[] = []
  const running: Promise<void>[] = []
  let parents = new Parents(root, opened)
  const close = (): void => {
    const folder = open.pop()
    if (folder === undefined) return
    const told = dress(folder, parents, setTime).catch((error: unknown) => {
      parked.push({ key: folder.key, why: `its mode and time cannot be set: ${why(error)}` })
    })
    running.push(told)
  }
  try {
    for await (const page of folders) {
      parents = new Parents(root, opened)
      for (const folder of page) {
        options.signal?.throwIfAborted()
        while (open.length > 0 && !folder.key.startsWith(open.at(-1)?.key ?? '')) close()
        open.push(folder)
        if (running.length < TOGETHER) continue
        parents.release()
        await Promise.all(running.splice(0))
      }
      parents.release()
    }
    while (open.length > 0) close()
  } finally {
    parents.release()
  }
  await Promise.all(running)
  return parked
}

async function dress({ key, attributes }: Folder, parents: Parents, setTime: SetTime): Promise<void> {
  if (parents.fault(key, false) !== undefined) return
  const stat = parents.look(key)
  if (stat?.isDirectory() && !isDressed(stat, attributes)) await dressFolder(parents.at(key), attributes, setTime)
}

/** Whether a folder has this mode and time, as far as they are known. */
export const isDressed = (stat: BigIntStats, { mode, mtimeNs }: Attributes): boolean =>
  (mode === undefined || Number(stat.mode & 0o7777n) === mode) && (mtimeNs === undefined || stat.mtimeNs === mtimeNs)
