import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { type Clock, systemClock } from '../../src/base/clock.js'
import { initSegment, openSegment, withSegment } from '../../src/store/segment.js'
import { collected } from '../contracts/samples.js'
import { bucketOf } from './bucket.js'

export { bucketOf } from './bucket.js'

/** A folder that is gone when the test has ended. */
export async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'efs-store-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

/** A segment with one bucket, `Hawaii/Cola/bk1`, that keeps every version. Closed. */
export const home = async (clock: Clock = systemClock): Promise<string> =>
  makeHome(path.join(await folder(), 'home'), clock)

/** The same, there. */
export async function makeHome(made: string, clock: Clock = systemClock): Promise<string> {
  await initSegment(made, { clock })
  const segment = await openSegment(made, { clock })
  await segment.names.create('Hawaii', {})
  await segment.names.create('Hawaii/Cola', {})
  await segment.names.create('Hawaii/Cola/bk1', { numberOfVersions: 100_000 })
  await segment.close()
  return made
}

/** What a home of format 1 must open as; for a golden home under test/fixtures/home. */
export async function expectOpens(where: string, keys: readonly string[]): Promise<void> {
  await withSegment(where, { clock: systemClock }, async (segment) => {
    const listed = await collected(segment.versions.list(bucketOf(segment), {}))
    expect(listed.map(({ key }) => key)).toEqual(keys)
    expect((await segment.check({ readData: true })).damage).toEqual([])
  })
}
