import { EfsError } from '../../base/errors.js'
import type { BucketUid } from '../../model/ids.js'
import { isFolderKey, type ObjectKey } from '../../model/key.js'
import type { Retry } from '../../model/live.js'
import type { Segment, VersionIndex } from '../../model/segment.js'
import type { App } from '../app.js'
import { type Ends, type Mirrored, openEnds } from './ends.js'
import { leftOut, mirrorName, takenName } from './notes.js'

/** Something held up. What could not be taken in has no time of its own: it is looked at when it changes, and when all is. */
export type Held = Omit<Retry, 'nextMs'> & { readonly nextMs: number | null }

export const heldFromThere = (retry: Retry): Held => ({ ...retry, nextMs: null })

/** Whether that object is held up, as itself or with a folder that it is in. */
export const holds = ({ key: held }: Pick<Held, 'key'>, key: ObjectKey): boolean =>
  held === key || (isFolderKey(held) && key.startsWith(held))

/**
 * Whether the other side was seen to have what the bucket has: then nothing holds the object up, though a folder that it is in may be held
 * up for its own mode.
 */
export async function isAgreed({ baseline, segment, uid }: Pick<Ends, 'baseline' | 'segment' | 'uid'>, key: ObjectKey) {
  const [row] = await baseline.get([key])
  return row !== undefined && row.id === segment.versions.head(uid, key)?.held?.id
}

export interface Holding {
  readonly way: 'send' | 'receive'
  readonly held: Held
}

/** What holds an object of a mirrored bucket up, either way. */
export async function heldUp(
  app: App,
  segment: Segment,
  uid: BucketUid,
  mirrored: Mirrored,
  key: ObjectKey,
): Promise<Holding | undefined> {
  const { place, ways } = mirrored
  const taken = ways.receives ? await firstHolding(segment.versions, uid, takenName(place.text), key) : undefined
  if (taken !== undefined) return { way: 'receive', held: heldFromThere(named(taken, key)) }
  const given = ways.sends ? await firstHolding(segment.versions, uid, mirrorName(place.text), key) : undefined
  if (given === undefined || (given.key !== key && (await isAgreedThere(app, segment, mirrored, key)))) return undefined
  return { way: 'send', held: named(given, key) }
}

async function isAgreedThere(app: App, segment: Segment, mirrored: Mirrored, key: ObjectKey): Promise<boolean> {
  let ends: Ends
  try {
    ends = await openEnds(app, segment, mirrored)
  } catch (error) {
    // Of a place that cannot be opened nothing is known.
    if (error instanceof EfsError) return false
    throw error
  }
  try {
    return await isAgreed(ends, key)
  } finally {
    await ends.close()
  }
}

const named = (retry: Retry, key: ObjectKey): Retry =>
  retry.key === key ? retry : { ...retry, why: `${retry.key}: ${retry.why}` }

async function firstHolding(
  versions: VersionIndex,
  bucket: BucketUid,
  name: string,
  key: ObjectKey,
): Promise<Retry | undefined> {
  for await (const page of leftOut(versions, bucket, name)) {
    const found = page.find((retry) => holds(retry, key))
    if (found !== undefined) return found
  }
  return undefined
}
