import { expect, test } from 'vitest'
import { passText, progressText, waitingText, whileBusy } from '../../src/cli/screen/progress.js'
import { PLAIN_SCREEN } from '../../src/cli/screen/screen.js'
import { NO_COUNTS } from '../../src/model/live-stats.js'
import { NONE_BEHIND } from '../../src/model/service.js'
import type { CounterName } from '../../src/model/stats.js'
import { createStats } from '../../src/stats/counters.js'

const text = (counts: Partial<Record<CounterName, number>>): string => {
  const stats = createStats()
  for (const [name, n] of Object.entries(counts)) stats.add(name as CounterName, n)
  return progressText(stats.read(), 10, { dot: '·', dash: '–' })
}

test('whatever a run does first, its line moves: a segment in S3 that is read, either listing, and then the bytes', () => {
  expect(text({})).toBe('looking  0 files')
  expect(text({ factsListed: 1340, factsRead: 12 })).toBe('looking  12 of 1,340 objects that tell what is in S3')
  expect(text({ factsListed: 1340, factsRead: 1340, objectsLooked: 5 })).toBe('looking  5 files')
  expect(text({ objectsLooked: 5, objectsThere: 120_000 })).toBe('looking  5 files · 120,000 at the other side')
  const reading = { objectsLooked: 4000, objectsRead: 1000, bytesLooked: 400e6, bytesRead: 100e6, bytesNew: 50e6 }
  expect(text(reading)).toBe('reading  1,000 of ~4,000 files · 95.4 MiB · new 47.7 MiB · 9.54 MiB/s · about 30 s')
  const large = { objectsLooked: 1, bytesLooked: 400e6, bytesRead: 100e6, bytesNew: 100e6 }
  expect(text(large)).toBe('reading  0 of ~1 file · 95.4 MiB · new 95.4 MiB · 9.54 MiB/s · about 30 s')
})

test('who waits is told how much is behind, and what fails', () => {
  const screen = { dot: '·' }
  const behind = { objects: 1, bytes: 100e6, oldestMs: 5 }
  expect(waitingText(undefined, screen)).toBe('waiting')
  expect(waitingText({ behind: NONE_BEHIND, why: null }, screen)).toBe('waiting')
  expect(waitingText({ behind, why: null }, screen)).toBe('waiting  1 behind · 95.4 MiB')
  expect(waitingText({ behind: { ...behind, capped: true }, why: null }, screen)).toBe('waiting  1+ behind · 95.4 MiB+')
  expect(waitingText({ behind: NONE_BEHIND, why: 'nothing listens \u001b[2J' }, screen)).toBe(
    'waiting  nothing listens \\u001b[2J',
  )
})

test('a pass of a service tells how much of what was offered is there, and what moved', () => {
  const screen = { dot: '·' }
  expect(passText(undefined, screen)).toBe('comparing')
  const none = { from: 'Hawaii/Cola/bk1', to: 'R/Cola/bk1', counts: () => NO_COUNTS }
  expect(passText(none, screen)).toBe('comparing with R/Cola/bk1')
  const counts = () => ({
    ...NO_COUNTS,
    versionsOffered: 1200,
    versionsThere: 1000,
    versionsApplied: 50,
    bytesMoved: 100e6,
  })
  expect(passText({ from: 'Hawaii/Cola/bk1', to: 'R/Cola/bk1', counts }, screen)).toBe(
    'to R/Cola/bk1  1,050 of 1,200 versions there · 95.4 MiB moved',
  )
})

test('what takes longer than a moment says on a terminal what it does, and ends as it would', async () => {
  const screen = { ...PLAIN_SCREEN, live: true, columns: 80 }
  const unsaid = (): string => {
    throw new Error('nothing was to be said')
  }
  expect(await whileBusy(PLAIN_SCREEN, unsaid, async () => 7)).toBe(7)
  expect(await whileBusy(screen, unsaid, async () => 7)).toBe(7)
  for (const [ends, what] of [
    [async () => 7, expect.objectContaining({ value: 7 })],
    [() => Promise.reject(new Error('broken')), expect.objectContaining({ reason: new Error('broken') })],
  ] as const) {
    let say = (): void => undefined
    const said = new Promise<void>((resolve) => {
      say = resolve
    })
    const line = (): string => {
      say()
      return 'comparing'
    }
    const [ended] = await Promise.allSettled([whileBusy<number>(screen, line, () => said.then(ends))])
    expect(ended).toEqual(what)
  }
})
