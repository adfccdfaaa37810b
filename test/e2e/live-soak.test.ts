import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { openApp } from '../../src/app/app.js'
import { runGateway } from '../../src/app/gateway/run.js'
import { LIMITS } from '../../src/base/limits.js'
import { Hand } from './hand.js'
import { held } from './held.js'
import { agreed, BUCKET, host, linkTo } from './linked.js'
import { Network } from './network.js'
import { eventually } from './sites.js'

/** Requests that go over the link until it is measured, and between that and the end. */
const REQUESTS = Number(process.env.EFS_TEST_REQUESTS ?? 1000)

test('two gateways in one process, thousands of heartbeats, changes and broken connections: nothing is left of them', async () => {
  // A day's heartbeats in a few seconds.
  Object.assign(LIMITS, { linkPollMsMax: 2, retryMsLeast: 10 })
  const warnings: Error[] = []
  const warned = (warning: Error): unknown => warnings.push(warning)
  process.on('warning', warned)
  const [near, far] = [await host(), await host()]
  const network = await Network.open(far.port)
  linkTo(near, network.address)
  const stop = new AbortController()
  const gateways = [near, far].map((site) =>
    runGateway(openApp({ home: site.at('home'), config: site.at('config', 'efs'), note: () => undefined }), {
      version: 'test',
      tell: () => undefined,
      signal: stop.signal,
    }),
  )
  onTestFinished(() => {
    process.off('warning', warned)
    stop.abort()
  })
  const hands = [await Hand.open(near.at('home'), BUCKET), await Hand.open(far.at('home'), BUCKET)] as const
  let requests = 0
  network.onPiece = () => requests++
  let written = 0
  const run = async (count: number): Promise<void> => {
    const until = requests + count
    for (let round = 0; requests < until; round++) {
      for (const hand of hands) await hand.write(`k/${written % 20}`, Buffer.from(`${written++}`))
      if (round % 10 === 9) network.cut()
      await delay(50)
    }
    await eventually(() => network.isUsed)
    await agreed(hands)
  }
  await run(REQUESTS)
  const before = await held()
  await run(3 * REQUESTS)
  const after = await held()
  expect(after.files).toBeLessThanOrEqual(before.files + 4)
  expect(after.timers).toBeLessThanOrEqual(before.timers + 4)
  expect((after.heapBytes - before.heapBytes) / (3 * REQUESTS), 'bytes of the heap for each request').toBeLessThan(1000)
  expect(warnings).toEqual([])
  stop.abort()
  await Promise.all(gateways)
})
