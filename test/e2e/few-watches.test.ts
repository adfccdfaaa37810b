import { expect, test } from 'vitest'
import { eventually, Site } from './sites.js'

const BUCKET = 'Hawaii/Cola/bk1'
const FOLDERS = 20

/** In a user namespace, whose limits are its own. */
const withWatches = (most: number): string[] => [
  ...['unshare', '--user', '--map-root-user', 'sh', '-c'],
  `echo ${most} > /proc/sys/user/max_inotify_watches; exec "$@"`,
  'sh',
]

async function mirrored(watches: number): Promise<Site> {
  const site = await Site.open({}, withWatches(watches))
  site.ok('bucket', 'create', BUCKET)
  site.write('d/first', 'first')
  site.ok('service', 'create', 'isgw', 'm', '--remote', `file://${site.at('d')}`, '--direction', 'both')
  site.ok('bucket', 'attach', BUCKET, 'm')
  site.ok('service', 'config', 'm', 'X-Status', 'enabled')
  return site
}

const keysOf = (site: Site): string[] => site.ok('object', 'list', BUCKET).stdout.trimEnd().split('\n')
const madeIn = (site: Site, name: string): void => {
  for (let i = 0; i < FOLDERS; i++) site.write(`d/f${i}/${name}`, name)
}

test('where the system gives no watch at all, both sides come to have all the same', async () => {
  const site = await mirrored(0)
  await site.startGateway()
  site.ok('wait', 'm')
  expect(keysOf(site)).toEqual(['first'])
  site.write('d/second', 'second')
  site.run('sh', '-c', `echo third > third`)
  site.ok('object', 'put', `${BUCKET}/third`, site.at('third'))
  site.ok('wait', 'm')
  expect(keysOf(site)).toEqual(['first', 'second', 'third'])
  expect(site.run('cat', 'd/third').stdout).toBe('third\n')
  expect(site.ok('gateway', 'logs').stdout).toMatch(/is not watched, and it is looked through every 30 seconds instead/)
})

test('where watches run out while a service runs, what comes is found all the same, and it is told once', async () => {
  const site = await mirrored(12)
  await site.startGateway()
  site.ok('wait', 'm')
  madeIn(site, 'new')
  site.ok('wait', 'm')
  expect(keysOf(site)).toHaveLength(1 + FOLDERS)
  madeIn(site, 'newer')
  site.ok('wait', 'm')
  expect(keysOf(site)).toHaveLength(1 + 2 * FOLDERS)
  const told = site.ok('gateway', 'logs').stdout.match(/is not watched/g)
  expect(told).toHaveLength(1)
  expect(site.ok('gateway', 'logs', '--json').stdout).toContain('sysctl fs.inotify.max_user_watches')
  await eventually(() => site.efs('system', 'status').status === 0)
})
