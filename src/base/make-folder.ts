import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { systemCode } from './errors.js'

/** Makes a folder and those above it that are missing. On a disk that is read-only Node says that a folder is missing: the first of them, made alone, tells why it cannot be. */
export async function makeFolder(folder: string, mode = 0o777): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode })
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
    await mkdir(firstMissing(folder), { mode })
    await mkdir(folder, { recursive: true, mode })
  }
}

function firstMissing(folder: string): string {
  const above = path.dirname(folder)
  return existsSync(above) ? folder : firstMissing(above)
}
