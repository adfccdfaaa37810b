/**
 * `npm run bench:live [-- --writes 1000 --idle 30 --shows 15 --dir DIR --json FILE]`: two gateways on loopback. How long a change takes to be
 * visible at the other side (row 7), what both use of a core when nothing happens, how long `efs service show hawaii -s` takes (row 8).
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { systemClock } from '../src/base/clock.js'
import { hashHex } from '../src/base/hash.js'
import { contentHash, type VersionId } from '../src/model/ids.js'
import { type ObjectKey, objectKey } from '../src/model/key.js'
import type { Segment } from '../src/model/segment.js'
import { openSegment } from '../src/store/segment.js'
import { BenchSite } from './gateways.js'
import { median } from './measure.js'
import { BUCKET, efsIn } from './tools.js'

const { values: flags } = parseArgs({
  options: {
    writes: { type: 'string', default: '1000' },
    idle: { type: 'string', default: '30' },
    shows: { type: 'string', default: '15' },
    dir: { type: 'string', default: tmpdir() },
    json: { type: 'string', default: 'bench-live.json' },
  },
})

const uidIn = (segment: Segment) => {
  const bucket = segment.names.find(BUCKET)
  if (bucket === undefined) throw new Error(`no bucket ${BUCKET}`)
  return bucket.uid
}

async function write(segment: Segment, key: ObjectKey): Promise<VersionId> {
  const bytes = Buffer.from(`this is ${key}`)
  const content = {
    kind: 'file',
    size: bytes.length,
    contentHash: contentHash(hashHex(bytes)),
    attributes: { mode: 0o644 },
    root: { inline: bytes },
  } as const
  const [result] = await segment.versions.publish(uidIn(segment), [{ object: 0, key, content }], { overwrite: true })
  if (result?.status !== 'published' || result.id === undefined) throw new Error(`a write came to ${result?.status}`)
  return result.id
}

/** Settles when that version is the head there. */
async function visible(segment: Segment, key: ObjectKey, id: VersionId): Promise<void> {
  const uid = uidIn(segment)
  let unlisten = (): void => undefined
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (segment.versions.head(uid, key)?.held?.id === id) resolve()
    }
    unlisten = segment.onRing(look)
    look()
  })
  unlisten()
}

interface Times {
  /** From the call that writes. */
  readonly whole: readonly number[]
  /** From when it was acknowledged here. */
  readonly after: readonly number[]
}

/** One write after the other, each in its own moment, from one side. */
async function changes(from: Segment, to: Segment, count: number): Promise<Times> {
  const [whole, after]: [number[], number[]] = [[], []]
  for (let i = 0; i < count; i++) {
    const key = objectKey(`live/${i}`)
    const begun = performance.now()
    const id = await write(from, key)
    const acknowledged = performance.now()
    await visible(to, key, id)
    const now = performance.now()
    whole.push(now - begun)
    after.push(now - acknowledged)
    await delay(5)
  }
  return { whole, after }
}

const share = (values: readonly number[], of: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(values.length * of) - 1)] ?? Number.NaN

const row = (what: string, values: readonly number[]) => ({
  what,
  p50: median(values),
  p99: share(values, 0.99),
  most: Math.max(...values),
})

/** Seconds of processor time that a process has used. */
function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout)
  return (Number(fields[11]) + Number(fields[12])) / ticks
}

async function idle(sites: readonly BenchSite[], seconds: number): Promise<number[]> {
  // After work V8 cleans up once, within half a minute.
  await delay(30_000)
  const before = sites.map(({ pid }) => cpuOf(pid))
  const begun = performance.now()
  await delay(seconds * 1000)
  const tookSeconds = (performance.now() - begun) / 1000
  return sites.map(({ pid }, i) => ((cpuOf(pid) - (before[i] ?? 0)) / tookSeconds) * 100)
}

function show(site: BenchSite): number {
  const [program = '', ...args] = efsIn(site.home, 'service', 'show', 'hawaii', '-s')
  const begun = performance.now()
  const { status } = spawnSync(program, args)
  if (status !== 0) throw new Error('efs service show failed')
  return performance.now() - begun
}

mkdirSync(flags.dir, { recursive: true })
const work = mkdtempSync(path.join(flags.dir, 'efs-live-'))
const sites: BenchSite[] = []
try {
  for (const name of ['a', 'b']) sites.push(await BenchSite.make(path.join(work, name)))
  const [a, b] = sites
  if (a === undefined || b === undefined) throw new Error('two sites')
  a.linkTo(b)
  for (const site of sites) await site.start()
  const here = await openSegment(a.home, { clock: systemClock })
  const there = await openSegment(b.home, { clock: systemClock })
  await visible(there, objectKey('first'), await write(here, objectKey('first')))
  const { whole, after } = await changes(here, there, Number(flags.writes))
  const percent = await idle(sites, Number(flags.idle))
  const shows = Array.from({ length: Number(flags.shows) }, () => show(a))
  await here.close()
  await there.close()
  const rows = [
    row('write to visible, from the call', whole),
    row('write to visible, once acknowledged', after),
    row('efs service show hawaii -s', shows),
  ]
  process.stdout.write(`   ${''.padEnd(40)}${'p50 ms'.padStart(9)}${'p99 ms'.padStart(9)}${'most ms'.padStart(9)}\n`)
  for (const { what, ...values } of rows) {
    const columns = Object.values(values).map((value) => value.toFixed(1).padStart(9))
    process.stdout.write(`   ${what.padEnd(40)}${columns.join('')}\n`)
  }
  process.stdout.write(`   idle: ${percent.map((one) => `${one.toFixed(2)} %`).join(' and ')} of a core\n`)
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '', node: process.version, load: loadavg()[0] }
  writeFileSync(
    flags.json,
    `${JSON.stringify({ machine, writes: Number(flags.writes), rows, idlePercent: percent }, undefined, 2)}\n`,
  )
} finally {
  for (const site of sites) await site.stop()
  rmSync(work, { recursive: true, force: true })
}
