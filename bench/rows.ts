import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { makeBigFile, makeEmptyFiles, makeImages, makeSmallFiles, putByteInFront } from './data.js'
import { type Measured, measure, sizeOf } from './measure.js'
import { LINKED, overLink } from './over-link.js'
import { MOVERS, overS3 } from './s3.js'
import { BUCKET, efsIn, TOOLS, type Tool } from './tools.js'

const MiB = 1024 * 1024
const SECOND_BUCKET = 'Hawaii/Cola/bk2'

export interface Sample extends Measured {
  /** How much larger the target became, in bytes. */
  readonly stored: number
}

export interface Row {
  readonly number: number
  readonly job: string
  readonly tools: readonly Tool[]
  /** The peer that the target figure of the design is about. */
  readonly against: Tool
  /** Makes the data below `folder` once. `scale` 1 is the full size. */
  data(folder: string, scale: number): void
  /** One timed run of one tool, in a fresh `target`. */
  run(tool: Tool, data: string, target: string): Promise<Sample>
}

function setup(tool: Tool, target: string): void {
  mkdirSync(path.dirname(target), { recursive: true })
  setUp(tool.setup(target), tool.env)
  mkdirSync(target, { recursive: true })
}

/** Runs commands that nobody times. */
export function setUp(commands: readonly (readonly string[])[], env: Readonly<Record<string, string>>): void {
  for (const [program = '', ...args] of commands) {
    const { status, stderr } = spawnSync(program, args, { env: { ...process.env, ...env }, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
  }
}

const timed = async (tool: Tool, source: string, target: string): Promise<Sample> => {
  const before = sizeOf(target)
  const measured = await measure(tool.take(source, target), tool.env, target)
  return { ...measured, stored: sizeOf(target) - before }
}

const first = (tool: Tool, data: string, target: string): Promise<Sample> => {
  setup(tool, target)
  return timed(tool, data, target)
}

async function again(tool: Tool, data: string, target: string): Promise<Sample> {
  await first(tool, data, target)
  return timed(tool, data, target)
}

/** efs goes from bucket to bucket of one segment, the others from the tree to what they made of it. */
async function unchanged(tool: Tool, data: string, target: string): Promise<Sample> {
  if (tool !== efs) return again(tool, data, target)
  setup(tool, target)
  const copy = efsIn(target, 'sync', BUCKET, SECOND_BUCKET)
  const twice = [copy, copy]
  setUp([efsIn(target, 'bucket', 'create', SECOND_BUCKET), tool.take(data, target), ...twice], tool.env)
  return { ...(await measure(copy, tool.env, target)), stored: 0 }
}

async function shifted(tool: Tool, data: string, target: string): Promise<Sample> {
  const own = `${target}-data`
  mkdirSync(own, { recursive: true })
  spawnSync('cp', ['-a', `${data}/.`, own])
  await first(tool, own, target)
  putByteInFront(path.join(own, 'big.raw'))
  rmSync(path.join(own, 'big.raw.before'))
  return timed(tool, own, target)
}

/** Over loopback, between two processes. */
async function linked(tool: Tool, data: string, target: string): Promise<Sample> {
  const start = LINKED.get(tool)
  if (start === undefined) throw new Error(`${tool.name} has no other side`)
  return { ...(await overLink(start, data, target, setUp)), stored: sizeOf(target) }
}

/** To or from a Ceph of one node on loopback. */
const inS3 =
  (direction: 'up' | 'down') =>
  async (tool: Tool, data: string, target: string): Promise<Sample> => ({
    ...(await overS3(direction, tool, data, target, setUp)),
    stored: sizeOf(target),
  })

const movers = [...MOVERS.keys()]
const linkedTools = [...LINKED.keys()]

const { efs, efsPlain, rclone, rsync, restic, resticPlain, borg, borgPlain } = TOOLS

export const ROWS: readonly Row[] = [
  {
    number: 1,
    job: '1 GiB of disk images, 37 % of it double, first time (incompressible)',
    tools: [efs, efsPlain, rclone, rsync, borgPlain, resticPlain],
    against: rclone,
    data: (folder, scale) => makeImages(folder, 1024 * MiB * scale),
    run: first,
  },
  {
    number: 2,
    job: 'the same over loopback between two processes',
    tools: linkedTools,
    against: linkedTools.find(({ name }) => name === 'rsync daemon') ?? rsync,
    data: (folder, scale) => makeImages(folder, 1024 * MiB * scale),
    run: linked,
  },
  {
    number: 3,
    job: '100,000 small files, first time (half compressible)',
    tools: [efs, efsPlain, rsync, rclone, restic, resticPlain, borg],
    against: restic,
    data: (folder, scale) => makeSmallFiles(folder, 100_000 * scale),
    run: first,
  },
  {
    number: 4,
    job: '100,000 small files, nothing changed',
    tools: [efs, rsync, rclone, restic],
    against: rclone,
    data: (folder, scale) => makeSmallFiles(folder, 100_000 * scale),
    run: again,
  },
  {
    number: 5,
    job: 'bucket to bucket (peers: tree to what they made of it), nothing changed, 1,000,000 empty files',
    tools: [efs, rsync, rclone, restic],
    against: rsync,
    data: (folder, scale) => makeEmptyFiles(folder, 1_000_000 * scale, 1000),
    run: unchanged,
  },
  {
    number: 6,
    job: 'one byte in front of 1 GiB (incompressible)',
    tools: [efs, restic, borg],
    against: restic,
    data: (folder, scale) => makeBigFile(path.join(folder, 'big.raw'), 1024 * MiB * scale),
    run: shifted,
  },
  {
    number: 9,
    job: '5,000 small files to Ceph (efs: from a bucket)',
    tools: movers,
    against: movers.find(({ name }) => name === 'rclone copy') ?? rclone,
    data: (folder, scale) => makeSmallFiles(folder, 5000 * scale),
    run: inS3('up'),
  },
  {
    number: 10,
    job: '5,000 small files from Ceph (efs: into a bucket)',
    tools: movers,
    against: movers.find(({ name }) => name === 'rclone copy') ?? rclone,
    data: (folder, scale) => makeSmallFiles(folder, 5000 * scale),
    run: inS3('down'),
  },
  {
    number: 11,
    job: '512 MiB in one file to Ceph (efs: from a bucket)',
    tools: movers,
    against: movers.find(({ name }) => name === 'rclone copy') ?? rclone,
    data: (folder, scale) => makeBigFile(path.join(folder, 'big.raw'), 512 * MiB * scale),
    run: inS3('up'),
  },
  {
    number: 12,
    job: '512 MiB in one file from Ceph (efs: into a bucket)',
    tools: movers,
    against: movers.find(({ name }) => name === 'rclone copy') ?? rclone,
    data: (folder, scale) => makeBigFile(path.join(folder, 'big.raw'), 512 * MiB * scale),
    run: inS3('down'),
  },
]
