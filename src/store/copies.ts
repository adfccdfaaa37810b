import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import type { Clock } from '../base/clock.js'
import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import { REPAIR } from '../format/damaged-row.js'
import type { IndexRow } from '../format/rows-home.js'
import type { AdoptAs, Adopted } from '../model/adopting.js'
import { type JournalId, journalId, type SegmentGuid, segmentGuid } from '../model/ids.js'
import { beginEpoch } from './epochs.js'
import { homePaths } from './home.js'
import { type Identity, isOurs, readIdentity, type Trace, writeIdentity } from './identity.js'
import { readIndexRow, writeIndexRow } from './index/row.js'
import { type Tables, transact } from './index/tables.js'

/**
 * Says whose home this is, and notices where segment.json is another file than the one that the index knows: then the
 * home was copied, moved to another file system, or restored. There may be a second one that goes on from the same
 * state, so its journal ends here, and another one begins. So it does where an earlier index was put in the place of this
 * home's own, which makes no second one: then nobody has to say anything.
 * @throws NOT_FOUND, NEWER_FORMAT; CORRUPT where the index is another segment's
 */
export function identify(tables: Tables, clock: Clock): Identity {
  // The row first: whoever adopts a copy changes segment.json before it.
  const row = readIndexRow(tables)
  const identity = readIdentity(tables.home)
  if (!isOurs(identity, row.segment)) throw ofOther(tables.home)
  if (isSameFile(row, identity) && !isPutBack(tables.home)) return identity
  return transact(tables, () => {
    const now = readIndexRow(tables)
    const seen = readIdentity(tables.home)
    const { inode, ctimeNs, guid } = seen
    if (isSameFile(now, seen)) {
      if (isPutBack(tables.home)) beginEpoch(tables, { ...now, journal: newJournal() }, clock.nowMs())
    } else if (now.inode === 0n) beginEpoch(tables, { ...now, inode, ctimeNs }, clock.nowMs())
    else beginEpoch(tables, { ...asCopy(now), inode, ctimeNs, segment: guid }, clock.nowMs())
    return seen
  })
}

/**
 * Whether the index is an earlier one that was put there with its time, by `rsync` for instance, which leaves an equal segment.json alone.
 * A write gives a file one time for both, and opening the index writes nothing.
 */
function isPutBack(home: string): boolean {
  const { mtimeMs, ctimeMs } = statSync(homePaths(home).index)
  return Math.abs(ctimeMs - mtimeMs) > LIMITS.putBackMsLeast
}

export const isSameFile = (a: Trace, b: Trace): boolean => a.inode === b.inode && a.ctimeNs === b.ctimeNs

const asCopy = (row: IndexRow): IndexRow => ({
  ...row,
  journal: newJournal(),
  unadopted: true,
})

const newJournal = (): JournalId => journalId(randomBytes(16).toString('hex'))

/**
 * What new versions are stamped with. While nobody has said whether another home goes on with the same GUID, that is the id of
 * the journal that began with the copy: two homes with one GUID would each take the other's versions for its own.
 * A copy that becomes a segment of its own has that id as its GUID.
 */
export const stampedAs = ({ unadopted, journal, segment }: IndexRow): SegmentGuid =>
  unadopted ? segmentGuid(journal) : segment

/** The rest of `Segment.adopt`. A kill in between leaves a copy that was noticed, and can be adopted again. */
export function adoptHome(tables: Tables, as: AdoptAs, clock: Clock): Promise<Adopted> {
  return as === 'moved' ? Promise.resolve(adoptMoved(tables)) : adoptCopied(tables, clock)
}

const adoptMoved = (tables: Tables): Adopted =>
  transact(tables, () => {
    const row = readIndexRow(tables)
    writeIndexRow(tables, { ...row, unadopted: false })
    return { guid: row.segment, before: row.segment, wasNeeded: row.unadopted }
  })

async function adoptCopied(tables: Tables, clock: Clock): Promise<Adopted> {
  const { unadopted: wasNeeded } = readIndexRow(tables)
  const row = transact(tables, () => {
    const now = readIndexRow(tables)
    if (!now.unadopted) beginEpoch(tables, asCopy(now), clock.nowMs())
    return readIndexRow(tables)
  })
  const guid = stampedAs(row)
  const { guid: before, createdMs, former } = readIdentity(tables.home)
  await writeIdentity(tables.home, { guid, createdMs, former: [...former, before] })
  transact(tables, () => {
    const { inode, ctimeNs } = readIdentity(tables.home)
    writeIndexRow(tables, { ...readIndexRow(tables), inode, ctimeNs, segment: guid, unadopted: false })
  })
  return { guid, before, wasNeeded }
}

const ofOther = (home: string): EfsError =>
  new EfsError('CORRUPT', `the index in ${home} is that of another segment`, { hint: REPAIR })
