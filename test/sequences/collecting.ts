import fc from 'fast-check'
import type { PlainModel } from './plain-model.js'
import { anyBucket, anyKey } from './samples.js'
import { type Step, step } from './step.js'
import type { World } from './world.js'

/** Later than all before, so that no version comes again that was removed for good. */
const LATER_MS = 100_000

export const expunge: fc.Arbitrary<Step> = fc
  .record({ bucket: anyBucket, keys: fc.uniqueArray(anyKey, { minLength: 1, maxLength: 2 }) })
  .map(({ bucket, keys }) =>
    step(`expunge ${bucket}: ${keys}`, async (model, world) => {
      const outcome = await world.both(({ versions }, uid) => versions.expunge(uid(bucket), keys))
      if ('value' in outcome && outcome.value > 0) model.expunge(bucket, keys)
      world.clock.ms += LATER_MS
    }),
  )

/**
 * Twice, since what one condemns the next one deletes; and opened before, since what a process has put itself since it began to write is
 * not condemned while it has the home open.
 */
export const collect: fc.Arbitrary<Step> = fc
  .record({ times: fc.constantFrom(1, 2), isOpened: fc.boolean() })
  .map(({ times, isOpened }) =>
    step(`collect ${times} times${isOpened ? ', opened before' : ''}`, async (_, world) => {
      for (let n = 0; n < times; n++) {
        if (isOpened) await world.reopen()
        await world.collect()
      }
    }),
  )

export const forget: fc.Arbitrary<Step> = fc
  .constantFrom(-2, 0, 1000)
  .map((ms) => step(`forget deletes of before now and ${ms} ms`, (model, world) => forgetBefore(model, world, ms)))

/** What is still to come is not forgotten. */
async function forgetBefore(model: PlainModel, world: World, ms: number): Promise<void> {
  const now = world.clock.ms
  await world.collect(now + ms)
  model.forget(Math.min(now, now + ms))
}
