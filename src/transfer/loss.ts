import { EfsError } from '../base/errors.js'
import type { CallOptions } from '../model/endpoint.js'
import type { Feed } from '../model/live.js'
import type { VersionRef } from '../model/version-ref.js'

/** Whether the source has lost this one thing, so that others may still be had. */
export const isLoss = (error: unknown): error is EfsError =>
  error instanceof EfsError && (error.code === 'NOT_FOUND' || error.code === 'CORRUPT')

/** Loads all at once; where something is lost, one by one, with the error in its place. In the order asked. */
export async function eachOrLoss<In, Out>(
  asked: readonly In[],
  load: (some: readonly In[]) => Promise<readonly Out[]>,
): Promise<readonly (Out | EfsError)[]> {
  if (asked.length === 0) return []
  try {
    return await load(asked)
  } catch (error) {
    if (!isLoss(error)) throw error
    if (asked.length === 1) return [error]
  }
  const each: (Out | EfsError)[] = []
  for (const one of asked) each.push(...(await eachOrLoss([one], load)))
  return each
}

/**
 * Those of these versions that a live source has no more, by what came of asking for them. One that is a tip there all the same was only not
 * shown for a moment, with its bucket.
 */
export async function goneOf(
  rows: readonly VersionRef[],
  found: readonly unknown[],
  live: Pick<Feed, 'tips'> | undefined,
  options: CallOptions,
): Promise<ReadonlySet<VersionRef>> {
  const lost = rows.filter((_, i) => isNotThere(found[i]))
  if (live === undefined || lost.length === 0) return new Set()
  const tips = await live.tips([...new Set(lost.map(({ key }) => key))], options)
  const ids = new Set(tips.map(({ held }) => held?.id))
  return new Set(lost.filter(({ held }) => !ids.has(held?.id)))
}

const isNotThere = (one: unknown): boolean => one instanceof EfsError && one.code === 'NOT_FOUND'
