import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Clock } from '../base/clock.js'
import { loadCompression } from '../base/compression.js'
import { EfsError } from '../base/errors.js'
import { REPAIR } from '../format/damaged-row.js'
import type { VersionRow } from '../format/rows-version.js'
import type { SpotIndex } from '../model/chunk-spots.js'
import type { SegmentGuid } from '../model/ids.js'
import type { ChunkStore, Segment } from '../model/segment.js'
import type { SegmentUse } from '../model/usage.js'
import { adoptOrphans } from './adopt.js'
import { createBrought } from './brought.js'
import { checkSegment, glanceSegment } from './check/check.js'
import { createChunkStore } from './chunks.js'
import { Committer } from './commit/committer.js'
import { adoptHome, identify, stampedAs } from './copies.js'
import { createDocuments } from './documents.js'
import { Doorbell } from './doorbell.js'
import { createSpotIndex } from './elsewhere.js'
import { beginEpoch } from './epochs.js'
import { homePaths, packNumber, packPath } from './home.js'
import { createHome, type Identity, newer, readIdentity } from './identity.js'
import { ChunkIndex } from './index/chunk-rows.js'
import { writeNameFile } from './index/name-file.js'
import { INDEX_FORMAT, readIndexFormat, readIndexRow } from './index/row.js'
import { openTables, type Tables, transact } from './index/tables.js'
import { assertSound } from './index/trial.js'
import { createManifestReader } from './manifests.js'
import { assertLocal } from './mounts.js'
import { createNameSpace } from './names.js'
import { PackReader } from './packs/reader.js'
import { PackWriter } from './packs/writer.js'
import { bootId } from './process-identity.js'
import { inWords } from './store-error.js'
import { createVersionIndex } from './versions.js'

export interface SegmentOptions {
  readonly clock: Clock
  /** Chunks are not in this home but where the store is that this makes; it gets what the index knows of them. */
  readonly elsewhere?: (spots: SpotIndex) => ChunkStore
  /** `false`: no content is read or written, so that what compresses it need not be loaded. */
  readonly content?: boolean
}

/** Makes a segment in a folder that is empty or absent. @throws EXISTS; USAGE where the folder holds other things; REFUSED on a network file system */
export const initSegment = (home: string, { clock }: SegmentOptions): Promise<SegmentGuid> =>
  inWords(home, async () => {
    const where = path.resolve(home)
    assertLocal(where)
    return createHome(where, clock.nowMs())
  })

/**
 * Opens a segment, after taking over what processes that are gone have left. The caller closes it.
 * @throws NOT_FOUND where there is none (nothing is written then); NEWER_FORMAT; CORRUPT; REFUSED on a network file system
 */
export const openSegment = (home: string, options: SegmentOptions): Promise<Segment> =>
  inWords(home, () => open(path.resolve(home), options))

/** Lends a segment for the length of a call. */
export async function withSegment<T>(
  home: string,
  options: SegmentOptions,
  use: (segment: Segment) => Promise<T>,
): Promise<T> {
  const segment = await openSegment(home, options)
  try {
    return await use(segment)
  } finally {
    await segment.close()
  }
}

async function open(home: string, { clock, elsewhere, content = true }: SegmentOptions): Promise<Segment> {
  if (content) await loadCompression()
  readIdentity(home)
  assertLocal(home)
  const tables = await openIndex(home, clock)
  const reader = new PackReader(home)
  try {
    return await assemble({ home, identity: identify(tables, clock), tables, reader, clock, elsewhere })
  } catch (error) {
    await reader.close()
    await tables.close()
    throw error
  }
}

async function openIndex(home: string, clock: Clock): Promise<Tables> {
  const { index, packs } = homePaths(home)
  if (!existsSync(index)) throw noIndex(home)
  // Before the index is read: what is there now has its number from there.
  const highest = Math.max(0, ...readdirSync(packs).map((name) => packNumber(name) ?? 0))
  await assertSound(home)
  const tables = openTables(home, index)
  try {
    const format = readIndexFormat(tables)
    if (format > INDEX_FORMAT) throw newer(home, format, INDEX_FORMAT)
    if (format === INDEX_FORMAT) {
      const isOlder = highest >= readIndexRow(tables).nextPack
      // One that could not be made is gone again, and its number is the next one.
      if (isOlder && existsSync(packPath(home, highest))) throw olderThanPacks(home)
      return tables
    }
  } catch (error) {
    await tables.close()
    throw error
  }
  await tables.close()
  const { upgradeIndex } = await import('./rebuild/rebuild.js')
  await upgradeIndex(home, { clock })
  return openIndex(home, clock)
}

