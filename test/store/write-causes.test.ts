import { execFileSync } from 'node:child_process'
import { existsSync, truncateSync, writeFileSync } from 'node:fs'
import { cp, rm } from 'node:fs/promises'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { initSegment, withSegment } from '../../src/store/segment.js'
import { expectRefused, expectSound, idOf } from './faulty-homes.js'
import { FaultyWriter } from './faulty-writers.js'
import { folder, home, makeHome } from './homes.js'

/* Causes as they are: full disks, read-only disks, and processes with too many files open. */

const KiB = 1024
const options = { clock: systemClock }

/** A disk. What mounts one has root's power. */
async function disk(size: string): Promise<string> {
  const mounted = await folder()
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', mounted])
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', mounted])
  })
  return mounted
}

const remount = (mounted: string, how: 'ro' | 'rw'): unknown => execFileSync('mount', ['-o', `remount,${how}`, mounted])

test.each([0, 8, 24, 48, 200])(
  'no segment is made where %i KiB are free, and one is when there is room',
  async (free) => {
    const mounted = await disk('4m')
    const [where, ballast] = [path.join(mounted, 'home'), path.join(mounted, 'ballast')]
    expect(() => writeFileSync(ballast, Buffer.alloc(5000 * KiB))).toThrow('ENOSPC')
    truncateSync(ballast, (4096 - free) * KiB)
    await expect(initSegment(where, options)).rejects.toMatchObject({ code: 'DISK_FULL', hint: expect.any(String) })
    expect(existsSync(path.join(where, 'segment.json'))).toBe(false)
    await rm(ballast)
    await makeHome(where)
    await expectSound(where, {})
  },
)

test('a segment on a full disk is read, and opened without its lock file only where there is room for one', async () => {
  const mounted = await disk('4m')
  const where = await makeHome(path.join(mounted, 'home'))
  const fill = () => expect(() => writeFileSync(path.join(mounted, 'ballast'), Buffer.alloc(5000 * KiB))).toThrow()
  fill()
  await withSegment(where, options, async (segment) => {
    expect((await segment.check({ readData: true })).damage).toEqual([])
  })
  await rm(path.join(where, 'index.mdb-lock'))
  await rm(path.join(mounted, 'ballast'))
  fill()
  const writer = await FaultyWriter.start(where)
  expectRefused(await writer.ask('open'), 'ENOSPC')
  await rm(path.join(mounted, 'ballast'))
  expect(await writer.ask('open')).toEqual({ done: '' })
  const meant = idOf(await writer.ask('write meant'))
  await writer.ask('close')
  await expectSound(where, { meant })
})

test('a disk that became read-only is said to be, and all goes on when it is writable', async () => {
  const mounted = await disk('4m')
  const where = path.join(mounted, 'home')
  remount(mounted, 'ro')
  await expect(initSegment(where, options)).rejects.toMatchObject({ code: 'REFUSED', message: /read-only/ })
  remount(mounted, 'rw')
  // Made elsewhere: what this process has opened there would keep the disk from becoming read-only.
  await cp(await home(), where, { recursive: true })
  remount(mounted, 'ro')
  const writer = await FaultyWriter.start(where)
  expectRefused(await writer.ask('open'), 'EROFS')
  remount(mounted, 'rw')
  expect(await writer.ask('open')).toEqual({ done: '' })
  const meant = idOf(await writer.ask('write meant'))
  await writer.ask('close')
  await expectSound(where, { meant })
})

test('a pack that may only be read is not gone on with', async () => {
  const where = await home()
  const pack = path.join(where, 'packs/00000001.pack')
  const writer = await FaultyWriter.start(where)
  await writer.ask('open')
  execFileSync('mount', ['--bind', pack, pack])
  onTestFinished(() => {
    execFileSync('bash', ['-c', 'while umount --lazy "$0" 2>/dev/null; do :; done', pack])
  })
  execFileSync('mount', ['-o', 'remount,bind,ro', pack])
  expectRefused(await writer.ask('write meant'), 'EROFS')
  execFileSync('umount', [pack])
  const meant = idOf(await writer.ask('write meant'))
  await writer.ask('close')
  await expectSound(where, { meant })
})

/** Each more file gets it a step further; from some number on it succeeds. */
const SPARE = [0, 1, 2, 3, 4, 5, 6, 7, 8]

test('a process that can open few files more is refused in words, wherever it is, until it can', async () => {
  const where = await home()
  const writer = await FaultyWriter.start(where, { packReuseBytesMax: 0 }, ['prlimit', '--nofile=256'])
  const outcomes: Record<string, boolean[]> = { open: [], 'write meant': [] }
  const acknowledged: Record<string, string> = {}
  for (const [question, found] of Object.entries(outcomes)) {
    for (const spare of SPARE) {
      await writer.ask(`hoard ${spare}`)
      const answer = await writer.ask(question)
      await writer.ask('release')
      found.push('done' in answer)
      if ('failed' in answer) expectRefused(answer, 'EMFILE')
      else if (question === 'open') break
      else acknowledged.meant = answer.done
      if ('done' in answer) break
    }
    expect(found).toContain(false)
    expect(found.at(-1)).toBe(true)
  }
  await writer.ask('close')
  await expectSound(where, acknowledged)
})

test.each(['/proc/sys/kernel/random/boot_id', 'its stat'])(
  'a process that cannot read %s takes nothing over from one that runs',
  async (file) => {
    const where = await home()
    const other = await FaultyWriter.start(where)
    await other.ask('open')
    const before = idOf(await other.ask('write before'))
    const writer = await FaultyWriter.start(where)
    const files = [file === 'its stat' ? `/proc/${other.pid}/stat` : file]
    expectRefused(await writer.askWhile({ calls: 'openat', files, error: 'EMFILE' }, 'open'), 'EMFILE')
    const after = idOf(await other.ask('write after'))
    expect(await writer.ask('open')).toEqual({ done: '' })
    const meant = idOf(await writer.ask('write meant'))
    expect(await other.ask('close')).toEqual({ done: '' })
    expect(await writer.ask('close')).toEqual({ done: '' })
    await expectSound(where, { before, after, meant })
  },
)
