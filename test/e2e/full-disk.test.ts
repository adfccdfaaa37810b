import { mkdirSync, rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { BUCKET, linkTo } from './linked.js'
import { eventually, Site } from './sites.js'
import { noise, World } from './world.js'

/** The row "a full disk" of the table of bad input in docs/errors.md. */
test('a full disk: one clear line, exit 1, nothing lost, and it goes on when there is room', () => {
  const world = new World()
  mkdirSync(world.at('small'))
  expect(world.run('mount', '-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', world.at('small')).status).toBe(0)
  try {
    const home = world.at('small/home')
    world.write('first/a', noise(1, 500_000))
    for (let i = 0; i < 40; i++) world.write(`more/${i}`, noise(i + 2, 1_000_000))
    world.efs('--home', home, 'bucket', 'create', 'Hawaii/Cola/bk1')
    expect(world.efs('--home', home, 'sync', './first', 'Hawaii/Cola/bk1').status).toBe(0)
    const { status, stderr } = world.efs('--home', home, 'sync', './more', 'Hawaii/Cola/bk1')
    expect(stderr).toMatch(/^efs: the disk that holds .* is full\n {5}\S.*\n$/)
    expect(status).toBe(1)
    expect(world.efs('--home', home, 'system', 'check', '--read-data').status).toBe(0)
    expect(world.efs('--home', home, 'verify', './first', 'Hawaii/Cola/bk1').stdout).not.toContain('only in A')
    expect(world.run('mount', '-o', 'remount,size=200m', world.at('small')).status).toBe(0)
    expect(world.efs('--home', home, 'sync', './more', 'Hawaii/Cola/bk1').status).toBe(0)
    expect(world.efs('--home', home, 'system', 'check', '--read-data').status).toBe(0)
  } finally {
    world.run('umount', world.at('small'))
    rmSync(world.at('small'), { recursive: true, force: true })
  }
})

test("a full disk of the peer: it is said to be the peer's, both sides tell, tries grow rare, and it goes on", async () => {
  const [here, there] = [await Site.open(), await Site.open()]
  const disk = there.at('home')
  mkdirSync(disk)
  expect(there.run('mount', '-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk).status).toBe(0)
  try {
    there.ok('bucket', 'create', BUCKET)
    there.ok('service', 'create', 'isgw', 'door', '--local', there.address)
    there.ok('bucket', 'attach', BUCKET, 'door')
    there.secret('door')
    there.ok('service', 'enable', 'door', '--no-start')
    for (let i = 0; i < 40; i++) here.write(`more/${i}`, noise(i + 2, 1_000_000))
    here.ok('bucket', 'create', BUCKET)
    here.ok('sync', './more', BUCKET)
    linkTo(here, there.address, { direction: 'send' })
    await there.startGateway()
    await here.startGateway()
    const told = `at the peer, the disk that holds ${disk} is full`
    const logOf = (site: Site): string => site.ok('gateway', 'logs', '-n', '1000').stdout
    const show = (): string => here.ok('service', 'show', 'link', '-s').stdout
    const tries = (): number => Number(/Remote io errors +\| (\d+)/.exec(show())?.[1])
    await eventually(() => tries() >= 2)
    const shown = show()
    expect(shown).toContain(told)
    expect(shown).toMatch(/ Local io errors +\| 0 /)
    expect(shown).toMatch(/ Remote io errors +\| [1-9]/)
    expect(here.ok('why', `${BUCKET}/39`).stdout).toContain(`waiting: ${told}`)
    expect(here.efs('system', 'status')).toMatchObject({ status: 1, stdout: expect.stringContaining(told) })
    const own = `the disk that holds ${disk} is full`
    await eventually(() => there.efs('system', 'status').status === 1)
    expect(there.efs('system', 'status').stdout).toContain(own)
    expect(there.ok('service', 'show', 'door', '-s').stdout).toContain(own)
    expect(logOf(there)).toContain(`a request of a peer failed: the disk that holds ${disk} is full`)
    const before = tries()
    await delay(6000)
    expect(tries() - before).toBeLessThan(4)
    expect(logOf(here).split('the link failed').length - 1).toBe(1)
    expect(logOf(here)).not.toContain('well again')
    expect(there.run('mount', '-o', 'remount,size=200m', disk).status).toBe(0)
    here.ok('wait', 'link', '--timeout', '90s')
    await eventually(() => there.efs('system', 'status').status === 0)
    there.ok('system', 'check', '--read-data')
    for (const site of [here, there]) await site.endGateway()
  } finally {
    there.run('umount', '--lazy', disk)
  }
})
