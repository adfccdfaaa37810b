import { statSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { expectRefused, expectSound, idOf, packsOwned, type SystemError } from './faulty-homes.js'
import { type Fault, FaultyWriter, LMDB_MAY_ABORT } from './faulty-writers.js'
import { home } from './homes.js'

/** The pack of before, which is gone on with. */
const OLD = ['packs/00000001.pack']
/** Those that are made, one a try. */
const NEW = ['2', '3', '4', '5', '6'].map((number) => `packs/0000000${number}.pack`)
const INDEX = ['index.mdb']
const PACKS = ['packs']
const PAGES = 'pwrite64,writev,pwritev'

interface Step extends Omit<Fault, 'error'> {
  readonly step: string
  /** One after the other. */
  readonly errors: readonly SystemError[]
}

/** One commit into a pack that is open, in the order of its writes. */
const COMMIT: readonly Step[] = [
  { step: 'the chunks', calls: 'pwritev', files: OLD, when: '1', errors: ['EIO', 'ENOSPC', 'EDQUOT', 'EROFS'] },
  { step: 'manifests and log record', calls: 'pwritev', files: OLD, when: '2', errors: ['EIO', 'ENOSPC', 'EROFS'] },
  { step: 'the sync of the pack', calls: 'fdatasync', files: OLD, errors: ['EIO', 'ENOSPC', 'EROFS'] },
  { step: 'the sync of the pack, and cutting it', calls: 'fdatasync,ftruncate', files: OLD, errors: ['EIO', 'EROFS'] },
  { step: 'asking for room', calls: 'statfs', files: [''], errors: ['EIO'] },
  { step: 'the pages of the index', calls: PAGES, files: INDEX, errors: ['EIO', 'ENOSPC', 'EDQUOT', 'EROFS'] },
  { step: 'the sync of the index', calls: 'fdatasync', files: INDEX, errors: ['EIO', 'ENOSPC', 'EROFS'] },
]

test.each(COMMIT)(
  '$step: what fails is refused, and the process goes on',
  LMDB_MAY_ABORT,
  async ({ errors, ...call }) => {
    const where = await home()
    const writer = await FaultyWriter.start(where)
    await writer.ask('open')
    const acknowledged = { before: idOf(await writer.ask('write before')) }
    for (const error of errors) {
      expectRefused(await writer.askWhile({ ...call, error }, `write ${error}`), error)
      expect(await writer.ask(`see ${error}`)).toEqual({ done: 'nothing' })
      Object.assign(acknowledged, { [error]: idOf(await writer.ask(`write ${error}`)) })
    }
    expect(await writer.ask('close')).toEqual({ done: '' })
    await expectSound(where, acknowledged)
  },
)

/** Before the first commit, into a pack of its own. */
const BEGIN: readonly Step[] = [
  { step: 'the number of a new pack', calls: PAGES, files: INDEX, errors: ['EIO', 'ENOSPC', 'EROFS'] },
  { step: 'the file of a new pack', calls: 'openat', files: NEW, errors: ['EMFILE', 'EIO', 'ENOSPC', 'EROFS'] },
  { step: 'the header of a new pack', calls: PAGES, files: NEW, when: '1', errors: ['EIO', 'ENOSPC', 'EROFS'] },
  { step: 'the folder of packs', calls: 'openat', files: PACKS, errors: ['EMFILE', 'EIO'] },
  { step: 'the name of a new pack', calls: 'fsync', files: PACKS, errors: ['EIO', 'ENOSPC'] },
  { step: 'the first records', calls: 'pwritev', files: NEW, errors: ['EIO', 'ENOSPC'] },
  { step: 'the first sync', calls: 'fdatasync', files: NEW, errors: ['EIO', 'ENOSPC'] },
]

test.each(BEGIN)('$step: what fails leaves nothing behind', LMDB_MAY_ABORT, async ({ errors, ...call }) => {
  const where = await home()
  const writer = await FaultyWriter.start(where, { packReuseBytesMax: 0 })
  await writer.ask('open')
  for (const error of errors) {
    expectRefused(await writer.askWhile({ ...call, error }, 'write meant'), error)
    expect(await writer.ask('see meant')).toEqual({ done: 'nothing' })
  }
  // One that is open, and none for each try.
  expect(await packsOwned(where)).toBeLessThanOrEqual(1)
  const meant = idOf(await writer.ask('write meant'))
  expect(await writer.ask('close')).toEqual({ done: '' })
  await expectSound(where, { meant })
})

/** A pack that is full in the middle of a commit, so that the commit has two to sync. */
const ROLL_OVER: readonly Step[] = [
  { step: 'the sync of the full pack', calls: 'fdatasync', files: OLD, errors: ['EIO'] },
  { step: 'the sync of the full pack, and cutting it', calls: 'fdatasync,ftruncate', files: OLD, errors: ['EIO'] },
  { step: 'the sync of the next pack', calls: 'fdatasync', files: NEW, errors: ['EIO'] },
  { step: 'the sync of the next pack, and cutting it', calls: 'fdatasync,ftruncate', files: NEW, errors: ['EIO'] },
  { step: 'making the next pack', calls: 'openat', files: NEW, errors: ['EMFILE'] },
]
/** Room for the chunk that is meant, and not for what follows. */
const ROLLING = { packBytesMax: 7000 }

test.each(ROLL_OVER)('rolling over, $step: what fails is cut back', async ({ errors, ...call }) => {
  const where = await home()
  const writer = await FaultyWriter.start(where, ROLLING)
  await writer.ask('open')
  const before = idOf(await writer.ask('write before'))
  for (const error of errors) expectRefused(await writer.askWhile({ ...call, error }, 'write meant'), error)
  expect(await writer.ask('see meant')).toEqual({ done: 'nothing' })
  const meant = idOf(await writer.ask('write meant'))
  const after = idOf(await writer.ask('write after'))
  expect(await packsOwned(where), 'the full one is given up').toBe(1)
  expect(await writer.ask('close')).toEqual({ done: '' })
  await expectSound(where, { before, meant, after })
})

test('a tail that cannot be cut off is cut off before less is written over it', async () => {
  const where = await home()
  const pack = path.join(where, 'packs/00000001.pack')
  const writer = await FaultyWriter.start(where)
  await writer.ask('open')
  const fault = { calls: 'fdatasync,ftruncate', files: OLD, error: 'EIO' }
  expectRefused(await writer.askWhile(fault, 'write big'), 'EIO')
  const torn = statSync(pack).size
  const meant = idOf(await writer.ask('write meant'))
  const whole = statSync(pack).size
  expect(whole).toBeLessThan(torn)
  expect(await writer.ask('close')).toEqual({ done: '' })
  expect(statSync(pack).size).toBe(whole)
  await expectSound(where, { meant })
})

/** What nobody needs any more when it fails. */
test.each([
  { step: 'closing the full pack', limits: ROLLING, fault: { calls: 'close', files: OLD, error: 'EIO' } },
  { step: 'ringing the bell', limits: {}, fault: { calls: 'utimensat,openat', files: ['doorbell'], error: 'EIO' } },
])('$step: a failure changes nothing', async ({ limits, fault }) => {
  const where = await home()
  const writer = await FaultyWriter.start(where, limits)
  await writer.ask('open')
  const before = idOf(await writer.ask('write before'))
  const meant = idOf(await writer.askWhile(fault, 'write meant'))
  const after = idOf(await writer.ask('write after'))
  expect(await writer.ask('close')).toEqual({ done: '' })
  await expectSound(where, { before, meant, after })
})

/** A home that was copied begins an epoch when it is opened, so opening writes. */
const OPEN: readonly Step[] = [
  { step: 'its identity', calls: 'openat', files: ['segment.json'], errors: ['EMFILE', 'EIO'] },
  { step: 'the index', calls: 'openat', files: INDEX, errors: ['EMFILE', 'EIO', 'EROFS'] },
  { step: 'the epoch', calls: PAGES, files: INDEX, errors: ['EIO', 'ENOSPC', 'EROFS'] },
  { step: 'the sync of the epoch', calls: 'fdatasync', files: INDEX, errors: ['EIO', 'ENOSPC'] },
]

test.each(OPEN)(
  'opening, $step: what fails is refused, and it opens when that is gone',
  LMDB_MAY_ABORT,
  async ({ errors, ...call }) => {
    const made = await home()
    const where = `${made}-copy`
    await cp(made, where, { recursive: true })
    const writer = await FaultyWriter.start(where)
    for (const error of errors) expectRefused(await writer.askWhile({ ...call, error }, 'open'), error)
    expect(await writer.ask('open')).toEqual({ done: '' })
    const meant = idOf(await writer.ask('write meant'))
    expect(await writer.ask('close')).toEqual({ done: '' })
    await expectSound(where, { meant })
  },
)

test.each([
  { step: 'cutting the pack', calls: 'ftruncate', files: OLD },
  { step: 'giving the pack up', calls: PAGES, files: INDEX },
  { step: 'the sync of that', calls: 'fdatasync', files: INDEX },
])('closing, $step: a failure is said, and nothing is lost', LMDB_MAY_ABORT, async ({ calls, files }) => {
  const where = await home()
  const writer = await FaultyWriter.start(where)
  await writer.ask('open')
  const before = idOf(await writer.ask('write before'))
  expectRefused(await writer.askWhile({ calls, files, error: 'EIO' }, 'close'), 'EIO')
  await writer.end()
  await expectSound(where, { before })
})

/** The disk does not come back while the process runs. */
test.each([
  { step: 'writing packs', calls: 'pwritev', files: OLD, error: 'ENOSPC' },
  { step: 'writing, syncing and cutting packs', calls: 'pwritev,fdatasync,ftruncate', files: OLD, error: 'EROFS' },
  { step: 'syncing and cutting packs', calls: 'fdatasync,ftruncate', files: OLD, error: 'EIO' },
  { step: 'writing the index', calls: PAGES, files: INDEX, error: 'EIO' },
  { step: 'syncing the index', calls: 'fdatasync', files: INDEX, error: 'EIO' },
] as const)('$step fails for good: the next process goes on', LMDB_MAY_ABORT, async ({ calls, files, error }) => {
  const where = await home()
  const writer = await FaultyWriter.start(where)
  await writer.ask('open')
  const before = idOf(await writer.ask('write before'))
  await writer.during({ calls, files, error }, async () => {
    for (const key of ['meant', 'meant', 'after']) expectRefused(await writer.ask(`write ${key}`), error)
    expect(await writer.ask('see meant')).toEqual({ done: 'nothing' })
    await writer.ask('close')
    await writer.end()
  })
  await expectSound(where, { before }, ['meant', 'after'])
})

/** What a process that was killed left is taken over by the next one, or by the one after that. */
test.each([
  { step: 'cutting what is torn', calls: 'ftruncate', files: OLD, error: 'EROFS' },
  { step: 'writing once more what is kept', calls: PAGES, files: OLD, error: 'EIO' },
  { step: 'syncing what is kept', calls: 'fdatasync', files: OLD, error: 'EIO' },
  { step: 'claiming the pack', calls: PAGES, files: INDEX, when: '1', error: 'ENOSPC' },
  { step: 'writing what it says', calls: 'fdatasync', files: INDEX, when: '2+', error: 'EIO' },
] as const)('taking over, $step fails: the next process takes over', async ({ step: _, ...fault }) => {
  const where = await home()
  const killed = await FaultyWriter.start(where)
  await killed.ask('open')
  const before = idOf(await killed.ask('write before'))
  await killed.askWhile({ calls: 'fdatasync,ftruncate', files: OLD, error: 'EIO' }, 'write meant')
  await killed.end('SIGKILL')
  const second = await FaultyWriter.start(where)
  expectRefused(await second.askWhile(fault, 'open'), fault.error)
  await second.end('SIGKILL')
  expect(await expectSound(where, { before }, ['meant'])).toEqual(['meant'])
})
