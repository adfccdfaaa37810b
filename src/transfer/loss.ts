import { EfsError } from '../base/errors.js'

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
