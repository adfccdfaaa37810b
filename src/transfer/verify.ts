import { attributesHash } from '../model/attributes.js'
import type { CallOptions, Digested, DigestKind, Done, Parked, Reader, Source, Wanted } from '../model/endpoint.js'
import type { Filter } from '../model/filter.js'
import { type ObjectKey, ROOT_FOLDER } from '../model/key.js'
import type { Content } from '../model/manifest.js'
import { isObjectPrint, type VersionRef } from '../model/version-ref.js'
import { mergeJoin, noPages } from './merge-join.js'
import { Unknown } from './unknown.js'

export interface Side {
  readonly source: Source
  readonly digested?: Digested
}

export interface Verification extends CallOptions {
  readonly a: Side
  readonly b: Side
  /** Mode, times and extended attributes too, and folders. */
  readonly metadata: boolean
  /** Entry by entry, whatever the digests say. */
  readonly strict: boolean
  /** What it leaves out of A, or of B where A has nothing, is not compared. */
  readonly filter?: Filter
  /** How many parcels may be in memory while a directory is read. */
  readonly parcelsInFlight: number
}

export interface Difference {
  readonly key: ObjectKey
  readonly what: 'only in A' | 'only in B' | 'kind' | 'content' | 'metadata'
}

export interface Proof {
  /** What side A holds. */
  readonly objects: number
  readonly bytes: number
  /** The digest that both sides have, where both keep one. */
  readonly digest?: string
}

/**
 * Compares two sides; differences come as they are found: in key order between buckets, in the order of reading where a
 * directory is read. What could not be looked at or read is handed to `parked`: then nothing is proven about it.
 */
export async function* verifySides(
  verification: Verification,
  parked: (what: Parked) => void,
): AsyncGenerator<readonly Difference[], Proof> {
  const { a, b, strict } = verification
  const kind = verification.metadata ? 'full' : 'content'
  const digests =
    strict || verification.filter || !a.digested || !b.digested ? undefined : ([a.digested, b.digested] as const)
  const digest = digests?.[0].digest(kind)
  if (digests && digest !== undefined && digest === digests[1].digest(kind)) {
    return { objects: digests[0].objects, bytes: digests[0].bytes, digest }
  }
  const differs = digests ? cellFilter(digests[0], digests[1], kind) : () => true
  const unread: Unread[] = []
  const count = { objects: 0, bytes: 0 }
  const pairs = compareRows(verification, differs, unread, count, parked)
  const reader = [a.source, b.source].find((source): source is Reader => source.kind === 'reads')
  if (reader === undefined) for await (const { found } of pairs) yield found
  else yield* compareByReading(reader, pairs, unread, verification, parked)
  return digests ? { objects: digests[0].objects, bytes: digests[0].bytes } : count
}

/** Only keys of cells that differ can differ. */
function cellFilter(a: Digested, b: Digested, kind: DigestKind): (key: ObjectKey) => boolean {
  const others = b.cells(kind)
  const different = new Set(a.cells(kind).flatMap((cell, i) => (cell === others[i] ? [] : [i])))
  return (key) => different.has(a.cellOf(key))
}

/** A pair that only reading can tell apart: the file as it is seen, the version that it should be. */
type Unread = Wanted & { readonly there: VersionRef }

interface Compared {
  readonly found: readonly Difference[]
}

