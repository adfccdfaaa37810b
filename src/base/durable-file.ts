import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import path from 'node:path'

/** Makes the names in a folder survive a crash. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The same at once, for who holds a lock meanwhile. */
export function syncFolderNow(folder: string): void {
  const file = openSync(folder, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Writes a file beside `target` that only has to be renamed to take its place, and gives its path. */
export async function writePartial(target: string, bytes: Uint8Array): Promise<string> {
  const partial = `${target}.${randomUUID()}.partial`
  try {
    const file = await open(partial, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    return partial
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

/**
 * Replaces a small file so that after a crash the old or the new content stands there whole:
 * temporary file, sync, rename, sync of the folder.
 */
export async function writeFileDurably(target: string, bytes: Uint8Array): Promise<void> {
  const partial = await writePartial(target, bytes)
  try {
    await rename(partial, target)
    await syncFolder(path.dirname(target))
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}
