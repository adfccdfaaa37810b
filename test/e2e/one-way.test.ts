import { expect, test } from 'vitest'
import { BUCKET, host, linkTo } from './linked.js'
import { eventually, Site } from './sites.js'

test('a link that is to go both ways and may go one is not healthy, until the peer gives the other one too', async () => {
  const [here, there] = [await Site.open(), await host()]
  there.ok('service', 'config', 'door', 'X-ISGW-Direction', 'send')
  here.ok('bucket', 'create', BUCKET)
  linkTo(here, there.address)
  linkTo(here, there.address, { name: 'any', direction: '3' })
  here.ok('service', 'config', 'any', 'X-ISGW-Direction', '-')
  await there.startGateway()
  await here.startGateway()
  const why = `the peer gives no right to write ${BUCKET}, so nothing is sent there`
  const line = (name: string): string | undefined =>
    new RegExp(`^service ${name}: .*`, 'm').exec(here.efs('system', 'status').stdout)?.[0]
  await eventually(() => line('link')?.endsWith(why) ?? false)
  expect(line('link')).toContain('service link: error, running, 0 behind, ')
  expect(line('any')).toContain('service any: ok, running, ')
  expect(here.efs('system', 'status').status).toBe(1)
  expect(here.ok('service', 'show', 'link', '-s').stdout).toMatch(`: ${why}, not mended`)
  there.ok('service', 'config', 'door', 'X-ISGW-Direction', 'both')
  await eventually(() => here.efs('system', 'status').status === 0)
  for (const site of [here, there]) await site.endGateway()
})
