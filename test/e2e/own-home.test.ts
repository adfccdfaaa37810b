import { statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Site } from './sites.js'
import { World } from './world.js'

const BUCKET = 'Hawaii/Cola/bk1'
const ODD = 'top/[h]*me'

const ok = (world: World, ...args: string[]) => {
  const ended = world.efs(...args)
  expect(ended, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`).toMatchObject({ status: 0 })
  return ended
}

test('a home that stands in a directory is neither taken in, written, deleted nor compared', () => {
  const world = new World()
  const inOdd = (...args: string[]) => ok(world, '--home', world.at(ODD), ...args)
  world.write('top/data/file', 'data')
  world.write('top/hme/file', 'is no home')
  inOdd('bucket', 'create', BUCKET)
  const told = inOdd('sync', './top', BUCKET)
  expect(told.stderr).toContain('[h]*me/ is left alone: it is the home of a segment\n')
  expect(inOdd('object', 'list', BUCKET).stdout).toBe('data/file\nhme/file\n')
  inOdd('sync', './top', BUCKET, '--delete')
  world.run('rm', '-r', 'top/data')
  inOdd('sync', BUCKET, './top', '--delete')
  inOdd('verify', './top', BUCKET)
  inOdd('system', 'check', '--read-data')
  expect(world.run('cat', 'top/data/file').stdout).toBe('data')
  // Of another segment the same directory is like every other, but for the home of the one that is read.
  ok(world, 'bucket', 'create', BUCKET)
  ok(world, 'sync', `segment:${world.at(ODD)}#${BUCKET}`, './top', '--delete', '--force')
  inOdd('system', 'check')
})

test('what is in a home is planned and applied by nobody', () => {
  const world = new World()
  ok(world, 'bucket', 'create', BUCKET)
  world.write('file', 'data')
  const plan = ok(world, 'plan', '.', BUCKET, '--exclude', '/config', '--exclude', '/plan.json', '--json').stdout
  expect(plan).not.toContain('"home/')
  world.write('plan.json', plan)
  ok(world, 'apply', 'plan.json')
  expect(ok(world, 'object', 'list', BUCKET).stdout).toBe('file\n')
})

test('a home is no directory to sync with', () => {
  const world = new World()
  ok(world, 'bucket', 'create', BUCKET)
  for (const sides of [
    ['./home', BUCKET],
    [BUCKET, './home'],
  ]) {
    const refused = { status: 2, stderr: expect.stringContaining('is the home of a segment, not data\n') }
    expect(world.efs('sync', ...sides)).toMatchObject(refused)
    expect(world.efs('plan', ...sides)).toMatchObject(refused)
  }
  ok(world, 'service', 'create', 'isgw', 'm', '--remote', `file://${world.at('home')}`)
  const checked = world.efs('service', 'check', 'm')
  expect(checked.stdout).toMatch(/^✖ directory +\S+ is the home of a segment, not data$/m)
})

test('a service keeps a directory and a bucket the same but for the home in it, and then rests', async () => {
  const site = await Site.open()
  site.ok('bucket', 'create', BUCKET)
  site.write('.efsignore', '/config\n')
  site.write('file', 'data')
  site.ok('service', 'create', 'isgw', 'm', '--remote', `file://${site.dir}`, '--direction', 'both')
  site.ok('bucket', 'attach', BUCKET, 'm')
  site.ok('service', 'config', 'm', 'X-Status', 'enabled')
  await site.startGateway()
  site.ok('wait', 'm')
  site.write('more', 'more')
  site.ok('wait', 'm')
  expect(site.ok('object', 'list', BUCKET).stdout).toBe('.efsignore\nfile\nmore\n')
  await delay(3000)
  const written = (): bigint => statSync(site.at('home/index.mdb'), { bigint: true }).mtimeNs
  const before = written()
  await delay(4000)
  expect(written()).toBe(before)
  site.ok('system', 'check')
})
