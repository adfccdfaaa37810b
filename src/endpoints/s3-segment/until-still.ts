import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'

/** Begins anew where what was listed is gone before it was read: merged, or pruned. @throws what `work` throws else */
export async function untilStill(work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      const isGone = error instanceof EfsError && error.code === 'NOT_FOUND'
      if (!isGone || tries >= LIMITS.factsTriesMax) throw error
    }
  }
}
