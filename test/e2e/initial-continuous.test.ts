import { expect, test } from 'vitest'
import { BUCKET, host, linkTo } from './linked.js'
import { eventually, Site } from './sites.js'

const OTHER = 'Hawaii/Cola/bk2'

test('what a service does not bring is told as that, be it what was there or what came later', async () => {
  const [here, there] = [await Site.open(), await host()]
  there.ok('bucket', 'create', OTHER)
  for (const bucket of [BUCKET, OTHER]) here.ok('bucket', 'create', bucket, '--parents')
  const put = (key: string): void => {
    here.write('f', key)
    for (const bucket of [BUCKET, OTHER]) here.ok('object', 'put', `${bucket}/${key}`, 'f')
  }
  put('old')
  await there.startGateway()
  const services = [
    ['first', 'initial', BUCKET],
    ['later', 'continuous', OTHER],
  ] as const
  for (const [name, replication, bucket] of services) {
    linkTo(here, there.address, { name, direction: 'send', buckets: [bucket] })
    here.ok('service', 'config', name, 'X-ISGW-Replication', replication)
  }
  await here.startGateway()
  const keysOf = (bucket: string): string => there.ok('object', 'list', bucket).stdout
  const stateOf = (name: string): string | undefined =>
    / State +\| (\S+)/.exec(here.ok('service', 'show', name, '-s').stdout)?.[1]
  await eventually(() => keysOf(BUCKET) === 'old\n' && stateOf('later') === 'continuous')
  put('new')
  await eventually(() => keysOf(OTHER) === 'new\n')
  expect(keysOf(BUCKET)).toBe('old\n')

  expect(here.ok('wait', 'later').stderr).toContain('what has changed since the first start is at')
  expect(here.efs('wait', 'first', '--timeout', '0')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('efs service sync first brings the rest'),
  })
  const heldUp = (path: string): string[] => here.ok('why', path).stdout.trimEnd().split('\n').slice(2)
  expect(heldUp(`${BUCKET}/old`)).toEqual([])
  expect(heldUp(`${BUCKET}/new`)).toEqual([
    '  waiting: this service brings only what is there when it starts',
    '  next: efs service sync first',
  ])
  expect(heldUp(`${OTHER}/new`)).toEqual([])
  expect(heldUp(`${OTHER}/old`)).toEqual([
    '  waiting: this service brings only what has changed since its first start',
    '  next: efs service sync later',
  ])

  for (const [name, , bucket] of services) {
    if (name === 'first') here.ok('service', 'sync', name)
    else {
      here.ok('service', 'config', name, 'X-ISGW-Replication', 'initial+continuous')
      expect(here.ok('wait', name).stderr).toContain('all 2 objects are at')
    }
    expect(keysOf(bucket)).toBe('new\nold\n')
  }
  for (const site of [here, there]) await site.endGateway()
})

test('what comes to a bucket after it was brought to a directory at first is not waited for either', async () => {
  const here = await Site.open()
  here.ok('bucket', 'create', BUCKET, '--parents')
  const put = (key: string): void => {
    here.write('f', key)
    here.ok('object', 'put', `${BUCKET}/${key}`, 'f')
  }
  put('old')
  here.ok('service', 'create', 'isgw', 'desk', '--remote', `file://${here.at('desk')}`, '--direction', 'send')
  here.ok('service', 'config', 'desk', 'X-ISGW-Replication', 'initial')
  here.ok('bucket', 'attach', BUCKET, 'desk')
  here.ok('service', 'enable', 'desk', '--no-start')
  await here.startGateway()
  expect(here.ok('wait', 'desk').stderr).toContain('the only object is at')
  put('new')
  expect(here.efs('wait', 'desk', '--timeout', '0')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('efs service sync desk brings the rest'),
  })
  here.ok('service', 'sync', 'desk')
  expect(here.ok('wait', 'desk').stderr).toContain('all 2 objects are at')
  await here.endGateway()
})
