import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { makeEmptyFiles, makeSparseFile } from './data.js'
import type { Fill, Step } from './fill.js'
import { type Measured, measure } from './measure.js'
import { setUp } from './rows.js'
import { BUCKET, efsIn } from './tools.js'

const MiB = 1024 * 1024
const GiB = 1024 * MiB
/** Points of a curve. */
const STEPS = 10

interface Line extends Measured {
  readonly what: string
}

export interface Report {
  readonly title: string
  readonly curve?: { readonly of: string; readonly steps: readonly Step[] }
  readonly lines: readonly Line[]
}

interface Part {
  readonly name: string
  /** Works below `folder`, which is not there yet. `scale` 1 is the full size. */
  run(folder: string, scale: number): Promise<Report>
}

/** A home that keeps however many versions there are. */
function newHome(folder: string, name: string): string {
  const home = path.join(folder, name)
  mkdirSync(folder, { recursive: true })
  setUp([efsIn(home, '--quiet', 'bucket', 'create', BUCKET, '--number-of-versions', '1000000')], {})
  return home
}

async function fill(home: string, kind: Fill, count: number): Promise<Step[]> {
  const step = Math.ceil(count / STEPS)
  const args = [path.resolve('dist/bench/fill.js'), home, kind, String(count), String(step)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const steps: Step[] = []
  for await (const line of createInterface(child.stdout)) steps.push(JSON.parse(line))
  const status = await ended
  if (status !== 0) throw new Error(`filling with ${kind} ended with ${status}`)
  return steps
}

const efs = async (what: string, home: string, ...args: readonly string[]): Promise<Line> => ({
  what,
  ...(await measure(efsIn(home, ...args), {}, path.dirname(home))),
})

async function objects(folder: string, scale: number): Promise<Report> {
  const here = newHome(folder, 'here')
  const there = newHome(folder, 'there')
  const pair = [BUCKET, `segment:${there}#${BUCKET}`]
  const steps = await fill(here, 'objects', 1_000_000 * scale)
  return {
    title: 'objects: 1,000,000 small ones in one bucket, in the order of their keys',
    curve: { of: 'objects', steps },
    lines: [
      await efs('object list', here, 'object', 'list', BUCKET),
      await efs('object list --json', here, 'object', 'list', BUCKET, '--json'),
      await efs('sync bucket → bucket, first time', here, 'sync', ...pair),
      await efs('sync bucket → bucket --dry-run, nothing changed', here, 'sync', ...pair, '--dry-run'),
      await efs('sync bucket → bucket, nothing changed', here, 'sync', ...pair),
      await efs('verify --strict', here, 'verify', ...pair, '--strict'),
      await efs('system check', here, 'system', 'check'),
      await efs('system gc', here, 'system', 'gc'),
    ],
  }
}

async function scattered(folder: string, scale: number): Promise<Report> {
  const home = newHome(folder, 'home')
  const steps = await fill(home, 'scattered', 1_000_000 * scale)
  return {
    title: 'scattered: the same in no order',
    curve: { of: 'objects', steps },
    lines: [await efs('object list', home, 'object', 'list', BUCKET)],
  }
}

/** `perFolder` of the files stand in each folder. */
const folderOf =
  (title: string, perFolder: (count: number) => number) =>
  async (folder: string, scale: number): Promise<Report> => {
    const home = newHome(folder, 'home')
    const files = path.join(folder, 'files')
    const count = 1_000_000 * scale
    makeEmptyFiles(files, count, perFolder(count))
    return {
      title,
      lines: [
        await efs('sync directory → bucket, first time', home, 'sync', files, BUCKET),
        await efs('sync directory → bucket --dry-run, nothing changed', home, 'sync', files, BUCKET, '--dry-run'),
        await efs('sync directory → bucket, nothing changed', home, 'sync', files, BUCKET),
      ],
    }
  }

async function versions(folder: string, scale: number): Promise<Report> {
  const home = newHome(folder, 'home')
  const steps = await fill(home, 'versions', 100_000 * scale)
  return {
    title: 'versions: 100,000 of one object, a commit each',
    curve: { of: 'versions', steps },
    lines: [
      await efs('object versions', home, 'object', 'versions', `${BUCKET}/often`),
      await efs('object versions --json', home, 'object', 'versions', `${BUCKET}/often`, '--json'),
      await efs('object list --at (before the last)', home, 'object', 'list', BUCKET, '--at', '1s'),
      await efs('system check', home, 'system', 'check'),
    ],
  }
}

async function sparse(folder: string, scale: number): Promise<Report> {
  const home = newHome(folder, 'home')
  const files = path.join(folder, 'files')
  const out = path.join(folder, 'out')
  makeSparseFile(path.join(files, 'disk.raw'), 64 * GiB * scale, 5)
  return {
    title: 'sparse: one file of 64 GiB with 5 MiB of data in it',
    lines: [
      await efs('sync directory → bucket', home, 'sync', files, BUCKET),
      await efs('sync directory → bucket --dry-run, nothing changed', home, 'sync', files, BUCKET, '--dry-run'),
      await efs('sync bucket → directory', home, 'sync', BUCKET, out),
    ],
  }
}

async function chunks(folder: string, scale: number): Promise<Report> {
  const here = newHome(folder, 'here')
  const there = newHome(folder, 'there')
  const steps = await fill(here, 'chunks', 10_000_000 * scale)
  return {
    title: 'chunks: 10,000,000 of 8 bytes under one object, published at the end of the last step',
    curve: { of: 'chunks', steps },
    lines: [
      await efs('object clone', here, 'object', 'clone', `${BUCKET}/many`, `${BUCKET}/again`),
      await efs('system check', here, 'system', 'check'),
      await efs('system check --read-data', here, 'system', 'check', '--read-data'),
      await efs('system gc', here, 'system', 'gc'),
      await efs('sync bucket → bucket, first time', here, 'sync', BUCKET, `segment:${there}#${BUCKET}`),
    ],
  }
}

export const PARTS: readonly Part[] = [
  { name: 'objects', run: objects },
  { name: 'scattered', run: scattered },
  { name: 'folder', run: folderOf('folder: 1,000,000 empty files in folders of 1,000', () => 1000) },
  { name: 'flat', run: folderOf('flat: 1,000,000 empty files in one folder', (count) => count) },
  { name: 'versions', run: versions },
  { name: 'sparse', run: sparse },
  { name: 'chunks', run: chunks },
]
