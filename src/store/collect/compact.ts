import { readdirSync, statfsSync, statSync } from 'node:fs'
import { LIMITS } from '../../base/limits.js'
import { PACK_HEADER_BYTES } from '../../format/pack.js'
import type { CollectOptions, LeftBehind } from '../../model/segment.js'
import type { Committer } from '../commit/committer.js'
import { homePaths, packName, packNumber, packPath } from '../home.js'
import type { ChunkIndex } from '../index/chunk-rows.js'
import { type Tables, transact } from '../index/tables.js'
import { removeDoomed } from '../packs/doomed.js'
import { claimPacks, openPacks, removeOwner } from '../packs/owners.js'
import { type LiveRecord, LiveRecords, liveBytes } from './live-records.js'
import { MoveJob } from './move-job.js'
import type { Usage } from './usage.js'

export interface CompactParts {
  readonly tables: Tables
  readonly index: ChunkIndex
  readonly committer: Committer
  readonly usage: Usage
  readonly options: CollectOptions
}

export interface Compacted {
  readonly packs: { readonly before: number; readonly after: number; readonly rewritten: number }
  readonly freedBytes: number
  readonly kept: readonly LeftBehind[]
}

interface Candidate {
  readonly pack: number
  readonly size: number
  readonly deadBytes: number
}

/** What is moved in one commit. */
const BATCH_BYTES = 16 * 1024 * 1024
/** What is left free on the disk, whatever a pack needs while it is written anew. */
const RESERVE_BYTES = 64 * 1024 * 1024

/** Writes what is live in the deadest packs into new ones, pack by pack, and removes the old, until little enough is dead. */
export async function compactPacks(parts: CompactParts): Promise<Compacted> {
  const all = candidatesOf(parts)
  const kept: LeftBehind[] = []
  const chosen = choose(parts, all, kept)
  const { tables, committer, options } = parts
  const before = packNumbers(tables.home).length
  const freedIfAll = chosen.reduce((sum, { deadBytes }) => sum + deadBytes, 0)
  if (options.dryRun || chosen.length === 0) {
    return {
      packs: { before, after: before, rewritten: chosen.length },
      freedBytes: options.dryRun ? freedIfAll : 0,
      kept,
    }
  }
  // All at once, so that none of them becomes the pack that the live records of another go into.
  const claimed = new Set(
    claimPacks(
      tables,
      chosen.map(({ pack, size }) => ({ pack, indexed: size })),
    ),
  )
  let rewritten = 0
  let freedBytes = 0
  try {
    for (const candidate of chosen.filter(({ pack }) => claimed.has(pack))) {
      const moved = await rewrite(parts, candidate)
      if (moved === 'unsure') {
        kept.push({ bytes: candidate.deadBytes, why: `${packName(candidate.pack)} is damaged, or changed meanwhile` })
      }
      if (moved === 'waits') {
        kept.push({
          bytes: candidate.deadBytes,
          why: `${packName(candidate.pack)} waits for packs that it was filled from`,
        })
      }
      if (typeof moved === 'string') continue
      claimed.delete(candidate.pack)
      rewritten++
      freedBytes += candidate.size - moved
    }
  } finally {
    transact(tables, () => {
      for (const pack of claimed) removeOwner(tables, pack)
    })
  }
  // What was written for it is no less a candidate of the next collection.
  await committer.seal()
  return { packs: { before, after: packNumbers(tables.home).length, rewritten }, freedBytes, kept }
}

/** Packs that nobody writes, the deadest first. */
function candidatesOf({ tables, usage }: CompactParts): Candidate[] {
  const open = new Set(openPacks(tables).map(({ pack }) => pack))
  return packNumbers(tables.home)
    .filter((pack) => !open.has(pack))
    .map((pack) => {
      const { size } = statSync(packPath(tables.home, pack))
      return { pack, size, deadBytes: Math.max(0, size - PACK_HEADER_BYTES - usage.of(pack).bytes) }
    })
    .sort((a, b) => b.deadBytes / b.size - a.deadBytes / a.size)
}

function choose({ tables, options }: CompactParts, all: readonly Candidate[], kept: LeftBehind[]): Candidate[] {
  const allowed = options.deadShareMax * all.reduce((sum, { size }) => sum + size, 0)
  let dead = all.reduce((sum, { deadBytes }) => sum + deadBytes, 0)
  const { bavail, bsize } = statfsSync(tables.home)
  const room = Math.min(options.extraBytesMax ?? Number.POSITIVE_INFINITY, bavail * bsize - RESERVE_BYTES)
  const chosen: Candidate[] = []
  const tooLarge: Candidate[] = []
  for (const candidate of all) {
    const { size, deadBytes } = candidate
    if (deadBytes === 0 || dead <= allowed) break
    if (size - deadBytes > room) {
      tooLarge.push(candidate)
      continue
    }
    chosen.push(candidate)
    dead -= deadBytes
  }
  const locked = tooLarge.reduce((sum, { deadBytes }) => sum + deadBytes, 0)
  if (locked > 0) kept.push({ bytes: locked, why: 'there is no room to write what is live beside it anew' })
  if (dead - locked > 0)
    kept.push({ bytes: dead - locked, why: `it is less than ${options.deadShareMax * 100} % of all` })
  return chosen
}

/**
 * Moves what is live out of a claimed pack and removes it. Gives the bytes that were written for it, or why it stays: the index may
 * still point into it, what looked dead are log records that are needed, or a pack is there of which it says what was moved: a removal
 * of that at its new place holds at the old one only because of these records.
 */
async function rewrite(
  parts: CompactParts,
  { pack, size }: Candidate,
): Promise<number | 'unsure' | 'needed' | 'waits'> {
  const { tables, index, committer, usage, options } = parts
  const { signal = new AbortController().signal } = options
  const live = new LiveRecords(tables, index, pack, new Set(packNumbers(tables.home).filter((other) => other !== pack)))
  const { bytes, records } = await measure(live, size, signal)
  if (records < usage.of(pack).records) return 'unsure'
  if (live.origins.size > 0) return 'waits'
  if (size - bytes <= options.deadShareMax * size) return 'needed'
  const commit = async (
    batch: readonly LiveRecord[],
    emptied?: { pack: number; gone: ReadonlySet<number> },
  ): Promise<void> => {
    await options.pace(
      batch.reduce((sum, record) => sum + liveBytes(record), 0),
      signal,
    )
    const job = new MoveJob(index, batch, emptied)
    committer.submit(job)
    await job.done
  }
  for await (const batch of batches(live.read(size, signal))) await commit(batch)
  await commit([], { pack, gone: live.gone })
  await removeDoomed(tables)
  return bytes
}

async function measure(
  live: LiveRecords,
  size: number,
  signal: AbortSignal,
): Promise<{ bytes: number; records: number }> {
  let [bytes, records] = [PACK_HEADER_BYTES, 0]
  for await (const record of live.read(size, signal)) {
    bytes += liveBytes(record)
    if (record.kind !== 'log') records++
  }
  return { bytes, records }
}

async function* batches(records: AsyncIterable<LiveRecord>): AsyncGenerator<LiveRecord[]> {
  let batch: LiveRecord[] = []
  let bytes = 0
  for await (const record of records) {
    batch.push(record)
    bytes += liveBytes(record)
    if (bytes < BATCH_BYTES && batch.length < LIMITS.commitVersionsMax) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

const packNumbers = (home: string): number[] =>
  readdirSync(homePaths(home).packs).flatMap((name) => packNumber(name) ?? [])
