import { expect, test } from 'vitest'
import { BUCKET, host, linkTo } from './linked.js'
import { eventually, Site } from './sites.js'

test('of two versions in conflict the one that had no room comes too once there is some, though the other one came after it', async () => {
  const [here, third, there] = [await host(), await Site.open(), await host()]
  there.ok('bucket', 'set', BUCKET, '-q', '1000')
  third.ok('bucket', 'create', BUCKET)
  here.write('large', 'x'.repeat(2000))
  third.write('small', 'x')
  here.ok('object', 'put', `${BUCKET}/k`, 'large')
  linkTo(here, there.address, { direction: 'send' })
  linkTo(third, here.address, { direction: 'send' })
  await there.startGateway()
  await here.startGateway()
  await eventually(() => here.efs('wait', 'link').status === 4)
  third.ok('object', 'put', `${BUCKET}/k`, 'small')
  await third.startGateway()
  third.ok('wait', 'link')
  expect(here.ok('conflict', 'list').stdout).toContain(`${BUCKET}/k`)
  await eventually(() => there.efs('object', 'show', `${BUCKET}/k`).status === 0)
  there.ok('bucket', 'set', BUCKET, '-q', '-')
  await eventually(() => here.efs('wait', 'link').status === 0)
  expect(there.ok('conflict', 'list').stdout).toContain(`${BUCKET}/k`)
  for (const site of [here, third, there]) await site.endGateway()
})
