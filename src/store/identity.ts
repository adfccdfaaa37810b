import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { writeFileDurably } from '../base/durable-file.js'
import { EfsError, systemCode } from '../base/errors.js'
import { journalId, type SegmentGuid, segmentGuid } from '../model/ids.js'
import { homePaths } from './home.js'
import { INDEX_FORMAT, writeIndexRow } from './index-row.js'
import { bootId } from './process-identity.js'
import { openTables, transact } from './tables.js'

const FORMAT = 1

/** What segment.json says. */
export interface Identity {
  readonly guid: SegmentGuid
  readonly createdMs: number
  /** Of segment.json: another one than the index knows means that the home was copied or restored. */
  readonly inode: bigint
}

/** What an init that was cut short may have left. */
const OURS = /^(packs|doorbell|index\.mdb(-lock)?|segment\.json\..*\.partial)$/

/** Makes a home; segment.json comes last, so that it is a segment or none. @throws EXISTS, USAGE */
export async function createHome(home: string, nowMs: number): Promise<SegmentGuid> {
  const paths = homePaths(home)
  if (existsSync(paths.identity)) {
    throw new EfsError('EXISTS', `there is a segment in ${home} already`, { hint: 'use it, or give another --home' })
  }
  await mkdir(path.dirname(home), { recursive: true })
  // On a read-only disk a recursive one would say that there is no such folder.
  if (!existsSync(home)) await mkdir(home)
  const foreign = (await readdir(home)).filter((name) => !OURS.test(name))
  if (foreign.length > 0) {
    throw new EfsError('USAGE', `${home} holds other things (${foreign[0]}), so no segment is made in it`, {
      hint: 'give an empty folder, or one that does not exist yet',
    })
  }
  await mkdir(paths.packs, { recursive: true })
  await writeFile(paths.doorbell, '')
  const guid = segmentGuid(randomBytes(16).toString('hex'))
  await makeIndex(home, guid)
  await writeFileDurably(paths.identity, Buffer.from(`${JSON.stringify({ format: FORMAT, guid, createdMs: nowMs })}\n`))
  return guid
}

async function makeIndex(home: string, segment: SegmentGuid): Promise<void> {
  const tables = openTables(home, homePaths(home).index)
  try {
    transact(tables, () =>
      writeIndexRow(tables, {
        format: INDEX_FORMAT,
        journal: journalId(randomBytes(16).toString('hex')),
        epoch: 1,
        boot: bootId(),
        inode: 0n,
        ctimeNs: 0n,
        nextPack: 1,
        nextDense: 1,
        segment,
        unadopted: false,
      }),
    )
  } finally {
    await tables.root.close()
  }
}

/** @throws NOT_FOUND where there is no segment; NEWER_FORMAT; CORRUPT. Writes nothing. */
export async function readIdentity(home: string): Promise<Identity> {
  const file = homePaths(home).identity
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR') throw error
    throw new EfsError('NOT_FOUND', `no segment in ${home}`, { hint: `efs --home ${home} system init`, cause: error })
  }
  const { guid, createdMs } = parse(text, home)
  const { ino } = await stat(file, { bigint: true })
  return { guid, createdMs, inode: ino }
}

function parse(text: string, home: string): Pick<Identity, 'guid' | 'createdMs'> {
  try {
    const fields: unknown = JSON.parse(text)
    if (typeof fields !== 'object' || fields === null) throw new TypeError('not an object')
    const { format, guid, createdMs } = fields as Readonly<Record<string, unknown>>
    if (typeof format === 'number' && format > FORMAT) throw newer(home, format, FORMAT)
    if (format !== FORMAT || typeof guid !== 'string' || typeof createdMs !== 'number') throw new TypeError('fields')
    return { guid: segmentGuid(guid), createdMs }
  } catch (cause) {
    if (cause instanceof EfsError) throw cause
    throw new EfsError('CORRUPT', `segment.json in ${home} is damaged`, { hint: 'put it back from a backup', cause })
  }
}

export const newer = (home: string, format: number, known: number): EfsError =>
  new EfsError('NEWER_FORMAT', `the segment in ${home} has format ${format}, this efs knows up to ${known}`, {
    hint: 'use a newer efs',
  })
