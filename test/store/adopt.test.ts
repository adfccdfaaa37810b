import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { appendFile, truncate } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { packPath } from '../../src/store/home.js'
import { withSegment } from '../../src/store/segment.js'
import { expectSound, idOf, packsOwned } from './faulty-homes.js'
import { FaultyWriter } from './faulty-writers.js'
import { home } from './homes.js'

/** A home in which a process was killed that wrote a key. */
async function homeLeft(): Promise<{ where: string; one: string }> {
  const where = await home()
  const killed = await FaultyWriter.start(where)
  await killed.ask('open')
  const one = idOf(await killed.ask('write one'))
  await appendFile(packPath(where, 1), Buffer.from('begun'))
  await killed.end('SIGKILL')
  return { where, one }
}

const packsOpenIn = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/fd`)
    .flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)]
      } catch {
        return []
      }
    })
    .filter((file) => file.endsWith('.pack'))

test.each([['pread64'], ['ftruncate'], ['fdatasync']])(
  'what could not be taken over for a failing %s is taken over by the next one, while who tried lives on',
  async (calls) => {
    const { where, one } = await homeLeft()
    const tried = await FaultyWriter.start(where)
    const fault = { calls, files: [packPath(where, 1)], error: 'EIO' }
    expect(await tried.askWhile(fault, 'open')).toMatchObject({ failed: 'IO' })
    expect(packsOpenIn(tried.pid)).toEqual([])
    await withSegment(where, { clock: systemClock }, () => Promise.resolve())
    expect(await packsOwned(where)).toBe(0)
    await expectSound(where, { one })
  },
)

const bytesReadBy = (pid: number): number =>
  Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1])

test('zeros behind what a killed process wrote are not looked through for more', async () => {
  const { where, one } = await homeLeft()
  const zeros = 64 * 1024 * 1024
  await truncate(packPath(where, 1), zeros)
  const next = await FaultyWriter.start(where)
  const before = bytesReadBy(next.pid)
  idOf(await next.ask('open'))
  expect(bytesReadBy(next.pid) - before).toBeLessThan(zeros / 2)
  await next.end()
  await expectSound(where, { one })
})
