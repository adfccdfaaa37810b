import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BUCKET, host, linkTo } from './linked.js'
import { Network } from './network.js'
import { eventually, type Site } from './sites.js'
import { noise } from './world.js'

const MiB = 1024 * 1024
const BYTES = 64 * MiB
/** Four parcels may be on their way when it breaks; what is left is for heads, listings and tree nodes. */
const AGAIN_MAX = 20 * MiB

async function killed(site: Site): Promise<void> {
  await site.endGateway('SIGKILL')
  await site.startGateway()
}

test.each([
  ['takes, asked by the other side', 'send', 'far'],
  ['gives, asked by the other side', 'receive', 'far'],
  ['takes, and asks itself', 'receive', 'near'],
  ['gives, and asks itself', 'send', 'near'],
] as const)(
  'half way through a large object the gateway that %s is killed: what arrived does not travel again',
  async (_, direction, who) => {
    const [near, far] = [await host(), await host()]
    const network = await Network.open(far.port)
    linkTo(near, network.address, { direction })
    const [source, sink] = direction === 'send' ? [near, far] : [far, near]
    writeFileSync(source.at('large'), noise(1, BYTES))
    source.ok('object', 'put', `${BUCKET}/large`, source.at('large'))
    let isHalfWay = false
    network.onPiece = () => {
      if (isHalfWay || network.bytes < BYTES / 2) return
      isHalfWay = true
      network.stall()
    }
    await Promise.all([near.startGateway(), far.startGateway()])
    await eventually(() => isHalfWay)
    await killed(who === 'near' ? near : far)
    network.mend()
    await eventually(() => sink.efs('object', 'show', `${BUCKET}/large`).status === 0)
    expect(network.bytes).toBeGreaterThan(BYTES)
    expect(network.bytes).toBeLessThan(BYTES + AGAIN_MAX)
  },
  180_000,
)
