import { rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { MovedClock } from './clocks.js'
import { Hand } from './hand.js'
import { agreed, BUCKET, host, linkTo } from './linked.js'
import { Network } from './network.js'
import type { Site } from './sites.js'
import { noise } from './world.js'

const WRITES = Number(process.env.EFS_TEST_WRITES ?? 600)
const CHANGES = Number(process.env.EFS_TEST_CHANGES ?? 1500)
const ROUNDS = 6
const HOUR_MS = 3_600_000

/** Of one side: some keys are the other's too, and are written again and again. */
const written = (side: number, from: number) => (i: number) =>
  [
    (from + i) % 10 === 0 ? `common/${(from + i) % 700}` : `of-${side}/${from + i}`,
    noise(1 + (from + i) * 2 + side, i % 3 === 0 ? 100 : 3000),
  ] as const

async function kill(site: Site, afterMs: number): Promise<void> {
  await delay(afterMs)
  await site.endGateway('SIGKILL')
  await site.startGateway()
}

test('gateways are killed and clocks move by an hour while both sides write: both have all of it', async () => {
  const clocks = [new MovedClock(), new MovedClock()] as const
  const sites = [await host(clocks[0].env), await host(clocks[1].env)] as const
  const [near, far] = sites
  linkTo(near, far.address)
  for (const site of sites) await site.startGateway()
  const hands = [
    await Hand.open(near.at('home'), BUCKET, clocks[0]),
    await Hand.open(far.at('home'), BUCKET, clocks[1]),
  ] as const
  const block = Math.floor(WRITES / ROUNDS)
  for (let round = 0; round < ROUNDS; round++) {
    clocks[0].set(((round % 3) - 1) * HOUR_MS)
    clocks[1].set((((round + 1) % 3) - 1) * HOUR_MS)
    await Promise.all([
      kill(round % 2 === 0 ? near : far, 40 * round),
      ...hands.map((hand, side) => hand.writeAll(block, written(side, round * block))),
    ])
  }
  await agreed(hands)
  expect(hands[0].lacking(hands[1])).toEqual([])
  expect(hands[1].lacking(hands[0])).toEqual([])
  expect(hands[0].counters).toEqual(hands[1].counters)
}, 1_800_000)

test('a side that was set back to an earlier copy, and one that was cut off while much changed, get all that they lack', async () => {
  const [near, far] = [await host(), await host()]
  const network = await Network.open(far.port)
  linkTo(near, network.address)
  await near.startGateway()
  await far.startGateway()
  const here = await Hand.open(near.at('home'), BUCKET)
  const first = await Hand.open(far.at('home'), BUCKET)
  const small = Math.floor(WRITES / 3)
  await Promise.all([here.writeAll(small, written(0, 0)), first.writeAll(small, written(1, 0))])
  await agreed([here, first])

  await first.close()
  await far.endGateway()
  expect(far.run('cp', '-a', far.at('home'), far.at('copy')).status).toBe(0)
  await far.startGateway()
  const second = await Hand.open(far.at('home'), BUCKET)
  await Promise.all([here.writeAll(small, written(0, small)), second.writeAll(small, written(1, small))])
  await agreed([here, second])

  network.down()
  await second.close()
  await far.endGateway()
  rmSync(far.at('home'), { recursive: true })
  expect(far.run('cp', '-a', far.at('copy'), far.at('home')).status).toBe(0)
  far.ok('system', 'adopt', '--moved')
  await Promise.all([kill(near, 500), here.writeAll(CHANGES, written(0, 2 * small))])
  await far.startGateway()
  const third = await Hand.open(far.at('home'), BUCKET)
  // Each key once: of a journal that begins anew, older versions do not travel.
  await third.writeAll(Math.min(small, 70), written(1, 2 * small))
  network.mend()
  await agreed([here, third])
  for (const hand of [first, second, third]) expect(here.lacking(hand)).toEqual([])
  for (const hand of [here, first, second]) expect(third.lacking(hand)).toEqual([])
}, 1_800_000)
