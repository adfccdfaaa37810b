import { LIMITS } from '../../base/limits.js'
import type { ObjectKey } from '../../model/key.js'
import type { Checkpoint, LiveSource } from '../../model/live.js'
import { type BehindOptions, unsent } from './behind.js'

/** Where an object stands among those that a sink has not acknowledged yet. */
export interface Place {
  /** From 1 on. */
  readonly at: number
  readonly of: number
  /** Plain bytes of those before it. */
  readonly bytesBefore: number
  /** There are more of them than were looked at. */
  readonly capped: boolean
}

/** Undefined where it does not wait, as far as was looked. */
export async function placeOf(
  key: ObjectKey,
  source: Pick<LiveSource, 'list' | 'changes'>,
  checkpoint: Checkpoint | undefined,
  options: BehindOptions,
): Promise<Place | undefined> {
  const { rowsMax = LIMITS.behindRowsMax } = options
  const sizes = new Map<ObjectKey, number>()
  let [looked, capped] = [0, false]
  for await (const page of unsent(source, checkpoint, options)) {
    if (looked >= rowsMax) {
      capped = true
      break
    }
    looked += page.length
    // One that is there keeps its place.
    for (const ref of page) sizes.set(ref.key, ref.size)
  }
  const at = [...sizes.keys()].indexOf(key)
  if (at < 0) return undefined
  const bytesBefore = [...sizes.values()].slice(0, at).reduce((sum, size) => sum + size, 0)
  return { at: at + 1, of: sizes.size, bytesBefore, capped }
}
