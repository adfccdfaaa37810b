import { closeSync, fdatasyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { encodePackHeader, PACK_HEADER_BYTES } from '../../format/pack.js'
import { homePaths, packName, packNumber, packPath } from '../home.js'
import { noteBroken } from '../packs/broken.js'
import { headerFault } from '../packs/header.js'
import { type Scanned, scanPack } from '../packs/scan.js'
import { type RebuildParts, type Tell, write } from './parts.js'

type Damaged = Extract<Scanned, { kind: 'damage' }>
export type WholeRecord = Extract<Scanned, { kind: 'record' }>

/** An end of a pack that was not written whole. */
export interface Torn {
  readonly pack: number
  /** Where the whole records end; 0 where not even the header is whole. */
  readonly end: number
  readonly size: number
}

/** In ascending order. */
export async function packsOnDisk(home: string): Promise<number[]> {
  const names = await readdir(homePaths(home).packs)
  return names.flatMap((name) => packNumber(name) ?? []).sort((a, b) => a - b)
}

/** Whether a pack is to be read: not where it is another one's. */
export type Standing = 'ours' | 'foreign'

/**
 * Hands every whole record of a pack to `take`, in order; `take` says what is wrong with one, if anything. Damage is
 * told and noted, except where it is a record that ends behind the file: that is what a crash leaves.
 */
export async function readWholePack(
  { home, identity, tables, tell, signal }: RebuildParts,
  pack: number,
  take: (record: WholeRecord) => Promise<string | undefined>,
): Promise<{ readonly standing: Standing; readonly torn: Torn | undefined }> {
  const damaged = async (offset: number, end: number, what: string): Promise<void> => {
    write(home, tables, 1, () => noteBroken(tables, { pack, offset, end }))
    await tellDamage(tell, pack, offset, what)
  }
  const file = await open(packPath(home, pack), 'r')
  try {
    const { size } = await file.stat()
    const fault = await headerFault(file, pack, identity)
    if (fault !== undefined) {
      const isBegun = size <= PACK_HEADER_BYTES && !fault.isForeign
      if (isBegun) return { standing: 'ours', torn: { pack, end: 0, size } }
      await damaged(0, PACK_HEADER_BYTES, fault.what)
      if (fault.isForeign) return { standing: 'foreign', torn: undefined }
    }
    let last: Damaged | undefined
    for await (const scanned of scanPack(file, size)) {
      signal?.throwIfAborted()
      if (last !== undefined) await damaged(last.offset, last.end, notWhole(last))
      last = scanned.kind === 'damage' ? scanned : undefined
      const what = scanned.kind === 'record' ? await take(scanned) : undefined
      if (what !== undefined) await damaged(scanned.offset, scanned.end, what)
    }
    if (last === undefined) return { standing: 'ours', torn: undefined }
    if (!last.isComplete) return { standing: 'ours', torn: { pack, end: last.offset, size } }
    await damaged(last.offset, last.end, notWhole(last))
    return { standing: 'ours', torn: undefined }
  } finally {
    await file.close()
  }
}

const notWhole = ({ offset, end }: Damaged): string => `${end - offset} bytes are not a whole record`

export const tellDamage = (tell: Tell, pack: number, offset: number, what: string): Promise<void> =>
  tell({ kind: 'damage', damage: { pack: packName(pack), offset, what, harms: [] } })

/** Cuts a torn end off, so that the pack can be gone on with. */
export function cutTorn({ home, identity }: Pick<RebuildParts, 'home' | 'identity'>, { pack, end }: Torn): void {
  const file = openSync(packPath(home, pack), 'r+')
  try {
    if (end === 0) writeSync(file, encodePackHeader({ segment: identity.guid, number: pack }), 0, PACK_HEADER_BYTES, 0)
    ftruncateSync(file, Math.max(end, PACK_HEADER_BYTES))
    fdatasyncSync(file)
  } finally {
    closeSync(file)
  }
}

export const tellTorn = (tell: Tell, { pack, end, size }: Torn): Promise<void> =>
  tell({
    kind: 'note',
    text:
      end === 0
        ? `${packName(pack)} was begun and holds nothing`
        : `cut ${size - end} bytes off the end of ${packName(pack)}: a record that was not finished`,
  })