/** Joins both listings; what the rows tell is yielded, what must be read is put into `unread`. */
async function* compareRows(
  { a, b, metadata, signal, filter }: Verification,
  differs: (key: ObjectKey) => boolean,
  unread: Unread[],
  count: { objects: number; bytes: number },
  parked: (what: Parked) => void,
): AsyncGenerator<Compared> {
  const options = { ...(signal && { signal }), ...(filter && { skips: filter.skips }) }
  const leavesAlone = filter?.pass() ?? (() => false)
  const parkedIn = filter?.pass()
  const unknown = new Unknown()
  const told = (what: Parked): void => {
    if (parkedIn?.(what.key, undefined, undefined)) return
    unknown.add(what)
    parked(what)
  }
  let object = 0
  for await (const page of mergeJoin(a.source.list(options, told), b.source.list(options, told), noPages())) {
    const found: Difference[] = []
    for (const { key, left, right } of page) {
      if (leavesAlone(key, left, right)) continue
      if (left !== undefined && left.kind !== 'folder') {
        count.objects++
        count.bytes += left.size
      }
      const harmed = left?.harmed ?? right?.harmed
      if (harmed !== undefined) {
        parked({ key, why: harmed })
        continue
      }
      if (!differs(key) || unknown.covers(key) || (!metadata && (left ?? right)?.kind === 'folder')) continue
      const what = compareListed(left, right, metadata)
      if (what === 'unread' && left && right) {
        const [here, there] = left.seen ? [left, right] : [right, left]
        unread.push({ object: object++, here, there })
      } else if (what !== 'equal' && what !== 'unread') found.push({ key, what })
    }
    yield { found }
  }
}

function compareListed(
  left: VersionRef | undefined,
  right: VersionRef | undefined,
  metadata: boolean,
): Difference['what'] | 'equal' | 'unread' {
  if (left === undefined || right === undefined) {
    // A bucket that was not filled from a directory has no folder that it stands in.
    if ((left ?? right)?.key === ROOT_FOLDER) return 'equal'
    return left === undefined ? 'only in B' : 'only in A'
  }
  if (left.kind !== right.kind && !mayBeLink(left, right) && !mayBeLink(right, left)) return 'kind'
  if (left.size !== right.size) return 'content'
  if (left.held === undefined || right.held === undefined) {
    if (left.kind !== 'folder') return 'unread'
    const isSame = left.mode === right.mode && left.mtimeNs === right.mtimeNs
    return isSame || isObject(left) || isObject(right) ? 'equal' : 'metadata'
  }
  if (left.held.contentHash !== right.held.contentHash) return 'content'
  return metadata && left.held.attributesHash !== right.held.attributesHash ? 'metadata' : 'equal'
}

/** S3 keeps no mode and no time of a folder, which may not even be written down there. */
const isObject = ({ seen, held }: VersionRef): boolean =>
  held === undefined && (seen === undefined || isObjectPrint(seen))

/** A link in S3 is listed as what it is stored as. */
const mayBeLink = (one: VersionRef, other: VersionRef): boolean =>
  isObjectPrint(one.seen) && one.kind === 'file' && other.kind === 'link'

async function* compareByReading(
  reader: Reader,
  pairs: AsyncIterable<Compared>,
  unread: Unread[],
  { metadata, parcelsInFlight, signal }: Verification,
  parked: (what: Parked) => void,
): AsyncGenerator<readonly Difference[]> {
  const listed: Difference[] = []
  async function* wanted(): AsyncGenerator<readonly Wanted[]> {
    for await (const { found } of pairs) {
      listed.push(...found)
      const page = unread.splice(0)
      if (page.length > 0) yield page
    }
  }
  const how = { chunking: CHEAPEST, compress: false, parcelsInFlight, ...(signal === undefined ? {} : { signal }) }
  for await (const parcel of reader.read(wanted(), how)) {
    const { done } = parcel
    for (const what of parcel.parked) parked(what)
    parcel.release()
    yield [...listed.splice(0), ...done.flatMap((one) => compareRead(one, metadata))]
  }
  yield listed
}

/** How content is cut does not matter to its hash; few large pieces are the least work. */
const CHEAPEST = { kind: 'fixed', bytes: 1024 * 1024 } as const

function compareRead({ key, content, there }: Done, metadata: boolean): Difference[] {
  if ('manifest' in content || there?.held === undefined) throw new Error('a reader handed out what it was not given')
  if (content.kind !== there.kind) return [{ key, what: 'kind' }]
  if (content.contentHash !== there.held.contentHash || content.size !== there.size) return [{ key, what: 'content' }]
  const sameAttributes = !metadata || attributesOf(content) === there.held.attributesHash
  return sameAttributes ? [] : [{ key, what: 'metadata' }]
}

const attributesOf = ({ attributes }: Content): string => attributesHash(attributes)
