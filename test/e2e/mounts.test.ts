import { expect, test } from 'vitest'
import { mount, ownMounts, unmount } from './mounting.js'
import { eventually, Site } from './sites.js'
import { World } from './world.js'

const BUCKET = 'Hawaii/Cola/bk1'
const DISK = { one: '1', 'in/two': '2' }

const keysOf = (world: World): string[] => world.efs('object', 'list', BUCKET).stdout.match(/\S+$/gm) ?? []

/** A folder `d` with a disk in it, both in the bucket. */
async function synced(): Promise<World> {
  const world = new World({}, await ownMounts())
  world.write('d/file', 'on the first disk')
  world.run('touch', '-d', '2026-01-01', 'd/file')
  world.run('mkdir', 'd/disk')
  mount(world, 'd/disk', DISK)
  world.efs('bucket', 'create', BUCKET)
  expect(world.efs('sync', './d', BUCKET, '--delete')).toMatchObject({ status: 0 })
  return world
}

const sync = (world: World, ...more: string[]) => world.efs('sync', './d', BUCKET, '--delete', ...more)

test('a disk that is not mounted any more deletes nothing, and goes on when it is mounted again', async () => {
  const world = await synced()
  unmount(world, 'd/disk')
  world.run('sh', '-c', 'echo stray > d/disk/stray; echo new > d/new')
  const plan = world.efs('plan', './d', BUCKET, '--delete')
  expect(plan).toMatchObject({ status: 4, stdout: 'put <=4 new\n' })
  expect(plan.stderr).toContain('disk/: no file system is mounted here any more')
  const without = sync(world)
  expect(without.status).toBe(4)
  expect(without.stderr).toMatch(
    /left out disk\/: no file system is mounted here any more, .* mount it again, .*--force$/m,
  )
  expect(keysOf(world)).toEqual(['disk/in/two', 'disk/one', 'file', 'new'])
  mount(world, 'd/disk', { one: '1', three: '3' })
  expect(sync(world).status).toBe(0)
  expect(keysOf(world)).toEqual(['disk/one', 'disk/three', 'file', 'new'])
})

test('a plan that was made without the disk is applied without it', async () => {
  const world = await synced()
  unmount(world, 'd/disk')
  world.write('d/new', 'new')
  world.run('sh', '-c', `"$0" "$1" plan ./d ${BUCKET} --delete --json > plan.json`, process.execPath, world.program)
  expect(world.efs('apply', 'plan.json').status).toBe(4)
  expect(keysOf(world)).toEqual(['disk/in/two', 'disk/one', 'file', 'new'])
})

test('that a disk is gone for good is said with --force; after that its folder is like any other', async () => {
  const world = await synced()
  unmount(world, 'd/disk')
  world.run('rmdir', 'd/disk')
  expect(sync(world).status).toBe(4)
  expect(keysOf(world)).toEqual(['disk/in/two', 'disk/one', 'file'])
  expect(sync(world, '--force').status).toBe(0)
  expect(keysOf(world)).toEqual(['file'])
  expect(sync(world).status).toBe(0)
})

test('a disk over a folder hides what is known of it, and deletes none of that until it is meant', async () => {
  const world = new World({}, await ownMounts())
  world.write('d/file', 'f')
  world.write('d/full/known', 'known')
  world.run('mkdir', 'd/empty')
  world.efs('bucket', 'create', BUCKET)
  expect(sync(world).status).toBe(0)
  mount(world, 'd/full', { other: 'o' })
  mount(world, 'd/empty', { other: 'o' })
  expect(sync(world)).toMatchObject({
    status: 4,
    stderr: expect.stringContaining('full/: a file system was mounted over'),
  })
  expect(keysOf(world)).toEqual(['empty/other', 'file', 'full/known'])
  unmount(world, 'd/full')
  expect(sync(world).status).toBe(0)
  mount(world, 'd/full', { other: 'o' })
  expect(sync(world, '--force').status).toBe(0)
  expect(keysOf(world)).toEqual(['empty/other', 'file', 'full/other'])
  unmount(world, 'd/full')
  expect(sync(world)).toMatchObject({ status: 4, stderr: expect.stringContaining('full/: no file system') })
})

test('the same file system at another place is no disk of its own: a sandbox mounts folders over themselves', async () => {
  const world = new World({}, await ownMounts())
  world.write('d/box/known', 'known')
  world.write('d/file', 'f')
  world.efs('bucket', 'create', BUCKET)
  world.run('mount', '--bind', 'd/box', 'd/box')
  expect(sync(world).status).toBe(0)
  // Nor is it one to write to, though nothing is renamed into it.
  expect(world.efs('object', 'put', `${BUCKET}/box/new`, 'd/file')).toMatchObject({ status: 0 })
  expect(world.efs('sync', BUCKET, './d')).toMatchObject({ status: 0 })
  expect(world.run('cat', 'd/box/new').stdout).toBe('f')
  unmount(world, 'd/box')
  world.run('rm', '-r', 'd/box/known', 'd/box/new')
  expect(sync(world).status).toBe(0)
  expect(keysOf(world)).toEqual(['file'])
})

