import fc from 'fast-check'
import { test } from 'vitest'
import { moveClock, rebuild, reopen } from './circumstances.js'
import { collect, expunge, forget } from './collecting.js'
import { configure, create, drop } from './naming.js'
import { PlainModel } from './plain-model.js'
import { arrive, putChunks, write } from './publishing.js'
import { World } from './world.js'

/**
 * All that can happen to a segment; what happens more often stands more often. A failure prints a seed and a path for the
 * options of `fc.assert`, and a replayPath for those of `fc.commands`.
 */
const STEPS = [
  ...[create, configure, drop],
  ...[write, write, write, arrive, arrive, arrive, putChunks],
  ...[expunge, collect, forget, rebuild, reopen, moveClock],
]

/** More by hand, after a change to the store. */
const RUNS = Number(process.env.EFS_TEST_SEQUENCES ?? 12)

/** A failure is made small before it is told. */
const TIMEOUT_MS = 300_000 + RUNS * 5000

test(
  'whatever happens, in whatever order, the store tells what memory tells, and what was acknowledged',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(STEPS, { maxCommands: 40, size: 'max' }), async (sequence) => {
        const world = await World.open()
        try {
          await fc.asyncModelRun(() => ({ model: new PlainModel(), real: world }), sequence)
          await world.check()
        } finally {
          await world.close()
        }
      }),
      { numRuns: RUNS },
    )
  },
  TIMEOUT_MS,
)
