import type { ServedStats } from '../../model/service.js'
import { ago, duration } from './ages.js'

const NAME_WIDTH = 26
const VALUE_WIDTH = 16
const MODES = ['complete', 'mdonly', 'vmonly'] as const

/** The numbers of one served path in the geometry of the old tool: no outer border, the header centred. A longer value runs over. */
export function statsTable(path: string, stats: ServedStats, nowMs: number): string {
  const rows = [...oldRows(stats, nowMs), ...newRows(stats, nowMs)]
  const lines = [
    `Stats for ${path}:`,
    `  ${centred('PARAMETER', NAME_WIDTH)} | ${centred('VALUE', VALUE_WIDTH)}  `,
    `+${'-'.repeat(NAME_WIDTH + 2)}+${'-'.repeat(VALUE_WIDTH + 2)}+`,
    ...rows.map(([name, value]) => `  ${name.padEnd(NAME_WIDTH)} | ${value.padEnd(VALUE_WIDTH)}  `),
  ]
  return `${lines.join('\n')}\n`
}

type Row = readonly [name: string, value: string]

const oldRows = (stats: ServedStats, nowMs: number): Row[] => [
  ['Timestamp', ago(stats.timestampMs, nowMs)],
  ['Status', stats.status ?? '-'],
  ['State', stats.state ?? '-'],
  ['Mode', MODES[stats.mode]],
  ['Processing delay', duration(stats.delayMs)],
  ['Latency', duration(stats.latencyMs)],
  ['Requests', String(stats.requests)],
  ['Version manifests', String(stats.versionManifests)],
  ['Chunk manifests', String(stats.chunkManifests)],
  ['Data chunks sent', String(stats.dataChunksSent)],
  ['Data chunks received', String(stats.dataChunksReceived)],
  ['Snapviews', String(stats.snapviews)],
  ['Bytes sent', bytes(stats.bytesSent)],
  ['Bytes received', bytes(stats.bytesReceived)],
  ['Send throughput per sec', bytes(stats.sendThroughput)],
  ['Receive throughput per sec', bytes(stats.receiveThroughput)],
  ['Network errors', String(stats.networkErrors)],
  ['Local io errors', String(stats.localIoErrors)],
  ['Remote io errors', String(stats.remoteIoErrors)],
]

/** What the old table could not tell. */
const newRows = (stats: ServedStats, nowMs: number): Row[] => [
  ['Objects behind', `${stats.behind.objects}${stats.behind.capped ? '+' : ''}`],
  ['Bytes behind', `${bytes(stats.behind.bytes)}${stats.behind.capped ? '+' : ''}`],
  ['Oldest unsent change', stats.behind.oldestMs === null ? '-' : duration(stats.behind.oldestMs)],
  ['Versions offered', String(stats.versionsOffered)],
  ['Versions already there', String(stats.versionsThere)],
  ['Versions applied', String(stats.versionsApplied)],
  ['Saved by dedupe', bytes(stats.savedByDedupe)],
  ['Saved by compression', bytes(stats.savedByCompression)],
  ['Last success', ago(stats.lastSuccessMs, nowMs)],
  ['Last error', errorText(stats, nowMs)],
  ...(stats.heldUp === 0 ? [] : [['Objects held up', String(stats.heldUp)] as const]),
]

function errorText({ lastError }: ServedStats, nowMs: number): string {
  if (lastError === null) return '-'
  const { atMs, message, nextTryMs } = lastError
  return `${ago(atMs, nowMs)}: ${message}, ${nextText(nextTryMs, atMs, nowMs)}`
}

/** Where nobody tries, the time of the next try is that of the error. */
function nextText(nextTryMs: number | null, atMs: number, nowMs: number): string {
  if (nextTryMs === null) return 'mended'
  if (nextTryMs > nowMs) return `next try in ${duration(nextTryMs - nowMs)}`
  return nextTryMs > atMs ? 'being tried again' : 'not mended'
}

/** An odd space goes to the right. */
function centred(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2)
  return text.padStart(text.length + left).padEnd(width)
}

const UNITS = ['', 'K', 'M', 'G', 'T', 'P']

/** `0`, `512`, `1.5K`: 1024-based, one decimal. */
function bytes(n: number): string {
  let [value, unit] = [n, 0]
  while (Number(value.toFixed(1)) >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return unit === 0 ? String(Math.round(value)) : `${value.toFixed(1)}${UNITS[unit]}`
}
