import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { syncFolder } from '../base/durable-file.js'

type Write = (bytes: Uint8Array) => Promise<void>

/** Lends a way to write a file that appears under its name only when `use` has succeeded; then it is durable. */
export async function withPartialFile<T>(target: string, use: (write: Write) => Promise<T>): Promise<T> {
  const partial = path.join(path.dirname(target), `.efs-${process.pid}-${randomUUID()}.partial`)
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
