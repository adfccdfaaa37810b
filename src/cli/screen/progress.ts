import { setTimeout } from 'node:timers/promises'
import type { Outstanding } from '../../app/outstanding.js'
import type { PassBegun } from '../../app/services/sync.js'
import { countOf, countText } from '../../base/counts.js'
import type { Stats, StatsSnapshot } from '../../model/stats.js'
import { bytesText, secondsText } from '../text/amounts.js'
import { visible } from '../text/visible.js'
import type { Screen } from './screen.js'
import { aroundStops } from './stops.js'

const REDRAW_MS = 200
const MOMENT_MS = 500
const SETTLE_SECONDS = 2
const SPINNER_COLUMNS = 3

/**
 * Draws the numbers of a run on a terminal while `work` runs: the screen looks at the numbers, the engine does not know
 * that there is a screen.
 */
export const withProgress = <T>(stats: Stats, screen: Screen, work: () => Promise<T>): Promise<T> =>
  withLine(screen, 'looking', (seconds) => progressText(stats.read(), seconds, screen), work)

/** Draws a line on a terminal, over and over, while `work` runs; what that says meanwhile it says by `aside`, so that the line makes way. */
export async function withLine<T>(
  screen: Screen,
  first: string,
  line: (seconds: number) => string,
  work: (aside: (say: () => void) => void) => Promise<T>,
): Promise<T> {
  if (!screen.live) return work((say) => say())
  const { default: ora } = await import('ora')
  const started = performance.now()
  const looks = { spinner: screen.isAscii ? 'line' : 'dots', color: screen.hasColours && 'cyan' } as const
  const spinner = ora({ ...looks, stream: process.stderr, discardStdin: false, text: first }).start()
  const ignoreStops = aroundStops(
    () => spinner.stop(),
    () => spinner.start(),
  )
  const timer = setInterval(() => {
    const text = line((performance.now() - started) / 1000)
    // In one line, which a terminal can take back.
    spinner.text = [...text].slice(0, (screen.columns ?? 0) - SPINNER_COLUMNS).join('')
  }, REDRAW_MS)
  try {
    return await work((say) => {
      spinner.clear()
      say()
    })
  } finally {
    clearInterval(timer)
    ignoreStops()
    spinner.stop()
  }
}

/** Says on a terminal what is done, and for how long by now, where `work` takes longer than a moment; `aside` as above. */
export async function whileBusy<T>(
  screen: Screen,
  what: () => string,
  work: (aside: (say: () => void) => void) => Promise<T>,
): Promise<T> {
  if (!screen.live) return work((say) => say())
  let makeWay = (say: () => void): void => say()
  const moment = new AbortController()
  const done = work((say) => makeWay(say)).finally(() => moment.abort())
  // It is waited for below, also where it fails before the line is drawn.
  done.catch(() => undefined)
  const isLong = await setTimeout(MOMENT_MS, true, { signal: moment.signal }).catch(() => false)
  if (!isLong) return done
  const line = (seconds: number): string => `${what()}  ${Math.floor(seconds + MOMENT_MS / 1000)} s`
  return withLine(screen, what(), line, (aside) => {
    makeWay = aside
    return done
  })
}

/** One line of who waits: how much is behind, and what fails. */
export function waitingText(now: Outstanding | undefined, { dot }: Pick<Screen, 'dot'>): string {
  if (now === undefined) return 'waiting'
  const { behind, why } = now
  const more = behind.capped ? '+' : ''
  const amounts = [`${countText(behind.objects)}${more} behind`, `${bytesText(behind.bytes)}${more}`]
  const parts = [...(behind.objects === 0 ? [] : amounts), ...(why === null ? [] : [visible(why)])]
  return parts.length === 0 ? 'waiting' : `waiting  ${parts.join(` ${dot} `)}`
}

/** One line of a pass of a service. */
export function passText(now: PassBegun | undefined, { dot }: Pick<Screen, 'dot'>): string {
  if (now === undefined) return 'comparing'
  const { versionsOffered, versionsThere, versionsApplied, bytesMoved } = now.counts()
  if (versionsOffered === 0) return `comparing with ${visible(now.to)}`
  const there = `${countText(versionsThere + versionsApplied)} of ${countOf(versionsOffered, 'version')} there`
  return `to ${visible(now.to)}  ${there} ${dot} ${bytesText(bytesMoved)} moved`
}

/** One line: what has been done, at which rate, and what is left as a range that the numbers so far support. */
export function progressText(now: StatsSnapshot, seconds: number, { dot, dash }: Pick<Screen, 'dot' | 'dash'>): string {
  // Of one large file bytes are read long before it is.
  if (now.objectsRead === 0 && now.bytesRead === 0) return lookingText(now, dot)
  const parts = [
    `reading  ${countText(now.objectsRead)} of ~${countOf(Math.max(now.objectsLooked, now.objectsRead), 'file')}`,
    bytesText(now.bytesRead),
    `new ${bytesText(now.bytesNew)}`,
    `${bytesText(now.bytesRead / Math.max(seconds, 0.001))}/s`,
  ]
  const left = leftText(now, seconds, dash)
  return [...parts, ...(left === undefined ? [] : [left])].join(` ${dot} `)
}

/** Before anything is read: how much of a segment in S3 is known, then how much was listed at the side that is behind. */
function lookingText({ factsListed, factsRead, objectsLooked, objectsThere }: StatsSnapshot, dot: string): string {
  if (objectsLooked === 0 && factsListed > 0)
    return `looking  ${countText(factsRead)} of ${countText(factsListed)} objects that tell what is in S3`
  const there = objectsThere > objectsLooked ? ` ${dot} ${countText(objectsThere)} at the other side` : ''
  return `looking  ${countOf(objectsLooked, 'file')}${there}`
}

/**
 * Time by bytes and time by files are both wrong, mostly to different sides; the two together are the honest range.
 * What has not been looked at yet is unknown, so nothing is said in the first seconds.
 */
function leftText(now: StatsSnapshot, seconds: number, dash: string): string | undefined {
  if (seconds < SETTLE_SECONDS || now.bytesRead === 0) return undefined
  const byBytes = (Math.max(0, now.bytesLooked - now.bytesRead) / now.bytesRead) * seconds
  const ofFiles = (Math.max(0, now.objectsLooked - now.objectsRead) / now.objectsRead) * seconds
  const byFiles = now.objectsRead === 0 ? byBytes : ofFiles
  const [low, high] = byBytes < byFiles ? [byBytes, byFiles] : [byFiles, byBytes]
  if (high < 1) return undefined
  return high - low < 1
    ? `about ${secondsText(high)}`
    : `about ${Math.round(low)}${dash}${secondsText(Math.max(high, 1))}`
}
