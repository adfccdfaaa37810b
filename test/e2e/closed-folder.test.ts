import path from 'node:path'
import { expect, test } from 'vitest'
import { World } from './world.js'

test('a folder that may not be entered is refused, whichever side it is, and the reason is told', () => {
  const world = new World()
  expect(world.efs('bucket', 'create', 'Hawaii/Cola/bk1')).toMatchObject({ status: 0 })
  world.write('closed/in/f', 'x')
  world.run('chmod', '000', 'closed')
  const refused = (what: string) => ({ status: 8, stderr: expect.stringMatching(`^efs: ${what}: permission denied\n`) })
  const [closed, inside] = [world.at('closed'), world.at('closed/in')]
  const from = world.efsUnprivileged('sync', './closed', 'Hawaii/Cola/bk1', '--delete')
  expect(from).toMatchObject(refused(`cannot read ${closed}/.efsignore`))
  const to = world.efsUnprivileged('sync', 'Hawaii/Cola/bk1', './closed/in')
  expect(to).toMatchObject(refused(`cannot open ${inside}`))
  world.run('chmod', '700', 'closed')
})

test('of a folder in which nothing could be written it is said that it cannot be opened', () => {
  const world = new World()
  const power = (...args: string[]) => world.efsUnprivileged(...args)
  world.write('src/closed/in/f', 'x')
  power('bucket', 'create', 'Hawaii/Cola/bk1')
  power('sync', './src', 'Hawaii/Cola/bk1')
  power('sync', 'Hawaii/Cola/bk1', './out')
  world.write('src/closed/in/f', 'another')
  world.write('src/new', 'new')
  power('sync', './src', 'Hawaii/Cola/bk1')
  world.run('chmod', '000', 'out/closed')
  const { status, stderr } = power('sync', 'Hawaii/Cola/bk1', './out')
  expect(status).toBe(4)
  const leftOut = stderr.split('\n').filter((line) => line.startsWith('efs: left out'))
  expect(leftOut).toEqual(['efs: left out closed/: it cannot be opened: permission denied'])
  expect(world.run('cat', 'out/new').stdout).toBe('new')
  world.run('chmod', '700', 'out/closed')
  expect(power('sync', 'Hawaii/Cola/bk1', './out').status).toBe(0)
  expect(world.run('diff', '-r', 'src', 'out').stdout).toBe('')
})

test('a file of the home that another user wrote is named, and nothing is changed halfway', () => {
  const world = new World()
  expect(world.efs('bucket', 'create', 'Hawaii/Cola/bk1')).toMatchObject({ status: 0 })
  for (const name of ['hawaii', 'maui'])
    expect(world.efs('service', 'create', 'isgw', name)).toMatchObject({ status: 0 })
  expect(world.efs('service', 'enable', 'maui', '--no-start')).toMatchObject({ status: 0 })
  const foreign = (name: string): string => {
    const file = path.join(world.at('home'), name)
    world.run('chown', '65534', file)
    return file
  }
  const service = foreign('services/hawaii.json')
  expect(world.efsUnprivileged('service', 'enable', 'hawaii', '--no-start')).toMatchObject({
    status: 8,
    stderr: `efs: no permission for ${service}\n     look at the owner and mode of that file, or use another user\n`,
  })
  const status = world.efsUnprivileged('system', 'status')
  expect(status.stdout).toContain(`service hawaii: error, failed, 0 behind, ${service}: permission denied\n`)

  world.write('home/run/gateway.json', '{}')
  const gateway = foreign('run/gateway.json')
  world.run('chmod', '600', gateway)
  expect(world.efsUnprivileged('service', 'disable', 'maui')).toMatchObject({
    status: 8,
    stderr: expect.stringMatching(`^efs: ${gateway}: permission denied\n`),
  })
  expect(world.efs('service', 'config', 'maui', 'X-Status').stdout).toBe('enabled\n')
})

test('a folder of which the bucket knows no mode keeps its own, also where it forbids writing', () => {
  const world = new World()
  const power = (...args: string[]) =>
    expect(world.efsUnprivileged(...args), args.join(' ')).toMatchObject({ status: 0 })
  const modes = (): string => world.run('stat', '-c', '%a', 'out', 'out/in').stdout
  world.write('out/in/b', 'b')
  power('bucket', 'create', 'Hawaii/Cola/bk1')
  world.write('f', 'f')
  world.run('chmod', '555', 'out/in', 'out')
  power('object', 'put', 'Hawaii/Cola/bk1/in/f', 'f')
  power('sync', 'Hawaii/Cola/bk1', './out')
  expect([modes(), world.run('cat', 'out/in/f').stdout]).toEqual(['555\n555\n', 'f'])
})

test('a directory that forbids writing is written into all the same, and forbids it again', () => {
  const world = new World()
  const power = (...args: string[]) =>
    expect(world.efsUnprivileged(...args), args.join(' ')).toMatchObject({ status: 0 })
  world.write('src/a', 'one')
  world.run('chmod', '500', 'src')
  power('bucket', 'create', 'Hawaii/Cola/bk1')
  power('sync', './src', 'Hawaii/Cola/bk1')
  power('sync', 'Hawaii/Cola/bk1', './out')
  expect(world.run('stat', '-c', '%a', 'out').stdout).toBe('500\n')
  world.write('src/a', 'another')
  world.write('src/large', Buffer.alloc(100_000, 'large'))
  world.run('ln', '-s', 'a', 'src/link')
  power('sync', './src', 'Hawaii/Cola/bk1')
  power('sync', 'Hawaii/Cola/bk1', './out')
  expect(world.run('diff', '-r', '--no-dereference', 'src', 'out')).toMatchObject({ status: 0 })
  expect(world.run('stat', '-c', '%a', 'out').stdout).toBe('500\n')
})
