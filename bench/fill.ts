/**
 * `node dist/bench/fill.js HOME KIND COUNT STEP`: fills the bucket by the library alone, the cheapest way there is, and
 * writes a `Step` a line, as JSON. KIND: `objects` in the order of their keys, `scattered` in none, `versions` of one
 * object, `chunks` of 8 bytes under one object.
 */
import { systemClock } from '../src/base/clock.js'
import { hashHex } from '../src/base/hash.js'
import { LIMITS } from '../src/base/limits.js'
import { TreeBuilder } from '../src/format/tree-builder.js'
import { type Chunk, makeChunk } from '../src/model/chunk.js'
import type { Done } from '../src/model/endpoint.js'
import { type BucketUid, contentHash } from '../src/model/ids.js'
import { objectKey } from '../src/model/key.js'
import type { Content } from '../src/model/manifest.js'
import type { Segment } from '../src/model/segment.js'
import { withSegment } from '../src/store/segment.js'
import { anonOf } from './measure.js'
import { BUCKET } from './tools.js'

export interface Step {
  /** How many there are at its end. */
  readonly count: number
  readonly seconds: number
  readonly anonBytes: number
}

export const FILLS = ['objects', 'scattered', 'versions', 'chunks'] as const
export type Fill = (typeof FILLS)[number]

interface Target {
  readonly segment: Segment
  readonly bucket: BucketUid
}

/** Takes in number `from` to `to` - 1, all durable when it settles. */
type Filler = (target: Target, from: number, to: number) => Promise<void>

/** Publishes that are in flight at once, each of a parcel's objects: what a sync does. */
const IN_FLIGHT = 4
const BATCH = IN_FLIGHT * LIMITS.parcelObjectsMax
const LEAF_BYTES = 8

const inOrder = (i: number): string =>
  `${String(Math.floor(i / 1000)).padStart(5, '0')}/${String(i % 1000).padStart(3, '0')}`
const inDisorder = (i: number): string => {
  const name = hashHex(Buffer.from(String(i)))
  return `${name.slice(0, 3)}/${name.slice(3, 12)}`
}

function smallFile(i: number): Content {
  const inline = Buffer.from(`object ${i}`)
  return {
    kind: 'file',
    size: inline.length,
    contentHash: contentHash(hashHex(inline)),
    attributes: { mode: 0o644, mtimeNs: 1_700_000_000_000_000_000n },
    root: { inline },
  }
}

const publisher =
  (keyOf: (i: number) => string): Filler =>
  async ({ segment, bucket }, from, to) => {
    const publishes: Promise<unknown>[] = []
    for (let start = from; start < to; start += LIMITS.parcelObjectsMax) {
      const length = Math.min(LIMITS.parcelObjectsMax, to - start)
      const done = Array.from(
        { length },
        (_, i): Done => ({ object: 0, key: objectKey(keyOf(start + i)), content: smallFile(start + i) }),
      )
      publishes.push(segment.versions.publish(bucket, done, { overwrite: true }))
    }
    await Promise.all(publishes)
  }

/** One object of `count` chunks, published when the last is in. */
function chunkFiller(count: number): Filler {
  const tree = new TreeBuilder()
  return async ({ segment, bucket }, from, to) => {
    const leaves = Array.from({ length: to - from }, (_, i): Chunk => {
      const bytes = Buffer.alloc(LEAF_BYTES)
      bytes.writeDoubleBE(from + i + 1)
      return makeChunk(bytes, false, false)
    })
    for (const { ref } of leaves) tree.add({ span: LEAF_BYTES, ref })
    await segment.chunks.put([...leaves, ...tree.takeNodes()])
    if (to < count) return
    const root = tree.finish()
    await segment.chunks.put(tree.takeNodes())
    // Nobody reads the object as a whole, so nothing has hashed it.
    const content: Content = { ...smallFile(count), size: count * LEAF_BYTES, root }
    await segment.versions.publish(bucket, [{ object: 0, key: objectKey('many'), content }], { overwrite: true })
  }
}

const fillerOf = (fill: Fill, count: number): Filler =>
  ({
    objects: publisher(inOrder),
    scattered: publisher(inDisorder),
    versions: publisher(() => 'often'),
    chunks: chunkFiller(count),
  })[fill]

async function fill(target: Target, kind: Fill, count: number, step: number): Promise<void> {
  const filler = fillerOf(kind, count)
  for (let from = 0; from < count; from += step) {
    const end = Math.min(count, from + step)
    const started = performance.now()
    let anonBytes = 0
    for (let at = from; at < end; at += BATCH) {
      await filler(target, at, Math.min(end, at + BATCH))
      anonBytes = Math.max(anonBytes, anonOf(process.pid))
    }
    const taken: Step = { count: end, seconds: (performance.now() - started) / 1000, anonBytes }
    process.stdout.write(`${JSON.stringify(taken)}\n`)
  }
}

const [, script, home, kind, count, step] = process.argv
if (script === import.meta.filename && home !== undefined) {
  const known = FILLS.find((each) => each === kind)
  if (known === undefined) throw new Error(`fill with ${FILLS.join(', ')}, not ${kind}`)
  await withSegment(home, { clock: systemClock }, async (segment) => {
    const bucket = segment.names.find(BUCKET)?.uid
    if (bucket === undefined) throw new Error(`no bucket ${BUCKET}`)
    await fill({ segment, bucket }, known, Number(count), Number(step))
  })
}
