import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { forEachBounded } from '../../base/pool.js'
import type { ChunkRef } from '../../model/chunk.js'
import type { ChunkReader, SpotIndex } from '../../model/chunk-spots.js'
import type { Listing } from '../../model/endpoint.js'
import type { ObjectKey } from '../../model/key.js'
import type { ObjectStore } from '../../model/object-store.js'
import type { VersionRef } from '../../model/version-ref.js'
import { factsPrefix, PACKS, packKey } from './layout.js'
import type { PackIndex } from './pack-index.js'

interface Parts {
  readonly store: ObjectStore
  readonly spots: SpotIndex
  readonly index: Pick<PackIndex, 'refresh'>
  readonly chunks: ChunkReader
}

/** Learns which packs somebody has deleted, and where else their chunks stand. Costs a listing where none is gone. */
export async function lookForGone({ store, spots, index }: Parts, signal: AbortSignal): Promise<void> {
  // In this order: a pack is there before it is named.
  const named = spots.packs()
  const listed = new Set<string>()
  for await (const page of store.list({ prefix: PACKS }))
    for (const { key } of page) listed.add(key.slice(PACKS.length))
  const known = spots.gone()
  const gone = new Set<string>()
  const unlisted = named.filter((pack) => !listed.has(pack))
  await forEachBounded(unlisted, LIMITS.objectReadsAtOnce, signal, async (pack) => {
    if (known.has(pack) || (await isGone(store, pack))) gone.add(pack)
  })
  if (gone.size === known.size && [...gone].every((pack) => known.has(pack))) return
  spots.setGone(gone, factsPrefix('index'))
  await index.refresh()
}

/** A listing may lag; this does not. */
async function isGone(store: ObjectStore, pack: string): Promise<boolean> {
  try {
    await store.get(packKey(pack), { offset: 0, length: 1 })
    return false
  } catch (error) {
    if (error instanceof EfsError && error.code === 'NOT_FOUND') return true
    throw error
  }
}

/** The same rows; those whose content needs what is gone say so. Nodes are read until all that are whole are known to be. */
export async function* withHarm(listing: Listing, parts: Omit<Parts, 'index'>): Listing {
  for await (const page of listing) {
    const harmed = parts.spots.isAnyGone() ? await harmedIn(page, parts) : NONE
    yield harmed.size === 0 ? page : page.map((row) => ({ ...row, ...harmed.get(row.key) }))
  }
}

type Harm = Required<Pick<VersionRef, 'harmed'>>
const NONE: ReadonlyMap<ObjectKey, Harm> = new Map()

async function harmedIn(
  page: readonly VersionRef[],
  { store, spots, chunks }: Omit<Parts, 'index'>,
): Promise<ReadonlyMap<ObjectKey, Harm>> {
  const unsure = page.flatMap(({ key, held }) =>
    held?.root === undefined || spots.isPresent(held.root.ref) ? [] : [{ key, root: held.root.ref }],
  )
  const lacking = await spots.lacking(
    unsure.map(({ root }) => root),
    chunks,
  )
  if (lacking.length === 0) return NONE
  const harmed = new Map<ObjectKey, Harm>()
  for (const { key, root } of unsure) {
    const [first] = await spots.lacking([root], chunks)
    if (first !== undefined) harmed.set(key, { harmed: wordsFor(first, store, spots) })
  }
  return harmed
}

function wordsFor({ id }: ChunkRef, { label }: ObjectStore, spots: SpotIndex): string {
  const spot = spots.find(id)
  return spot === undefined
    ? `chunk ${id.slice(0, 16)} is not in ${label}`
    : `${packKey(spot.pack)} is gone from ${label}`
}
