import { once } from 'node:events'
import { cpSync, existsSync, writeFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { runningGateway } from '../../src/app/gateway/state.js'
import { gatewayStatus } from '../../src/app/gateway/status.js'
import { createService, setKey } from '../../src/app/services/services.js'
import { adoptSystem } from '../../src/app/system/system.js'
import { appOf, ended, logOf, pidOf, running, WAIT, withEnabled, withService } from './gateways.js'
import { freePort } from './sites.js'

test('start, status, logs, stop: each says what it did, and again that there is nothing to do', async () => {
  const world = await withEnabled()
  const { stderr } = world.efs('gateway', 'start')
  expect(await gatewayStatus(appOf(world, 'home'))).toMatchObject({
    listening: [expect.stringMatching(/^127\.0\.0\.1:\d+$/)],
    services: [{ name: 'hawaii', state: 'running' }],
  })
  const pid = pidOf(world)
  expect(stderr).toBe(`gateway started in the background (pid ${pid}, efs gateway logs)\n`)
  expect(world.efs('gateway', 'start').stderr).toBe(`the gateway runs already (pid ${pid})\n`)
  expect(world.efs('service', 'enable', 'hawaii').stderr).toBe(`enabled already; the gateway (pid ${pid}) runs it\n`)
  const { status, stdout } = world.efs('gateway', 'status')
  expect(status).toBe(0)
  expect(stdout).toMatch(
    new RegExp(
      `^running: yes\\npid: ${pid}\\nsince: .*\\nsegment: .*\\nversion: .*\\nlistening: 127\\.0\\.0\\.1:\\d+\\n`,
    ),
  )
  expect(stdout).toContain('service hawaii: running\n')
  expect(world.efs('gateway', 'stop')).toEqual({ status: 0, stdout: '', stderr: `gateway stopped (pid ${pid})\n` })
  expect(world.efs('gateway', 'stop')).toEqual({ status: 0, stdout: '', stderr: 'no gateway runs\n' })
  expect(existsSync(world.at('home/run/gateway.json'))).toBe(false)
  expect(world.efs('gateway', 'status', '--json')).toMatchObject({ status: 1 })
  expect(world.efs('gateway', 'logs', '-n', '1').stdout).toMatch(/^\S+Z info {2}gateway stopped\n$/)
  const [line = '', summary] = world.efs('gateway', 'logs', '--json', '-n', '1').stdout.split('\n')
  expect(JSON.parse(line)).toEqual({ type: 'line', ...JSON.parse(logOf(world).trimEnd().split('\n').at(-1) ?? '') })
  expect(summary).toBe('{"type":"summary","lines":1}')
})

test('enabling starts one where none runs; disabling leaves it', async () => {
  const world = await withService({})
  const enable = (...flags: string[]) => world.efs('service', 'enable', 'hawaii', ...flags).stderr
  expect(enable('--no-start')).toBe('enabled; no gateway runs (efs gateway start)\n')
  expect(pidOf(world)).toBe(0)
  world.efs('service', 'disable', 'hawaii')
  const stderr = enable()
  const pid = pidOf(world)
  expect(stderr).toBe(`enabled; gateway started in the background (pid ${pid}, efs gateway logs)\n`)
  expect(world.efs('service', 'disable', 'hawaii').stderr).toBe(`disabled; the gateway (pid ${pid}) stops it\n`)
  await vi.waitFor(() => expect(logOf(world)).toContain('"service":"hawaii","msg":"stopped"'), WAIT)
  expect(world.efs('service', 'disable', 'hawaii').stderr).toBe('disabled already\n')
  expect(world.efs('service', 'config', 'hawaii', 'X-Status', 'enabled').stderr).toBe('X-Status of hawaii is enabled\n')
  await vi.waitFor(() => expect(logOf(world).match(/"msg":"starting"/g)?.length).toBe(2), WAIT)
})

test('it notices what changes, and one damaged definition harms no other', async () => {
  const world = await withEnabled()
  const app = appOf(world, 'home')
  const gateway = await running(world)
  const starts = (name: string) => logOf(world).split(`"service":"${name}","msg":"starting"`).length - 1
  const secret = (text: string) => setKey(app, 'maui', 'X-ISGW-Basic-Auth', '-', () => Promise.resolve(text))
  await createService(app, 'isgw', 'maui', { 'X-Status': 'enabled', 'X-ISGW-Local': `127.0.0.1:${await freePort()}` })
  await vi.waitFor(() => expect(starts('maui')).toBe(1), WAIT)
  writeFileSync(world.at('home/services/bad.json'), '{"format":1')
  await vi.waitFor(() => expect(logOf(world)).toMatch(/"level":"error".*"service":"bad".*"code":"CORRUPT"/), WAIT)
  await secret('user:one')
  await vi.waitFor(() => expect(starts('maui')).toBeGreaterThan(1), WAIT)
  const before = starts('maui')
  await secret('user:two')
  await vi.waitFor(() => expect(starts('maui')).toBeGreaterThan(before), WAIT)
  // What is told of services is written a moment later than the log.
  const all = /service bad: failed: .*damaged.*\nservice hawaii: running\nservice maui: running\n$/
  await vi.waitFor(() => expect(world.efs('gateway', 'status').stdout).toMatch(all), WAIT)
  expect(starts('hawaii')).toBe(1)
  expect(logOf(world).split('"service":"bad"').length - 1).toBe(1)
  expect(logOf(world)).not.toContain('user:')
  expect(await ended(gateway, 'SIGTERM')).toBe(0)
})

test('of several that are started at once one runs', async () => {
  const world = await withEnabled()
  const starts = [1, 2, 3].map(() => world.start('gateway', 'start'))
  const statuses = await Promise.all(starts.map(async (child) => (await once(child, 'exit'))[0]))
  expect(statuses).toEqual([0, 0, 0])
  expect(pidOf(world)).toBeGreaterThan(0)
  expect(logOf(world).match(/"msg":"gateway \S+ started/g)?.length).toBe(1)
})

test('with --json stdout is its log, without it stderr is, readable', async () => {
  const world = await withEnabled()
  const json = await running(world, '--json')
  const lines = once(json.stdout ?? json, 'data')
  expect(JSON.parse(String((await lines)[0]).split('\n')[0] ?? '')).toMatchObject({ level: 'info', pid: json.pid })
  await ended(json, 'SIGTERM')
  const plain = world.start('gateway', 'run')
  expect(String((await once(plain.stderr ?? plain, 'data'))[0])).toMatch(/^\S+Z info {2}gateway .* started/)
  await vi.waitFor(() => expect(runningGateway(world.at('home'))?.ready).toBe(true), WAIT)
  expect(await ended(plain, 'SIGTERM')).toBe(0)
})

test('in a copied home services wait until it is adopted', async () => {
  const world = await withEnabled()
  cpSync(world.at('home'), world.at('copy'), { recursive: true })
  const app = appOf(world, 'copy')
  const home = ['--home', world.at('copy')]
  expect(world.efs('gateway', 'start', ...home).status).toBe(0)
  expect(world.efs('gateway', 'status', ...home).stdout).toMatch(/service hawaii: waiting: \S.* was copied/)
  expect(world.efs('gateway', 'logs', ...home).stdout).toContain('system adopt --moved')
  await adoptSystem(app, 'copied')
  await vi.waitFor(async () => expect((await gatewayStatus(app)).services[0]?.state).toBe('running'), WAIT)
  expect(world.efs('gateway', 'stop', ...home).stderr).toContain('gateway stopped')
})
