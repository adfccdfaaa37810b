import fc from 'fast-check'
import type { PlainModel } from './plain-model.js'
import { anyBucket, anyKey } from './samples.js'
import { type Step, step } from './step.js'
import type { World } from './world.js'

export const expunge: fc.Arbitrary<Step> = fc
  .record({ bucket: anyBucket, keys: fc.uniqueArray(anyKey, { minLength: 1, maxLength: 2 }) })
  .map(({ bucket, keys }) =>
    step(`expunge ${bucket}: ${keys}`, async (model, world) => {
      const outcome = await world.both(({ versions }, uid) => versions.expunge(uid(bucket), keys))
      if ('value' in outcome && outcome.value > 0) model.expunge(bucket, keys)
    }),
  )

/**
 * Twice, since what one condemns the next one deletes; and opened before, since what a process has put itself since it began to write is
 * not condemned while it has the home open.
 */
export const collect: fc.Arbitrary<Step> = fc
  .record({ times: fc.constantFrom(1, 2), isOpened: fc.boolean() })
  .map(({ times, isOpened }) =>
    step(`collect ${times} times${isOpened ? ', opened before' : ''}`, async (model, world) => {
      for (let n = 0; n < times; n++) {
        if (isOpened) await world.reopen()
        await collectOnce(model, world)
      }
    }),
  )

/** What is still to come is not forgotten. */
export const forget: fc.Arbitrary<Step> = fc
  .record({ waitMs: fc.constantFrom(0, 1500), ms: fc.constantFrom(-2, 0, 1000) })
  .map(({ waitMs, ms }) =>
    step(`wait ${waitMs} ms and forget deletes of before now and ${ms} ms`, async (model, world) => {
      world.clock.ms += waitMs
      const now = world.clock.ms
      await collectOnce(model, world, now + ms)
      model.forget(Math.min(now, now + ms))
    }),
  )

export async function collectOnce(model: PlainModel, world: World, forgetBeforeMs?: number): Promise<void> {
  model.expire(world.clock.ms)
  await world.collect(forgetBeforeMs)
}
