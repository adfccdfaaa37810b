import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { withSegment } from '../../src/app/app.js'
import { openEnds } from '../../src/app/mirror/ends.js'
import { mirrorOnce } from '../../src/app/mirror/once.js'
import { inTurn } from '../../src/app/mirror/turn.js'
import { systemClock } from '../../src/base/clock.js'
import { bucketUid } from '../../src/model/ids.js'
import type { Segment } from '../../src/model/segment.js'
import { initSegment, openSegment } from '../../src/store/segment.js'
import { A, Site } from './site.js'

const uid = bucketUid('0'.repeat(32))

async function opened(): Promise<Segment> {
  const dir = mkdtempSync(path.join(tmpdir(), 'efs-turn-'))
  await initSegment(dir, { clock: systemClock })
  const segment = await openSegment(dir, { clock: systemClock })
  onTestFinished(async () => {
    await segment.close()
    rmSync(dir, { recursive: true, force: true })
  })
  return segment
}

const at = (segment: Segment, identity = 'file:///d') => ({ segment, uid, there: { identity } })
const filesOf = ({ home }: Segment): string[] => readdirSync(path.join(home, 'run'))
const { signal } = new AbortController()

test('one at a time works on one mirror, in the order in which they came; another mirror waits for nobody', async () => {
  const segment = await opened()
  const events: string[] = []
  const work = (name: string, ms: number) => async () => {
    events.push(`${name} begins`)
    await delay(ms)
    events.push(`${name} ends`)
  }
  const first = inTurn(at(segment), { signal }, work('first', 300))
  await delay(100)
  const told: number[] = []
  const second = inTurn(at(segment), { signal, waiting: (pid) => told.push(pid) }, work('second', 0))
  await delay(50)
  const third = inTurn(at(segment), { signal }, work('third', 0))
  await inTurn(at(segment, 'file:///e'), { signal }, work('other', 0))
  await Promise.all([first, second, third])
  expect(events.filter((event) => !event.startsWith('other'))).toEqual(
    ['first', 'second', 'third'].flatMap((name) => [`${name} begins`, `${name} ends`]),
  )
  expect(events.indexOf('other ends')).toBeLessThan(events.indexOf('first ends'))
  expect(told).toEqual([process.pid])
  expect(filesOf(segment)).toEqual([])
})

test('who is interrupted while it waits, or fails at its work, keeps nobody away', async () => {
  const segment = await opened()
  const stop = new AbortController()
  const first = inTurn(at(segment), { signal }, () => delay(300))
  await delay(100)
  const second = inTurn(at(segment), { signal: stop.signal }, () => delay(0))
  await delay(50)
  stop.abort(new Error('enough'))
  await expect(second).rejects.toThrow('enough')
  await first
  await expect(inTurn(at(segment), { signal }, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await inTurn(at(segment), { signal }, async () => 'done')).toBe('done')
  expect(filesOf(segment)).toEqual([])
})

/** What is said of a turn by somebody who has it. */
async function textOfTurn(segment: Segment): Promise<{ file: string; text: string }> {
  return inTurn(at(segment), { signal }, async () => {
    const [name = ''] = filesOf(segment)
    const file = path.join(segment.home, 'run', name)
    return { file, text: readFileSync(file, 'utf8') }
  })
}

test('what a process left that is gone, or that lives for another home, or that says nothing, keeps nobody away', async () => {
  const segment = await opened()
  const { file, text } = await textOfTurn(segment)
  const { pid } = spawnSync(process.execPath, ['--version'])
  for (const left of [
    text.replace(/"pid":\d+/, `"pid":${pid}`),
    text.replace(/"folder":"[^"]*"/, '"folder":"1:2"'),
    text.slice(0, 20),
    '',
  ]) {
    writeFileSync(file, left)
    expect(await inTurn(at(segment), { signal }, async () => 'done')).toBe('done')
  }
})

test('a process that lives is waited for, and no longer once it is killed', async () => {
  const segment = await opened()
  const { file, text } = await textOfTurn(segment)
  const other = spawn('sleep', ['100'])
  onTestFinished(() => void other.kill())
  writeFileSync(file, text.replace(/"pid":\d+,"startTicks":\d+/, `"pid":${other.pid},"startTicks":0`))
  const told: number[] = []
  let isDone = false
  const work = inTurn(at(segment), { signal, waiting: (pid) => told.push(pid) }, async () => {
    isDone = true
  })
  await delay(300)
  expect(isDone).toBe(false)
  other.kill('SIGKILL')
  await work
  expect(told).toEqual([other.pid])
})

test('a pass over a directory and its bucket waits for its turn, and says for whom', async () => {
  const site = await Site.begin()
  mkdirSync(site.at('d'))
  site.write(['s/a', 'a'])
  await site.sync(site.at('s'), A)
  const remote = { kind: 'directory', path: site.at('d') } as const
  const what = { service: 'm', path: A, place: { remote, text: remote.path }, ways: { sends: true, receives: true } }
  await withSegment(site.app, async (segment) => {
    const ends = await openEnds(site.app, segment, what)
    let isDone = false
    let passing: Promise<void> | undefined
    await inTurn(ends, { signal }, async () => {
      passing = mirrorOnce(site.app, segment, { ...what, force: false }, signal).then(() => {
        isDone = true
      })
      await delay(300)
      expect(isDone).toBe(false)
    })
    await passing
    await ends.close()
  })
  expect(site.notes).toEqual([`process ${process.pid} brings them together just now: waiting for it`])
  expect(readdirSync(remote.path)).toEqual(['a'])
})
