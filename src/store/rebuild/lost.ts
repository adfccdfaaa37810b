import { packName } from '../home.js'
import { keyOfHead, publishedKey } from '../index/keys.js'
import type { Table } from '../index/table.js'
import { rowsUnder } from '../index/tables.js'
import type { Gathered } from './gather.js'
import type { OldIndex } from './old-index.js'
import { tellDamage } from './packs.js'
import type { RebuildParts } from './parts.js'
import { uidBytesOf, uidOf } from './scratch.js'

/**
 * Tells which packs are missing: every number was given to a file, so where a later one is there, or is named, a number
 * without a file had one.
 */
export async function tellMissingPacks(
  { tell }: RebuildParts,
  { packs, gone, highestOfOurs }: Gathered,
): Promise<void> {
  const known = [...new Set([...packs, ...gone, highestOfOurs + 1])].sort((a, b) => a - b)
  let next = 1
  for (const pack of known) {
    const last = pack - 1
    if (last === next) await tellDamage(tell, next, 0, 'the pack is missing')
    if (last > next) await tellDamage(tell, next, 0, `the pack is missing, and all up to ${packName(last)}`)
    next = pack + 1
  }
}

/**
 * Tells of the versions that the old index has and no pack. What a pack tells of was looked at: it is kept, or its loss was
 * told, or it was removed.
 */
export async function tellForgotten({ scratch, tables, tell, signal }: RebuildParts, old: OldIndex): Promise<void> {
  for await (const page of old.versions()) {
    signal?.throwIfAborted()
    for (const { head, id, path } of page) {
      const at = publishedKey(head, id)
      const uid = uidBytesOf(head)
      if (isTold(scratch.published, at) || isTold(scratch.removed, at) || scratch.dropped.doesExist(uid)) continue
      const bucket = tables.uids.get(uid)?.toString() ?? path ?? `bucket ${uidOf(head)}`
      await tell({
        kind: 'lost',
        lost: { path: `${bucket}/${keyOfHead(head)}`, version: id, why: 'no pack tells of it' },
      })
    }
  }
}

const isTold = (table: Table, at: Buffer): boolean => rowsUnder(table, at, { limit: 1 }).length > 0
