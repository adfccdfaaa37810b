import type { CallOptions, NotKept } from '../../model/endpoint.js'
import type { ObjectKey } from '../../model/key.js'
import type { Content } from '../../model/manifest.js'
import type { S3Bucket } from './bucket.js'
import { dressFor, placelessIn, withoutIn } from './dress.js'
import { isRejected } from './faults.js'
import { headObject } from './putting.js'

/** What of the objects that were written stands nowhere in S3: counted, with the first of each kind. */
export class Unkept {
  readonly #counts = new Map<string, { count: number; first: string }>()

  add(what: 'options' | 'extended attributes', key: ObjectKey, names: readonly string[]): void {
    const [first] = names
    if (first === undefined) return
    const known = this.#counts.get(what)
    if (known) known.count += names.length
    else this.#counts.set(what, { count: names.length, first: `${first} of ${key}` })
  }

  list(): NotKept[] {
    return [...this.#counts].map(([what, counted]) => ({ what, ...counted }))
  }
}

/**
 * The options of an object that were not written with it. Where they are more than S3 says that it holds the server is asked, since some hold
 * more, and what an earlier run began may go on with less.
 */
export async function optionsUnkept(
  bucket: S3Bucket,
  key: string,
  content: Content,
  options: CallOptions,
): Promise<string[]> {
  const { attributes } = content
  if (attributes.user === undefined) return []
  const { least } = dressFor(content)
  const placeless = placelessIn(attributes)
  if (least === undefined) return placeless
  const there = await orUnknown(headObject(bucket, key, options))
  return [...placeless, ...withoutIn(there?.metadata ?? least, attributes)]
}

/** Who may write an object may not be allowed to look at it. */
async function orUnknown<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (isRejected(error)) return undefined
    throw error
  }
}
