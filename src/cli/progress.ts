import ora from 'ora'
import type { Stats, StatsSnapshot } from '../model/stats.js'
import { bytesText, countText, secondsText } from './amounts.js'

const REDRAW_MS = 200
const SETTLE_SECONDS = 2

/**
 * Draws the numbers of a run on a terminal while `work` runs: the screen looks at the numbers, the engine does not know
 * that there is a screen.
 */
export async function withProgress<T>(stats: Stats, live: boolean, work: () => Promise<T>): Promise<T> {
  if (!live) return work()
  const started = performance.now()
  const spinner = ora({ stream: process.stderr, discardStdin: false, text: 'looking' }).start()
  const timer = setInterval(() => {
    spinner.text = progressText(stats.read(), (performance.now() - started) / 1000)
  }, REDRAW_MS)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    spinner.stop()
  }
}

/** One line: what has been done, at which rate, and what is left as a range that the numbers so far support. */
export function progressText(now: StatsSnapshot, seconds: number): string {
  if (now.objectsRead === 0) return `looking  ${countText(now.objectsLooked)} files`
  const parts = [
    `reading  ${countText(now.objectsRead)} of ~${countText(Math.max(now.objectsLooked, now.objectsRead))} files`,
    bytesText(now.bytesRead),
    `new ${bytesText(now.bytesNew)}`,
    `${bytesText(now.bytesRead / Math.max(seconds, 0.001))}/s`,
  ]
  const left = leftText(now, seconds)
  return left === undefined ? parts.join(' · ') : [...parts, left].join(' · ')
}

/**
 * Time by bytes and time by files are both wrong, mostly to different sides; the two together are the honest range.
 * What has not been looked at yet is unknown, so nothing is said in the first seconds.
 */
function leftText(now: StatsSnapshot, seconds: number): string | undefined {
  if (seconds < SETTLE_SECONDS || now.bytesRead === 0) return undefined
  const byBytes = (Math.max(0, now.bytesLooked - now.bytesRead) / now.bytesRead) * seconds
  const byFiles = (Math.max(0, now.objectsLooked - now.objectsRead) / now.objectsRead) * seconds
  const [low, high] = byBytes < byFiles ? [byBytes, byFiles] : [byFiles, byBytes]
  if (high < 1) return undefined
  return high - low < 1 ? `about ${secondsText(high)}` : `about ${Math.round(low)}–${secondsText(Math.max(high, 1))}`
}
