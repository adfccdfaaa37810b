import fc from 'fast-check'
import { type Step, step } from './step.js'

export const reopen: fc.Arbitrary<Step> = fc.constant(step('reopen', (_, world) => world.reopen()))

/** From the packs, with the old index beside it or without. */
export const rebuild: fc.Arbitrary<Step> = fc
  .boolean()
  .map((isLost) => step(`rebuild${isLost ? ' what was lost' : ''}`, (_, world) => world.rebuild(isLost)))

export const moveClock: fc.Arbitrary<Step> = fc.constantFrom(-1000, -2, 1, 3, 1500).map((ms) =>
  step(`clock ${ms} ms`, async (_, world) => {
    world.clock.ms += ms
  }),
)
