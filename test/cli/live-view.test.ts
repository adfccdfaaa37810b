import { expect, test } from 'vitest'
import { fitted, LiveView } from '../../src/cli/live-view.js'
import { BARS, sparkline, Throughput } from '../../src/cli/sparkline.js'

test('a line of bars: the most is as high as it goes, something is never nothing', () => {
  expect(sparkline([], BARS.fine)).toBe('')
  expect(sparkline([0, 0], BARS.fine)).toBe('  ')
  expect(sparkline([0, 1, 500, 1000], BARS.fine)).toBe(' ▁▄█')
  expect(sparkline([0, 1, 500, 1000], BARS.ascii)).toBe(' .=#')
})

test('throughput is what a counter moved, second by second, for a minute', () => {
  const throughput = new Throughput(3)
  throughput.add(0, 1000, 50)
  expect(throughput.of('send')).toEqual([])
  throughput.add(1000, 1500, 50)
  throughput.add(3000, 2500, 70)
  expect(throughput.of('send')).toEqual([500, 500])
  expect(throughput.of('receive')).toEqual([0, 10])
  throughput.add(4000, 0, 0)
  throughput.add(5000, 7, 0)
  expect(throughput.of('send')).toEqual([500, 0, 7])
})

const FRAME = { head: ['keys', 'more'], body: ['table', 'row', 'last'], foot: ['send', 'receive'] }

test('where not all fits, the head goes first, then the end of the body; the foot stays', () => {
  expect(fitted(FRAME, 80, 7)).toEqual(['keys', 'more', 'table', 'row', 'last', 'send', 'receive'])
  expect(fitted(FRAME, 80, 6)).toEqual(['table', 'row', 'last', 'send', 'receive'])
  expect(fitted(FRAME, 3, 4)).toEqual(['tab', 'row', 'sen', 'rec'])
})

test('what is drawn is one write over what stood there, and the screen is given back once', () => {
  const written: string[] = []
  const view = new LiveView({ columns: 80, rows: 24, write: (text) => written.push(text) })
  view.close()
  expect(written).toEqual([])
  view.draw(FRAME)
  view.draw(FRAME)
  view.close()
  view.close()
  const [enter, first, second, leave, ...rest] = written
  expect(rest).toEqual([])
  expect(first).toBe(second)
  expect(first).not.toContain('\u001b[2J')
  expect(first?.startsWith('\u001b[H')).toBe(true)
  expect([enter, leave]).toEqual(['\u001b[?1049h\u001b[?25l', '\u001b[?25h\u001b[?1049l'])
})
