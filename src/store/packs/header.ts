import type { FileHandle } from 'node:fs/promises'
import { decodePackHeader, PACK_HEADER_BYTES } from '../../format/pack.js'
import { packName } from '../home.js'
import { type Identity, isOurs } from '../identity.js'
import { orDamage } from '../store-error.js'

interface HeaderFault {
  readonly what: string
  readonly isForeign: boolean
}

/** What is wrong where the file does not begin as that pack of this segment. @throws NEWER_FORMAT */
export async function headerFault(
  file: FileHandle,
  pack: number,
  identity: Identity,
): Promise<HeaderFault | undefined> {
  const bytes = Buffer.alloc(PACK_HEADER_BYTES)
  await file.read(bytes, 0, PACK_HEADER_BYTES, 0)
  const header = await orDamage(() => decodePackHeader(bytes))
  if ('fault' in header) return { what: 'the header of the pack is damaged', isForeign: false }
  const { segment, number } = header.value
  if (!isOurs(identity, segment)) return { what: 'the pack is of another segment', isForeign: true }
  if (number !== pack) return { what: `the pack is a copy of ${packName(number)}`, isForeign: true }
  return undefined
}
