import { open } from 'node:fs/promises'
import { EfsError } from '../../base/errors.js'
import { decodeLog } from '../../format/log.js'
import { decodeVersion } from '../../format/manifest.js'
import { PACK_HEADER_BYTES, RECORD } from '../../format/pack.js'
import { admitChunk } from '../../model/chunk.js'
import { chunkId, versionId } from '../../model/ids.js'
import { packPath } from '../home.js'
import { headerFault } from '../packs/header.js'
import { type Scanned, scanPack } from '../packs/scan.js'
import type { CheckParts, Wound } from './parts.js'
import { recordMismatch } from './records.js'

/** Whether the file begins as a pack of this segment and number. */
export async function checkHeader({ tables, identity }: CheckParts, pack: number): Promise<Wound[]> {
  const file = await open(packPath(tables.home, pack), 'r')
  try {
    const fault = await headerFault(file, pack, identity)
    return fault === undefined ? [] : [{ pack, offset: 0, end: PACK_HEADER_BYTES, what: fault.what }]
  } finally {
    await file.close()
  }
}

/** Reads every byte of every record, and holds against it what the index says of it. */
export async function readPack(
  parts: CheckParts,
  pack: number,
  size: number,
  signal: AbortSignal | undefined,
): Promise<{ wounds: Wound[]; records: number }> {
  const wounds: Wound[] = []
  let records = 0
  const file = await open(packPath(parts.tables.home, pack), 'r')
  try {
    for await (const scanned of scanPack(file, size)) {
      signal?.throwIfAborted()
      if (scanned.kind === 'record') records++
      const what = faultOf(scanned)
      if (what !== undefined) wounds.push({ pack, offset: scanned.offset, end: scanned.end, what })
      else if (scanned.kind === 'record') wounds.push(...(await recordMismatch(parts, pack, scanned)))
    }
  } finally {
    await file.close()
  }
  return { wounds, records }
}

function faultOf(scanned: Scanned): string | undefined {
  if (scanned.kind === 'damage') return `${scanned.end - scanned.offset} bytes are not a whole record`
  const { header, payload } = scanned
  try {
    if (header.type === RECORD.chunk) {
      admitChunk({ id: chunkId(header.id), size: header.plainBytes, node: false }, header.codec, payload)
    } else if (header.type === RECORD.manifest) decodeVersion(versionId(header.id), payload)
    else decodeLog(payload)
    return undefined
  } catch (error) {
    if (error instanceof EfsError) return error.message
    throw error
  }
}
