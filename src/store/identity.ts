import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { writeFileDurably } from '../base/durable-file.js'
import { EfsError, systemCode } from '../base/errors.js'
import { makeFolder } from '../base/make-folder.js'
import type { IndexRow } from '../format/rows-home.js'
import { journalId, type SegmentGuid, segmentGuid } from '../model/ids.js'
import { beginEpoch } from './epochs.js'
import { homePaths } from './home.js'
import { INDEX_FORMAT, readIndexRow, writeIndexRow } from './index/row.js'
import { openTables, transact } from './index/tables.js'
import { bootId } from './process-identity.js'

/** The second one has former GUIDs; who does not know it would take the packs of before for another segment's. */
const FORMAT = { plain: 1, former: 2 } as const

/** What segment.json says. */
export interface IdentityFields {
  readonly guid: SegmentGuid
  readonly createdMs: number
  /** What the segment was called while it was still that of which it is a copy, the earliest first. */
  readonly former: readonly SegmentGuid[]
}

/** Which file it stands in: another one than the index knows means that the home was copied, moved or restored. */
export type Trace = Pick<IndexRow, 'inode' | 'ctimeNs'>

export type Identity = IdentityFields & Trace

/** Whether a pack or an index that names `guid` belongs to this segment. */
export const isOurs = ({ guid, former }: Pick<IdentityFields, 'guid' | 'former'>, named: SegmentGuid): boolean =>
  named === guid || former.includes(named)

/** What an init that was cut short may have left. */
const OURS = /^(packs|doorbell|(index|gate)\.mdb(-lock)?|segment\.json\..*\.partial)$/

const taken = (message: string): EfsError =>
  new EfsError('USAGE', message, { hint: 'give an empty folder, or one that does not exist yet' })

/** Makes a home; segment.json comes last, so that it is a segment or none. @throws EXISTS, USAGE */
export async function createHome(home: string, nowMs: number): Promise<SegmentGuid> {
  const paths = homePaths(home)
  if (existsSync(paths.identity)) {
    throw new EfsError('EXISTS', `there is a segment in ${home} already`, { hint: 'use it, or give another --home' })
  }
  if (!existsSync(home)) await makeFolder(home)
  if (!(await stat(home)).isDirectory()) throw taken(`${home} is no folder`)
  const foreign = (await readdir(home)).filter((name) => !OURS.test(name))
  if (foreign.length > 0) throw taken(`${home} holds other things (${foreign[0]}), so no segment is made in it`)
  await mkdir(paths.packs, { recursive: true })
  await writeFile(paths.doorbell, '')
  const guid = segmentGuid(randomBytes(16).toString('hex'))
  await fillHome(home, { guid, createdMs: nowMs, former: [] })
  return guid
}

/** The index learns last which file segment.json is: one that was copied from here on is noticed. */
async function fillHome(home: string, fields: IdentityFields): Promise<void> {
  const tables = openTables(home, homePaths(home).index)
  try {
    const row: IndexRow = {
      format: INDEX_FORMAT,
      journal: journalId(randomBytes(16).toString('hex')),
      epoch: 0,
      boot: bootId(),
      inode: 0n,
      ctimeNs: 0n,
      nextPack: 1,
      nextDense: 1,
      segment: fields.guid,
      unadopted: false,
    }
    transact(tables, () => writeIndexRow(tables, row))
    await writeIdentity(home, fields)
    const { inode, ctimeNs } = readIdentity(home)
    transact(tables, () => beginEpoch(tables, { ...readIndexRow(tables), inode, ctimeNs }, fields.createdMs))
  } finally {
    await tables.close()
  }
}

export function writeIdentity(home: string, { guid, createdMs, former }: IdentityFields): Promise<void> {
  const fields =
    former.length === 0 ? { format: FORMAT.plain, guid, createdMs } : { format: FORMAT.former, guid, createdMs, former }
  return writeFileDurably(homePaths(home).identity, Buffer.from(`${JSON.stringify(fields)}\n`))
}

/** Content and trace are of one file, also while another process replaces it. @throws NOT_FOUND where there is no segment; NEWER_FORMAT; CORRUPT. Writes nothing. */
export function readIdentity(home: string): Identity {
  const file = openIdentity(home)
  try {
    const { ino, ctimeNs } = fstatSync(file, { bigint: true })
    return { ...parse(readFileSync(file, 'utf8'), home), inode: ino, ctimeNs }
  } finally {
    closeSync(file)
  }
}

function openIdentity(home: string): number {
  try {
    return openSync(homePaths(home).identity, 'r')
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR') throw error
    throw new EfsError('NOT_FOUND', `no segment in ${home}`, {
      hint: isFree(home)
        ? `efs --home ${home} bucket create CLUSTER/TENANT/BUCKET makes it, or system init`
        : 'it holds other things: name a folder that holds a segment, or one that is empty',
      cause: error,
    })
  }
}

/** Whether a segment could be made there. */
function isFree(home: string): boolean {
  const there = statSync(home, { throwIfNoEntry: false })
  return there === undefined || (there.isDirectory() && readdirSync(home).every((name) => OURS.test(name)))
}

function parse(text: string, home: string): IdentityFields {
  try {
    const fields: unknown = JSON.parse(text)
    if (typeof fields !== 'object' || fields === null) throw new TypeError('not an object')
    const { format, guid, createdMs, former } = fields as Readonly<Record<string, unknown>>
    if (typeof format === 'number' && format > FORMAT.former) throw newer(home, format, FORMAT.former)
    if (format !== FORMAT.plain && format !== FORMAT.former) throw new TypeError('format')
    if (typeof guid !== 'string' || typeof createdMs !== 'number') throw new TypeError('fields')
    return { guid: segmentGuid(guid), createdMs, former: format === FORMAT.plain ? [] : formerOf(former) }
  } catch (cause) {
    if (cause instanceof EfsError) throw cause
    throw new EfsError('CORRUPT', `segment.json in ${home} is damaged`, { hint: 'put it back from a backup', cause })
  }
}

function formerOf(field: unknown): SegmentGuid[] {
  if (!Array.isArray(field)) throw new TypeError('former')
  return field.map((guid: unknown) => segmentGuid(String(guid)))
}

export const newer = (home: string, format: number, known: number): EfsError =>
  new EfsError('NEWER_FORMAT', `the segment in ${home} has format ${format}, this efs knows up to ${known}`, {
    hint: 'use a newer efs',
  })
