import { expect } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { objectKey } from '../../src/model/key.js'
import { homePaths } from '../../src/store/home.js'
import { openTables } from '../../src/store/index/tables.js'
import { openPacks } from '../../src/store/packs/owners.js'
import { withSegment } from '../../src/store/segment.js'
import type { Answer } from './faulty-writer.js'
import { chunkOf, write } from './faulty-writer.js'
import { bucketOf } from './homes.js'

export const ERRORS = {
  EIO: 'IO',
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EROFS: 'REFUSED',
  EMFILE: 'IO',
} as const

export type SystemError = keyof typeof ERRORS

/** In words, of which none is the program's own. */
export function expectRefused(answer: Answer, error: SystemError): void {
  const line = expect.stringMatching(/^[^\n]+$/)
  expect(answer).toEqual({ failed: ERRORS[error], message: line, hint: line })
  expect(JSON.stringify(answer)).not.toMatch(/ {4}at |MDB_|buffer/)
}

/** The id of the version that was acknowledged. */
export function idOf(answer: Answer): string {
  if ('failed' in answer) throw new Error(`${answer.failed}: ${answer.message}`)
  return answer.done
}

/**
 * What the next process finds: all that was acknowledged, once, with its bytes; of what was not, either all or
 * nothing; no damage; and it can go on. Returns the keys that are there of those in doubt.
 */
export async function expectSound(
  home: string,
  acknowledged: Readonly<Record<string, string>>,
  inDoubt: readonly string[] = [],
): Promise<readonly string[]> {
  const kept = await withSegment(home, { clock: systemClock }, async (segment) => {
    const bucket = bucketOf(segment)
    const idsOf = (key: string) => segment.versions.versions(bucket, objectKey(key)).map(({ held }) => held?.id)
    for (const [key, id] of Object.entries(acknowledged)) expect(idsOf(key), key).toEqual([id])
    const found = inDoubt.filter((key) => idsOf(key).length > 0)
    const keys = [...Object.keys(acknowledged), ...found]
    expect(segment.versions.counters(bucket).versions).toBe(keys.length)
    await segment.chunks.get(keys.map((key) => chunkOf(key).ref))
    expect((await segment.check({ readData: true })).damage).toEqual([])
    await write(segment, 'later')
    return found
  })
  expect(await packsOwned(home)).toBe(0)
  return kept
}

/** For each pack that is open the dense number that was next when it was. */
export async function writersSince(home: string): Promise<number[]> {
  const tables = openTables(home, homePaths(home).index)
  const since = openPacks(tables).map(({ sinceDense }) => sinceDense)
  await tables.close()
  return since
}

export const packsOwned = async (home: string): Promise<number> => (await writersSince(home)).length
