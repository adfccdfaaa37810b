import { existsSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { openApp } from '../../src/app/app.js'
import { gatewayFiles } from '../../src/app/gateway/files.js'
import { runGateway } from '../../src/app/gateway/run.js'
import { createService, setKey } from '../../src/app/services/services.js'
import { serve } from '../../src/app/services/serving.js'
import { createName } from '../../src/app/system/names.js'
import { LIMITS } from '../../src/base/limits.js'
import { appOf } from './gateways.js'
import { Hand } from './hand.js'
import { type Held, held } from './held.js'
import { host } from './linked.js'
import { Network } from './network.js'
import { eventually, freePort, SECRET } from './sites.js'

const SERVICES = 50
const BUCKETS_OF_EACH = 4
/** Services of which nobody answers. */
const AWAY = 4
/** How many of the 1,152 heartbeats of eight hours each service has; the tenth part of them comes before the first measure. */
const BEATS = Number(process.env.EFS_TEST_BEATS ?? 60)
const BEAT_MS = 250
/** So small that a day's lines would not fit in. */
const LOG_BYTES = 64 * 1024

const name = (i: number): string => `s${String(i).padStart(2, '0')}`
const bucketOf = (service: number, i: number): string => `Hawaii/Cola/${name(service)}-${i}`

/** What is held once all links are up: while they come, there is much more each second. */
async function atRest(): Promise<Held> {
  for (let before = await held(); ; ) {
    await delay(1000)
    const now = await held()
    if (Math.abs(now.timers - before.timers) < AWAY * 2) return now
    before = now
  }
}

test(`a gateway with ${SERVICES} services and ${SERVICES * BUCKETS_OF_EACH} buckets holds as much after hours as after minutes`, async () => {
  Object.assign(LIMITS, { linkPollMsMax: BEAT_MS, retryMsMost: 2 * BEAT_MS, gatewayLogBytesMax: LOG_BYTES })
  const [near, far] = [await host(), await host()]
  const network = await Network.open(far.port)
  const nobody = await freePort()
  const app = appOf(near, 'home')
  for (let i = 0; i < SERVICES; i++) {
    const remote = i < AWAY ? `127.0.0.1:${nobody}` : network.address
    const values = { 'X-ISGW-Remote': `ccow://${remote}`, 'X-ISGW-Direction': '3', 'X-Status': 'enabled' }
    await createService(app, 'isgw', name(i), values)
    await setKey(app, name(i), 'X-ISGW-Basic-Auth', '-', async () => SECRET)
    for (let j = 0; j < BUCKETS_OF_EACH; j++) {
      const path = bucketOf(i, j)
      await createName(app, 'bucket', path, {}, { parents: false })
      await serve(app, { service: name(i), path, pause: false, create: false })
    }
  }

  const stop = new AbortController()
  const gateways = [near, far].map((site) =>
    runGateway(openApp({ home: site.at('home'), config: site.at('config', 'efs'), note: () => undefined }), {
      version: 'test',
      tell: () => undefined,
      signal: stop.signal,
    }),
  )
  onTestFinished(async () => {
    stop.abort()
    await Promise.allSettled(gateways)
  })
  const hands = [await Hand.open(near.at('home'), bucketOf(SERVICES - 1, 0))]
  const [hand] = hands
  if (hand === undefined) throw new Error('one was opened')
  const last = await Hand.open(far.at('home'), bucketOf(SERVICES - 1, 0))
  let written = 0
  /** Each beat one object changes; now and then the network fails for everybody at once. */
  const run = async (beats: number): Promise<void> => {
    for (let beat = 0; beat < beats; beat++) {
      await hand.write(`k/${written % 20}`, Buffer.from(`${written++}`))
      if (beat % 20 === 19) network.cut()
      await delay(BEAT_MS)
    }
    await eventually(() => last.digest === hand.digest)
  }
  await run(Math.ceil(BEATS / 10))
  const before = await atRest()
  await run(BEATS)
  let after = await held()
  // Connections that the last cut broke off are given up one after the other.
  for (let tries = 0; tries < 60 && after.files > before.files + SERVICES; tries++) after = await held()
  expect(after.files).toBeLessThanOrEqual(before.files + SERVICES)
  expect(after.timers).toBeLessThanOrEqual(before.timers + SERVICES)
  // Whatever the number of heartbeats: a hundred bytes for each would be more than that in eight hours.
  expect(after.heapBytes - before.heapBytes).toBeLessThan(4 * 1024 * 1024)
  const { log, olderLog } = gatewayFiles(near.at('home'))
  expect(statSync(log).size).toBeLessThanOrEqual(LOG_BYTES)
  if (existsSync(olderLog)) expect(statSync(olderLog).size).toBeLessThanOrEqual(LOG_BYTES)
})
