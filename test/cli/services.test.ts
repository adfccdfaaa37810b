import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { World } from '../e2e/world.js'

const BUCKET = 'Hawaii/Cola/bk1'

const done = (stderr: string) => ({ status: 0, stdout: '', stderr })

/** Of a peer at a port that nobody listens on. */
const AWAY = 'the peer was not asked: 127.0.0.1:9 cannot be reached: nothing listens there\n'

/** A world with a bucket and the service `hawaii`. */
function started(...flags: string[]): World {
  const world = new World()
  world.efs('bucket', 'create', BUCKET)
  const away = flags.includes('--remote') ? AWAY : ''
  expect(world.efs('service', 'create', 'isgw', 'hawaii', ...flags)).toEqual(
    done(`created service hawaii of type isgw\n${away}`),
  )
  return world
}

const value = (world: World, key: string): string =>
  world.efs('service', 'config', 'hawaii', key).stdout.replace(/\n$/, '')

describe('create', () => {
  test('sets what the flags say in words, and says what is only kept', () => {
    const world = started(
      ...[
        '--local',
        '0.0.0.0:14000',
        '--remote',
        'ccow://127.0.0.1:9',
        '--direction',
        'both',
        '--replication',
        'initial',
      ],
      ...['--description', 'to Maui', '--encrypted-tunnel', '--connections', '4', '--delay', '100'],
    )
    expect(world.efs('service', 'show', 'hawaii')).toEqual({
      status: 0,
      stderr: '',
      stdout: `X-Service-Name: hawaii
X-Service-Type: isgw
X-Description: to Maui
X-Auth-Type: disabled
X-Servers: -
X-Status: disabled
X-ISGW-Local: 0.0.0.0:14000
X-ISGW-DFLocal: -
X-ISGW-Remote: ccow://127.0.0.1:9
X-Container-Network: -
X-ISGW-Basic-Auth: -
X-ISGW-Direction: 3
X-ISGW-Replication: 1
X-ISGW-MDOnly: -
X-ISGW-Number-Of-Connections: 4
X-ISGW-Encrypted-Tunnel: 1
X-ISGW-Processing-Delay: 100
[
]
`,
    })
  })

  test('takes the address of the peer from stdin', () => {
    const world = new World()
    world.efs('system', 'init')
    const args = ['service', 'create', 'isgw', 'hawaii', '--remote', '-']
    expect(world.efsReading('ccow://127.0.0.1\r\nmore\n', ...args).status).toBe(0)
    expect(value(world, 'X-ISGW-Remote')).toBe('ccow://127.0.0.1:14000')
  })

  test('in no segment, or with a flag that is wrong, makes nothing', () => {
    const world = new World()
    expect(world.efs('service', 'create', 'isgw', 'hawaii').status).toBe(3)
    expect(existsSync(world.at('home'))).toBe(false)
    world.efs('system', 'init')
    expect(world.efs('service', 'create', 'isgw', 'hawaii', '--direction', 'recieve').status).toBe(2)
    expect(world.efs('service', 'list')).toEqual(done(''))
  })
})

test('list: names in byte order, and those that start so', () => {
  const world = started()
  for (const name of ['maui', 'hawaii-r']) world.efs('service', 'create', 'isgw', name)
  expect(world.efs('service', 'list').stdout).toBe('hawaii\nhawaii-r\nmaui\n')
  expect(world.efs('s', 'list', '-n', 'hawaii-').stdout).toBe('hawaii-r\n')
  expect(world.json('service', 'list')).toEqual({ names: ['hawaii', 'hawaii-r', 'maui'] })
})

describe('config', () => {
  test('reads all and one, sets and unsets, and says so', () => {
    const world = started()
    const config = (...words: string[]) => world.efs('service', 'config', 'hawaii', ...words)
    expect(config('X-ISGW-Direction', 'send')).toEqual(done('X-ISGW-Direction of hawaii is 1\n'))
    expect(config('X-ISGW-Direction', '1')).toEqual(done('X-ISGW-Direction of hawaii is 1 already\n'))
    expect(config('X-ISGW-Direction')).toEqual({ status: 0, stdout: '1\n', stderr: '' })
    expect(config().stdout).toBe(world.efs('service', 'show', 'hawaii').stdout.replace('[\n]\n', ''))
    expect(config('X-ISGW-Direction', '-')).toEqual(done('X-ISGW-Direction of hawaii is -\n'))
    expect(config('X-ISGW-MDOnly', '2').stderr).toBe(
      'X-ISGW-MDOnly of hawaii is 2\nX-ISGW-MDOnly is kept, but objects are replicated whole\n',
    )
    expect(config('X-ISGW-Directon').status).toBe(2)
  })

  test('of X-Status only sets the key, and says that nothing was started', () => {
    const world = started()
    expect(world.efs('service', 'config', 'hawaii', 'X-Status', 'enabled').stderr).toBe(
      'X-Status of hawaii is enabled\nno gateway runs, and none was started: efs gateway start, or efs service enable hawaii\n',
    )
    expect(world.json('service', 'config', 'hawaii', 'X-Status')).toEqual({
      name: 'hawaii',
      keys: { 'X-Status': 'enabled' },
    })
  })

  test('of X-ISGW-Remote with - reads stdin; an empty line unsets', () => {
    const world = started()
    const args = ['service', 'config', 'hawaii', 'X-ISGW-Remote', '-']
    expect(world.efsReading('file:///srv/mirror', ...args).stderr).toBe(
      'X-ISGW-Remote of hawaii is file:///srv/mirror\n',
    )
    expect(world.efsReading('', ...args).stderr).toBe('X-ISGW-Remote of hawaii is -\n')
  })
})

test('several processes change one service at once, and nothing is lost', async () => {
  const world = started()
  const children = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) =>
    world.start('service', 'serve', 'hawaii', `Hawaii/Cola/${name}`),
  )
  const ends = await Promise.all(children.map((child) => once(child, 'close')))
  expect(ends.map(([status]) => status)).toEqual([0, 0, 0, 0, 0, 0])
  const { stdout } = world.efs('service', 'show', 'hawaii')
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) expect(stdout).toContain(`  Hawaii/Cola/${name}\n`)
})

test('a rebuild of the index leaves services as they are', () => {
  const world = started('--direction', 'send')
  world.efs('bucket', 'attach', BUCKET, 'hawaii')
  const before = world.efs('service', 'show', 'hawaii').stdout
  rmSync(world.at('home/index.mdb'))
  expect(world.efs('system', 'check', '--repair').status).toBe(0)
  expect(world.efs('service', 'show', 'hawaii').stdout).toBe(before)
  expect(world.efs('bucket', 'detach', BUCKET, 'hawaii').status).toBe(0)
})
