import { readdirSync, readlinkSync } from 'node:fs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { LIMITS } from '../../src/base/limits.js'
import { objectKey } from '../../src/model/key.js'
import { openSegment, withSegment } from '../../src/store/segment.js'
import { packsOwned, writersSince } from './faulty-homes.js'
import { chunkOf, write } from './faulty-writer.js'
import { bucketOf, home } from './homes.js'

const options = { clock: systemClock }
const COLLECTING = { dryRun: false, deadShareMax: 0, pace: () => Promise.resolve() }
const SOON = { timeout: 30_000 }

function idleAfter(ms: number): void {
  const { packIdleMs } = LIMITS
  Object.assign(LIMITS, { packIdleMs: ms })
  onTestFinished(() => void Object.assign(LIMITS, { packIdleMs }))
}

const isOpenHere = (file: string): boolean =>
  readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(file)
    } catch {
      return false
    }
  })

test('a process that wrote once and goes on living keeps nothing from collections', async () => {
  idleAfter(1)
  const where = await home()
  const gateway = await openSegment(where, options)
  onTestFinished(() => gateway.close())
  await write(gateway, 'one')
  await vi.waitFor(async () => expect(await packsOwned(where)).toBe(0), SOON)
  await withSegment(where, options, async (other) => {
    await other.chunks.put([chunkOf('nobody needs it')])
    await other.chunks.flush()
  })
  await withSegment(where, options, async (other) => {
    const { condemned, young } = await other.collect(COLLECTING)
    expect([condemned.chunks, young.chunks]).toEqual([1, 0])
  })
  await write(gateway, 'two')
  await gateway.chunks.get(['one', 'two'].map((key) => chunkOf(key).ref))
  expect(gateway.versions.head(bucketOf(gateway), objectKey('two'))).toBeDefined()
})

test('a process that writes again and again keeps from collections only what came lately', async () => {
  idleAfter(2000)
  const where = await home()
  const gateway = await openSegment(where, options)
  onTestFinished(() => gateway.close())
  await write(gateway, 'first')
  const [first = 0] = await writersSince(where)
  const writeAgain = async (): Promise<void> => {
    await write(gateway, `${Math.random()}`)
    for (const since of await writersSince(where)) expect(since).toBeGreaterThan(first)
  }
  await vi.waitFor(writeAgain, { timeout: 30_000, interval: 1 })
})

test('a pack that is read no more is let go of, and opened again when it is needed', async () => {
  idleAfter(1)
  const where = await home()
  await withSegment(where, options, (segment) => write(segment, 'one'))
  const reader = await openSegment(where, options)
  onTestFinished(() => reader.close())
  for (let i = 0; i < 2; i++) {
    await reader.chunks.get([chunkOf('one').ref])
    await vi.waitFor(() => expect(isOpenHere(`${where}/packs`)).toBe(false), SOON)
  }
})
