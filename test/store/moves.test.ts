import { statSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { objectKey } from '../../src/model/key.js'
import type { CollectOptions, Finding, Segment } from '../../src/model/segment.js'
import { type LiveRecord, LiveRecords } from '../../src/store/collect/live-records.js'
import { MoveJob } from '../../src/store/collect/move-job.js'
import type { Job } from '../../src/store/commit/committer.js'
import { RemovalJob } from '../../src/store/commit/removal-job.js'
import { packPath } from '../../src/store/home.js'
import { rowsForRemoval } from '../../src/store/index/version-rows.js'
import { removeDoomed } from '../../src/store/packs/doomed.js'
import { claimPacks } from '../../src/store/packs/owners.js'
import { rebuildIndex } from '../../src/store/rebuild/rebuild.js'
import { withSegment } from '../../src/store/segment.js'
import { done, inlineFile, leaf } from '../contracts/samples.js'
import { forgetIndex, keepIndex, killed } from '../sequences/accidents.js'
import { ALL, options, write } from './collecting.js'
import { bucketOf, folder, home } from './homes.js'
import { type Opened, openParts } from './parts.js'

const KEY = objectKey('a')
const SIGNAL = new AbortController().signal

/** How many versions of `a` a copy of the home has; `first` is what happens to the copy. */
async function countIn(where: string, first: (copy: string) => Promise<void>): Promise<number> {
  const copy = path.join(await folder(), 'copy')
  await cp(where, copy, { recursive: true })
  await first(copy)
  return withSegment(copy, options, async (segment) => {
    expect((await segment.check({ readData: true })).damage).toEqual([])
    return segment.versions.versions(bucketOf(segment), KEY).length
  })
}

async function rebuild(where: string): Promise<void> {
  await forgetIndex(where)
  const findings: Finding[] = []
  await rebuildIndex(where, { ...options, tell: async (finding) => void findings.push(finding) })
  expect(findings).toEqual([])
}

const rebuiltCount = (where: string): Promise<number> => countIn(where, rebuild)

/** A home whose only pack is about to be written anew, as a collection does it. */
async function compacting(write: (at: Opened) => Promise<unknown>) {
  const at = await openParts()
  await write(at)
  const { committer, index } = at.parts
  await committer.seal()
  const { size } = statSync(packPath(at.where, 1))
  const [pack] = claimPacks(at.tables, [{ pack: 1, indexed: size }])
  expect(pack).toBe(1)
  const records: LiveRecord[] = []
  for await (const record of new LiveRecords(at.tables, index, 1, new Set()).read(size, SIGNAL)) records.push(record)
  const isVersion = ({ kind }: LiveRecord): boolean => kind === 'version'
  // So that there is a pack to move to.
  await at.parts.chunks.put([leaf('open')])
  await committer.flush()
  const rest = records.filter((record) => !isVersion(record))
  const versions = () => new MoveJob(index, records.filter(isVersion))
  const finish = async (): Promise<void> => {
    await together(at, new MoveJob(index, rest))
    await together(at, new MoveJob(index, [], { pack: 1, gone: new Set() }))
    await removeDoomed(at.tables)
    await expect(cp(packPath(at.where, 1), '/dev/null')).rejects.toMatchObject({ code: 'ENOENT' })
  }
  const removal = () =>
    new RemovalJob(at.tables, at.bucket, [{ key: KEY, rows: rowsForRemoval(at.tables, at.bucket, KEY) }])
  return { at, versions, removal, finish }
}

/** In one commit, in this order. */
async function together({ parts }: Opened, ...jobs: (Job & { readonly done: Promise<void> })[]): Promise<void> {
  for (const job of jobs) parts.committer.submit(job)
  await Promise.all(jobs.map((job) => job.done))
}

const one = (at: Opened) => at.write('a', inlineFile('1'))

describe('a version that is moved', () => {
  test('counts once, whether the old pack is there or not', async () => {
    const { at, versions, finish } = await compacting(one)
    await together(at, versions())
    expect([at.counts('a'), await rebuiltCount(at.where)]).toEqual([[1], 1])
    await finish()
    expect([at.counts('a'), await rebuiltCount(at.where)]).toEqual([[1], 1])
  })

  test.each([
    ['before', 0],
    ['after', 1],
  ])('and removed in the same commit, %s, stays removed', async (_, moveAt) => {
    const { at, versions, removal, finish } = await compacting(one)
    await keepIndex(at.where)
    const jobs = [removal(), versions()]
    await together(at, ...(moveAt === 0 ? jobs.reverse() : jobs))
    expect([at.counts('a'), await rebuiltCount(at.where)]).toEqual([[0], 0])
    expect(await countIn(at.where, killed)).toBe(0)
    await finish()
    expect([at.counts('a'), await rebuiltCount(at.where)]).toEqual([[0], 0])
  })

  test('and then removed, while the old pack is still there, stays removed', async () => {
    const { at, versions, removal, finish } = await compacting(one)
    await together(at, versions())
    await together(at, removal())
    expect([at.counts('a'), await rebuiltCount(at.where)]).toEqual([[0], 0])
    await finish()
    expect(await rebuiltCount(at.where)).toBe(0)
  })

  test('and removed just before, by others, stays removed though an index is made anew before the old pack is gone', async () => {
    const { at, versions, removal } = await compacting(one)
    const late = versions()
    await together(at, removal())
    await together(at, late)
    const copy = path.join(await folder(), 'copy')
    await cp(at.where, copy, { recursive: true })
    await rebuild(copy)
    await collectAll(copy)
    expect(await rebuiltCount(copy)).toBe(0)
  })

  test('is there once where the process was killed before the index had it, and can be removed', async () => {
    const { at, versions } = await compacting(one)
    await keepIndex(at.where)
    await together(at, versions())
    const copy = path.join(await folder(), 'copy')
    await cp(at.where, copy, { recursive: true })
    await killed(copy)
    expect(await countIn(copy, rebuild)).toBe(1)
    await withSegment(copy, options, async ({ versions, names }) => {
      expect(await versions.expunge(bucketOf({ names }), [KEY])).toBe(1)
    })
    expect(await countIn(copy, rebuild)).toBe(0)
    await collectAll(copy)
    expect(await countIn(copy, rebuild)).toBe(0)
  })

  test.each([0, 1])('and is one too many goes, %s commits after what it is too many beside', async (commits) => {
    const { at, versions, finish } = await compacting(async (opened) => {
      await opened.names.set('Hawaii/Cola/bk1', () => ({ numberOfVersions: 1 }))
      await one(opened)
    })
    const published = at.write('a', inlineFile('2'))
    // From then on the commit of what is published has begun.
    for (let turn = 0; turn < commits * 3; turn++) await Promise.resolve()
    await together(at, versions())
    await published
    expect([at.counts('a'), await rebuiltCount(at.where)]).toEqual([[1], 1])
    await finish()
    expect([at.counts('a'), await rebuiltCount(at.where)]).toEqual([[1], 1])
  })
})

const collectAll = (where: string): Promise<void> =>
  withSegment(where, options, async (segment) => {
    for (let n = 0; n < 4; n++) await segment.collect({ ...ALL, deadShareMax: 0 })
  })

/** Breaks off at its `nth` pause. */
async function collectPartly(segment: Segment, nth: number): Promise<void> {
  let pauses = 0
  const pace: CollectOptions['pace'] = async () => {
    if (++pauses === nth) throw new Error('enough')
  }
  await segment.collect({ ...ALL, deadShareMax: 0, pace }).catch((error: unknown) => {
    expect(error).toMatchObject({ cause: { message: 'enough' } })
  })
}

test('what is removed after collections that were broken off stays removed, whatever is collected then', async () => {
  const where = await home()
  const opened = <T>(use: (segment: Segment) => Promise<T>): Promise<T> => withSegment(where, options, use)
  const expunge = (key: string) => opened((segment) => segment.versions.expunge(bucketOf(segment), [objectKey(key)]))
  await opened((segment) =>
    write(
      segment,
      ['a', 'b', 'c'].map((key) => done(key, inlineFile(key))),
    ),
  )
  for (const nth of [2, 2, 1]) {
    expect(await expunge('c')).toBe(1)
    await opened((segment) => collectPartly(segment, nth))
    await opened((segment) => write(segment, [done('c', inlineFile(`again ${nth}`))]))
    expect(await rebuiltCount(where)).toBe(1)
  }
  expect(await expunge('a')).toBe(1)
  for (let n = 0; n < 3; n++) {
    expect(await rebuiltCount(where)).toBe(0)
    await opened((segment) => segment.collect({ ...ALL, deadShareMax: 0 }))
  }
  expect(await rebuiltCount(where)).toBe(0)
})
