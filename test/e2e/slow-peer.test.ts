import { test } from 'vitest'
import { Hand } from './hand.js'
import { BUCKET, host, linkTo } from './linked.js'
import { Network } from './network.js'
import { eventually } from './sites.js'
import { noise } from './world.js'

/** As many as bring something at once. */
const SLOW = 8

test('a peer that takes nothing for now keeps no other link waiting', async () => {
  const [near, slow, fast] = [await host(), await host(), await host()]
  const network = await Network.open(slow.port)
  const buckets = Array.from({ length: SLOW + 1 }, (_, i) => `Hawaii/Cola/slow${i}`)
  for (const bucket of buckets) near.ok('bucket', 'create', bucket)
  const hands = await Promise.all(buckets.map((bucket) => Hand.open(near.at('home'), bucket)))
  for (const hand of hands) await hand.write('first', noise(1, 2000))
  linkTo(near, network.address, { name: 'slow', direction: 'send', buckets })
  linkTo(near, fast.address, { name: 'fast', direction: 'send' })
  await Promise.all([near.startGateway(), slow.startGateway(), fast.startGateway()])
  const { segment } = await Hand.open(slow.at('home'), BUCKET)
  const isThere = (bucket: string): boolean => {
    const uid = segment.names.find(bucket)?.uid
    return uid !== undefined && segment.versions.counters(uid).objects === 1
  }
  await eventually(() => buckets.every(isThere))
  network.stall()
  for (const hand of hands) await hand.write('second', noise(2, 2000))
  const hand = await Hand.open(near.at('home'), BUCKET)
  await hand.write('small', noise(3, 2000))
  near.ok('wait', 'fast', '--timeout', '30s')
})
