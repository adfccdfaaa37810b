import { randomUUID } from 'node:crypto'
import { realpathSync, statSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { syncFolder } from '../base/durable-file.js'
import { EfsError } from '../base/errors.js'

type Write = (bytes: Uint8Array) => Promise<void>

/**
 * Lends a way to write a file that appears under its name only when `use` has succeeded; then it is durable. A link is followed; a device or a
 * pipe is written into as it stands. @throws USAGE for a folder; NOT_FOUND
 */
export async function withPartialFile<T>(name: string, use: (write: Write) => Promise<T>): Promise<T> {
  refuseFolder(name)
  const there = statSync(name, { throwIfNoEntry: false })
  if (there !== undefined && !there.isFile()) return withOpen(name, 'w', use)
  const target = there === undefined ? name : realpathSync(name)
  const partial = path.join(path.dirname(target), `.efs-${process.pid}-${randomUUID()}.partial`)
  try {
    const result = await withOpen(partial, 'wx', async (write, file) => {
      const used = await use(write)
      await file.sync()
      return used
    })
    await rename(partial, target)
    await syncFolder(path.dirname(target))
    return result
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

async function withOpen<T>(
  name: string,
  how: 'w' | 'wx',
  use: (write: Write, file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await open(name, how)
  try {
    return await use(async (bytes) => {
      await file.writeFile(bytes)
    }, file)
  } finally {
    await file.close()
  }
}

function refuseFolder(target: string): void {
  const isFolder = (name: string): boolean => statSync(name, { throwIfNoEntry: false })?.isDirectory() === true
  if (target.endsWith('/') || isFolder(target))
    throw new EfsError('USAGE', `${target} is a folder`, { hint: 'name the file in it that is to be written' })
  const folder = path.dirname(target)
  if (!isFolder(folder)) throw new EfsError('NOT_FOUND', `no such folder: ${folder}`, { hint: 'check the path' })
}
