import type { Clock } from '../../base/clock.js'
import { LIMITS } from '../../base/limits.js'
import type { Listing, ListOptions, Parked } from '../../model/endpoint.js'
import { compareKeys, isFolderKey, keyFault, type ObjectKey, ROOT_FOLDER } from '../../model/key.js'
import type { StoredObject } from '../../model/object-store.js'
import { objectPrint, type VersionRef } from '../../model/version-ref.js'
import type { S3Bucket } from './bucket.js'
import { listKeys } from './listing.js'

export interface RowsOf {
  readonly bucket: S3Bucket
  readonly prefix: string
  readonly clock: Clock
  /** A sink says that the folder which all stands in is there; a source has nothing to tell of it. */
  readonly withRoot: boolean
  readonly parked: (what: Parked) => void
}

/**
 * The objects below a prefix in key order, and a folder before the first thing that is in it, whether there is a marker
 * or not. A folder has neither mode nor time here: S3 keeps none.
 */
export async function* listRows(of: RowsOf, options: ListOptions): Listing {
  const { bucket, prefix } = of
  const { after, signal } = options
  const rows = new Rows(of, options)
  const asked = {
    prefix: prefix + (options.prefix ?? ''),
    ...(after !== undefined && { after: prefix + after }),
    ...(signal && { signal }),
  }
  for await (const page of listKeys(bucket, asked)) {
    for (const object of page) rows.add(object)
    yield* rows.take()
  }
  rows.end()
  yield* rows.take()
}

class Rows {
  readonly #of: RowsOf
  readonly #prefix: string
  readonly #after: string
  #rows: VersionRef[] = []
  #last = ''
  #rootDue: boolean

  constructor(of: RowsOf, { prefix = '', after }: ListOptions) {
    this.#of = of
    this.#prefix = prefix
    this.#after = after ?? ''
    this.#rootDue = of.withRoot
  }

  add(object: StoredObject): void {
    const key = object.key.slice(this.#of.prefix.length)
    // The marker of the prefix itself.
    if (key === '' || key === ROOT_FOLDER) return
    const row = rowOf(this.#of, object)
    if (row === undefined) return
    if (compareKeys(key, ROOT_FOLDER) > 0) this.end()
    for (let end = key.indexOf('/'); end >= 0 && end < key.length - 1; end = key.indexOf('/', end + 1)) {
      const folder = key.slice(0, end + 1)
      if (folder !== ROOT_FOLDER && !this.#last.startsWith(folder)) this.#folder(folder)
    }
    this.#last = key
    this.#rows.push(row)
  }

  /** What is due though nothing follows it. */
  end(): void {
    if (this.#rootDue) this.#folder(ROOT_FOLDER)
    this.#rootDue = false
  }

  *take(): Generator<readonly VersionRef[]> {
    const rows = this.#rows
    this.#rows = []
    for (let from = 0; from < rows.length; from += LIMITS.pageRowsMax) yield rows.slice(from, from + LIMITS.pageRowsMax)
  }

  #folder(key: string): void {
    if (!(key.startsWith(this.#prefix) && compareKeys(key, this.#after) > 0)) return
    this.#rows.push(folderRow(key as ObjectKey))
  }
}

/** Of which nothing is known but that it is there. */
export const folderRow = (key: ObjectKey): VersionRef => ({ key, kind: 'folder', size: 0 })

/** Undefined where it is parked. */
export function rowOf({ prefix, parked, clock }: RowsOf, object: StoredObject): VersionRef | undefined {
  const { size, etag, modifiedMs } = object
  const key = object.key.slice(prefix.length) as ObjectKey
  const fault = faultOf(key, size)
  if (fault !== undefined) {
    // What stands below such a name has names of its own.
    parked({ key, why: fault, ...(isFolderKey(key) && { alone: true }) })
    return undefined
  }
  const seen = objectPrint(etag, size, modifiedMs, clock.nowMs())
  return { key, kind: isFolderKey(key) ? 'folder' : 'file', size, seen }
}

function faultOf(key: string, size: number): string | undefined {
  const fault = keyFault(key)
  if (fault !== undefined) return `its name cannot be a key: ${fault}`
  return isFolderKey(key) && size > 0 ? 'its name is that of a folder, and it has content' : undefined
}
