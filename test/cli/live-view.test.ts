import { expect, onTestFinished, test, vi } from 'vitest'
import type { ServiceShown } from '../../src/app/services/shown.js'
import { fitted, LiveView } from '../../src/cli/screen/live-view.js'
import { ServiceWatch } from '../../src/cli/screen/service-watch.js'
import { BARS, sparkline, Throughput } from '../../src/cli/text/sparkline.js'
import { NEVER_RUN } from '../../src/stats/never-run.js'

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
  expect(fitted(FRAME, 80, 5)).toEqual(['table', 'row', 'last', 'send', 'receive'])
  expect(fitted(FRAME, 80, 4)).toEqual(['table', '(2 more lines in a higher window)', 'send', 'receive'])
  expect(fitted(FRAME, 3, 4)).toEqual(['tab', '(2 ', 'sen', 'rec'])
  expect(fitted(FRAME, 80, 2)).toEqual(['send', 'receive'])
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

test('while the process is stopped the screen is given back, and is drawn again when it goes on', () => {
  const written: string[] = []
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true)
  onTestFinished(() => kill.mockRestore())
  const view = new LiveView({ columns: 80, rows: 24, write: (text) => written.push(text) })
  view.draw(FRAME)
  const [enter, frame] = written.splice(0)
  for (let time = 0; time < 2; time++) {
    process.emit('SIGTSTP')
    expect(written.splice(0)).toEqual(['\u001b[?25h\u001b[?1049l'])
    // It is stopped by the system, which does so only where nobody listens.
    expect(process.listenerCount('SIGTSTP')).toBe(0)
    expect(kill).toHaveBeenLastCalledWith(process.pid, 'SIGTSTP')
    process.emit('SIGCONT')
    expect(written.splice(0)).toEqual([enter, frame])
  }
  process.emit('SIGHUP')
  expect(written.splice(0)).toEqual(['\u001b[?25h\u001b[?1049l'])
  expect(kill).toHaveBeenLastCalledWith(process.pid, 'SIGHUP')
  const signals = ['SIGTSTP', 'SIGCONT', 'SIGHUP'] as const
  expect(signals.map((signal) => process.listenerCount(signal))).toEqual([0, 0, 0])
})

test('on a narrow terminal the throughput has fewer bars, and still its number', () => {
  const written: string[] = []
  const watch = new ServiceWatch({ columns: 24, rows: 24, write: (text) => written.push(text) }, BARS.ascii)
  const of = (bytesSent: number): ServiceShown => ({
    name: 's',
    type: 'isgw',
    keys: [],
    served: [{ path: 'a/b/c', pause: false, stats: { ...NEVER_RUN, bytesSent } }],
  })
  for (let second = 0; second < 30; second++) watch.show(of(second * 1024), second * 1000)
  watch.close()
  expect(written.at(-2)).toContain('send    ##### 1.00 KiB/s')
})
