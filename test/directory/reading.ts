import { expect } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { hashHex } from '../../src/base/hash.js'
import { LIMITS } from '../../src/base/limits.js'
import type { Crew } from '../../src/endpoints/directory/crew.js'
import { listDirectory } from '../../src/endpoints/directory/listing.js'
import { Losses } from '../../src/endpoints/directory/losses.js'
import { readFiles } from '../../src/endpoints/directory/read.js'
import { decodeNode } from '../../src/format/node.js'
import { type Chunk, type ChunkRef, plainOf } from '../../src/model/chunk.js'
import type { Done, ListOptions, Parcel, Parked, ReadOptions, Slice, Wanted } from '../../src/model/endpoint.js'
import type { Content } from '../../src/model/manifest.js'
import type { Stats } from '../../src/model/stats.js'
import type { VersionRef } from '../../src/model/version-ref.js'
import { createStats } from '../../src/stats/counters.js'

export const HOW: ReadOptions = { chunking: { kind: 'fastcdc', bytes: 64 * 1024 }, compress: false, parcelsInFlight: 4 }

export interface Listed {
  readonly rows: VersionRef[]
  readonly parked: Parked[]
  readonly losses: Losses
  readonly pages: number[]
}

export async function listAll(root: string, options: ListOptions = {}): Promise<Listed> {
  const listed: Listed = { rows: [], parked: [], losses: new Losses(), pages: [] }
  const context = {
    root,
    clock: systemClock,
    losses: listed.losses,
    parked: (what: Parked) => listed.parked.push(what),
  }
  for await (const page of listDirectory(context, options)) {
    listed.rows.push(...page)
    listed.pages.push(page.length)
  }
  return listed
}

export async function* asked(rows: readonly VersionRef[]): AsyncGenerator<Wanted[]> {
  if (rows.length > 0) yield rows.map((here, object) => ({ object, here }))
}

export function parcelsOf(
  root: string,
  rows: readonly VersionRef[],
  how: Partial<ReadOptions> = {},
  watch: { readonly stats?: Stats; readonly crews?: Set<Crew> } = {},
): AsyncGenerator<Parcel> {
  const from = {
    root,
    clock: systemClock,
    stats: watch.stats ?? createStats(),
    crews: watch.crews ?? new Set<Crew>(),
    lost: () => undefined,
  }
  return readFiles(from, asked(rows), { ...HOW, ...how })
}

/** The next parcel, which must be there. */
export async function next(parcels: AsyncGenerator<Parcel>): Promise<Parcel> {
  const { value, done } = await parcels.next()
  if (done) throw new Error('the parcels ended')
  return value
}

/** One object as it came out of parcels. */
export interface Came {
  readonly done: Done
  readonly content: Content
  readonly bytes: Buffer
}

export interface Collected {
  readonly objects: Map<string, Came>
  readonly parked: Parked[]
  readonly chunks: Map<string, Chunk>
  readonly parcels: number
}

/** Takes all parcels in, as a sink would, and proves each object: order, tree, holes, hash, limits. */
export async function collect(parcels: AsyncIterable<Parcel>): Promise<Collected> {
  const slices = new Map<number, Slice[]>()
  const chunks = new Map<string, Chunk>()
  const objects = new Map<string, Came>()
  const parked: Parked[] = []
  let count = 0
  for await (const parcel of parcels) {
    count++
    expect(parcel.done.length).toBeLessThanOrEqual(LIMITS.parcelObjectsMax)
    for (const slice of parcel.slices) slices.set(slice.object, [...(slices.get(slice.object) ?? []), slice])
    const refs = parcel.slices.map(({ ref }) => ref)
    const loaded = await parcel.load(refs)
    expect(loaded.map(({ ref }) => ref)).toEqual(refs)
    for (const chunk of [...loaded, ...parcel.nodes])
      chunks.set(chunk.ref.id, { ...chunk, data: Buffer.from(chunk.data) })
    parked.push(...parcel.parked)
    for (const done of parcel.done) objects.set(done.key, proven(done, slices.get(done.object) ?? [], chunks))
    parcel.release()
  }
  return { objects, parked, chunks, parcels: count }
}

function proven(done: Done, slices: readonly Slice[], chunks: ReadonlyMap<string, Chunk>): Came {
  if ('manifest' in done.content) throw new Error('a reader makes no versions')
  const content = done.content
  const ends = slices.map(({ offset, ref }) => offset + ref.size)
  for (const [index, { offset }] of slices.entries()) expect(offset).toBeGreaterThanOrEqual(ends[index - 1] ?? 0)
  const size = 'inline' in content.root ? content.root.inline.length : content.size
  const bytes = Buffer.alloc(size)
  for (const { offset, ref } of slices) bytes.set(plain(ref, chunks), offset)
  if ('inline' in content.root) bytes.set(content.root.inline)
  else
    expect(leavesUnder(content.root.ref, 0, content.size, chunks)).toEqual(
      slices.map(({ offset, ref }) => ({ offset, ref })),
    )
  expect(hashHex(bytes)).toBe(content.contentHash)
  return { done, content, bytes }
}

function plain(ref: ChunkRef, chunks: ReadonlyMap<string, Chunk>): Uint8Array {
  const chunk = chunks.get(ref.id)
  if (chunk === undefined) throw new Error(`chunk ${ref.id} never came`)
  expect(hashHex(plainOf(chunk))).toBe(ref.id)
  return plainOf(chunk)
}

/** What the tree says: every leaf with its offset. */
function leavesUnder(
  ref: ChunkRef,
  offset: number,
  span: number,
  chunks: ReadonlyMap<string, Chunk>,
): { offset: number; ref: ChunkRef }[] {
  if (!ref.node) return [{ offset, ref }]
  let at = offset
  const leaves = decodeNode(plain(ref, chunks)).entries.flatMap((entry) => {
    const start = at
    at += entry.span
    return entry.ref === undefined ? [] : leavesUnder(entry.ref, start, entry.span, chunks)
  })
  expect(at - offset).toBe(span)
  return leaves
}
