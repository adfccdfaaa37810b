import { decodeVersionRow, encodeVersionRow, type VersionRow } from '../../format/rows-version.js'
import type { ChunkRef } from '../../model/chunk.js'
import type { ChunkId, VersionId } from '../../model/ids.js'
import { readChunks } from '../chunks.js'
import { refuse } from '../commit/refused.js'
import { keyOfHead, type Published, readPublished } from '../index/keys.js'
import type { Row } from '../index/table.js'
import { ALL, pagesUnder, rowsUnder } from '../index/tables.js'
import { orDamage } from '../store-error.js'
import { lookUnder } from '../trees.js'
import { isMovedOn, removalOf } from './moves.js'
import { type RebuildParts, write } from './parts.js'
import { keptKey, manifestKey, readOffsets, uidBytesOf, uidOf } from './scratch.js'

interface Candidate {
  readonly head: Buffer
  /** Of the bucket. */
  readonly path: string
  readonly row: VersionRow
}

/**
 * Third pass: of what was published, what is kept, in the scratch table of that name: all that was neither removed nor
 * dropped, and whose manifest and chunks are here. What lacks any of these is told.
 */
export async function keepVersions(parts: RebuildParts): Promise<void> {
  const { home, scratch, tables, chunks, signal } = parts
  const buckets = new Buckets(parts)
  for await (const page of pagesUnder(scratch.published, ALL)) {
    signal?.throwIfAborted()
    const candidates: Candidate[] = []
    const copies: Published[] = []
    for (const row of page) {
      const published = readPublished(row.key)
      const removal = removalOf(parts, published, row)
      if (removal === 'linked') copies.push(published)
      if (removal !== undefined || isMovedOn(parts, published, row)) continue
      const candidate = await candidateOf(parts, buckets, row)
      if (candidate !== undefined) candidates.push(candidate)
    }
    const { complete, whole } = await withAllChunks(parts, candidates)
    write(home, tables, whole.length, () => chunks.markWhole(whole))
    // The removal is forgotten with the pack that it names; this place may outlive that.
    write(home, tables, copies.length, () => {
      for (const { head, id, place } of copies) refuse(tables, uidOf(head), { key: keyOfHead(head), id, at: place })
    })
    write(home, scratch, complete.length, () => {
      for (const { head, row } of complete) scratch.kept.putSync(keptKey(head, row), encodeVersionRow(row))
    })
  }
}

async function candidateOf(parts: RebuildParts, buckets: Buckets, { key, value }: Row): Promise<Candidate | undefined> {
  const { head, id, place } = readPublished(key)
  const path = await buckets.pathOf(head)
  if (path === undefined) return undefined
  const row = manifestRow(parts, id, place.pack, readOffsets(value))
  if (row === undefined) await tellLost(parts, { head, path, row: { id } }, 'its manifest is not in any pack')
  return row && { head, path, row }
}

/** It stands in front of its publish record; where it is damaged there, another commit may have written it too. */
function manifestRow(
  { scratch }: RebuildParts,
  id: VersionId,
  pack: number,
  offsets: readonly number[],
): VersionRow | undefined {
  for (const offset of offsets) {
    const there = scratch.manifests.get(manifestKey(id, { pack, offset }))
    if (there !== undefined) return decodeVersionRow(there)
  }
  const [other] = rowsUnder(scratch.manifests, Buffer.from(id, 'hex'), { limit: 1 })
  return other && decodeVersionRow(other.value)
}

/** The paths of the buckets that there are, asked in the order of their uids. */
class Buckets {
  #uid: Buffer = ALL
  #path: string | undefined

  constructor(readonly parts: RebuildParts) {}

  async pathOf(head: Buffer): Promise<string | undefined> {
    const uid = uidBytesOf(head)
    if (!uid.equals(this.#uid)) {
      const { tables, scratch, tell } = this.parts
      this.#uid = uid
      this.#path = tables.uids.get(uid)?.toString()
      if (this.#path === undefined && !scratch.dropped.doesExist(uid)) {
        const why = scratch.names.doesExist(uid) ? 'another bucket has its name' : 'no pack names this bucket'
        await tell({ kind: 'lost', lost: { path: `bucket ${uidOf(head)}`, version: undefined, why } })
      }
    }
    return this.#path
  }
}

interface Looked {
  readonly complete: readonly Candidate[]
  readonly whole: readonly ChunkId[]
}

async function withAllChunks(parts: RebuildParts, candidates: readonly Candidate[]): Promise<Looked> {
  const together = await look(
    parts,
    candidates.flatMap(({ row }) => row.root?.ref ?? []),
  )
  if (together.fault === undefined) return { complete: candidates, whole: together.whole }
  const complete: Candidate[] = []
  const whole: ChunkId[] = []
  for (const candidate of candidates) {
    const alone = await look(parts, candidate.row.root === undefined ? [] : [candidate.row.root.ref])
    whole.push(...alone.whole)
    if (alone.fault === undefined) complete.push(candidate)
    else await tellLost(parts, candidate, alone.fault)
  }
  return { complete, whole }
}

/** Which nodes have everything under them, and what is wrong with one that has not. */
async function look(
  { chunks, reader }: RebuildParts,
  roots: readonly ChunkRef[],
): Promise<{ readonly whole: readonly ChunkId[]; readonly fault: string | undefined }> {
  const looked = await orDamage(() =>
    lookUnder(roots, { index: chunks, chunks: { get: (refs) => readChunks(chunks, reader, refs) }, collecting: false }),
  )
  if ('fault' in looked) return { whole: [], fault: looked.fault }
  const { whole, missing } = looked.value
  const [first] = missing
  return { whole: [...whole], fault: first && `chunk ${first.id.slice(0, 16)} is not in any pack` }
}

interface LostVersion {
  readonly head: Buffer
  readonly path: string
  readonly row: { readonly id: VersionId }
}

const tellLost = ({ tell }: RebuildParts, { head, path, row }: LostVersion, why: string): Promise<void> =>
  tell({ kind: 'lost', lost: { path: `${path}/${keyOfHead(head)}`, version: row.id, why } })