interface Opened {
  readonly home: string
  readonly identity: Identity
  readonly tables: Tables
  readonly reader: PackReader
  readonly clock: Clock
  readonly elsewhere: SegmentOptions['elsewhere']
}

async function assemble({ home, identity, tables, reader, clock, elsewhere }: Opened): Promise<Segment> {
  const { guid, createdMs } = identity
  const index = new ChunkIndex(tables)
  const writer = new PackWriter(tables, guid)
  const committer = new Committer({ tables, chunks: index, writer, clock })
  const away = elsewhere && standing(elsewhere, createSpotIndex(tables, index))
  const chunks = away?.chunks ?? createChunkStore({ home, index, writer, reader, committer })
  const manifests = createManifestReader(tables, reader)
  const guidNow = stampedAs(readIndexRow(tables))
  const context = { tables, manifests, guid: guidNow, clock, ...(away && { isHarmed: away.isHarmed }) }
  const parts = { context, index, chunks, committer }
  const checked = { tables, index, chunks, reader, identity }
  const adopted = await adoptOrphans(parts, guid)
  beginEpochIfDue(tables, clock, adopted > 0)
  // LMDB's package reads from one snapshot for a millisecond, which may be of before the commit that rings; nobody rings again for it.
  const bell = new Doorbell(homePaths(home).doorbell, () => tables.root.resetReadTxn())

  return {
    home,
    guid,
    get journal() {
      return readIndexRow(tables).journal
    },
    get unadopted() {
      return readIndexRow(tables).unadopted
    },
    createdMs,
    names: createNameSpace(tables, committer, clock),
    chunks,
    versions: createVersionIndex(tables, parts),
    ...documentsIn(tables),
    broughtTo: (tenant) => createBrought(home, tenant),
    use: () => useOf(tables),
    usageOf: (bucket, { signal } = {}) =>
      inWords(home, async () => {
        const { bucketUsage } = await import('./bucket-usage.js')
        return bucketUsage({ tables, index, chunks }, bucket, signal)
      }),
    collect: (options) =>
      inWords(home, async () => {
        const { collect } = await import('./collect/collect.js')
        return collect(parts, options)
      }),
    check: (options) => inWords(home, () => checkSegment(checked, options), options.signal),
    glance: () => inWords(home, () => glanceSegment(checked)),
    adopt: (as) => inWords(home, () => adoptHome(tables, as, clock)),
    onRing: (listener) => bell.listen(listener),
    async close() {
      bell.close()
      try {
        await inWords(home, () => committer.close())
      } finally {
        await reader.close()
        await tables.close()
      }
    },
  }
}

function documentsIn(tables: Tables): Pick<Segment, 'services' | 'running' | 'peers' | 'runs'> {
  const { services, running, peers, runs } = homePaths(tables.home)
  return {
    services: createDocuments(tables, services),
    running: createDocuments(tables, running),
    peers: createDocuments(tables, peers),
    runs: createDocuments(tables, runs),
  }
}

/** Chunks that are elsewhere, where they may be lost without anybody here. */
const standing = (elsewhere: NonNullable<SegmentOptions['elsewhere']>, spots: SpotIndex) => ({
  chunks: elsewhere(spots),
  isHarmed: ({ root }: VersionRow): boolean => root !== undefined && spots.isAnyGone() && !spots.isPresent(root.ref),
})

/** Positions of before a boot or an unclean end may be ahead of what is here: a new epoch tells them apart. */
function beginEpochIfDue(tables: Tables, clock: Clock, isUnclean: boolean): void {
  if (!isUnclean && readIndexRow(tables).boot === bootId()) return
  transact(tables, () => beginEpoch(tables, readIndexRow(tables), clock.nowMs()))
  // What was written beside the index may be ahead of it too.
  writeNameFile(tables)
}

function useOf(tables: Tables): SegmentUse {
  const paths = homePaths(tables.home)
  const packs = readdirSync(paths.packs).flatMap((name) => packNumber(name) ?? [])
  const packBytes = packs.reduce((sum, pack) => sum + statSync(packPath(tables.home, pack)).size, 0)
  return { packs: packs.length, packBytes, indexBytes: statSync(paths.index).size, chunks: tables.chunks.count }
}

const noIndex = (home: string): EfsError =>
  new EfsError('CORRUPT', `the index of the segment in ${home} is missing`, {
    hint: REPAIR,
  })

const olderThanPacks = (home: string): EfsError =>
  new EfsError('CORRUPT', `the index in ${home} is older than its packs`, { hint: REPAIR })