test('nothing is written where a disk was, nor into a directory that was a disk itself', async () => {
  const world = await synced()
  world.run('mkdir', 'out', 'out/disk')
  mount(world, 'out/disk', {})
  const out = (...more: string[]) => world.efs('sync', BUCKET, './out', ...more)
  expect(out()).toMatchObject({ status: 0 })
  expect(world.run('diff', '-r', 'd', 'out')).toMatchObject({ status: 0 })
  unmount(world, 'out/disk')
  expect(out()).toMatchObject({ status: 4, stderr: expect.stringContaining('disk/: no file system') })
  expect(world.run('find', 'out/disk').stdout).toBe('out/disk\n')
  world.run('mkdir', 'root')
  mount(world, 'root', {})
  expect(world.efs('sync', BUCKET, './root')).toMatchObject({ status: 0 })
  unmount(world, 'root')
  const refused = world.efs('sync', BUCKET, './root')
  expect(refused).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(/no file system is mounted at .*root any more/),
  })
  expect(world.run('find', 'root').stdout).toBe('root\n')
  expect(world.efs('sync', BUCKET, './root', '--force')).toMatchObject({ status: 0 })
})

test('a mount point that the bucket knows nothing of stays, is named, and stops nothing', async () => {
  const world = await synced()
  world.run('mkdir', '-p', 'out/extra')
  mount(world, 'out/extra', { old: 'o' })
  const told = world.efs('sync', BUCKET, './out', '--delete')
  expect(told).toMatchObject({
    status: 4,
    stderr: expect.stringMatching(/left out extra\/: it cannot be removed: .* mounted/),
  })
  expect(world.run('find', 'out', '-type', 'f').stdout.split('\n').sort()).toEqual([
    '',
    'out/disk/in/two',
    'out/disk/one',
    'out/file',
  ])
})

test('a service holds up what is on a disk that is unmounted while it runs, and goes on when it is mounted again', async () => {
  const site = await Site.open({}, await ownMounts())
  site.ok('bucket', 'create', BUCKET)
  site.write('d/file', 'f')
  site.run('mkdir', 'd/disk')
  mount(site, 'd/disk', DISK)
  site.ok('service', 'create', 'isgw', 'm', '--remote', `file://${site.at('d')}`, '--direction', 'both')
  site.ok('bucket', 'attach', BUCKET, 'm')
  site.ok('service', 'config', 'm', 'X-Status', 'enabled')
  await site.startGateway()
  site.ok('wait', 'm')
  expect(keysOf(site)).toEqual(['disk/in/two', 'disk/one', 'file'])
  unmount(site, 'd/disk')
  const held = site.efs('wait', 'm', '--timeout', '60s')
  expect(held).toMatchObject({ status: 4, stdout: expect.stringContaining('efs service sync m --force') })
  site.ok('object', 'put', `${BUCKET}/disk/sent`, 'd/file')
  site.ok('object', 'put', `${BUCKET}/top`, 'd/file')
  expect(site.efs('wait', 'm', '--timeout', '60s').status).toBe(4)
  expect(site.run('find', 'd', '-type', 'f').stdout.split('\n').sort()).toEqual(['', 'd/file', 'd/top'])
  expect(keysOf(site)).toEqual(['disk/in/two', 'disk/one', 'disk/sent', 'file', 'top'])
  mount(site, 'd/disk', { ...DISK, three: '3' })
  await eventually(() => keysOf(site).includes('disk/three'))
  site.ok('wait', 'm', '--timeout', '60s')
  expect(site.run('cat', 'd/disk/sent').stdout).toBe('f')
  // It is watched, too.
  site.run('sh', '-c', 'echo 4 > d/disk/four; rm d/disk/one')
  await eventually(() => keysOf(site).includes('disk/four'))
  site.ok('wait', 'm', '--timeout', '60s')
  expect(site.efs('verify', BUCKET, './d')).toMatchObject({ status: 0 })
  // And gone for good.
  unmount(site, 'd/disk')
  expect(site.efs('wait', 'm', '--timeout', '60s').status).toBe(4)
  site.ok('service', 'sync', 'm', '--force')
  expect(keysOf(site)).toEqual(['file', 'top'])
  await eventually(() => site.efs('wait', 'm').status === 0)
  await site.endGateway()
})
