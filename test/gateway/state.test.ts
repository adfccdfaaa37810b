import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { claimGateway, releaseGateway, runningGateway, tellReady } from '../../src/app/gateway/state.js'
import { systemClock } from '../../src/base/clock.js'
import type { Segment } from '../../src/model/segment.js'
import { initSegment, openSegment } from '../../src/store/segment.js'

const AT = { version: '1.2.3', startedMs: 1_700_000_000_000 }

async function opened(): Promise<Segment> {
  const dir = mkdtempSync(path.join(tmpdir(), 'efs-state-'))
  const home = path.join(dir, 'home')
  await initSegment(home, { clock: systemClock })
  const segment = await openSegment(home, { clock: systemClock })
  onTestFinished(async () => {
    await segment.close()
    rmSync(dir, { recursive: true, force: true })
  })
  return segment
}

const fileOf = ({ home }: Segment): string => path.join(home, 'run', 'gateway.json')

/** As another process would have left it. */
function becomes(segment: Segment, process: Readonly<Record<string, unknown>>): void {
  const state = JSON.parse(readFileSync(fileOf(segment), 'utf8'))
  writeFileSync(fileOf(segment), JSON.stringify({ ...state, process: { ...state.process, ...process } }))
}

test('a gateway is known from its claim on until it is released', async () => {
  const segment = await opened()
  expect(runningGateway(segment.home)).toBeUndefined()
  const mine = await claimGateway(segment, AT)
  expect(runningGateway(segment.home)).toEqual({ ...mine, ...AT, segment: segment.guid, ready: false })
  await tellReady(segment, mine)
  expect(runningGateway(segment.home)?.ready).toBe(true)
  expect(runningGateway(segment.home)?.process.pid).toBe(process.pid)
  await releaseGateway(segment)
  expect(existsSync(fileOf(segment))).toBe(false)
  await releaseGateway(segment)
})

test('a second one is refused while the first one runs, and leaves its claim alone', async () => {
  const segment = await opened()
  await claimGateway(segment, AT)
  becomes(segment, { pid: process.ppid, startTicks: 0 })
  const before = readFileSync(fileOf(segment), 'utf8')
  await expect(claimGateway(segment, AT)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: `a gateway runs for this segment already (pid ${process.ppid})`,
  })
  await releaseGateway(segment)
  expect(readFileSync(fileOf(segment), 'utf8')).toBe(before)
})

test('what a process left that is gone, or had the same pid or another boot, keeps nobody away', async () => {
  const segment = await opened()
  const { pid } = spawnSync(process.execPath, ['--version'])
  for (const left of [{ pid }, { pid: process.ppid, startTicks: 1 }, { boot: 'f'.repeat(32), startTicks: 1 }]) {
    await claimGateway(segment, AT)
    becomes(segment, left)
    expect(runningGateway(segment.home)).toBeUndefined()
    await claimGateway(segment, AT)
    expect(runningGateway(segment.home)?.process.pid).toBe(process.pid)
  }
})

test('what is no state of a gateway keeps nobody away', async () => {
  const segment = await opened()
  await claimGateway(segment, AT)
  for (const text of ['', '{', 'null', '{"process":{}}', '[]']) {
    writeFileSync(fileOf(segment), text)
    expect(runningGateway(segment.home), text).toBeUndefined()
  }
  await claimGateway(segment, AT)
  expect(runningGateway(segment.home)).toBeDefined()
})

test('a copy of a home has no gateway because its original has one', async () => {
  const segment = await opened()
  await claimGateway(segment, AT)
  const copy = `${segment.home}-copy`
  cpSync(segment.home, copy, { recursive: true })
  expect(runningGateway(segment.home)).toBeDefined()
  expect(runningGateway(copy)).toBeUndefined()
  expect(runningGateway(path.join(segment.home, 'segment.json'))).toBeUndefined()
})
