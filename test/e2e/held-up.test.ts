import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { Hand } from './hand.js'
import { BUCKET, host, linkTo } from './linked.js'
import { eventually, Site } from './sites.js'

test('what the other side leaves out is behind no more, but counted as held up until it is there', async () => {
  const [here, there] = [await Site.open(), await host()]
  there.ok('bucket', 'set', BUCKET, '--quota-count', '1')
  there.ok('bucket', 'attach', BUCKET, 'door')
  here.ok('bucket', 'create', BUCKET)
  here.write('f', 'x')
  for (const key of ['a', 'a/b']) here.ok('object', 'put', `${BUCKET}/${key}`, 'f')
  linkTo(here, there.address, { direction: 'send' })
  const remote = pathToFileURL(here.at('mirror')).href
  here.ok('service', 'create', 'isgw', 'mirror', '--remote', remote, '--direction', 'send')
  here.ok('bucket', 'attach', BUCKET, 'mirror')
  here.ok('service', 'enable', 'mirror', '--no-start')
  await there.startGateway()
  await here.startGateway()
  const counts = (name: string): (string | undefined)[] => {
    const shown = here.ok('service', 'show', name, '-s').stdout
    return [/ Objects behind +\| (\d+)/, / Objects held up +\| (\d+)/].map((row) => row.exec(shown)?.[1])
  }
  for (const name of ['link', 'mirror']) {
    await eventually(() => here.efs('wait', name, '--timeout', '60s').status === 4)
    await eventually(() => counts(name).join() === '0,1')
  }
  const segment = /^segment: (\S+)/.exec(there.efs('system', 'status').stdout)?.[1]
  const full = `${BUCKET} of segment ${segment} has used up its quota of 1 object`
  for (const args of [
    ['wait', 'link'],
    ['why', `${BUCKET}/a/b`],
  ])
    expect(here.efs(...args).stdout).toContain(full)
  expect(here.efs('service', 'sync', 'link').stderr).toContain(`left out a/b: ${full}`)
  const { stdout, status } = here.efs('system', 'status')
  expect({ stdout, status }).toMatchObject({ status: 1, stdout: expect.stringContaining('health: degraded\n') })
  for (const name of ['link', 'mirror'])
    expect(stdout).toContain(`service ${name}: degraded, running, 0 behind, 1 held up, `)
  const door = there.efs('system', 'status')
  expect(door).toMatchObject({ status: 1, stdout: expect.stringContaining('health: degraded\n') })
  expect(door.stdout).toContain('service door: degraded, running, 0 behind, 1 held up, ')

  there.ok('bucket', 'set', BUCKET, '--quota-count', '-')
  await eventually(() => counts('link').join() === '0,')
  expect(there.ok('object', 'list', BUCKET).stdout).toBe('a\na/b\n')
  expect(here.efs('system', 'status').stdout).toMatch(/^service link: ok, running, 0 behind, last success /m)
  expect(there.ok('system', 'status').stdout).toMatch(/^service door: ok, running, 0 behind, last success /m)
  for (const site of [here, there]) await site.endGateway()
})

test('of more than fit in one answer that are held up each is told, the last one too', async () => {
  const [here, there] = [await Site.open(), await host()]
  there.ok('bucket', 'set', BUCKET, '--quota-count', '1')
  here.ok('bucket', 'create', BUCKET)
  const hand = await Hand.open(here.at('home'), BUCKET)
  await hand.write('a', Buffer.from('x'))
  const count = LIMITS.parcelObjectsMax + 10
  // No file system has such names.
  const keyOf = (i: number): string => `${'x'.repeat(255)}${1000 + i}`
  await hand.writeAll(count, (i) => [keyOf(i), Buffer.from('x')])
  linkTo(here, there.address, { direction: 'send' })
  const remote = pathToFileURL(here.at('mirror')).href
  here.ok('service', 'create', 'isgw', 'mirror', '--remote', remote, '--direction', 'send')
  here.ok('bucket', 'attach', BUCKET, 'mirror')
  here.ok('service', 'enable', 'mirror', '--no-start')
  await there.startGateway()
  await here.startGateway()
  const last = keyOf(count - 1)
  const waited = (...args: string[]) => here.efs('wait', ...args, '--timeout', '60s')
  for (const name of ['link', 'mirror']) {
    await eventually(() =>
      here.ok('service', 'show', name, '-s').stdout.includes(` Objects held up            | ${count} `),
    )
    expect(waited(name, '--bucket', BUCKET, '--object', last)).toMatchObject({ status: 4 })
    expect(waited(name).stdout.trimEnd().split('\n')).toHaveLength(count)
    expect(here.efs('service', 'sync', name).stderr).toContain(`left out ${last}: `)
  }
  for (const site of [here, there]) await site.endGateway()
})
