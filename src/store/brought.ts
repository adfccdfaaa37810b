import { appendFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { ifThere, unlessGone } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import type { Brought } from '../model/brought.js'
import { type BucketUid, type ChunkId, chunkId } from '../model/ids.js'
import { homePaths } from './home.js'
import { inWords, storeError } from './store-error.js'

const ID_BYTES = 32
const READ_BYTES = 4096 * ID_BYTES
const EARLIER = '.1'

/**
 * A file of ids, and the one before it. It is opened anew for each write, so that a collection, in whatever process,
 * may put it aside at any time. It is not synced: of what is lost the chunks are sent again.
 */
export function createBrought(home: string, tenant: BucketUid): Brought {
  const folder = homePaths(home).brought
  const file = path.join(folder, tenant)

  async function note(ids: readonly ChunkId[]): Promise<void> {
    const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0
    // What was cut off in the middle of an id is not gone on with.
    if (bytes >= LIMITS.broughtFileBytesMax || bytes % ID_BYTES !== 0) putAside(file)
    mkdirSync(folder, { recursive: true })
    appendFileSync(file, Buffer.from(ids.join(''), 'hex'), { mode: 0o600 })
  }

  return {
    async *all() {
      try {
        for (const one of [`${file}${EARLIER}`, file]) yield* idsIn(one)
      } catch (error) {
        throw storeError(error, home)
      }
    },
    note: (ids) => inWords(home, () => note(ids)),
  }
}

/** What was noted is put aside, and what was put aside before is forgotten: the chunks of then that no version holds are deleted by now. */
export function forgetBrought(home: string): void {
  const folder = homePaths(home).brought
  const names = existsSync(folder) ? readdirSync(folder) : []
  for (const name of new Set(names.map((one) => path.basename(one, EARLIER)))) putAside(path.join(folder, name))
}

/** Another process may do so at the same time. */
function putAside(file: string): void {
  rmSync(`${file}${EARLIER}`, { force: true })
  ifThere(() => renameSync(file, `${file}${EARLIER}`))
}

async function* idsIn(file: string): AsyncGenerator<readonly ChunkId[]> {
  const handle = await open(file, 'r').catch(unlessGone)
  if (handle === undefined) return
  try {
    const buffer = Buffer.alloc(READ_BYTES)
    for (let at = 0; ; at += READ_BYTES) {
      const { bytesRead } = await handle.read(buffer, 0, READ_BYTES, at)
      yield idsOf(buffer.subarray(0, bytesRead))
      if (bytesRead < READ_BYTES) return
    }
  } finally {
    await handle.close()
  }
}

const idsOf = (bytes: Buffer): ChunkId[] =>
  Array.from({ length: Math.floor(bytes.length / ID_BYTES) }, (_, i) =>
    chunkId(bytes.toString('hex', i * ID_BYTES, (i + 1) * ID_BYTES)),
  )
