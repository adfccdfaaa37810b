import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ended, logOf, running, withEnabled } from './gateways.js'
import { World } from './world.js'

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s stops it cleanly', async (signal) => {
  const world = await withEnabled()
  const gateway = await running(world)
  expect(await ended(gateway, signal)).toBe(0)
  expect(existsSync(world.at('home/run/gateway.json'))).toBe(false)
  expect(JSON.parse(readFileSync(world.at('home/stats/hawaii.json'), 'utf8')).report.state).toBe('stopped')
  expect(logOf(world)).toContain('"msg":"gateway stopped"')
})

test('one that was killed leaves nothing that needs a hand', async () => {
  const world = await withEnabled()
  const gateway = await running(world)
  await ended(gateway, 'SIGKILL')
  expect(existsSync(world.at('home/run/gateway.json'))).toBe(true)
  expect(world.efs('gateway', 'status').stdout).toMatch(/^running: no\n(?:.*\n)*service hawaii: stopped\n$/)
  expect(world.efs('gateway', 'stop').stderr).toBe('no gateway runs\n')
  expect(world.efs('gateway', 'start').stderr).toContain('gateway started in the background')
})

test('a gateway whose home is gone ends', async () => {
  const world = await withEnabled()
  const gateway = await running(world)
  const exit = once(gateway, 'exit')
  world.run('rm', '-r', world.at('home'))
  expect((await exit)[0]).toBe(3)
})

test('where no segment is, there is none to run', () => {
  const world = new World()
  for (const verb of ['run', 'start', 'stop', 'status', 'logs'])
    expect(world.efs('gateway', verb), verb).toMatchObject({ status: 3, stdout: '' })
  expect(existsSync(world.at('home'))).toBe(false)
})
