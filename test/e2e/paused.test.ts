import { expect, test } from 'vitest'
import { BUCKET, host, linkTo } from './linked.js'
import { eventually, Site } from './sites.js'

const PAUSED = 'Hawaii/Cola/bk2'

test('what is paused does not have to be there, and keeps nothing else up', async () => {
  const [here, there] = [await Site.open(), await host()]
  for (const bucket of [BUCKET, PAUSED]) here.ok('bucket', 'create', bucket)
  here.write('f', 'x')
  here.ok('object', 'put', `${BUCKET}/a`, 'f')
  linkTo(here, there.address, { direction: 'send' })
  here.ok('bucket', 'attach', PAUSED, 'link', '--pause')
  await there.startGateway()
  await here.startGateway()
  here.ok('wait', 'link', '--timeout', '60s')
  here.ok('service', 'sync', 'link')
  expect(here.ok('service', 'check', 'link').stdout).toContain(BUCKET)
  await eventually(() => here.efs('system', 'status').status === 0)
  expect(here.efs('wait', 'link', '--bucket', PAUSED).stderr).toContain('all that link serves is paused')
  expect(there.ok('bucket', 'list', 'Hawaii/Cola').stdout).not.toContain('bk2')
  here.ok('bucket', 'attach', PAUSED, 'link')
  await eventually(() => there.ok('bucket', 'list', 'Hawaii/Cola').stdout.includes('bk2'))
  for (const site of [here, there]) await site.endGateway()
})
