import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Hand } from './hand.js'
import { agreed, BUCKET, host, linkTo } from './linked.js'
import { Network } from './network.js'
import { eventually, type Site } from './sites.js'
import { noise } from './world.js'

const WRITES = Number(process.env.EFS_TEST_WRITES ?? 600)
const COMMON = 100
const CUTS = 10

const conflicts = (site: Site): string[] =>
  site
    .ok('conflict', 'list', BUCKET)
    .stdout.trimEnd()
    .split('\n')
    .map((line) => line.split(' ').at(-1) ?? '')

/** One way or the other in which a network fails. */
async function harm(network: Network, time: number): Promise<void> {
  await delay(20 * time)
  if (time % 3 === 0) network.cut()
  else if (time % 3 === 1) network.down()
  else network.stall()
  await delay(300)
  if (time % 3 === 2) network.cut()
  network.mend()
}

test('both sides write at once over a network that is cut ten times: nothing acknowledged is missing, each conflict is told once', async () => {
  const [near, far] = [await host(), await host()]
  const network = await Network.open(far.port)
  linkTo(near, network.address)
  await Promise.all([near.startGateway(), far.startGateway()])
  const hands = [await Hand.open(near.at('home'), BUCKET), await Hand.open(far.at('home'), BUCKET)] as const
  const every = WRITES / COMMON
  const block = WRITES / CUTS
  for (let time = 0; time < CUTS; time++) {
    await eventually(() => network.isUsed)
    await Promise.all([
      harm(network, time),
      ...hands.map((hand, side) =>
        hand.writeAll(block, (of) => {
          const i = time * block + of
          const key = i % every === 0 ? `common/${i / every}` : `of-${side}/${i}`
          return [key, noise(1 + i * 2 + side, i % 4 === 0 ? 64 : 2000)]
        }),
      ),
    ])
  }
  await agreed(hands)
  const [a, b] = hands
  expect(a.lacking(b)).toEqual([])
  expect(b.lacking(a)).toEqual([])
  expect(a.counters).toEqual(b.counters)
  const listed = conflicts(near)
  expect(listed).toEqual(conflicts(far))
  expect(new Set(listed).size).toBe(listed.length)
  expect(listed.every((path) => path.startsWith(`${BUCKET}/common/`))).toBe(true)
  expect(listed.length).toBe(a.counters.conflicts)
}, 600_000)
