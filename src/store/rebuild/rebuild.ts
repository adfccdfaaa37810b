import { randomBytes } from 'node:crypto'
import { existsSync, renameSync, statSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Clock } from '../../base/clock.js'
import { loadCompression } from '../../base/compression.js'
import { syncFolderNow } from '../../base/durable-file.js'
import { EfsError } from '../../base/errors.js'
import { REPAIR } from '../../format/damaged-row.js'
import { journalId } from '../../model/ids.js'
import type { Finding, RebuildReport } from '../../model/segment.js'
import { isSameFile } from '../copies.js'
import { beginEpoch } from '../epochs.js'
import { homePaths, packPath } from '../home.js'
import { type Identity, isOurs, newer, readIdentity } from '../identity.js'
import { ChunkIndex } from '../index/chunk-rows.js'
import { dropNameFile } from '../index/name-file.js'
import { buckets } from '../index/name-rows.js'
import { readMetas } from '../index/pages.js'
import { INDEX_FORMAT, readIndexRow, writeIndexRow } from '../index/row.js'
import { gateOf, openTables, type Tables, transact } from '../index/tables.js'
import { assertLocal } from '../mounts.js'
import { noteLength } from '../packs/lengths.js'
import { noteGone } from '../packs/missing.js'
import { PackReader } from '../packs/reader.js'
import { bootId } from '../process-identity.js'
import { inWords } from '../store-error.js'
import { type Gathered, gather } from './gather.js'
import { keepVersions } from './keep.js'
import { tellForgotten, tellMissingPacks } from './lost.js'
import { rebuildNames } from './names.js'
import { OldIndex } from './old-index.js'
import { cutTorn, type Torn, tellTorn } from './packs.js'
import type { RebuildOptions, RebuildParts } from './parts.js'
import { takePlace } from './place.js'
import { writeFloors, writeVersions } from './rows.js'
import { openScratch } from './scratch.js'

/**
 * Makes the index anew from the packs alone, and puts it in the place of the old one, which only says what was lost. The
 * caller does not have the home open.
 * @throws NOT_FOUND; NEWER_FORMAT; CONFLICT where another process uses the home. Then nothing has changed.
 */
export const rebuildIndex = (home: string, options: RebuildOptions): Promise<RebuildReport> =>
  inWords(home, () => beside(path.resolve(home), (at) => replaceIndex(at, options)))

/** The same for an index of an older format. @throws CORRUPT where anything would be lost by it; then it stays */
export const upgradeIndex = (home: string, { clock }: Pick<RebuildOptions, 'clock'>): Promise<void> =>
  beside(home, async (at) => {
    // Another process may have done it since the caller looked.
    if (at.old !== undefined && at.old.format >= INDEX_FORMAT) return
    const tell = async (finding: Finding): Promise<void> => {
      if (finding.kind !== 'note') throw notWithoutLoss(home)
    }
    await replaceIndex(at, { clock, tell })
  })

interface Beside {
  readonly home: string
  readonly identity: Identity
  /** A folder for what is made. */
  readonly place: string
  readonly old: OldIndex | undefined
  /** The last one that was committed to the old index when nobody used it; undefined where nobody can use it. */
  readonly transaction: bigint | undefined
}

async function beside<T>(home: string, use: (at: Beside) => Promise<T>): Promise<T> {
  const identity = readIdentity(home)
  assertLocal(home)
  const leave = gateOf(home).enter()
  let place: string | undefined
  let old: OldIndex | undefined
  try {
    place = await takePlace(home)
    assertUnused(home)
    old = await OldIndex.open(home)
    if (old !== undefined && old.format > INDEX_FORMAT) throw newer(home, old.format, INDEX_FORMAT)
    return await use({ home, identity, place, old, transaction: lastTransaction(home) })
  } finally {
    await old?.close()
    if (place !== undefined) await rm(place, { recursive: true, force: true })
    leave()
  }
}

async function replaceIndex(at: Beside, options: RebuildOptions): Promise<RebuildReport> {
  await loadCompression()
  const counts = { damaged: 0, lost: 0 }
  const tell = (finding: Finding): Promise<void> => {
    if (finding.kind === 'damage') counts.damaged++
    if (finding.kind === 'lost') counts.lost++
    return options.tell(finding)
  }
  const { made, found } = await makeIndex(at, { ...options, tell })
  options.signal?.throwIfAborted()
  await putInPlace(at, found.torn)
  for (const torn of found.torn) await tellTorn(tell, torn)
  // What was moved out of them is sound, so nobody needs them any more.
  if (counts.damaged === 0) for (const pack of found.gone) await rm(packPath(at.home, pack), { force: true })
  return { ...made, ...counts }
}

interface Made {
  readonly made: Omit<RebuildReport, 'damaged' | 'lost'>
  readonly found: Gathered
}

