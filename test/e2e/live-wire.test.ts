import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Hand } from './hand.js'
import { agreed, BUCKET, host, linkTo } from './linked.js'
import { Network } from './network.js'
import type { Site } from './sites.js'
import { eventually } from './sites.js'
import { noise } from './world.js'

const SECOND = 'Hawaii/Cola/bk2'
const FILES = Number(process.env.EFS_TEST_FILES ?? 200)

interface Served {
  readonly path: string
  readonly requests: number
  readonly dataChunksSent: number
  readonly dataChunksReceived: number
  readonly versionsApplied: number
  readonly versionsOffered: number
  readonly bytesSent: number
  readonly bytesReceived: number
}

interface Shown {
  readonly buckets: readonly Served[]
}

const served = (site: Site, service: string): readonly Served[] =>
  (site.json('service', 'show', service, '-s') as Shown).buckets
const sum = (all: readonly Served[], name: Exclude<keyof Served, 'path'>): number =>
  all.reduce((n, one) => n + one[name], 0)

/** Everything that is known to the tool, and what the wire saw; the numbers may be a moment late. */
async function expectCounted(site: Site, service: string, network: Network): Promise<void> {
  await delay(1000)
  const all = served(site, service)
  const told = sum(all, 'bytesSent') + sum(all, 'bytesReceived')
  expect(Math.abs(told - network.bytes) / network.bytes, `told ${told}, seen ${network.bytes}`).toBeLessThan(0.02)
}

test('a second bucket of the same tenant with the same content moves no data chunk, and what is counted is what was on the wire', async () => {
  const [near, far] = [await host(), await host()]
  for (const site of [near, far]) site.ok('bucket', 'create', SECOND)
  const network = await Network.open(far.port)
  linkTo(near, network.address, { direction: 'send', buckets: [BUCKET, SECOND] })
  for (const site of [near, far]) await site.startGateway()
  const open = async (path: string): Promise<readonly [Hand, Hand]> => [
    await Hand.open(near.at('home'), path),
    await Hand.open(far.at('home'), path),
  ]
  const [here, there] = await open(BUCKET)
  const [hereToo, thereToo] = await open(SECOND)
  const file = (i: number) => [`a/${i}`, noise(1 + i, 20_000)] as const
  await here.writeAll(FILES, file)
  await agreed([here, there])
  await expectCounted(near, 'link', network)
  expect(served(near, 'link')).toMatchObject([
    { path: BUCKET, dataChunksSent: FILES, versionsApplied: FILES },
    { path: SECOND, dataChunksSent: 0, versionsApplied: 0 },
  ])

  const before = network.sent
  await hereToo.writeAll(FILES, file)
  await agreed([hereToo, thereToo])
  await expectCounted(near, 'link', network)
  expect(served(near, 'link')).toMatchObject([
    { path: BUCKET, dataChunksSent: FILES },
    { path: SECOND, dataChunksSent: 0, versionsApplied: FILES },
  ])
  // A version is its manifest and its row, nothing of its 20,000 bytes.
  expect(network.sent - before).toBeLessThan(FILES * 2000)
})

test('in a ring of three with one writer an offer crosses each link at most once each way and a body comes to each once; then it is quiet', async () => {
  const sites = [await host(), await host(), await host()] as const
  const networks = [
    await Network.open(sites[1].port),
    await Network.open(sites[2].port),
    await Network.open(sites[0].port),
  ]
  for (const [i, site] of sites.entries()) linkTo(site, networks[i]?.address ?? '')
  for (const site of sites) await site.startGateway()
  const hands = await Promise.all(sites.map((site) => Hand.open(site.at('home'), BUCKET)))
  const [writer] = hands
  if (writer === undefined) throw new Error('three sites')
  await eventually(() => networks.every(({ isUsed }) => isUsed))
  await delay(2000)
  for (let block = 0; block < 10; block++) {
    await writer.writeAll(FILES / 10, (i) => [`a/${block}/${i}`, noise(1 + block * FILES + i, 20_000)])
    await delay(50)
  }
  await agreed(hands)
  await delay(1000)
  const counted = sites.map((site) => served(site, 'link')[0])
  // Each link has two flows, both counted where it was opened. The writer is offered nothing of its own by who has it from it.
  for (const one of counted) expect(one?.versionsOffered).toBeLessThanOrEqual(2 * FILES)
  const bodies = counted.map((one) => (one?.dataChunksSent ?? 0) + (one?.dataChunksReceived ?? 0))
  expect(bodies.reduce((all, some) => all + some, 0)).toBe(2 * FILES)

  const before = networks.map(({ bytes }) => bytes)
  const requests = counted.map((one) => one?.requests ?? 0)
  await delay(3000)
  const after = sites.map((site) => served(site, 'link')[0]?.requests ?? 0)
  for (const [i, network] of networks.entries()) {
    // At most one heartbeat, which is a request and its answer.
    expect(network.bytes - (before[i] ?? 0)).toBeLessThan(3000)
    expect((after[i] ?? 0) - (requests[i] ?? 0)).toBeLessThanOrEqual(1)
  }
})
