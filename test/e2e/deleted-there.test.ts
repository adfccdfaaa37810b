import { expect, test } from 'vitest'
import { BUCKET, linkTo } from './linked.js'
import { eventually, Site } from './sites.js'

test('a bucket that is deleted at the side that takes comes back with all of it, though nothing new is sent', async () => {
  const [near, far] = [await Site.open(), await Site.open()]
  far.ok('tenant', 'create', 'Hawaii/Cola', '--parents')
  far.ok('service', 'create', 'isgw', 'door', '--local', far.address, '--direction', 'receive')
  far.secret('door')
  far.ok('service', 'enable', 'door', '--no-start')
  near.ok('bucket', 'create', BUCKET, '--parents')
  near.write('f', 'what is sent once')
  near.ok('object', 'put', `${BUCKET}/k`, 'f')
  linkTo(near, far.address, { direction: 'send' })
  await Promise.all([near.startGateway(), far.startGateway()])
  near.ok('wait', 'link')

  far.ok('object', 'delete', `${BUCKET}/k`)
  far.ok('bucket', 'delete', BUCKET)
  await eventually(() => far.efs('object', 'list', BUCKET).stdout === 'k\n')
  expect(near.ok('wait', 'link').stderr).toContain('the only object is at')
  expect(near.ok('service', 'show', 'link', '-s').stdout).toMatch(/Last error +\| .*the peer has no bucket .*, mended/)
  for (const site of [near, far]) await site.endGateway()
}, 120_000)
