import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BUCKET, host, linkTo } from './linked.js'
import { eventually, Site } from './sites.js'

/** Some are kept far above those that the process takes itself. */
const FIRST_FAR = 200
const MANY = '4096:4096'

test('a link that begins while no more files can be opened goes on in the same gateway once they can', async () => {
  const [here, there] = [await Site.open(), await host()]
  here.write('f', 'x')
  here.ok('bucket', 'create', BUCKET)
  here.ok('object', 'put', `${BUCKET}/a`, 'f')
  linkTo(here, there.address)
  here.ok('service', 'disable', 'link')
  await there.startGateway()
  await here.startGateway()
  const limit = (to: string): void =>
    expect(here.run('prlimit', `--nofile=${to}`, '--pid', String(here.gatewayPid)).status).toBe(0)
  const open = readdirSync(`/proc/${here.gatewayPid}/fd`).filter((fd) => Number(fd) < FIRST_FAR)
  // Few enough that a module of many files does not load.
  limit(`${open.length + 3}:4096`)
  here.ok('service', 'enable', 'link')
  await eventually(() => /failed|does not run|cut off/.test(here.said))
  limit(MANY)
  here.ok('wait', 'link', '--timeout', '60s')
  await eventually(() => here.efs('system', 'status').status === 0)
  for (const site of [here, there]) await site.endGateway()
})