/** In two files of the place: the new index, closed, and what was gathered for it. */
async function makeIndex(at: Beside, options: RebuildOptions): Promise<Made> {
  let gone: ReadonlySet<number> = new Set()
  for (;;) {
    const parts = await openParts(at, options)
    try {
      // A second round finds no damage that the first one has not told.
      const found = await gather(gone.size === 0 ? parts : { ...parts, tell: () => Promise.resolve() }, gone)
      const isSettled = [...found.packs].every((pack) => !found.gone.has(pack))
      if (isSettled) return { made: await fill(parts, found, at.old), found }
      // The file of a pack that is gone outlived a process that was killed: only what was moved out of it counts.
      gone = found.gone
    } finally {
      await parts.reader.close()
      await parts.scratch.root.close()
      await parts.tables.close()
    }
  }
}

const newIndex = (place: string): string => path.join(place, 'index.mdb')

async function openParts({ home, identity, place, old }: Beside, options: RebuildOptions): Promise<RebuildParts> {
  const files = [newIndex(place), path.join(place, 'scratch.mdb')] as const
  for (const file of files) await rm(file, { force: true })
  const tables = openTables(home, files[0], false)
  begin(tables, identity, old, options.clock)
  const scratch = openScratch(home, files[1])
  return { ...options, home, identity, scratch, tables, chunks: new ChunkIndex(tables), reader: new PackReader(home) }
}

/**
 * Positions in another journal mean nothing in the new one: sequences are given out anew. What was noticed of the home and
 * not answered yet, or is to be noticed now, is not forgotten.
 */
function begin(tables: Tables, identity: Identity, old: OldIndex | undefined, clock: Clock): void {
  const { guid, inode, ctimeNs } = identity
  const before = old?.row !== undefined && isOurs(identity, old.row.segment) ? old.row : undefined
  const isMoved = before !== undefined && before.inode !== 0n && !isSameFile(before, identity)
  transact(tables, () =>
    beginEpoch(
      tables,
      {
        format: INDEX_FORMAT,
        journal: journalId(randomBytes(16).toString('hex')),
        epoch: 0,
        boot: bootId(),
        inode,
        ctimeNs,
        nextPack: 1,
        nextDense: 1,
        segment: guid,
        unadopted: isMoved || before?.unadopted === true,
      },
      clock.nowMs(),
    ),
  )
}

async function fill(parts: RebuildParts, found: Gathered, old: OldIndex | undefined): Promise<Made['made']> {
  const { tables, identity } = parts
  // Format 1 removed packs that held nothing.
  if (old === undefined || old.format >= 2) await tellMissingPacks(parts, found)
  await rebuildNames(parts)
  await keepVersions(parts)
  const versions = await writeVersions(parts)
  await writeFloors(parts)
  if (old !== undefined && isOurs(identity, old.row?.segment ?? identity.guid)) await tellForgotten(parts, old)
  transact(tables, () => {
    noteGone(tables, found.gone)
    noteLengths(tables, found)
    writeIndexRow(tables, { ...readIndexRow(tables), nextPack: found.highest + 1 })
  })
  return { packs: found.packs.size, records: found.records, buckets: buckets(tables).length, versions }
}

/** As they will be once the torn ends are cut off. */
function noteLengths(tables: Tables, { packs, torn }: Gathered): void {
  const ends = new Map(torn.map(({ pack, end }) => [pack, end]))
  for (const pack of packs) noteLength(tables, pack, ends.get(pack) ?? statSync(packPath(tables.home, pack)).size)
}

/**
 * Nobody can open the index meanwhile: who did before is named, and what was committed since the packs were read would be missing. The lock
 * file beside the old index stays: whoever opens it first makes it new, and one that were removed could be removed from under another process.
 */
async function putInPlace({ home, identity, place, old, transaction }: Beside, torn: readonly Torn[]): Promise<void> {
  const file = await open(newIndex(place), 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  await old?.close()
  gateOf(home).hold(() => {
    assertUnused(home)
    if (lastTransaction(home) !== transaction) throw usedMeanwhile(home)
    for (const each of torn) cutTorn({ home, identity }, each)
    dropNameFile(home)
    renameSync(newIndex(place), homePaths(home).index)
    syncFolderNow(home)
  })
}

/** @throws CONFLICT where another process has the home open: it would go on with an index that is no more */
function assertUnused(home: string): void {
  const [user] = gateOf(home).others()
  if (user === undefined) return
  throw new EfsError('CONFLICT', `process ${user} is using this home`, {
    hint: 'end it, or wait until it has ended, then run the same command again',
  })
}

function lastTransaction(home: string): bigint | undefined {
  const { index } = homePaths(home)
  const metas = existsSync(index) ? readMetas(index) : 'none'
  return typeof metas === 'string' ? undefined : metas.transaction
}

const usedMeanwhile = (home: string): EfsError =>
  new EfsError('CONFLICT', `something was written to ${home} while its index was made anew`, {
    hint: 'nothing has changed by it; run the same command again',
  })

const notWithoutLoss = (home: string): EfsError =>
  new EfsError('CORRUPT', `the index in ${home} is of an older format, and some of what it names is in no pack`, {
    hint: REPAIR,
  })
