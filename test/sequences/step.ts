import type fc from 'fast-check'
import type { PlainModel } from './plain-model.js'
import type { World } from './world.js'

export type Step = fc.AsyncCommand<PlainModel, World>

/** Something that is done to both segments, after which both tell the same, and what the model says. */
export const step = (name: string, run: (model: PlainModel, world: World) => Promise<void>): Step => ({
  check: () => true,
  async run(model, world) {
    await run(model, world)
    model.check(await world.snapshot())
  },
  toString: () => name,
})
