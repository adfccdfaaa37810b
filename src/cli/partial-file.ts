import { statSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { syncFolder } from '../base/durable-file.js'
import { EfsError } from '../base/errors.js'
import { temporaryIn } from '../base/temporary.js'

type Write = (bytes: Uint8Array) => Promise<void>

/** Lends a way to write a file that appears under its name only when `use` has succeeded; then it is durable. @throws USAGE for a folder; NOT_FOUND */
export async function withPartialFile<T>(target: string, use: (write: Write) => Promise<T>): Promise<T> {
  refuseFolder(target)
  const partial = temporaryIn(path.dirname(target))
  try {
    const file = await open(partial, 'wx')
    let result: T
    try {
      result = await use(async (bytes) => {
        await file.writeFile(bytes)
      })
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(partial, target)
    await syncFolder(path.dirname(target))
    return result
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

function refuseFolder(target: string): void {
  const isFolder = (name: string): boolean => statSync(name, { throwIfNoEntry: false })?.isDirectory() === true
  if (target.endsWith('/') || isFolder(target))
    throw new EfsError('USAGE', `${target} is a folder`, { hint: 'name the file in it that is to be written' })
  const folder = path.dirname(target)
  if (!isFolder(folder)) throw new EfsError('NOT_FOUND', `no such folder: ${folder}`, { hint: 'check the path' })
}
