import { once } from 'node:events'
import { statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openApp } from '../../src/app/app.js'
import { showService } from '../../src/app/services/shown.js'
import { systemStatus } from '../../src/app/system/status.js'
import { explain } from '../../src/app/why/why.js'
import type { ServedStats } from '../../src/model/service.js'
import { Site } from './sites.js'

const HERE = 'Hawaii/Cola/bk1'

const appOf = (site: Site) =>
  openApp({ home: site.at('home'), config: site.at('config', 'efs'), note: () => undefined })

async function numbersOf(site: Site): Promise<ServedStats> {
  const [served] = (await showService(appOf(site), 'h', { stats: true })).served
  if (served?.stats === undefined) throw new Error('no numbers')
  return served.stats
}

async function holdsOf(site: Site, key: string) {
  const { services } = await explain(appOf(site), `${HERE}/${key}`, new AbortController().signal)
  return services.map(({ has, asked, hold }) => ({ has: has?.length ?? null, asked, cause: hold?.cause ?? null }))
}

async function comesTrue(isTrue: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (await isTrue()) return
    await delay(100)
  }
  throw new Error('it did not come true')
}

test('numbers are honest with both gateways, without the peer, and without any; counters go on after it', async () => {
  const [here, there] = [await Site.open(), await Site.open()]
  there.ok('tenant', 'create', 'R/Cola', '--parents')
  there.ok('service', 'create', 'isgw', 'r', '--local', there.address, '--direction', 'receive')
  there.ok('service', 'config', 'r', 'X-Status', 'enabled')
  here.ok('bucket', 'create', HERE)
  here.ok('service', 'create', 'isgw', 'h', '--remote', `ccow://${there.address}`, '--direction', 'send')
  here.ok('bucket', 'attach', HERE, 'h', '--as', 'R/Cola/bk1')
  here.write('file', 'x'.repeat(5000))
  here.ok('object', 'put', `${HERE}/first`, 'file')
  expect((await numbersOf(here)).behind.objects).toBe(0)
  expect(await holdsOf(here, 'first')).toEqual([{ has: null, asked: false, cause: 'disabled' }])

  here.ok('service', 'config', 'h', 'X-Status', 'enabled')
  expect((await numbersOf(here)).status).toBe('stale')
  expect(here.efs('system', 'status')).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(
      /\nhealth: stale\ngateway: none runs\nservice h: stale, stopped, 1 behind \(4\.88 KiB\)\n$/,
    ),
  })
  expect(await holdsOf(here, 'first')).toEqual([{ has: null, asked: false, cause: 'no-gateway' }])

  await Promise.all([here.startGateway(), there.startGateway()])
  await comesTrue(async () => (await numbersOf(here)).versionsApplied === 1)
  await comesTrue(async () => (await numbersOf(here)).behind.objects === 0)
  expect(await holdsOf(here, 'first')).toEqual([{ has: 1, asked: true, cause: null }])
  expect(await systemStatus(appOf(here))).toMatchObject({
    health: 'ok',
    gateway: here.gatewayPid,
    services: [{ name: 'h', health: 'ok', behind: { objects: 0, bytes: 0, oldestMs: null } }],
  })

  await there.endGateway()
  here.ok('object', 'put', `${HERE}/second`, 'file')
  await comesTrue(async () => (await numbersOf(here)).lastError?.nextTryMs != null)
  const away = await numbersOf(here)
  expect(away).toMatchObject({ behind: { objects: 1, bytes: 5000 }, status: 'idle' })
  // Whichever try it was: the one that the gateway itself ended, or a later one.
  expect(away.lastError?.message).toMatch(/nothing listens there|is being stopped/)
  expect(await holdsOf(here, 'second')).toEqual([{ has: null, asked: false, cause: 'link' }])
  expect(await holdsOf(here, 'first')).toEqual([{ has: 1, asked: false, cause: null }])

  await here.endGateway()
  expect(await numbersOf(here)).toMatchObject({ status: 'stale', behind: { objects: 1 }, versionsApplied: 1 })
  await Promise.all([here.startGateway(), there.startGateway()])
  await comesTrue(async () => (await numbersOf(here)).versionsApplied === 2)
  expect((await numbersOf(here)).requests).toBeGreaterThan(away.requests)
  await Promise.all([here.endGateway(), there.endGateway()])
})

test('a watch in a pipe is a line of JSON each second, and ends with a summary', async () => {
  const here = await Site.open()
  here.ok('bucket', 'create', HERE)
  here.ok('service', 'create', 'isgw', 'h')
  here.ok('bucket', 'attach', HERE, 'h')
  const watch = here.start('service', 'show', 'h', '-s', '--watch')
  let said = ''
  watch.stdout?.on('data', (some) => {
    said += some
  })
  await comesTrue(async () => said.split('\n').length > 2)
  watch.kill('SIGINT')
  const [status] = await once(watch, 'close')
  const events = said
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const numbers = { type: 'numbers', name: 'h', buckets: [expect.objectContaining({ path: HERE, requests: 0 })] }
  expect(events.slice(0, 2)).toEqual([expect.objectContaining(numbers), expect.objectContaining(numbers)])
  expect(events.at(-1)).toEqual({ type: 'summary', lines: events.length - 1 })
  expect(status).toBe(130)
})

test('a gateway with nothing to do does not write its numbers', async () => {
  const here = await Site.open()
  here.ok('bucket', 'create', HERE)
  here.ok('service', 'create', 'isgw', 'h', '--remote', `file://${here.at('copy')}`, '--direction', 'send')
  here.ok('bucket', 'attach', HERE, 'h')
  here.ok('service', 'config', 'h', 'X-Status', 'enabled')
  await here.startGateway()
  await comesTrue(async () => (await numbersOf(here)).state === 'continuous')
  expect(await systemStatus(appOf(here))).toMatchObject({ health: 'ok' })
  await delay(1000)
  const file = here.at('home', 'stats', 'h.json')
  const before = statSync(file).ino
  await delay(1500)
  expect(statSync(file).ino).toBe(before)
  await here.endGateway()
})
